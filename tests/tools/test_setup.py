"""What `make` does before anything is installed: says what is missing, and lets no test be skipped in CI."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import serve, setup

pytest_plugins = ["pytester"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which only the programs in this folder exist."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HOMEWARD_CHROMIUM", raising=False)
    monkeypatch.setattr(setup, "_has_library", lambda name: True)
    return tmp_path


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_system_s_browser_is_found(programs: Path) -> None:
    assert setup.chromium() is None
    path = program(programs, "chromium")
    assert setup.chromium() == str(path)


def test_a_door_to_a_snap_is_no_browser(programs: Path) -> None:
    program(programs, "snap")
    (programs / "chromium-browser").symlink_to(programs / "snap")
    assert setup.chromium() is None


def test_a_browser_may_be_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_CHROMIUM", "/opt/chrome")
    assert setup.chromium() == "/opt/chrome"


@pytest.mark.parametrize(
    ("value", "must"), [("", False), ("0", False), ("false", False), ("1", True), ("true", True)]
)
def test_ci_must_have_a_browser(value: str, must: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    assert setup.must_have_browser() is must


def test_only_what_is_missing_is_asked_for(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DB_HOST", "db.example")
    assert "postgresql" not in setup._missing("run")
    assert "chromium" not in setup._missing("run")
    assert {"chromium", "gettext"} <= set(setup._missing("test"))


def test_who_is_not_root_is_told_the_command(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEWARD_DB_HOST", "db.example")
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    setup._system_packages("test")
    told = [line for line in capsys.readouterr().err.splitlines() if "apt-get" in line]
    assert len(told) == 1
    assert told[0].endswith("sudo apt-get install -y chromium gettext")


def test_without_a_browser_ci_does_not_even_begin(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_DB_HOST", "db.example")
    monkeypatch.setenv("CI", "1")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="Browser tests must run"):
        setup._system_packages("test")


@pytest.mark.parametrize(("ci", "outcome"), [("1", "errors"), ("", "skipped")])
def test_a_browser_test_without_a_browser_fails_in_ci(
    ci: str, outcome: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(setup.__file__).resolve().parent.parent
    pytester.makepyfile(
        "from tests.browser.chromium import chromium\ndef test_something(chromium): assert chromium.version"
    )
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", str(pytester.path))
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("HOMEWARD_CHROMIUM", raising=False)
    result = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert result.parseoutcomes() == {outcome: 1}


def test_a_number_given_again_is_not_taken_for_ours() -> None:
    line = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    stranger = subprocess.Popen(line, stdout=subprocess.PIPE)
    try:
        assert stranger.stdout
        stranger.stdout.readline()
        assert not serve._is_running(stranger.pid, "gunicorn")
        assert serve._is_running(stranger.pid, "time.sleep")
    finally:
        stranger.kill()
        stranger.communicate()
    assert not serve._is_running(stranger.pid, "time.sleep")
