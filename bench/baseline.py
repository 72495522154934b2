"""The same pages as if there were no secrets: what the access rule costs is the difference.

Inside `bare(member)` the application draws the same page with the same rows through the same templates, but

- the database is asked as its superuser, so that no row-level security stands before any table;
- nobody enters a signed context, and no look is written into the log;
- lists are narrowed to the reader's rows by one plain condition on one column, as if each row belonged to somebody;
- what a reader may see and do with a case is known beforehand instead of being asked;
- the name search is the same search over a plain list (sql/bare.sql);
- the page of one case reads from tables that hold nothing but what this reader may see of these cases, so that the
  baseline draws neither more nor less than the page it is compared with.

It is a severe baseline: it answers no question about rights at all, and could not be used by anybody.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from bench.world import superuser
from homeward.casework.cases.models import CaseInSightQuerySet
from homeward.casework.cases.queries import pages, sight
from homeward.casework.people.models import Person
from homeward.casework.people.queries import persons
from homeward.foundation.access import context, permissions, queries
from homeward.foundation.audit.actions import recording
from homeward.foundation.institutions.models import Member
from tools import devdb

SQL = Path(__file__).resolve().parent / "sql" / "bare.sql"
FUNCTIONS = {
    f"sec.{name}(": f"bench.{name}("
    for name in (
        "search_person",
        "existing",
        "led_cases",
        "undecided_entries",
        "contacts_asked",
        "ended_cases",
    )
}
# Rows of cases and persons, beside those that sec.guarded lists with their key.
MORE = {
    "case_file": "id",
    "case_access": "case_id",
    "case_access_cat": "case_id",
    "case_anchor": "case_id",
    "involvement": "case_id",
    "access_grant": "case_id",
    "break_glass": "case_id",
    "event": "case_id",
}
HOUSEHOLDS = "id in (select household_id from household_membership where person_id = any (%(persons)s))"


class Bare:
    """Draws pages without any access control. Made once for each process, for the reader of some cases.

    `sees`: all, many or few of the cases; who sees all is searched for without any condition.
    """

    def __init__(self, member: Member, token: str, cases: Sequence[UUID], *, sees: str) -> None:
        self.member = member.pk
        self.known: dict[Any, Any] = {}
        schema = f"bench_{member.pk.hex}"
        database = connections["default"].settings_dict["NAME"]
        with superuser(database) as owner:
            owner.execute(SQL.read_text())
            owner.execute(f"drop schema if exists {schema} cascade")
            owner.execute(f"create schema {schema}")
            with context.acting(token):
                for table, where, keys in _visible(cases):
                    _copied(owner, schema, table, where, keys)
            owner.execute(f"analyze {', '.join(f'{schema}.{table}' for table, _, _ in _tables(owner))}")
        self.everything = _superuser_connection("app,audit", member, sees)
        self.these_cases = _superuser_connection(f"{schema},app,audit", member, sees)

    @contextmanager
    def __call__(self, *, these_cases: bool = False) -> Iterator[None]:
        """While this lasts, nothing is hidden from the reader. `these_cases`: of the page of one of the cases."""
        before = connections["default"]
        connections["default"] = self.these_cases if these_cases else self.everything
        try:
            with ExitStack() as stack:
                for original, instead in self._instead():
                    everywhere(stack, original, instead)
                stack.enter_context(patch.object(CaseInSightQuerySet, "of", _plain_where))
                yield
        finally:
            connections["default"] = before

    def _instead(self) -> Iterator[tuple[Any, Any]]:
        member = self.member
        yield context.enter, lambda token: Member.objects.select_related("institution", "unit").get(pk=member)
        yield context.leave, lambda: None
        yield recording.record_view, lambda *args, **kwargs: None
        yield persons.visible, lambda *, to: Person.objects.all()
        for question in (
            queries.sight, queries.knows_the_label, permissions.may, permissions.require, pages.known_categories, sight.powers,
        ):  # fmt: skip
            yield question, self._known_beforehand(question)

    def _known_beforehand(self, question: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(question)
        def answer(*args: Any, **kwargs: Any) -> Any:
            key = (
                question,
                *map(_named, args),
                *((name, _named(value)) for name, value in sorted(kwargs.items())),
            )
            if key not in self.known:
                self.known[key] = question(*args, **kwargs)
            return self.known[key]

        return answer


# --- the rows of some cases, as their reader sees them -----------------------------------------------------------


def _tables(owner: Any) -> list[tuple[str, str, str]]:
    """Every table with rows of cases or persons: its name, its key column, whose key that is."""
    found = [
        (table, column, "persons" if shape == "person" else "cases")
        for table, shape, column in owner.execute(
            "select table_name, shape, key_column from sec.guarded where shape in ('case', 'person') order by 1"
        ).fetchall()
    ]
    return (
        found
        + [(table, column, "cases") for table, column in MORE.items()]
        + [("household", HOUSEHOLDS, "persons")]
    )


def _visible(cases: Sequence[UUID]) -> Iterator[tuple[str, str, dict[str, list[UUID]]]]:
    """What the present reader sees of these cases and of the families around them: table, condition, its keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct a.person_id from case_access a where a.case_id = any (%s)
               union select o.person_id from case_access a join household_membership m on m.person_id = a.person_id
               join household_membership o on o.household_id = m.household_id where a.case_id = any (%s)""",
            [list(cases), list(cases)],
        )
        people = [row[0] for row in cursor.fetchall()]
        cursor.execute("select case_id from case_access where person_id = any (%s)", [people])
        keys = {"persons": people, "cases": list({*cases, *(row[0] for row in cursor.fetchall())})}
        cursor.execute(
            "select table_name, shape, key_column from sec.guarded where shape in ('case', 'person')"
        )
        for table, shape, column in cursor.fetchall():
            yield table, f"{column} = any (%({'persons' if shape == 'person' else 'cases'})s)", keys
    for table, column in MORE.items():
        yield table, f"{column} = any (%(cases)s)", keys
    yield "household", HOUSEHOLDS, keys


def _copied(owner: Any, schema: str, table: str, where: str, keys: dict[str, list[UUID]]) -> None:
    home = "audit" if table == "event" else "app"
    owner.execute(f"create table {schema}.{table} (like {home}.{table} including all)")
    columns = [
        row[0]
        for row in owner.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and has_column_privilege('homeward_app', attrelid, attnum, 'select')",
            [f"{home}.{table}"],
        ).fetchall()
    ]
    named = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"select ({named})::text from {table} where {where}", keys)
        rows = [row[0] for row in cursor.fetchall()]
    # Columns the reader is never given (the hashes of the log) may be anything here.
    for (name,) in owner.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attnotnull",
        [f"{schema}.{table}"],
    ).fetchall():
        if name not in columns:
            owner.execute(f'alter table {schema}.{table} alter column "{name}" drop not null')
    kind = f"{schema}.row_of_{table}"
    owner.execute(f"create type {kind} as ({_typed(owner, home, table, columns)})")
    owner.execute(
        f"insert into {schema}.{table} ({named}) overriding system value select (r.x::{kind}).* from unnest(%s::text[]) r(x)",
        [rows],
    )


def _typed(owner: Any, home: str, table: str, columns: Iterable[str]) -> str:
    kinds = dict(
        owner.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass",
            [f"{home}.{table}"],
        ).fetchall()
    )
    return ", ".join(f'"{name}" {kinds[name]}' for name in columns)


# --- taking the rule out ------------------------------------------------------------------------------------------


def _superuser_connection(search_path: str, member: Member, sees: str) -> DatabaseWrapper:
    """Another `default` connection, on which no row-level security applies, with a pool of its own."""
    cluster = devdb.describe()
    given = connections["default"].settings_dict
    options = {
        **given["OPTIONS"],
        "options": f"{given['OPTIONS']['options']} -c search_path={search_path} "
        f"-c bench.member={member.pk} -c bench.sees={sees}",
    }
    asked = {**given, "USER": cluster.superuser, "PASSWORD": cluster.superuser_password, "OPTIONS": options}
    made: DatabaseWrapper = type("Superuser", (DatabaseWrapper,), {"_connection_pools": {}})(
        asked, alias="default"
    )
    made.execute_wrappers.append(_plain_functions)
    return made


def _named(value: Any) -> Any:
    return getattr(value, "pk", value)


def _plain_where(rows: CaseInSightQuerySet, member: Member) -> CaseInSightQuerySet:
    return rows.filter(institution=member.institution_id)


def everywhere(stack: ExitStack, original: Any, instead: Any) -> None:
    """Wherever the house has imported this function, under whatever name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("homeward."):
            for attribute, value in list(vars(module).items()):
                if value is original:
                    stack.enter_context(patch.object(module, attribute, instead))


def _plain_functions(execute: Any, statement: str, params: Any, many: bool, about: Any) -> Any:
    for guarded, plain in FUNCTIONS.items():
        statement = statement.replace(guarded, plain)
    return execute(statement, params, many, about)
