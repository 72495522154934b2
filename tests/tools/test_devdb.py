"""The database of a checkout survives what laptops and containers do to it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import devdb

LAUNCHER = Path(devdb.__file__)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # The server's own account must be able to walk there, which pytest's folders forbid.
    folder = Path(tempfile.gettempdir()) / f"homeward-test-{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HOMEWARD_")]:
            patch.delenv(name)
        patch.setenv("HOMEWARD_STATE", str(folder))
        yield folder
        devdb.destroy()
    assert not folder.exists()


def launch(command: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(LAUNCHER), command], text=True, stdout=subprocess.PIPE)


def ask(sql: str) -> str:
    line = [sys.executable, str(LAUNCHER), "psql", "-Atqc", sql]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def postmaster(state: Path) -> int:
    return int((state / "cluster/data/postmaster.pid").read_text().split()[0])


def test_three_starts_at_once_make_one_database(state: Path) -> None:
    launched = [launch("ensure") for _ in range(3)]
    answers = {process.communicate(timeout=120)[0] for process in launched}
    assert [process.returncode for process in launched] == [0, 0, 0]
    assert len(answers) == 1


def test_describing_it_starts_and_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_STATE", str(tmp_path / "nothing"))
    monkeypatch.delenv("HOMEWARD_ROLE_SECRET", raising=False)
    cluster = devdb.describe()
    assert not (tmp_path / "nothing").exists()
    assert cluster.role_password("homeward_app") == ""


def test_only_the_socket_and_only_with_a_password(state: Path) -> None:
    cluster = devdb.ensure()
    assert ask("show listen_addresses") == ""
    assert ask("show password_encryption") == "scram-sha-256"
    wrong = {**os.environ, "PGPASSWORD": "wrong"}
    refused = subprocess.run(
        ["psql", "-h", cluster.host, "-U", cluster.superuser, "-c", "select 1", "postgres"],
        env=wrong,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "password authentication failed" in refused.stderr


def test_secrets_are_private_and_never_shown(state: Path) -> None:
    cluster = devdb.ensure()
    for name in ("role-secret", "superuser-password"):
        assert (state / name).stat().st_mode & 0o777 == 0o600
    assert cluster.superuser_password not in repr(cluster)
    assert cluster.role_secret not in repr(cluster)
    assert cluster.role_password("homeward_app") != cluster.role_password("homeward_job")


def test_it_comes_back_after_its_first_process_was_killed_under_a_long_query(state: Path) -> None:
    devdb.ensure()
    ask("create table kept as select generate_series(1, 30000) n")
    query = "select count(*) from kept a, kept b, kept c where a.n + b.n + c.n = 0"
    busy = subprocess.Popen(
        [sys.executable, str(LAUNCHER), "psql", "-qc", query],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while (
        ask(
            "select count(*) from pg_stat_activity where query like '%from kept a%' and pid <> pg_backend_pid()"
        )
        == "0"
    ):
        assert time.monotonic() < deadline, "the long query never began"
        time.sleep(0.1)
    os.kill(postmaster(state), signal.SIGKILL)

    devdb.ensure()

    busy.wait(timeout=20)
    assert ask("select count(*) from kept") == "30000"


def test_a_number_that_now_belongs_to_a_stranger_is_no_server(state: Path) -> None:
    devdb.ensure()
    devdb.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (state / "cluster/data/postmaster.pid").write_text(f"{stranger.pid}\n")
        devdb.ensure()
        assert ask("select 1") == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_half_a_database_is_thrown_away_and_made_again(state: Path) -> None:
    devdb.destroy()
    (state / ".homeward-state").parent.mkdir()
    (state / ".homeward-state").touch()
    draft = state / "cluster" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15")
    devdb.ensure()
    assert ask("select 1") == "1"


def test_what_we_did_not_make_we_do_not_delete(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("Dear Arta")
    monkeypatch.setenv("HOMEWARD_STATE", str(tmp_path))
    (tmp_path / "cluster").mkdir()
    devdb.destroy()
    assert letter.read_text() == "Dear Arta"


def test_a_server_named_by_the_environment_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOMEWARD_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOMEWARD_DB_HOST", "db.example")
    monkeypatch.setenv("HOMEWARD_DB_PORT", "6432")
    cluster = devdb.ensure()
    assert (cluster.host, cluster.port) == ("db.example", 6432)
    assert cluster.role_password("homeward_app")
    assert not (tmp_path / "state" / "cluster").exists()
    with pytest.raises(SystemExit, match="not ours"):
        devdb.destroy()
