"""Databases for tests that need more than the cast: built once by the real commands, copied in a moment.

A template is named after what it was built from, so it is built again exactly when something in it would differ.
"""

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.attacks.stage import IMPATIENT, furnish
from tools import devdb

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "solo")
BUILT_FROM = ("homeward/**/*.py", "homeward/**/*.sql", "packs/**/*.yaml", "examples/*")


def superuser(database: str) -> psycopg.Connection[Any]:
    """The cluster's superuser, for making and dropping databases and nothing else."""
    cluster = devdb.describe()
    return psycopg.connect(
        host=cluster.host,
        port=cluster.port,
        dbname=database,
        user=cluster.superuser,
        password=cluster.superuser_password,
        autocommit=True,
        options=IMPATIENT,
    )


def fingerprint() -> str:
    """Of everything that can change what the commands build."""
    digest = hashlib.sha256()
    for pattern in BUILT_FROM:
        for path in sorted(ROOT.glob(pattern)):
            if "/static/" not in str(path) and "/templates/" not in str(path) and path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def environment(database: str, **more: str) -> dict[str, str]:
    """What a process needs in order to work on this database."""
    return {
        **os.environ,
        "HOMEWARD_DB_NAME": database,
        "DJANGO_SETTINGS_MODULE": "homeward.config.settings",
        "HOMEWARD_SECOND_FACTOR": "offered",
        "HOMEWARD_DEMONSTRATION": "1",
        **more,
    }


def manage(database: str, *arguments: str, ok: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs `manage.py` against this database, as an operator would."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(database, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    if ok and done.returncode != 0:
        raise AssertionError(
            f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


def template(name: str, commands: Sequence[Sequence[str]], *, base: str | None = None) -> str:
    """A database built by these commands (on a copy of `base`), kept until something in it would differ."""
    cluster = devdb.ensure()
    wanted = fingerprint()
    with open(Path(cluster.host).parent / f"{name}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with superuser("postgres") as connection:
            row = connection.execute(
                "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [name]
            ).fetchone()
        if not row or row[0] != wanted:
            if base:
                copied(base, name)
            else:
                with superuser("postgres") as connection:
                    connection.execute(
                        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
                    )
            for command in commands:
                manage(name, *command)
            with superuser("postgres") as connection:
                connection.execute(
                    sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(wanted))
                )
    return name


def copied(source: str, name: str) -> str:
    """A fresh copy of a database, with the rights of the roles on it."""
    with superuser("postgres") as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(source))
        )
    with superuser(name) as connection:
        furnish(connection, name)
    return name


def with_lists() -> str:
    """The template in which the lists of eleven offices have been taken in and nothing is shared yet."""
    from tests import conftest

    return template("homeward_test_lists", [["demo", "--lists-only"]], base=conftest.template())


def with_families() -> str:
    """The template of the whole demonstration: cases moved on, doors opened, notes written."""
    return template("homeward_test_families", [["demo"]], base=with_lists())


def collect_static(database: str) -> None:
    """Style sheets and scripts, once for all workers of a run: collecting them takes each away for a moment."""
    folder = Path(devdb.ensure().host).parent
    run, done = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone {os.getpid()}", folder / "collected"
    with open(folder / "collected.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != run:
            manage(database, "collectstatic", "--noinput", "-v0")
            done.write_text(run)


@contextmanager
def served(database: str) -> Iterator[str]:
    """The site on this database, served as `make run` serves it. Yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    collect_static(database)
    log = Path(devdb.describe().state) / f"served-{WORKER}.log"
    with open(log, "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "homeward.config.wsgi", "-k", "gthread", "--threads", "4",
             "--no-control-socket", "-b", f"127.0.0.1:{port}"],
            cwd=ROOT, env=environment(database), stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            if process.poll() is not None:
                raise AssertionError(f"the site did not start:\n{log.read_text()}")
            try:
                urllib.request.urlopen(f"{address}/account/login/", timeout=5).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)
