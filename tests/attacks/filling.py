"""Rows to attack: every guarded table gets a row for every case, category and author, whatever else its columns are.

Only the stage's copy of a table loses its checks, keys and triggers for this; its row-level security stays as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql

from tests.attacks.world import World
from tests.oracle.pack import CATEGORIES

LITERALS = {
    "uuid": lambda: uuid4(),
    "text": lambda: "x",
    "varchar": lambda: "x",
    "bool": lambda: False,
    "int2": lambda: 1,
    "int4": lambda: 1,
    "int8": lambda: 1,
    "float8": lambda: 1.0,
    "numeric": lambda: 1,
    "date": lambda: "2026-01-01",
    "timestamptz": lambda: "2026-01-01T00:00:00Z",
    "time": lambda: "00:00",
    "jsonb": lambda: "{}",
    "bytea": lambda: b"x",
    "inet": lambda: "127.0.0.1",
    "daterange": lambda: "empty",
    "tstzrange": lambda: "empty",
}


@dataclass(frozen=True)
class Table:
    """What `sec.guarded` says of a table."""

    name: str
    shape: str
    key: str | None
    category: int | None
    category_column: str | None
    depth: int | None
    owner: str | None
    telling: bool

    @property
    def columns(self) -> list[str]:
        """The columns the rule goes by."""
        return [column for column in (self.key, self.category_column, self.owner) if column]


def guarded(world: World) -> list[Table]:
    rows = world.stage.ask(
        "select table_name, shape, key_column, category, category_column, depth, owner_column, telling from sec.guarded order by 1"
    )
    return [Table(*row) for row in rows]


def fill(world: World) -> None:
    """Fills every table that belongs to cases, persons or one institution. `households` are two people each."""
    cases = list(world.facts.cases.values())
    for table in guarded(world):
        if table.shape == "case":
            _fill(world, table.name, table.columns, _rows_of_cases(world, table))
        elif table.shape == "person" and table.name != "household_membership":
            _fill(world, table.name, [table.key or ""], [[case.person] for case in cases])
        elif table.shape == "reference" and not world.stage.ask(f"select 1 from app.{table.name} limit 1"):
            _fill(world, table.name, [], [[]])
        elif table.shape == "owned":
            _fill(world, table.name, [table.owner or ""], [[one] for one in world.institutions.values()])
    _fill(world, "person_name", ["person_id", "kind"], [[case.person, "kunya"] for case in cases])
    _fill(world, "person_name", ["person_id", "script"], [[case.person, "arab"] for case in cases])
    homes = [(uuid4(), pair) for pair in zip(cases[::2], cases[1::2], strict=True)]
    present = {table.name for table in guarded(world)}
    if "household" in present:
        _fill(world, "household", ["id"], [[home] for home, _pair in homes])
        _fill(
            world,
            "household_membership",
            ["household_id", "person_id"],
            [[home, case.person] for home, pair in homes for case in pair],
        )
    if "case_file" in present:
        _fill(
            world,
            "case_file",
            ["id", "person_id"],
            [[case.key, case.person] for case in cases],
        )
    _suspect(world)
    _overlap(world)
    world.stage.superuser.execute(
        "insert into audit.seal values (1, 0, '0', 1, '1', 1, 1, 1, '', '', '', now())"
    )
    world.stage.superuser.execute("analyze")


def _suspect(world: World) -> None:
    """Each person and one some cases further on may be the same; of every third pair they are, and of every sixth not."""
    people = [case.person for case in world.facts.cases.values()]
    rows = []
    for number, (one, other) in enumerate(zip(people, people[5:] + people[:5], strict=True)):
        a, b = sorted((one, other))
        state = ("open", "same", "open", "different", "open", "open")[number % 6]
        rows.append([a, b, state, a if state == "same" else None])
    _fill(world, "person_twin", ["one_id", "other_id", "state", "kept_id"], rows)


def _overlap(world: World) -> None:
    """Two entries of two cases each, and sums of every payer; their keys stay, because the guard's functions go by them."""
    run = world.stage.superuser.execute
    run("alter table app.assistance_overlap drop constraint if exists assistance_overlap_outcome")
    run("alter table app.assistance_overlap disable trigger user")
    run(
        "insert into app.assistance_overlap (id, first_id, second_id, first_case_id, second_case_id, unit, number, starts_on, days, "
        "found_at, because, outcome) select gen_random_uuid(), e.id, e.other, e.case_id, e.other_case, gen_random_uuid(), 1, "
        "'2026-01-01', 1, now(), 'entered', '' from (select id, case_id, lead(id, 2) over w as other, lead(case_id, 2) over w as other_case "
        "from app.assistance_entry window w as (order by case_id, id)) e where e.other is not null"
    )
    run(
        "insert into app.assistance_booked (id, payer_id, source, kind, currency, month, entries, amount, quantity) "
        "select gen_random_uuid(), i.id, '', 'rent', 'EUR', '2026-01-01', 1, 1, 0 from app.institution i"
    )


def _rows_of_cases(world: World, table: Table) -> Iterable[list[Any]]:
    """For each case and a third of the categories, each time others, a row by its lead and one by somebody else:
    a guest, a past guest, a stranger."""
    guests: dict[Any, list[str]] = {}
    for door in world.facts.doors:
        guests.setdefault(door.case, []).append(door.office)
    for number, case in enumerate(world.facts.cases.values()):
        others = [*sorted(set(guests.get(case.key, []))), "csw-prizren"]
        every = [(7 * number + step) % len(CATEGORIES) for step in range(7)]
        categories = every if table.category_column else [table.category]
        for category in categories:
            authors = [case.lead, others[(number + (category or 0)) % len(others)]] if table.owner else [""]
            for author in dict.fromkeys(authors):
                row: list[Any] = [case.key]
                row += [category] if table.category_column else []
                row += [world.institutions[author]] if table.owner else []
                yield row


def _fill(world: World, table: str, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    loosen(world, table)
    others = required(world, table, columns)
    statement = sql.SQL("copy app.{} ({}) from stdin").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, [*columns, *(name for name, *_ in others)])),
    )
    with world.stage.superuser.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([*row, *(literal(type_, kind) for _name, type_, kind in others)])


def required(world: World, table: str, given: Sequence[str]) -> list[tuple[str, str, str]]:
    """The columns that need a value and were not given one: name, type, kind of type."""
    rows = world.stage.ask(
        """select a.attname, t.typname, t.typcategory from pg_attribute a join pg_type t on t.oid = a.atttypid
           where a.attrelid = format('app.%%I', %s::text)::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull
             and not a.atthasdef and a.attidentity = '' and a.attgenerated = ''""",
        [table],
    )
    return [row for row in rows if row[0] not in given]


def required_values(world: World, table: str, given: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Names and any values for those columns."""
    rows = required(world, table, given)
    return [name for name, _type, _kind in rows], [literal(type_, kind) for _name, type_, kind in rows]


def loosen(world: World, table: str) -> None:
    """Takes keys, checks and triggers away, so that a row needs nothing but what the rule goes by."""
    run = world.stage.superuser.execute
    name = sql.Identifier(table)
    # An identity of its own keeps primary keys apart; everything else may go.
    for (constraint,) in world.stage.ask(
        "select conname from pg_constraint where conrelid = format('app.%%I', %s::text)::regclass and contype in ('c', 'f', 'u', 'x')",
        [table],
    ):
        run(
            sql.SQL("alter table app.{} drop constraint if exists {} cascade").format(
                name, sql.Identifier(constraint)
            )
        )
    for (index,) in world.stage.ask(
        "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid "
        "where i.indrelid = format('app.%%I', %s::text)::regclass and i.indisunique and not i.indisprimary",
        [table],
    ):
        run(sql.SQL("drop index app.{}").format(sql.Identifier(index)))
    run(sql.SQL("alter table app.{} disable trigger user").format(name))


def literal(type_: str, kind: str) -> Any:
    if kind == "A":
        return "{}"
    if kind == "E":
        raise LookupError(f"no value known for enumeration {type_}")
    value = LITERALS[type_]()
    return str(value) if isinstance(value, UUID) else value
