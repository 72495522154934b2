"""The demonstration, whose password everybody can read, is never served where a stranger could reach it."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tools import devdb, serve


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What `serve` ran: the command, and what it was told of the demonstration and the second factor."""
    for name in ("HOST", "PORT", "HOMEWARD_DB_HOST", "HOMEWARD_SECOND_FACTOR", "HOMEWARD_DEMONSTRATION"):
        # set first, so that what `serve` writes into the environment is undone after the test
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    cluster = replace(devdb.describe(), state=tmp_path)
    monkeypatch.setattr(devdb, "ensure", lambda: cluster)
    ran: list[tuple[str, str, str]] = []

    def run(line: list[str], **more: object) -> subprocess.CompletedProcess[bytes]:
        environment = serve.os.environ
        ran.append((line[-1], environment["HOMEWARD_DEMONSTRATION"], environment["HOMEWARD_SECOND_FACTOR"]))
        return subprocess.CompletedProcess(line, 0)

    monkeypatch.setattr(serve.subprocess, "run", run)
    return ran


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_to_this_machine_alone_it_is_a_demonstration(host, steps, monkeypatch):
    monkeypatch.setenv("HOST", host)
    serve.main("prepare")
    assert steps == [("prepare", "1", "offered"), ("demo", "1", "offered")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "homeward.example", "localhost.example"])  # noqa: S104
def test_to_others_it_is_an_installation(host, steps, monkeypatch):
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("HOMEWARD_SECOND_FACTOR", "offered")
    monkeypatch.setenv("HOMEWARD_DEMONSTRATION", "1")
    serve.main("prepare")
    assert steps == [("prepare", "0", "required")]


def test_on_a_server_it_is_an_installation(steps, monkeypatch):
    monkeypatch.setenv("HOMEWARD_DB_HOST", "db.example")
    serve.main("prepare")
    assert steps == [("prepare", "0", "required")]


def test_a_database_that_once_held_the_demonstration_is_not_shown_to_others(steps, monkeypatch):
    serve.main("prepare")
    steps.clear()
    monkeypatch.setenv("HOST", "0.0.0.0")  # noqa: S104
    with pytest.raises(SystemExit, match="holds the demonstration"):
        serve.main("prepare")
    assert steps == []
