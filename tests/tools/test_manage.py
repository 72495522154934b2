"""What an operator reads who runs a command where there is no database of Homeward."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "linked", "--as", "dprrp-coordinator"]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_database_that_is_not_there_is_a_sentence_and_no_traceback():
    done = run(HOMEWARD_DB_NAME="homeward_nowhere")
    assert done.returncode == 1
    assert "No database of Homeward answers here" in done.stderr
    assert "HOMEWARD_STATE" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_database_says_the_same(db_of_test):
    done = run(HOMEWARD_DB_NAME="postgres")
    assert done.returncode == 1
    assert "No database of Homeward answers here" in done.stderr
