"""A made-up country of any size: so many people with names, families, returns, cases, notes and a log, and forty
institutions that see them as institutions do: one sees all, a few see many, most see few.

    python -m bench.world 1000 100000 1000000      # makes homeward_bench_1000 and so on; a finished one is kept

Rows are made by the database itself, as its superuser and without triggers: a million cases take minutes, not hours.
What the triggers would have written (the two tables of the access rule) is written for all cases at once, and a sample
of it is compared with what the database's own function makes of the same grants.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tools import devdb

ROOT = Path(__file__).resolve().parent.parent
SQL = Path(__file__).resolve().parent / "sql"
PREFIX = "homeward_bench"
SIZES = (1_000, 100_000, 1_000_000)
SEED = 2019
# Who looks at the pages that are measured: sign-in names of the demonstration.
SEES_ALL, SEES_MANY, SEES_FEW = "dprrp-coordinator", "kps-supervisor", "csw-mitrovica-south"
FEW = 40
CASELOAD = 60
YEARS = 6


@dataclass(frozen=True)
class Share:
    """An institution and its part: a share of all cases, or a number that does not grow with the country."""

    code: str
    share: float = 0.0
    cases: int | None = None


def _spread(total: float, codes: str) -> list[Share]:
    """A sum of shares over institutions of which the first has the most."""
    names = codes.split()
    weights = [1 / (place + 1) for place in range(len(names))]
    return [Share(name, total * weight / sum(weights)) for name, weight in zip(names, weights, strict=True)]


INSTITUTIONS = (
    Share("dprrp", 1.0),
    Share("kps", 0.30),
    Share("kcs", 0.12),
    Share("csw-mitrovica-south", cases=FEW),
    *_spread(0.40, "csw-prishtine csw-prizren csw-ferizaj csw-peje csw-gjakove csw-gjilan csw-podujeve csw-vushtrri"
             " csw-suhareke csw-rahovec csw-drenas"),
    *_spread(0.15, "education-prishtine education-prizren education-ferizaj education-peje"),
    Share("school-demo-mitrovica-south", cases=FEW),
    Share("school-demo-prishtine", 0.02),
    *_spread(0.10, "ucck mental-health-prishtine family-medicine-mitrovica-south"),
    Share("mental-health-mitrovica-south", cases=FEW),
    *_spread(0.20, "cbm krct kcss cdf fiq birn rinon partners-kosova"),
    Share("atrc", cases=FEW),
    *_spread(0.08, "court-prishtine court-mitrovice court-peje court-prizren"),
    Share("sprk", 0.03),
    Share("ick", 0.02),
)  # fmt: skip

# How many of a hundred cases stand where, and what the table of cases asks of such a row.
STATES = {
    "expected": 14, "preparing": 5, "reception": 5, "intake": 6, "assessment": 10, "planned": 9, "active": 36,
    "closure_proposed": 2, "closed": 8, "suspended": 2, "transferred": 1, "reopened": 1, "withdrawn": 1,
}  # fmt: skip


def database_of(size: int) -> str:
    """The name of the database of one size."""
    return f"{PREFIX}_{size}"


def environment(database: str) -> dict[str, str]:
    """The environment in which a process works with that database."""
    return {
        **os.environ,
        "HOMEWARD_DB_NAME": database,
        "DJANGO_SETTINGS_MODULE": "homeward.config.settings",
        "HOMEWARD_DEMONSTRATION": "1",  # without it nobody enters without a second factor
        "HOMEWARD_SECOND_FACTOR": "offered",
    }


def superuser(database: str, **more: Any) -> psycopg.Connection[Any]:
    """The database as its superuser, for filling it and for the baseline; nothing that is measured signs in so."""
    cluster = devdb.describe()
    return psycopg.connect(
        host=cluster.host, port=cluster.port, dbname=database, user=cluster.superuser,
        password=cluster.superuser_password, autocommit=True, **more,
    )  # fmt: skip


def ensure(size: int, *, say: Any = print) -> str:
    """The database with so many cases, made if it is not there or was made from other tables. Returns its name."""
    devdb.ensure()
    wanted, name = _fingerprint(), database_of(size)
    if _comment(name) == wanted:
        return name
    began = time.perf_counter()
    _template(wanted)
    _copy(name)
    _run_in(name, "bench.world", "--fill", str(size))
    with superuser(name) as connection:
        _analyse(connection)
        connection.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(wanted))
        )
    say(f"made {name}: {size:,} cases in {time.perf_counter() - began:.0f} s")
    return name


def drop(*names: str) -> None:
    """Deletes these databases, or all that were ever made for measuring."""
    with superuser("postgres") as connection:
        rows = connection.execute(
            "select datname from pg_database where datname like %s", [f"{PREFIX}%"]
        ).fetchall()
        for (name,) in rows:
            if not names or name in names:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def scratch(name: str, *, like: int | None = None) -> str:
    """A database for a measurement that writes: empty but for the demonstration's members, or a copy of a filled one."""
    devdb.ensure()
    _template(_fingerprint())
    _copy(f"{PREFIX}_{name}", PREFIX if like is None else ensure(like))
    return f"{PREFIX}_{name}"


# --- making it --------------------------------------------------------------------------------------------------


def _fingerprint() -> str:
    """Changes whenever the tables, the packs or this file do."""
    digest = hashlib.sha256()
    for pattern in ("homeward/**/migrations/*.py", "homeward/**/sql/*.sql", "homeward/**/operations.py", "packs/kosovo/*.yaml",
                    "homeward/config/demo.py", "homeward/config/management/commands/*.py", "bench/world.py", "bench/names.py",
                    "bench/sql/*.sql", "homeward/casework/people/rules/*.py"):  # fmt: skip
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _comment(name: str) -> str | None:
    with superuser("postgres") as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [name]
        ).fetchone()
    return row[0] if row else None


def _run_in(database: str, *module: str) -> None:
    subprocess.run([sys.executable, "-m", *module], cwd=ROOT, env=environment(database), check=True)


def _template(wanted: str) -> None:
    """One database with tables, pack and members, from which those of each size are copied."""
    if _comment(PREFIX) == wanted:
        return
    drop(PREFIX)
    for command in (["prepare"], ["demo", "--members-only"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment(PREFIX),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with superuser("postgres") as connection:
        connection.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(PREFIX), sql.Literal(wanted))
        )


def _copy(name: str, model: str = PREFIX) -> None:
    drop(name)
    with superuser("postgres") as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(model))
        )
    with superuser(name) as connection:  # privileges on the database itself are not copied with it
        connection.execute((ROOT / "homeward/foundation/access/sql/database.sql").read_text())


def _analyse(connection: psycopg.Connection[Any]) -> None:
    for (table,) in connection.execute(
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('app', 'audit', 'sec')"
    ).fetchall():
        connection.execute(f"vacuum (analyze, parallel 2) {table}")
    connection.execute("checkpoint")


def fill(size: int) -> None:
    """Everything that is in the database of one size, into the database of this process."""
    import django

    django.setup()
    with superuser(os.environ["HOMEWARD_DB_NAME"]) as connection:
        for setting in ("session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '1GB'",
                        "work_mem = '256MB'", "search_path = app", "max_parallel_maintenance_workers = 2"):  # fmt: skip
            connection.execute(f"set {setting}")
        connection.execute("select setseed(0.5)")
        connection.execute("create schema bench")
        _institutions(connection, size)
        _seed(connection, size)
        with _without_indexes(connection):
            for part in ("people", "access", "cases"):
                for statement in _statements(SQL / f"{part}.sql"):
                    _timed(connection, statement)
        connection.execute("analyze")
        _compare(connection)
        connection.execute("drop schema bench cascade")


def _timed(connection: psycopg.Connection[Any], statement: str) -> None:
    began = time.perf_counter()
    rows = connection.execute(statement).rowcount
    if "--slowly" in sys.argv:
        print(
            f"{time.perf_counter() - began:7.1f} s {rows:>10,} {' '.join(statement.split())[:90]}", flush=True
        )


def _statements(path: Path) -> Iterator[str]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("--")]
    yield from (part for part in "\n".join(lines).split(";\n") if part.strip())


def _institutions(connection: psycopg.Connection[Any], size: int) -> None:
    """Forty institutions with as many workers as their cases need; four of each coordinate or supervise."""
    connection.execute(
        "create unlogged table bench.institution (institution_id uuid, share float, cases integer, workers integer)"
    )
    connection.execute(
        "create unlogged table bench.worker (institution_id uuid, number integer, workers integer, member_id uuid)"
    )
    connection.execute(
        "create unlogged table bench.municipality as select id, row_number() over (order by code) - 1 as place from app.municipality"
    )
    connection.execute(
        "create unlogged table bench.state (state text, escalates_to text, remembers boolean, proposed boolean, closed boolean)"
    )
    from homeward.casework.cases.rules.care import REMEMBERING
    from homeward.casework.cases.rules.deadlines import DEFAULTS

    for state in STATES:
        deadline = DEFAULTS.get(state)
        connection.execute(
            "insert into bench.state values (%s, %s, %s, %s, %s)",
            [
                state,
                deadline and deadline.escalates_to.value,
                state in REMEMBERING,
                state in ("closure_proposed", "closed"),
                state == "closed",
            ],
        )
    for one in INSTITUTIONS:
        workers = max(6, int(one.cases or one.share * size) // CASELOAD)
        connection.execute(
            "insert into bench.institution select id, %s, %s, %s from app.institution where code = %s",
            [one.share, one.cases, workers, one.code],
        )
    connection.execute(
        """with made as (
             select i.institution_id, k, gen_random_uuid() as account_id from bench.institution i cross join generate_series(1, i.workers) k),
           accounts as (
             insert into app.app_account (password, id, username, email, language, is_active, created_at)
             select '!', account_id, account_id::text, '', 'sq', true, now() from made)
           insert into app.member (id, name, code, roles, starts_on, ends_on, account_id, institution_id, unit_id)
           select gen_random_uuid(), 'Worker ' || k, '', case when k <= 2 then '{coordinator}'::varchar[] when k <= 4 then '{supervisor}'
                  else '{caseworker}' end, '2024-01-01', null, account_id, institution_id, null from made"""
    )
    connection.execute(
        """insert into bench.worker select m.institution_id, row_number() over (partition by m.institution_id order by m.id) - 1,
             count(*) over (partition by m.institution_id), m.id from app.member m"""
    )
    connection.execute("create index on bench.worker (institution_id, number)")


def _seed(connection: psycopg.Connection[Any], size: int) -> None:
    """One row per person, with everything by chance that the tables are then made from, copied in one stream."""
    from bench.names import RARE, Names
    from homeward.casework.people.models import name_secret
    from homeward.casework.people.rules import FOLD_VERSION
    from homeward.foundation.kernel.refs import new_id

    dice = random.Random(SEED)
    names, refs = Names(SEED, name_secret()), _References(dice)
    leads = {
        code: connection.execute("select id from app.institution where code = %s", [code]).fetchone()[0]
        for code in ("dprrp", "kps", "csw-prishtine")
    }
    codes = [str(leads["dprrp"])] * 78 + [str(leads["kps"])] * 20 + [str(leads["csw-prishtine"])] * 2
    states = [state for state, share in STATES.items() for _ in range(share)]
    connection.execute(
        "create unlogged table bench.raw (n bigint, person_id uuid, case_id uuid, ref text, sex text, born text, place integer,"
        " household integer, relation text, state text, lead_id uuid, opened_at timestamptz)"
    )
    connection.execute("create unlogged table bench.household (household integer, ref text)")
    connection.execute(
        "create unlogged table bench.name (n bigint, person_id uuid, first boolean, family text, given text, father text,"
        " folded text[], skeletons text[], keys bigint[], fold_version smallint)"
    )
    step = timedelta(days=365 * YEARS) / size
    start = datetime.now(UTC) - timedelta(days=365 * YEARS)
    rare = {size // FEW * place for place in (3, 11, 29)}  # of those whom the small institutions see
    people: list[str] = []
    filed: list[str] = []
    homes: list[str] = []
    household, left, family, place = 0, 0, "", 0

    def flush() -> None:
        for table, lines in (("raw", people), ("name", filed), ("household", homes)):
            with connection.cursor() as cursor, cursor.copy(f"copy bench.{table} from stdin") as copy:
                copy.write("".join(lines))
            lines.clear()

    for n in range(1, size + 1):
        is_head = left == 0
        if is_head:
            household, left, family, place = (
                household + 1,
                dice.choice((1, 1, 2, 3, 4, 5, 6)),
                names.family(),
                int(38 * dice.random() ** 2),
            )
            homes.append(f"{household}\t{refs.draw('HH')}\n")
        left -= 1
        year = (
            dice.randint(1960, 2002)
            if is_head
            else dice.choice((dice.randint(1960, 2002), dice.randint(2005, 2025)))
        )
        sex = dice.choice("FM")
        person, case = new_id(), new_id()
        name = names.named(*RARE, year) if n in rare else names.person(family, sex, year)
        born = f"{year}-{dice.randint(1, 12):02}"
        relation = "head" if is_head else ("child" if year >= 2005 else "other")
        people.append(
            f"{n}\t{person}\t{case}\t{refs.draw('HW')}\t{sex}\t{born}\t{place}\t{household}\t{relation}\t{dice.choice(states)}\t"
            f"{dice.choice(codes)}\t{(start + step * n).isoformat()}\n"
        )
        filed.append(_filed(n, person, True, name, FOLD_VERSION))
        if n <= 2000:
            names.check(name, year)
        if n % 7 == 0:
            other = names.named(names.family(), name.given, name.father, year)
            filed.append(_filed(n, person, False, other, FOLD_VERSION))
        if n % 50_000 == 0:
            flush()
    flush()
    connection.execute("analyze bench.raw, bench.name, bench.household, bench.worker")
    _timed(
        connection,
        """create unlogged table bench.seed as
           select r.*, w.member_id as worker_id, v.member_id as second_id from bench.raw r
           join (select institution_id, max(workers) as workers from bench.worker group by 1) f on f.institution_id = r.lead_id
           join bench.worker w on w.institution_id = r.lead_id and w.number = r.n % f.workers
           join bench.worker v on v.institution_id = r.lead_id and v.number = (r.n + 1) % f.workers
           order by r.n""",
    )
    connection.execute("analyze bench.seed")


class _References:
    """References as the register gives them out, each once; drawn by the seeded dice, which are quicker than secret ones."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.given: set[str] = set()

    def draw(self, prefix: str) -> str:
        from homeward.foundation.kernel import refs

        while True:
            chance = "".join(self.dice.choices(refs.ALPHABET, k=refs.RANDOM_LENGTH))
            if chance not in self.given:
                self.given.add(chance)
                return refs._grouped(prefix, chance + refs._check_character(prefix, chance))


def _filed(n: int, person: Any, first: bool, name: Any, version: int) -> str:
    listed = "\t".join(
        "{" + ",".join(map(str, column)) + "}" for column in (name.folded, name.skeletons, name.keys)
    )
    return f"{n}\t{person}\t{'t' if first else 'f'}\t{name.family}\t{name.given}\t{name.father}\t{listed}\t{version}\n"


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Rows are stored without their indexes, which are then made in one go: several times as quick."""
    indexes = connection.execute(
        """select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
           where c.relnamespace in ('app'::regnamespace, 'audit'::regnamespace) and c.relkind = 'r'
             and c.relname ~ '^(case_|person|household|involvement|access_grant|event)'
             and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)"""
    ).fetchall()
    keys = connection.execute(
        """select k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k
           where k.contype in ('p', 'u') and k.conrelid in ('app.case_access'::regclass, 'app.case_access_cat'::regclass)"""
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    for table, name, _ in keys:
        connection.execute(f"alter table {table} drop constraint {name}")
    yield
    for table, name, definition in keys:
        _timed(connection, f"alter table {table} add constraint {name} {definition}")
    for _, definition in indexes:
        _timed(connection, definition)


def _compare(connection: psycopg.Connection[Any]) -> None:
    """A sample of the folded rows is what the database's own function makes of the same grants."""
    connection.execute(
        "create unlogged table bench.sample as select case_id, institution_id from bench.part order by random() limit 300"
    )
    pairs = "(select array_agg(case_id), array_agg(institution_id) from bench.sample)"
    for table, columns in (
        (
            "case_access",
            "institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at, opened_at",
        ),
        ("case_access_cat", "institution_id, case_id, category, member_id, depth, can_write, expires_at"),
    ):
        connection.execute(
            f"create unlogged table bench.before_{table} as select {columns} from app.{table} join bench.sample using (case_id, institution_id)"
        )
        connection.execute(f"select sec.fold(s.cs, s.ii) from {pairs} s(cs, ii)")
        difference = connection.execute(
            f"""with now_ as (select {columns} from app.{table} join bench.sample using (case_id, institution_id)),
                before as (select * from bench.before_{table})
                select count(*), (select count(*) from before), (select count(*) from now_)
                from ((table before except table now_) union all (table now_ except table before)) d"""
        ).fetchone()
        if difference[0] or not difference[1]:
            raise AssertionError(f"{table}: the filled rows are not those of sec.fold: {difference}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        fill(int(sys.argv[2]))
    else:
        for wanted_size in map(int, sys.argv[1:] or SIZES):
            ensure(wanted_size)
