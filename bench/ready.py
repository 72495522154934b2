"""How long it takes from `git clone` to a page in the browser, on a machine that has nothing of Homeward yet.

    python -m bench.ready

A fresh clone into a folder of its own, with no wheel kept from before, no database and no demonstration; then `make run`,
as the README says, until the sign-in page is served. Packages of the system (Python, PostgreSQL's programs) are there
already, as on most machines; where they are not, `make run` installs them and says so. There is no baseline but the whole:
each phase is shown as a part of it.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import world

PATIENCE = 1_200
# What `make run` says at the beginning of a phase (or at its end), and what had been going on until then.
SAID = (
    (r"installer:", "start"),
    (r"wheels:", "installer, by hash"),
    (r"database:", "wheels, downloaded and installed"),
    (r"Prepared database", "PostgreSQL: a new cluster; roles, tables, country pack, static files"),
    (r"Homeward: http", "demonstration: members, eleven lists through the intake, shared cases; web server"),
)
Phase = tuple[str, float]


def measure(*, say: Any = print) -> list[Phase]:
    """The phases and their seconds, in their order."""
    with tempfile.TemporaryDirectory(prefix="homeward-ready-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the database's own account passes through
        port = _free_port()
        clone, environment = folder / "homeward", _environment(folder, port)
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", f"file://{world.ROOT}", str(clone)], check=True)
        phases: list[Phase] = [("git clone", time.perf_counter() - began)]
        try:
            phases += _run(clone, environment)
            began = time.perf_counter()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as page:
                assert b"</html>" in page.read()
            phases.append(("the first page", time.perf_counter() - began))
        finally:
            _end(clone, environment)
    say(f"from clone to page in {sum(seconds for _, seconds in phases):.0f} s")
    return phases


def table(phases: Sequence[Phase]) -> list[str]:
    """The same as lines of a table in Markdown."""
    whole = sum(seconds for _, seconds in phases)
    lines = ["| phase | seconds | part |", "|---|---:|---:|"]
    lines += [f"| {name} | {seconds:.1f} | {seconds / whole:.0%} |" for name, seconds in phases]
    return [*lines, f"| **from clone to page** | **{whole:.1f}** | |"]


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HOMEWARD_", "DJANGO_", "MAKE", "MFLAGS", "VIRTUAL_ENV"))
    }
    return {
        **kept,
        "HOMEWARD_STATE": str(folder / "state"),
        "UV_CACHE_DIR": str(folder / "wheels"),
        "PIP_NO_CACHE_DIR": "1",
        "PYTHONUNBUFFERED": "1",
        "PORT": str(port),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(clone: Path, environment: dict[str, str]) -> list[Phase]:
    """`make run` until it says where the page is; it goes on serving."""
    python = getattr(sys, "_base_executable", sys.executable)
    running = subprocess.Popen(
        ["make", "--no-print-directory", "run", f"PYTHON={python}"], cwd=clone, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    phases: list[Phase] = []
    heard: list[str] = []
    waiting = list(SAID)
    before = began = time.perf_counter()
    for line in running.stdout:
        heard.append(line)
        now = time.perf_counter()
        if waiting and re.search(waiting[0][0], line):
            phases.append((waiting.pop(0)[1], now - before))
            before = now
        if not waiting:
            return phases
        if now - began > PATIENCE:
            break
    raise AssertionError("make run ended without a page:\n" + "".join(heard[-20:]))


def _end(clone: Path, environment: dict[str, str]) -> None:
    python = clone / ".venv" / "bin" / "python"
    if python.exists():
        subprocess.run([str(python), "-m", "tools.serve", "stop"], cwd=clone, env=environment, check=False)
        subprocess.run([str(python), "tools/devdb.py", "destroy"], cwd=clone, env=environment, check=False)


def main(arguments: Sequence[str]) -> None:
    """The command."""
    argparse.ArgumentParser(prog="bench.ready").parse_args(arguments)
    print("\n".join(table(measure())))


if __name__ == "__main__":
    main(sys.argv[1:])
