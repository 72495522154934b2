"""How many rows of a list the intake takes in per second, and whether a long list needs more memory than a short one.

    python -m bench.imports [1000 10000] [--among 100000]

A made-up reception manifest goes through the operator's command, the same code as the pages: reading, checking each cell,
comparing with everybody known, registering, opening cases, the log. The baseline stores what the same file says with the
least that anybody could do: read it with the same library and copy each row into one table without any rule, in one
statement, as the database's superuser. `--among`: the list arrives in a country where so many are known already.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import world

GOAL = 500
LENGTHS = (1_000, 10_000)
TRIES = 3  # the quickest counts: on a machine that others use, the slower ones measure the others
MEMORY_GOAL = 1.3  # times the peak of the short list
HEADINGS = (
    "No.", "Family no.", "SURNAME", "First name", "Father's name", "Sex", "Date of birth", "Relation", "Place of birth",
    "Municipality of return", "Documents held", "Medical flags", "Humanitarian package", "Unaccompanied minor",
    "Handed to police on arrival",
)  # fmt: skip
TOWNS = (
    "Prishtinë",
    "Prizren",
    "Ferizaj",
    "Pejë",
    "Gjakovë",
    "Gjilan",
    "Istog",
    "Podujevë",
    "Vushtrri",
    "Lipjan",
    "Viti",
)
PAPERS = (
    "passport expired",
    "none",
    "birth certificate",
    "identity card",
    "birth certificate, passport expired",
)


@dataclass(frozen=True)
class Taken:
    """What became of one list."""

    rows: int
    created: int
    waiting: int
    seconds: float
    bare_seconds: float
    processor: float  # seconds, of the command and of the database's process together
    megabytes: float

    @property
    def per_second(self) -> float:
        """Rows in a second, from the beginning of the command's work to its end; starting Python is not counted."""
        return self.rows / self.seconds


def measure(lengths: Sequence[int], *, among: int | None = None, say: Any = print) -> list[Taken]:
    """Takes in one list of each length, several times, each time into a fresh database; the quickest of each."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for length in lengths:
            path = Path(folder) / f"manifest-{length}.xlsx"
            manifest(path, length)
            tries = [_taken(path, among) for _ in range(TRIES)]
            quickest = min(tries, key=lambda one: one.seconds)
            found.append(quickest)
            say(f"took in {length:,} rows in {', '.join(f'{one.seconds:.1f}' for one in tries)} s")
    return found


def _taken(path: Path, among: int | None) -> Taken:
    database = world.scratch("import", like=among)
    try:
        bare = _bare(path, database)
        result, spent = _command(path, database)
    finally:
        world.drop(database)
    if result["refused"] or result["failure"]:
        raise AssertionError(f"the list was refused: {result['refused'][:3]} {result['failure']}")
    return Taken(
        result["rows"], result["created"], result["waiting_for_review"], spent["seconds"], bare, spent["processor"],
        spent["megabytes"],
    )  # fmt: skip


def table(found: Sequence[Taken], among: int | None) -> list[str]:
    """The same as lines of a table in Markdown."""
    known = f"among {among:,} known people" if among else "into an empty register"
    lines = [
        f"| rows, {known} | created | wait for a decision | seconds | rows per second | rows per processor second | × bare copy | peak memory MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        rate = f"{one.per_second:.0f}" if one.per_second >= GOAL else f"**{one.per_second:.0f}**"
        lines.append(
            f"| {one.rows:,} | {one.created:,} | {one.waiting:,} | {one.seconds:.1f} | {rate} | {one.rows / one.processor:.0f} | "
            f"{one.seconds / one.bare_seconds:.1f} | {one.megabytes:.0f} |"
        )
    return lines


def manifest(path: Path, length: int) -> None:
    """A made-up manifest, as IOM writes them: two lines above the table, surnames in capitals, families in a row."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Manifest")
    sheet.append(["RECEPTION MANIFEST (synthetic data, no real persons)"])
    sheet.append([f"Arrival: {datetime.now(UTC).date() - timedelta(days=3)}"])
    sheet.append(list(HEADINGS))
    for row in _people(length):
        sheet.append(row)
    book.save(path)


def _people(length: int) -> Iterator[list[Any]]:
    from bench.names import Names

    dice = random.Random(length)
    names = Names(length, b"not filed")
    number, left, family, town = 0, 0, "", ""
    for line in range(1, length + 1):
        head = left == 0
        if head:
            number, left = number + 1, dice.choice((1, 2, 3, 4, 5))
            family, town = names.family(), dice.choice(TOWNS)
        left -= 1
        sex = dice.choice("FM")
        born = date(1960, 1, 1) + timedelta(
            days=dice.randrange(15_000) if head else 18_000 + dice.randrange(5_000)
        )
        given, father = names.given[sex].draw(dice), names.given["M"].draw(dice)
        yield [
            line, f"{number:05}", family.upper(), given, father, "Female" if sex == "F" else "Male", born.strftime("%d.%m.%Y"),
            "head of household" if head else "child", None, town, dice.choice(PAPERS), None, "food, hygiene kit", "no", "no",
        ]  # fmt: skip


def _command(path: Path, database: str) -> tuple[dict[str, Any], dict[str, float]]:
    """Runs the operator's command and gives its answer, and what it took."""
    answer, _, spent = _in_a_process("--run", path, database).rpartition("\n")
    return json.loads(answer), json.loads(spent)


def _bare(path: Path, database: str) -> float:
    """The least that would store the same rows, in seconds."""
    return float(_in_a_process("--bare", path, database))


def _in_a_process(what: str, path: Path, database: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports", what, str(path)], cwd=world.ROOT, env=world.environment(database),
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if not done.stdout.strip():
        raise AssertionError(f"{what} ended with {done.returncode}")
    return done.stdout.strip()


def _run(path: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    began, worked = time.perf_counter(), time.process_time()
    try:
        call_command("intake", path, "--sender", "iom-reception", "--as", world.SEES_ALL, "--json")
    finally:
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        spent = {
            "seconds": seconds,
            "processor": processor + _of_the_database(),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        print(json.dumps(spent))


def _of_the_database() -> float:
    """Processor seconds of the database's processes that worked for this database, where the system tells them."""
    with world.superuser("postgres") as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where datname = %s and backend_type = 'client backend'",
            [os.environ["HOMEWARD_DB_NAME"]],
        ).fetchall()
    ticks = 0
    for (number,) in found:
        status = Path(f"/proc/{number}/stat")
        if status.exists():
            ticks += sum(map(int, status.read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _copy(path: str) -> None:
    import django
    import python_calamine

    django.setup()  # a command of the application begins so too
    began = time.perf_counter()
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    with world.superuser(os.environ["HOMEWARD_DB_NAME"]) as connection:
        connection.execute("create table public.bare_import (cells text[])")
        with connection.cursor() as cursor, cursor.copy("copy public.bare_import from stdin") as copy:
            for row in rows:
                copy.write_row([[str(cell) for cell in row]])
    print(time.perf_counter() - began)


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="bench.imports")
    parser.add_argument("lengths", nargs="*", type=int, default=list(LENGTHS))
    parser.add_argument("--among", type=int)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.run:
        _run(given.run)
    elif given.bare:
        _copy(given.bare)
    else:
        print("\n".join(table(measure(given.lengths, among=given.among), given.among)))


if __name__ == "__main__":
    main(sys.argv[1:])
