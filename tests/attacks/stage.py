"""A database of one's own, in which attacks may do what they like, and logins of every role to attack it with."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tools import devdb

TEMPLATE = "homeward_test_template"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "solo")
LOGINS = ("homeward_app", "homeward_job", "homeward_auth", "homeward_sealer", "homeward_auditor")
NO_CONTEXT = "28000"
IMPATIENT = "-c lock_timeout=30s"  # two connections of one test that wait for each other would wait for ever


def furnish(connection: psycopg.Connection[Any], database: str) -> None:
    """Gives a copy the rights of the roles on it, which a copy does not take along; and lets nobody wait for the disk there."""
    path = devdb.ROOT / "homeward" / "foundation" / "access" / "sql" / "database.sql"
    connection.execute(path.read_text())
    connection.execute(
        sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(database))
    )


@dataclass
class Stage:
    """One database, copied from the tests' template, with who may sign in to it."""

    name: str
    tokens: dict[str, str] = field(default_factory=dict)
    _open: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    @property
    def database(self) -> str:
        return f"homeward_stage_{self.name}_{WORKER}"

    def build(self) -> None:
        """Copies the template, and shuts the copy as `prepare` shuts a database."""
        with connected("postgres") as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self.database))
            )
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(self.database), sql.Identifier(TEMPLATE)
                )
            )
        furnish(self.superuser, self.database)

    def drop(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()
        with connected("postgres") as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self.database))
            )

    @property
    def superuser(self) -> psycopg.Connection[Any]:
        """Whoever runs the server: sets the scene and looks behind it, never attacks."""
        return self.login("superuser")

    def login(self, role: str) -> psycopg.Connection[Any]:
        """The session of a role, signed in with its password; one for the whole stage."""
        if role not in self._open or self._open[role].closed:
            self._open[role] = self.new_login(role)
        return self._open[role]

    def new_login(self, role: str) -> psycopg.Connection[Any]:
        return connected(self.database, None if role == "superuser" else role)

    @contextmanager
    def as_member(self, member: str, role: str = "homeward_app") -> Iterator[psycopg.Connection[Any]]:
        """A transaction of this role under the member's context, undone at the end."""
        connection = self.login(role)
        with connection.transaction(force_rollback=True):
            connection.execute("select sec.enter(%s)", [self.tokens[member]])
            yield connection

    @contextmanager
    def nobody(self, role: str = "homeward_app") -> Iterator[psycopg.Connection[Any]]:
        """A transaction of this role without any context, undone at the end."""
        connection = self.login(role)
        with connection.transaction(force_rollback=True):
            yield connection

    def ask(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        """What is really there."""
        return self.superuser.execute(statement, params).fetchall()

    def one(self, statement: str, params: Any = None) -> Any:
        """The one value that is really there."""
        return self.ask(statement, params)[0][0]

    def give_token(
        self,
        name: str,
        member_id: Any,
        *,
        kind: str = "operator",
        assurance: int = 1,
        factor_age: int | None = None,
    ) -> str:
        """A session of this member, as sign-in would have made it; `factor_age` in seconds."""
        token = hashlib.sha256(f"{self.database}:{name}:{kind}".encode()).hexdigest()
        self.superuser.execute(
            "insert into sec.session (token_hash, account_id, member_id, kind, assurance, factor_at, expires_at) "
            "select %s, m.account_id, m.id, %s, %s, clock_timestamp() - %s * interval '1 second', now() + interval '12 hours' "
            "from app.member m where m.id = %s on conflict (token_hash) do update set factor_at = excluded.factor_at, assurance = excluded.assurance",
            [hashlib.sha256(token.encode()).digest(), kind, assurance, factor_age, member_id],
        )
        self.tokens[name] = token
        return token


def connected(database: str, role: str | None = None) -> psycopg.Connection[Any]:
    """A session in a database, as a role or as the superuser."""
    cluster = devdb.describe()
    return psycopg.connect(
        host=cluster.host,
        port=cluster.port,
        dbname=database,
        user=role or cluster.superuser,
        password=cluster.role_password(role) if role else cluster.superuser_password,
        autocommit=True,
        options=IMPATIENT,
    )


def attempt(connection: psycopg.Connection[Any], statement: Any, params: Any = None) -> "Outcome":
    """Tries a statement inside a savepoint and says what came of it; nothing of it stays."""
    try:
        with connection.transaction(force_rollback=True):
            if str(statement).startswith("copy "):
                with connection.cursor() as cursor, cursor.copy(statement) as copy:
                    return Outcome(rows=[(bytes(part),) for part in copy])
            cursor = connection.execute(statement, params)
            rows = cursor.fetchall() if cursor.description else []
            return Outcome(rows=rows, count=cursor.rowcount)
    except psycopg.Error as error:
        return Outcome(error=error, state=error.sqlstate or "")


@dataclass
class Outcome:
    """What came of an attempt: rows, or the error that refused it."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    count: int = 0
    error: psycopg.Error | None = None
    state: str = ""

    @property
    def refused(self) -> bool:
        return self.error is not None

    @property
    def value(self) -> Any:
        return self.rows[0][0] if self.rows else None


@contextmanager
def django_on(database: str, role: str = "homeward_app") -> Iterator[None]:
    """Everything Django does goes to this database, as the same roles as ever; then back to where it was.

    `role` is that of the process: the web's, or the worker's.
    """
    from django.db import connections

    before = {alias: dict(connections[alias].settings_dict) for alias in connections}
    there = {alias: settings | {"NAME": database} for alias, settings in before.items()}
    there["default"] |= {"USER": role, "PASSWORD": devdb.describe().role_password(role)}
    try:
        _point(there)
        yield
    finally:
        _point(before)


def _point(settings: dict[str, dict[str, Any]]) -> None:
    from django.db import connections

    for alias, wanted in settings.items():
        connection: Any = connections[alias]
        connection.close()
        if alias in connection._connection_pools:
            connection.close_pool()
        connection.settings_dict.update(wanted)
