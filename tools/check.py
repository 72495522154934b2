"""Everything that can be said about the source without running it: `make check`.

    .venv/bin/python -m tools.check [name …]

All checks run, two at a time, and all their complaints are shown: one round of mending, not eight.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")

# The slowest first, so that the two lanes end together.
CHECKS: dict[str, list[str]] = {
    "types": [str(BIN / "mypy"), "--no-error-summary"],
    "layers": [str(BIN / "lint-imports"), "--no-logo"],
    "templates": [str(BIN / "djlint"), "homeward", "--lint", "--quiet"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "diagrams": [PYTHON, "manage.py", "draw_states", "--check"],
    "names": [PYTHON, "-m", "tools.draw_names", "--check"],
    "texts": [PYTHON, "-m", "tools.messages", "check"],
    "style": [str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "--output-format", "concise", "."],
}


def main(names: list[str]) -> None:
    began = time.monotonic()
    chosen = names or list(CHECKS)
    with ThreadPoolExecutor(max_workers=2) as lanes:
        failed = [name for name, good in zip(chosen, lanes.map(_run, chosen), strict=True) if not good]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} checks passed in {time.monotonic() - began:.0f} s")
    if failed:
        raise SystemExit(f"Not passed: {', '.join(failed)}. `make fix` mends what can be mended by itself.")


def _run(name: str) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        CHECKS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    mark = "ok " if done.returncode == 0 else "BAD"
    text = "" if done.returncode == 0 else "\n" + done.stdout.rstrip()
    print(f"{mark} {name:<11}{time.monotonic() - began:5.1f} s{text}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1:])
