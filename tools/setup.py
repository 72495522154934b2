"""Makes a bare machine ready: system packages, the installer, the locked wheels, the database.

    python3 tools/setup.py run | test | check     (make calls it; calling it again costs a second)

Only the standard library is used: nothing is installed yet when this runs. As root on Debian or Ubuntu,
missing system packages are installed; otherwise one line says which command to give. A wheel whose hash is
not written down in `bootstrap.txt` or `uv.lock` is refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BOOTSTRAP = ROOT / ".uv-bootstrap"
PYTHON = str(ROOT / ".venv" / "bin" / "python")
STARTED = time.monotonic()
OLDEST_PYTHON = (3, 11)


def main(purpose: str) -> None:
    """Bring everything that `make run`, `make test` or `make check` needs."""
    _right_python()
    with _alone():
        packages = _system_packages(purpose)
        uv = _installer()
        _wheels(uv, development=purpose != "run", embedded="postgresql" in packages)
    _database()
    _messages()


def say(text: str) -> None:
    """A line of progress, with the seconds since the start; on stderr, because stdout may be JSON."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", file=sys.stderr, flush=True)


def _right_python() -> None:
    if sys.version_info >= OLDEST_PYTHON:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        if path := shutil.which(name):
            os.execv(path, [path, *sys.argv])
    have, want = ".".join(map(str, sys.version_info[:2])), ".".join(map(str, OLDEST_PYTHON))
    raise SystemExit(
        f"Homeward needs Python {want} or newer, this is {have}: apt-get install -y python3.11-venv"
    )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two calls at once would install into the same folders: the second waits."""
    with open(ROOT / ".setup.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- the system


def _system_packages(purpose: str) -> set[str]:
    """Install what is missing, or say how; returns what is still missing."""
    missing = _missing(purpose)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        names = sorted(package for group in missing.values() for package in group)
        say(f"system packages: {' '.join(names)}")
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
        silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # A source that cannot be reached does not matter as long as the packages can.
        updated = subprocess.run([*apt, "update"], env=silent, capture_output=True, text=True, check=False)
        install = [*apt, "install", "-y", "--no-install-recommends", *names]
        done = subprocess.run(install, env=silent, capture_output=True, text=True, check=False)
        missing = _missing(purpose)
        if missing:
            print(updated.stderr[-1500:], done.stderr[-1500:], file=sys.stderr)
    if missing:
        names = sorted(package for group in missing.values() for package in group)
        say(f"Missing here; give this command: sudo apt-get install -y {' '.join(names)}")
        if "venv" in missing:
            raise SystemExit(1)
        if {"chromium", "driver"} & set(missing) and must_have_browser():
            raise SystemExit(
                "Browser tests must run here, and there is no Chromium (or name it: HOMEWARD_CHROMIUM)."
            )
    return set(missing)


def _missing(purpose: str) -> dict[str, list[str]]:
    from tools import devdb

    missing: dict[str, list[str]] = {}
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        missing["venv"] = ["python3-venv"]
    if not os.environ.get("HOMEWARD_DB_HOST") and not devdb.system_binaries():
        missing["postgresql"] = ["postgresql", "postgresql-contrib"]
    if purpose != "run" and not shutil.which("xgettext"):
        missing["gettext"] = ["gettext"]
    if purpose == "test" and not chromium():
        missing["chromium"] = ["chromium"]
    if purpose == "test" and sys.platform == "linux" and not _has_library("libatomic.so.1"):
        missing["driver"] = [
            "libatomic1"
        ]  # Playwright brings a Node that wants it, and a bare Debian has none
    return missing


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def chromium() -> str | None:
    """The browser of the browser tests: the one named by HOMEWARD_CHROMIUM, else the system's."""
    if given := os.environ.get("HOMEWARD_CHROMIUM"):
        return given
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        # Ubuntu's is a door to a snap, and there are no snaps in a container.
        if path and not Path(path).resolve().name.startswith("snap"):
            return path
    return None


def must_have_browser() -> bool:
    """In CI a browser test that cannot run has failed; on a laptop it may be left out, visibly."""
    return os.environ.get("CI", "") not in ("", "0", "false")


# --- the wheels


def _installer() -> str:
    """uv, in a folder of its own, by the hashes in bootstrap.txt."""
    pins = ROOT / "tools" / "bootstrap.txt"
    stamp = BOOTSTRAP / ".installed"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    uv = BOOTSTRAP / "bin" / "uv"
    if not (uv.exists() and stamp.exists() and stamp.read_text() == wanted):
        say("installer: uv, by hash")
        shutil.rmtree(BOOTSTRAP, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(BOOTSTRAP)])
        pip = [
            str(BOOTSTRAP / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run([*pip, "--no-deps", "--require-hashes", "-r", str(pins)])
        stamp.write_text(wanted)
    return str(uv)


def _wheels(uv: str, *, development: bool, embedded: bool) -> None:
    """The locked wheels into `.venv`; nothing is built, no Python is downloaded."""
    stamp = ROOT / ".venv" / ".installed"
    kinds = [name for name, wanted in (("development", development), ("embedded", embedded)) if wanted]
    lines = [f"{_locked_hash()} {kind}" for kind in ["run", *kinds]]
    have = stamp.read_text().splitlines() if stamp.exists() else []
    if set(lines) <= set(have):
        return
    say("wheels: " + " and ".join(["run", *kinds]))
    options = ["--frozen", "--inexact", "--no-build", "--no-progress", "--python", sys.executable]
    if not development:
        options.append("--no-default-groups")
    if embedded:
        options += ["--extra", "embedded"]
    quiet = {"UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv")}
    _run([uv, "sync", "--quiet", *options], {**os.environ, **quiet})
    stamp.write_text("\n".join(sorted({*lines, *(line for line in have if line.startswith(lines[0][:64]))})))


# --- what runs on them


def _database() -> None:
    from tools import devdb

    cluster = devdb.describe()
    fresh = not (cluster.state / "cluster").exists()
    if fresh:
        say(f"database: {cluster.state / 'cluster'}")
    devdb.ensure()


def _messages() -> None:
    _run([PYTHON, "-m", "tools.messages", "compile"])


def _locked_hash() -> str:
    return hashlib.sha256(
        (ROOT / "uv.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    ).hexdigest()


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"failed ({done.returncode}): {' '.join(command)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
