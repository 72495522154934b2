"""No table of the database stands outside the guard unless it says why, and none inside it is left unattacked.

What there is, is read from the catalogue of the database and not from a list: a table that somebody adds tomorrow is
here tomorrow. Only exceptions are listed, each with its reason, and it is proved that the web cannot read them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.attacks.filling import guarded
from tests.attacks.reading import LIBRARIES
from tests.attacks.siege import Siege
from tests.attacks.stage import LOGINS, attempt
from tests.oracle.rows import SPECIAL

# Tables without row-level security, and why they need none. LIBRARIES are those of schema app.
EXCEPTED = {f"app.{name}": reason for name, reason in LIBRARIES.items()} | {
    "sec.clock": "one row: until when beginnings and ends were applied; read by functions alone",
    "sec.guarded": "names of tables and columns, nothing of what is in them",
    "sec.log_epoch": "one row: a number; read by functions alone",
    "sec.newcomer": "accounts of colleagues without a password yet, and the hash of a link; read by functions alone",
    "sec.retention": "one row: the periods of the country; read by functions alone",
    "sec.tally": "counts of attempts to sign in, under hashes; read by functions alone",
    "sec.session": "hashes of tokens; read by functions alone",
    "sec.signing_key": "the key of the context; read by functions alone",
}
# Of those, what a role reads all the same, and why that is no person's business.
READ_BY = {
    "homeward_app": {"sec.guarded": "names of tables", "app.django_migrations": "names of migrations"},
    "homeward_job": {"sec.guarded": "names of tables", "app.django_migrations": "names of migrations"}
    | {name: "its own queue" for name in EXCEPTED if name.startswith("app.procrastinate_")},
    "homeward_auth": {
        name: "sign-in is what it is for"
        for name in EXCEPTED
        if name.startswith(("app.account_", "app.mfa_")) or name in ("app.app_account", "app.django_session")
    },
    "homeward_sealer": {},
    "homeward_auditor": {},
}
# Where the path to a person ends, and columns that hold the key of somebody without a reference the database knows of.
PEOPLE = ("app.person", "app.household", "app.case_file", "app.case_anchor")
KEYS_OF_PEOPLE = (
    r"^(person|case|household|child|guardian|subject|family|parent|involvement|look)(_id|_ids|s)?$"
)
# Columns of tables all may read that hold a key which refers to nothing, and what it is the key of.
OTHER_KEYS = {("app.published_figure", "conflicts_with"): "other figures"}


def tables(connection: psycopg.Connection[Any]) -> list[tuple[str, str, bool, bool]]:
    """(name, kind, guarded, forced) of whatever holds rows, in every schema that is not PostgreSQL's own."""
    return connection.execute(
        "select format('%I.%I', n.nspname, c.relname), c.relkind::text, c.relrowsecurity, c.relforcerowsecurity "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm', 'f', 'v') "
        "and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1"
    ).fetchall()


def unguarded(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Tables without forced row-level security that nobody gave a reason for."""
    entered = {f"app.{name}" for (name,) in connection.execute("select table_name from sec.guarded")}
    for name, kind, on, forced in tables(connection):
        if kind in ("m", "f"):
            yield f"{name} passes by row-level security: a materialised view or a foreign table"
        elif kind == "v" or name in EXCEPTED:
            continue  # tests/attacks/becoming.py: a view shows what its reader may see
        elif not on or not forced:
            yield f"{name}: row-level security is {'not forced on its owner' if on else 'off'}; Protect it in its migration"
        elif name.startswith("app.") and name not in entered:
            yield f"{name} is in no row of sec.guarded, so no attack knows of it; Protect it in its migration"


def lead_to_people(connection: psycopg.Connection[Any]) -> set[str]:
    """Tables from which references or the names of keys lead to a person, over however many tables."""
    refers: dict[str, set[str]] = {}
    for source, target in connection.execute(
        "select format('%I.%I', n.nspname, c.relname), format('%I.%I', m.nspname, t.relname) from pg_constraint k "
        "join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace "
        "join pg_class t on t.oid = k.confrelid join pg_namespace m on m.oid = t.relnamespace where k.contype = 'f'"
    ):
        refers.setdefault(source, set()).add(target)
    found = set(PEOPLE) | {
        name
        for (name,) in connection.execute(
            "select format('%%I.%%I', n.nspname, c.relname) from pg_attribute a join pg_class c on c.oid = a.attrelid "
            "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and a.attnum > 0 "
            "and not a.attisdropped and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "
            "and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype) and a.attname ~ %s",
            [KEYS_OF_PEOPLE],
        )
    }
    while more := {name for name, targets in refers.items() if targets & found} - found:
        found |= more
    return found


def shown_to_all(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Tables that every member may read and from which a person can be reached, by a reference or by a bare key."""
    public = {
        f"app.{name}"
        for (name,) in connection.execute("select table_name from sec.guarded where shape = 'reference'")
    }
    for name in sorted(public & lead_to_people(connection)):
        yield f"{name} is read by every member and leads to a person: ProtectReference is not for it"
    for name, column in connection.execute(
        "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where c.relnamespace = 'app'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped "
        "and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype) and a.attname <> 'id' and not exists ("
        "select 1 from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))"
    ):
        if f"app.{name}" in public and (f"app.{name}", column) not in OTHER_KEYS:
            yield f"app.{name}.{column}: whose key is it? Refer to its table, or say so in OTHER_KEYS"


@contextmanager
def with_tables(siege: Siege, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """The stage with something more in it, and afterwards without."""
    connection = siege.stage.superuser
    with connection.transaction(force_rollback=True):
        for statement in statements:
            connection.execute(statement)
        yield connection


@pytest.fixture(scope="module")
def untouched(world: Any) -> Iterator[psycopg.Connection[Any]]:
    """The schema as migrations leave it: filling the stage takes references away."""
    from tests.attacks.stage import TEMPLATE, connected

    with connected(TEMPLATE) as connection:
        yield connection


def test_every_table_is_guarded_or_says_why_not(untouched: psycopg.Connection[Any]) -> None:
    assert not list(unguarded(untouched))


def test_every_exception_is_still_one(untouched: psycopg.Connection[Any]) -> None:
    there = {name: on for name, _kind, on, _forced in tables(untouched)}

    assert not {name for name in EXCEPTED if name not in there}
    assert not {name for name in EXCEPTED if there[name]}


def test_no_exception_leads_to_a_person(untouched: psycopg.Connection[Any]) -> None:
    assert not set(EXCEPTED) & lead_to_people(untouched)


def test_nothing_that_all_may_read_leads_to_a_person(untouched: psycopg.Connection[Any]) -> None:
    assert not list(shown_to_all(untouched))


def test_paths_to_a_person_are_found(untouched: psycopg.Connection[Any]) -> None:
    """So that the tests above do not pass because nothing was looked for."""
    found = lead_to_people(untouched)

    assert {
        "app.person_name",
        "app.case_note_text",
        "app.intake_row",
        "app.access_grant",
        "audit.event",
    } <= found
    assert not {"app.municipality", "app.member", "app.protocol_clause"} & found


@pytest.mark.parametrize("role", LOGINS)
def test_what_is_excepted_is_read_by_nobody_else(siege: Siege, role: str) -> None:
    may = {
        name
        for (name,) in siege.stage.ask(
            "select name from unnest(%s::text[]) name where has_any_column_privilege(%s, name, 'SELECT, INSERT, UPDATE, REFERENCES') "
            "and has_schema_privilege(%s, split_part(name, '.', 1), 'USAGE')",
            [list(EXCEPTED), role, role],
        )
    }
    with siege.stage.nobody(role) as connection:
        read = {
            name for name in EXCEPTED if attempt(connection, f"select * from {name} limit 1").state != "42501"
        }

    assert may == read == set(READ_BY[role])


def test_every_guarded_table_is_read_by_an_attack(siege: Siege) -> None:
    """Every one, as every member; and it has a row that somebody sees, or being refused would prove nothing."""
    attacked = {f"app.{table.name}" for table in guarded(siege.world)} | {"audit.event", "audit.seal"}
    there = {name for name, kind, _on, _forced in tables(siege.stage.superuser) if kind in ("r", "p")}
    alone, unknown, blind = [], [], []
    for table in guarded(siege.world):
        name = f"app.{table.name}"
        special = SPECIAL.get(name)
        if table.shape == "special" and special is None:
            unknown.append(name)
            continue
        source, columns = name, ", ".join(table.columns) or "1"
        if special:
            source, columns = special.source or name, special.columns
        rows = list(siege.truth(source, columns).values())
        readers = siege.readers.values()
        verdicts = {
            special.sees(reader, row) if special else reader.sees(table, row)
            for reader in readers
            for row in rows[:: max(1, len(rows) // 200)]
        }
        if True not in verdicts:
            blind.append(name)
        if False not in verdicts and table.shape != "reference":
            alone.append(name)

    assert attacked == there - set(EXCEPTED)
    assert not unknown, "a rule of its own that tests/oracle/rows.py does not know"
    assert not blind, "no member sees any row of it"
    assert not alone, "every member sees every row of it"


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "create table app.diary (id uuid primary key, person_id uuid)",
            "app.diary: row-level security is off",
        ),
        ("create table public.diary (words text)", "public.diary: row-level security is off"),
        (
            "create table app.diary (id uuid primary key); alter table app.diary enable row level security",
            "app.diary: row-level security is not forced",
        ),
        (
            (
                "create table app.diary (id uuid primary key); alter table app.diary enable row level security; "
                "alter table app.diary force row level security"
            ),
            "app.diary is in no row of sec.guarded",
        ),
        ("create materialized view app.diary as select * from app.person", "app.diary passes by"),
    ],
)
def test_a_table_that_somebody_forgets_is_found(siege: Siege, statement: str, complaint: str) -> None:
    with with_tables(siege, statement) as connection:
        (found,) = unguarded(connection)

    assert found.startswith(complaint)


@pytest.mark.parametrize(
    "column",
    [
        "person_id uuid",
        "of uuid references app.case_note (id)",
        "member_id uuid references app.member (id), guardian_id uuid",
        "somebody uuid",
    ],
)
def test_a_person_behind_a_table_that_all_may_read_is_found(siege: Siege, column: str) -> None:
    with with_tables(
        siege,
        f"create table app.diary (id uuid primary key, {column})",
        "insert into sec.guarded (table_name, shape) values ('diary', 'reference')",
    ) as connection:
        found = list(shown_to_all(connection))

    assert found
    assert all(one.startswith("app.diary") for one in found)
