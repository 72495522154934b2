"""Serves Homeward: the web server and the worker beside it, until Ctrl-C.

    python -m tools.serve [prepare | stop]

`prepare` only brings the database up to date (roles, tables, country pack, demonstration) and ends.
PORT and HOST say where (127.0.0.1:8000). `stop` ends what an earlier call left running.

The demonstration, whose password everybody can read, is built and shown only from the database that comes with the
checkout and only to this machine. With HOMEWARD_DB_HOST, or a HOST others can reach, this is an installation.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from tools import devdb

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds a process may take to finish what it is doing
MARK = "demonstration"  # lies in the state folder as soon as its database holds members with a published password


def main(command: str) -> None:
    if command == "stop":
        stop()
        return
    cluster = devdb.ensure()
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    if command != "prepare":
        _check_free(host, port)
    embedded = not os.environ.get("HOMEWARD_DB_HOST")
    demonstration = embedded and is_loopback(host)
    mark = cluster.state / MARK
    if embedded and not demonstration and mark.exists():
        raise SystemExit(
            f"This database holds the demonstration, whose password everybody can read; it is not shown on {host}. "
            "Leave HOST out, or name an empty folder with HOMEWARD_STATE or a server with HOMEWARD_DB_HOST."
        )
    # A demonstration has no telephones to show a code; everybody else is asked for one.
    os.environ["HOMEWARD_DEMONSTRATION"] = "1" if demonstration else "0"
    if demonstration:
        os.environ.setdefault("HOMEWARD_SECOND_FACTOR", "offered")
        mark.touch()
    else:
        os.environ["HOMEWARD_SECOND_FACTOR"] = "required"
    for step in ("prepare", "demo") if demonstration else ("prepare",):
        done = subprocess.run([sys.executable, "manage.py", step], cwd=ROOT, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    if command != "prepare":
        raise SystemExit(_serve(host, port, cluster.state / "serving"))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address. A name is believed to be only if it is `localhost`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def stop() -> None:
    """End a web server and a worker that outlived their terminal."""
    note = devdb.describe().state / "serving"
    with contextlib.suppress(FileNotFoundError):
        for line in note.read_text().splitlines():
            number, _, name = line.partition(" ")
            if _is_running(int(number), name):
                os.kill(int(number), signal.SIGTERM)
                for _tenth in range(PATIENCE * 10):
                    if not _is_running(int(number), name):
                        break
                    time.sleep(0.1)
        note.unlink(missing_ok=True)


def _serve(host: str, port: int, note: Path) -> int:
    python = sys.executable
    web = [
        python,
        "-m",
        "gunicorn",
        "homeward.config.wsgi",
        "--bind",
        f"{host}:{port}",
        "--no-control-socket",
    ]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    web += ["--timeout", "60", "--graceful-timeout", "20", "--log-level", "warning"]
    if Path("/dev/shm").is_dir():  # a disk that is slow for a moment must not look like a worker that hangs
        web += ["--worker-tmp-dir", "/dev/shm"]
    worker = [python, "manage.py", "worker"]

    # Ctrl-C reaches everybody in the terminal's group; in sessions of their own they are ended in order.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    processes: list[subprocess.Popen[bytes]] = []
    code = 0
    try:
        for line, role in ((web, "app"), (worker, "job")):
            environment = {**os.environ, "HOMEWARD_ROLE": role}
            processes.append(subprocess.Popen(line, cwd=ROOT, env=environment, start_new_session=True))
        names = ("gunicorn", "manage.py")
        lines = [f"{process.pid} {name}" for process, name in zip(processes, names, strict=True)]
        note.write_text("\n".join([f"{os.getpid()} tools.serve", *lines]))
        if _wait_until_it_answers(f"http://127.0.0.1:{port}/", processes):
            if os.environ["HOMEWARD_DEMONSTRATION"] == "1":
                subprocess.run([python, "-m", "tools.sign_ins"], cwd=ROOT, check=False)
            began = float(os.environ.get("HOMEWARD_STARTED") or 0)
            took = f" Ready after {time.time() - began:.0f} s." if began else ""
            print(f"\nHomeward: http://localhost:{port}/{took} Ctrl-C ends it.\n", flush=True)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        ended = next(process for process in processes if process.poll() is not None)
        part = "web server" if ended is processes[0] else "worker"
        print(f"The {part} ended by itself ({ended.returncode}); ending the other.", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("\nEnding: requests and jobs under way are finished first.", flush=True)
    finally:
        _end(processes)
        note.unlink(missing_ok=True)
    return code


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(
                f"{host}:{port} cannot be used ({error.strerror}): try PORT=8001 make run"
            ) from None


def _wait_until_it_answers(address: str, processes: list[subprocess.Popen[bytes]]) -> bool:
    for _tenth in range(600):
        if any(process.poll() is not None for process in processes):
            return False
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 -- our own address
            return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            time.sleep(0.1)
    return False


def _is_running(number: int, name: str) -> bool:
    """Whether this process is still the one we noted; numbers are given again to strangers."""
    try:
        return name in Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(
            errors="replace"
        )
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "serve")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
