"""The stage and the cast of every test: a real PostgreSQL, the application's own roles, and the same few people.

Ana (the coordinating division) sends, Carla (a Centre for Social Work) receives, Dora (another organisation) is a
stranger, Bruno (probation) supervises, Edu audits. Tests act as them through tokens, as a browser would.
"""

import fcntl
import gc
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "solo")
DATABASE = f"homeward_test_{WORKER}"
TEMPLATE = "homeward_test_template"
os.environ["HOMEWARD_DB_NAME"] = DATABASE

from tools import devdb  # noqa: E402 — settings read the environment set above

# The long proofs walk the same branches thousands of times, and a browser asks again what was asked without one: tracing
# them took minutes and found no branch more.
UNTRACED = {"architecture", "attacks", "journeys", "oracle", "tools"}
LONGEST = {"oracle", "journeys"}

CAST = {
    "ana": "dprrp-coordinator",
    "carla": "csw-mitrovica-south",
    "dora": "atrc-counsellor",
    "bruno": "kps-supervisor",
    "edu": "auditor",
}


def _fingerprint() -> str:
    """Changes whenever the schema or the packs do, so that the template is built again exactly then."""
    digest = hashlib.sha256()
    for pattern in (
        "homeward/**/migrations/*.py",
        "homeward/**/sql/*.sql",
        "homeward/config/demo.py",
        "packs/**/*.yaml",
        "homeward/**/operations.py",
        "homeward/config/management/commands/*.py",
    ):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _superuser(database: str) -> psycopg.Connection[Any]:
    cluster = devdb.describe()
    return psycopg.connect(
        host=cluster.host,
        port=cluster.port,
        dbname=database,
        user=cluster.superuser,
        password=cluster.superuser_password,
        autocommit=True,
    )


def _build_template(wanted: str) -> None:
    """One database with schema, pack and cast, from which every worker's is copied in a moment."""
    with _superuser("postgres") as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [TEMPLATE]
        ).fetchone()
        if row and row[0] == wanted:
            return
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(TEMPLATE))
        )
    environment = {
        **os.environ,
        "HOMEWARD_DB_NAME": TEMPLATE,
        "DJANGO_SETTINGS_MODULE": "homeward.config.settings",
        "HOMEWARD_DEMONSTRATION": "1",
    }
    for command in (["prepare", "--no-static"], ["demo", "--members-only"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    with _superuser("postgres") as connection:
        connection.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(TEMPLATE), sql.Literal(wanted))
        )


def template() -> str:
    """The database from which all others are copied, built first if it is not there or no longer true."""
    cluster = devdb.ensure()
    with open(Path(cluster.host).parent / "test-template.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        _build_template(_fingerprint())
    return TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of one's own for this worker, copied from the template; dropped and copied again in the next run."""
    from tests import stage

    cluster = devdb.ensure()
    wanted = _fingerprint()
    lock = Path(cluster.host).parent / "test-template.lock"
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        _build_template(wanted)
        with _superuser("postgres") as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE))
            )
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(TEMPLATE)
                )
            )
    stage.collect_static(TEMPLATE)
    from django.conf import settings
    from django.db import connections

    settings.SECOND_FACTOR = (
        "offered"  # most tests are about something else; the requirement has tests of its own
    )
    for (
        alias
    ) in connections:  # settings were read before this file: point every role at the worker's own database
        connections[alias].settings_dict["NAME"] = DATABASE
    with _superuser(DATABASE) as connection:
        stage.furnish(connection, DATABASE)
    with django_db_blocker.unblock():
        yield
        connections.close_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a member of the cast asks for the database, as the web's role and as the sign-in role.

    Unless what it does is really saved, because two connections have to see it: then no transaction stands around it.
    Nor is coverage traced where a test repeats in length what others have said branch by branch. The longest come first, so
    that no worker begins one of them when the other has nothing left.
    """
    items.sort(key=lambda item: item.path.relative_to(ROOT / "tests").parts[0] not in LONGEST)
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in UNTRACED or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.no_cover)
        if item.get_closest_marker("saved") or item.get_closest_marker("django_db"):
            continue
        if "tokens" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(databases=["default", "auth"]))


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end; looking through it for rubbish again and again is a twentieth of a run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def tokens(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """A token for every demo member, by sign-in name, made once and really saved."""
    from homeward.foundation.access import context
    from homeward.foundation.institutions.models import Account
    from homeward.foundation.kernel.clock import now

    made = {}
    with django_db_blocker.unblock():
        for account in Account.objects.all():
            for member in context.memberships(account.pk)[:1]:
                made[account.username] = context.open_session(
                    account.pk, member, kind="operator", assurance=2, factor_at=now() - timedelta(hours=1)
                )
    return made


Acting = Callable[[Any], AbstractContextManager[Any]]


@pytest.fixture(scope="session")
def members(tokens: dict[str, str], django_db_blocker: Any) -> dict[str, Any]:
    """Every demo member by sign-in name."""
    from homeward.foundation.access import context

    found = {}
    with django_db_blocker.unblock():
        for name, token in tokens.items():
            with context.acting(token) as member:
                found[name] = member
    return found


@pytest.fixture
def acting(tokens: dict[str, str], members: dict[str, Any], db_of_test: None) -> Acting:
    """`with acting(ana): …` — from here on the database is asked by Ana; outside of it by nobody."""
    from homeward.foundation.access import context

    names = {member.pk: name for name, member in members.items()}
    stack: list[str] = []

    @contextmanager
    def act(member: Any) -> Iterator[Any]:
        token = tokens[names[member.pk]]
        stack.append(token)
        entered = context.enter(token)
        try:
            yield entered
        finally:
            stack.pop()
            from django.db import connection

            if not connection.needs_rollback:
                context.enter(stack[-1]) if stack else context.leave()

    return act


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Tests read messages in English, the language they are written in; pages are asked for in any language."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def db_of_test(request: pytest.FixtureRequest) -> None:
    """The transaction of the test, which is undone after it."""
    marker = request.node.get_closest_marker("django_db")
    transactional = marker is not None and marker.kwargs.get("transaction")
    request.getfixturevalue("transactional_db" if transactional else "db")


@pytest.fixture
def ana(members: dict[str, Any], db_of_test: None) -> Any:
    """Coordinates for the division that leads the cases."""
    return members[CAST["ana"]]


@pytest.fixture
def carla(members: dict[str, Any], db_of_test: None) -> Any:
    """Works at a Centre for Social Work and receives what is sent."""
    return members[CAST["carla"]]


@pytest.fixture
def dora(members: dict[str, Any], db_of_test: None) -> Any:
    """A counsellor elsewhere: a stranger to every case she was not let into."""
    return members[CAST["dora"]]


@pytest.fixture
def bruno(members: dict[str, Any], db_of_test: None) -> Any:
    """Supervises probation officers."""
    return members[CAST["bruno"]]


@pytest.fixture
def edu(members: dict[str, Any], db_of_test: None) -> Any:
    """Audits: sees who looked, never what they saw."""
    return members[CAST["edu"]]


@pytest.fixture
def signed_in(tokens: dict[str, str], members: dict[str, Any], db_of_test: None) -> Callable[[Any], Any]:
    """A browser in which this member has signed in: `client = signed_in(ana)`."""
    from django.test import Client

    from homeward.config.middleware import TOKEN
    from homeward.foundation.institutions.models import Account

    names = {member.pk: name for name, member in members.items()}

    def browser(member: Any) -> Client:
        client = Client()
        client.force_login(Account.objects.get(pk=member.account_id))
        session = client.session
        session[TOKEN] = tokens[names[member.pk]]
        session.save()
        return client

    return browser
