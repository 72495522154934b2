"""Where two payers give the same: everything against everything, and one entry against what is there.

    make bench ARGS="overlaps"                       # ten million covers; about four minutes
    make bench ARGS="overlaps --entries 1000000"     # fewer: printed, and not written into the document

The sweep is the function that runs every night (`sec.swept`: pairs, with their days); its baseline is a plain window
function over the same table with its own B-tree, which only says how many rows begin before the furthest end so far. The
check is what is asked at entry (`sec.runs_already`: in which households somebody lived on these days, and whether anything
of the class runs there); its baseline is one look-up of a known household in the same index. Both as the database's own
function owner, so that neither pays for who asks.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg

from bench import world

ENTRIES = 10_000_000
PER_HOME = 10  # covers of a household; so many households as this leaves
SWEEP_GOAL, CHECK_GOAL = 1.5, 2.0
SWEEPS, CHECKS = 3, 400

BARE_SWEEP = """
select count(*) from (select starts, max(ends) over (partition by unit, number order by starts, entry_id
  rows between unbounded preceding and 1 preceding) as reach from app.assistance_cover) w where starts <= reach
"""
SWEEP = "select count(*) from sec.swept()"
BARE_CHECK = "select exists (select 1 from app.assistance_cover c where c.unit = %s and c.number = 1::smallint and c.starts <= %s and c.ends >= %s)"
CHECK = "select sec.runs_already(%s, 1::smallint, 'household', true, %s, %s)"


@dataclass(frozen=True)
class Pair:
    """What was measured and its baseline, in seconds."""

    name: str
    found: float
    bare: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the baseline."""
        return self.found / self.bare


def measure(entries: int, *, say: Callable[[str], None]) -> list[Pair]:
    """The sweep and the check at one size."""
    name = world.scratch("overlaps")
    with world.superuser(name) as connection:
        say(f"filling {entries:,} covers")
        people = _fill(connection, entries)
        connection.execute("set search_path = app, sec")
        connection.execute("set jit = off")
        say("sweeping")
        sweep = _sweep(connection)
        say("checking")
        check = _check(connection, people)
    return [sweep, check]


def _fill(connection: psycopg.Connection[Any], entries: int) -> int:
    """Covers of so many households, a few of which overlap; the members of some of them, and nothing that guards a row."""
    homes = max(1, entries // PER_HOME)
    run = connection.execute
    run("set session_replication_role = replica")
    run("set maintenance_work_mem = '512MB'")
    run("select setseed(0.2019)")
    run("drop index app.assistance_cover_sweep")
    run(
        "insert into app.assistance_cover (entry_id, case_id, payer_id, unit, number, starts, ends, is_lasting) "
        "select md5('e' || n)::uuid, md5('c' || n)::uuid, md5('p' || n %% 40)::uuid, md5('h' || n %% %(homes)s)::uuid, 1 + (n %% 3), s, s + (random() * 120)::int, true "
        "from (select n, date '2019-01-01' + (random() * 2600)::int as s from generate_series(1, %(entries)s) n) x",
        {"homes": homes, "entries": entries},
    )
    run(
        "create index assistance_cover_sweep on app.assistance_cover (unit, number, starts, entry_id) include (ends, is_lasting)"
    )
    people = min(homes, 20_000)
    member = connection.execute("select id from app.member limit 1").fetchone()
    assert member is not None
    run(
        "insert into app.household_membership (id, household_id, person_id, relation) "
        "select gen_random_uuid(), md5('h' || n)::uuid, md5('m' || n)::uuid, 'head' from generate_series(0, %s) n",
        [people - 1],
    )
    run("vacuum analyze app.assistance_cover")
    run("vacuum analyze app.household_membership")
    return people


def _sweep(connection: psycopg.Connection[Any]) -> Pair:
    """Taking turns, the best of each: a machine with others on it only ever adds."""
    connection.execute("set work_mem = '256MB'")
    found, bare = [], []
    rows = flagged = 0
    for _turn in range(SWEEPS):
        seconds, flagged = _timed(connection, BARE_SWEEP)
        bare.append(seconds)
        seconds, rows = _timed(connection, SWEEP)
        found.append(seconds)
    return Pair(
        "Everything against everything", min(found), min(bare), f"{rows:,} pairs, {flagged:,} rows flagged"
    )


def _check(connection: psycopg.Connection[Any], people: int) -> Pair:
    """The same households and days by both, in turn; medians of the time at the server's door."""
    draw = random.Random(5)
    keys = connection.execute(
        "select md5('m' || n)::uuid, md5('h' || n)::uuid from generate_series(0, %s) n", [people - 1]
    ).fetchall()
    found, bare = [], []
    for turn in range(2 * CHECKS):
        person, home = draw.choice(keys)
        day = f"20{draw.randint(19, 25)}-{draw.randint(1, 12):02d}-10"
        one = _timed(connection, BARE_CHECK, [home, day, day])
        two = _timed(connection, CHECK, [person, day, day])
        if one[1] != two[1]:
            raise AssertionError(f"the two ways to look disagree about {person} on {day}")
        if turn >= CHECKS:  # the first half warms the index
            bare.append(one[0])
            found.append(two[0])
    return Pair("One entry against what is there", median(found), median(bare), f"{CHECKS} questions each")


def _timed(connection: psycopg.Connection[Any], statement: str, params: Any = None) -> tuple[float, Any]:
    began = time.perf_counter()
    row = connection.execute(statement, params, prepare=True).fetchone()
    assert row is not None
    return time.perf_counter() - began, row[0]


def table(pairs: list[Pair], entries: int) -> list[str]:
    """The figures, for the document."""
    lines = [
        f"| {entries:,} covers | measured | baseline | ratio | |",
        "|---|---:|---:|---:|---|",
    ]
    goals = {"Everything against everything": SWEEP_GOAL}
    for pair in pairs:
        met = pair.ratio <= goals.get(pair.name, CHECK_GOAL)
        ratio = f"{pair.ratio:.2f} ×" if met else f"**{pair.ratio:.2f} ×**"
        lines.append(f"| {pair.name} | {_said(pair.found)} | {_said(pair.bare)} | {ratio} | {pair.note} |")
    return lines


def _said(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2f} ms"
