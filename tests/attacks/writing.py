"""Trying to write: rows of cases one may only read, in other institutions' names, over others' words, and away with all."""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from psycopg import sql

from tests.attacks.filling import Table, literal, required_values
from tests.attacks.siege import Siege
from tests.attacks.stage import NO_CONTEXT, attempt
from tests.oracle.pack import CATEGORIES
from tests.oracle.rows import SPECIAL, WRITERS, Reader, Row

WEB = ("homeward_app", "homeward_job")
SHAPES = ("case", "person", "owned")
REFUSED_ROW = "42501"
# Read by all, and written under rules that need more than a role: tests/attacks/cheating.py tries them.
TRIED_BY_CHEATING = ("focal_point", "sharing_protocol", "protocol_clause")


def in_any_table_without_a_context(siege: Siege) -> Iterator[str]:
    """Insert, update, delete and truncate in every table there is, as every role, as nobody."""
    libraries: dict[str, tuple[str, ...]] = {
        "homeward_job": ("app.procrastinate_",),
        "homeward_auth": ("app.account_", "app.mfa_", "app.app_account", "app.django_session"),
    }
    for role in ("homeward_app", "homeward_job", "homeward_auth", "homeward_sealer", "homeward_auditor"):
        for table in siege.every_table:
            if role in libraries and table.startswith(libraries[role]):
                continue
            if (role, table) == ("homeward_sealer", "audit.seal"):
                continue  # making seals is what it is for; changing them is tried below
            column = siege.stage.one(
                "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped "
                "order by has_column_privilege(%s, attrelid, attnum, 'UPDATE') desc, attnum limit 1",
                [table, role],
            )
            for statement in (
                f"insert into {table} default values",
                f"update {table} set {column} = {column}",
                f"delete from {table}",
                f"truncate {table}",
                f"lock table {table} in access exclusive mode",
            ):
                with siege.stage.nobody(role) as connection:
                    outcome = attempt(connection, statement)
                # A missing value is only noticed after the row was allowed, except where the policies are asked last.
                if outcome.state not in ("42501", NO_CONTEXT, "428C9"):
                    yield f"{role}: {statement}: {outcome.error or outcome.count}"


def by_deleting(siege: Siege) -> Iterator[str]:
    """Nobody deletes: not even what one wrote oneself."""
    for role in WEB:
        with siege.stage.as_member("dprrp-coordinator", role) as connection:
            for table in siege.tables:
                for statement in (f"delete from app.{table.name}", f"truncate app.{table.name}"):
                    if not attempt(connection, statement).refused:
                        yield f"{role}: {statement}"
            for name, column in (("audit.event", "verb"), ("audit.seal", "number")):
                for statement in (
                    f"delete from {name}",
                    f"truncate {name}",
                    f"update {name} set {column} = {column}",
                ):
                    if attempt(connection, statement).state != REFUSED_ROW:
                        yield f"{role}: {statement}"


def over_what_others_wrote(siege: Siege) -> Iterator[str]:
    """Every guarded table: exactly the rows that the oracle says can be changed, by every member.

    Blindly, without asking for a single column: PostgreSQL then leaves out the policy that says what is seen.
    """
    for table in siege.tables:
        columns = updatable(siege, table)
        special = SPECIAL.get(f"app.{table.name}")
        if special and special.changes:
            truth = siege.truth(special.source or f"app.{table.name}", special.columns)
            changes = special.changes
        elif table.shape in SHAPES:
            truth = siege.truth(f"app.{table.name}", ", ".join(table.columns))
            changes = partial(_changes, table)
        else:
            continue
        if not columns:
            continue
        value = literal(*kind_of(siege, table.name, columns[0]))
        statement = sql.SQL("update app.{} set {} = %s").format(
            sql.Identifier(table.name), sql.Identifier(columns[0])
        )
        for login, reader in siege.readers.items():
            with siege.stage.as_member(login) as connection:
                outcome = attempt(connection, statement, [value])
            expected = sum(changes(reader, row) for row in truth.values())
            if outcome.refused or outcome.count != expected:
                yield f"{login} changes {outcome.error or outcome.count} rows of app.{table.name}, may change {expected}"


def _changes(table: Table, reader: Reader, row: Row) -> bool:
    return reader.changes(table, row)


def into_every_case(siege: Siege) -> Iterator[str]:
    """New rows of many cases, categories and authors, by every member: only where the oracle says one may write.

    Of all that could be tried some are drawn, as many that must succeed as must fail; for members of a unit many more, because
    what stops them may be the wall of the unit alone.
    """
    for table in siege.tables:
        if table.shape not in SHAPES or not may_insert(siege, table):
            continue
        for login, reader in siege.readers.items():
            # Drawn for each by name: who else is there changes nothing.
            draw, many = random.Random(f"{table.name} {login}"), 40 if reader.seat.unit else 8
            cases = draw.sample(list(siege.facts.cases.values()), 12) + [
                siege.facts.cases[key] for key in list(reader.sights)[: many // 2 + 2]
            ]
            rows = list(_rows(siege, table, reader, cases))
            draw.shuffle(rows)
            chosen = [row for row in rows if reader.adds(table, row)][:8]
            chosen += [row for row in rows if not reader.adds(table, row)][:many]
            with siege.stage.as_member(login) as connection:
                for row in chosen:
                    done = added(connection, table, row)
                    if done != reader.adds(table, row):
                        yield f"{login} {'adds' if done else 'cannot add'} {row} to app.{table.name}"


def into_names_that_tell(siege: Siege) -> Iterator[str]:
    """A kunya or a name in Arabic letters is written by those who may know why there is a case, and by nobody else."""
    insert = "insert into app.person_name (person_id, kind, script) values (%s, %s, %s)"
    for login, reader in siege.readers.items():
        writes = [person for person in reader.people if reader.writes_person(person, "identity")][:12]
        with siege.stage.as_member(login) as connection:
            for person in writes:
                for kind, script, tells in (("kunya", "x", True), ("x", "arab", True), ("x", "x", False)):
                    done = attempt(connection, insert, [person, kind, script]).state != REFUSED_ROW
                    if done != (not tells or reader.knows_why(person)):
                        yield f"{login} {'adds' if done else 'cannot add'} a name that is {kind}, {script}"


def into_what_all_may_read(siege: Siege) -> Iterator[str]:
    """Tables that every member reads: written by those whose work that is, and changed by nobody else, blindly neither."""
    for table in siege.tables:
        if table.shape != "reference" or table.name in TRIED_BY_CHEATING:
            continue
        writers = WRITERS.get(f"app.{table.name}", frozenset())
        names, values = required_values(siege.world, table.name, [])
        insert = sql.SQL("insert into app.{} ({}) values ({})").format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(map(sql.Literal, values)),
        )
        column = (updatable(siege, table) or ["id"])[0]
        update = sql.SQL("update app.{} set {} = %s").format(
            sql.Identifier(table.name), sql.Identifier(column)
        )
        value = literal(*kind_of(siege, table.name, column))
        rows = siege.stage.one(f"select count(*) from app.{table.name}")
        for login, reader in siege.readers.items():
            writes = reader.has_mandate and bool(reader.roles & writers)
            with siege.stage.as_member(login) as connection:
                if (attempt(connection, insert).state != REFUSED_ROW) != writes:
                    yield f"{login} {'cannot add' if writes else 'adds'} a row to app.{table.name}"
                changed = attempt(connection, update, [value]).count
                if changed != (rows if writes else 0):
                    yield f"{login} changes {changed} rows of app.{table.name}"


def kind_of(siege: Siege, table: str, column: str) -> list[str]:
    """The type of a column and the kind of that type."""
    found = siege.stage.ask(
        "select t.typname::text, t.typcategory::text from pg_attribute a join pg_type t on t.oid = a.atttypid "
        "where a.attrelid = format('app.%%I', %s::text)::regclass and a.attname = %s",
        [table, column],
    )
    return list(found[0])


def by_moving_rows(siege: Siege) -> Iterator[str]:
    """One's own rows cannot be carried into another's case, category or name."""
    for table in siege.tables:
        if table.shape not in SHAPES:
            continue
        columns = set(updatable(siege, table))
        truth = siege.truth(f"app.{table.name}", ", ".join(table.columns))
        for login, reader in siege.readers.items():
            mine = next((row for row in truth.values() if reader.changes(table, row)), None)
            if mine is None:
                continue
            for place, column in enumerate(table.columns):
                target = _elsewhere(siege, reader, table, mine, place)
                if column not in columns or target is None:
                    continue
                where = sql.SQL(" and ").join(
                    sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
                    for name, value in zip(table.columns, mine, strict=True)
                )
                statement = sql.SQL("update app.{} set {} = {} where {}").format(
                    sql.Identifier(table.name), sql.Identifier(column), sql.Literal(target[place]), where
                )
                with siege.stage.as_member(login) as connection:
                    outcome = attempt(connection, statement)
                if not outcome.refused and outcome.count:
                    yield f"{login} moves a row of app.{table.name} by its {column}"


def _elsewhere(siege: Siege, reader: Reader, table: Table, mine: Any, place: int) -> Any:
    """The same row with one value changed to one under which the member may not write."""
    values: list[Any] = []
    column = table.columns[place]
    if table.shape == "owned" or column == table.owner:
        values = [siege.world.institutions["dprrp"], siege.world.institutions["kps"]]
    elif column == table.category_column:
        values = list(range(len(CATEGORIES)))
    elif table.shape == "person":
        values = [case.person for case in siege.facts.cases.values()]
    else:
        values = list(siege.facts.cases)
    for value in values:
        row = (*mine[:place], value, *mine[place + 1 :])
        if not reader.adds(table, row):
            return row
    return None


def _rows(siege: Siege, table: Table, reader: Reader, cases: list[Any]) -> Iterator[tuple[Any, ...]]:
    stranger = siege.world.institutions["opm"]
    if table.shape == "owned":
        yield from ((reader.institution,), (stranger,))
    elif table.shape == "person":
        yield from ((case.person,) for case in cases)
    else:
        for case in cases:
            numbers = range(len(CATEGORIES)) if table.category_column else [table.category]
            for category in numbers:
                for author in (reader.institution, stranger) if table.owner else ("",):
                    row = [case.key]
                    row += [category] if table.category_column else []
                    row += [author] if table.owner else []
                    yield tuple(row)


def added(connection: Any, table: Table, row: tuple[Any, ...]) -> bool:
    """Whether the policies let this row in; what else it lacks (a missing value) is noticed only after them."""
    statement = sql.SQL("insert into app.{} ({}) values ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.SQL(", ").join(map(sql.Literal, row)),
    )
    outcome = attempt(connection, statement)
    return outcome.state != REFUSED_ROW


def updatable(siege: Siege, table: Table) -> list[str]:
    """The columns the web's role may change, the harmless ones first."""
    rows = siege.stage.ask(
        "select attname from pg_attribute where attrelid = format('app.%%I', %s::text)::regclass and attnum > 0 "
        "and not attisdropped and has_column_privilege('homeward_app', attrelid, attnum, 'UPDATE') "
        "order by attname = any (%s), attnum",
        [table.name, table.columns],
    )
    return [name for (name,) in rows]


def may_insert(siege: Siege, table: Table) -> bool:
    return bool(
        siege.stage.one(
            "select has_table_privilege('homeward_app', format('app.%%I', %s::text), 'INSERT')", [table.name]
        )
    )


ATTACKS = (
    in_any_table_without_a_context,
    by_deleting,
    over_what_others_wrote,
    into_every_case,
    into_names_that_tell,
    into_what_all_may_read,
    by_moving_rows,
)
