"""Runs the tests on two cores and says how long it took: `make test`.

    .venv/bin/python -m tools.test [--no-coverage] [anything pytest takes]

Without arguments everything runs, and a branch of `rules`, `permissions` or `actions` that no test takes fails the run:
these three say who may do what, and an untested branch there is a door nobody has tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
COVERAGE = [sys.executable, "-m", "coverage", "report"]
DOORS = ",".join(
    f"homeward/**/{name}{end}" for name in ("rules", "permissions", "actions") for end in (".py", "/*")
)


def main(arguments: list[str]) -> None:
    began = time.monotonic()
    measured = "--no-coverage" not in arguments
    chosen = [argument for argument in arguments if argument != "--no-coverage"]
    whole = measured and not chosen
    coverage = ["--cov", "--cov-report="] if whole else []
    code = subprocess.run([*PYTEST, *coverage, *chosen], cwd=ROOT, check=False).returncode
    if whole and code == 0:
        code = subprocess.run(
            [*COVERAGE, f"--include={DOORS}", "--fail-under=100"], cwd=ROOT, check=False
        ).returncode
        if code:
            print("Branches of rules, permissions or actions that no test takes are listed above.")
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    cores = os.cpu_count()
    print(f"Tests {'passed' if code == 0 else 'FAILED'} in {minutes} min {seconds} s on {cores} cores.")
    if begun := float(os.environ.get("HOMEWARD_STARTED") or 0):
        print(f"With set-up: {time.time() - begun:.0f} s.")
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
