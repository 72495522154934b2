"""What it costs that every write leaves a trace: the same writes with the log and without it.

    python -m bench.audit [1000 100000 1000000] [--rounds 60]

Three writes that offices make all day go through their actions: a note, a correction of a person, a small list of new
people with their cases. Each stands in its own transaction, from saying who is asking to the commit, and is made twice in
turn: as it is, and with the writing of events taken out and nothing else. The sizes are those of the log that is there
already. The commit does not wait for the disk, because a slow disk would make the log look cheap.

The last line of each size is the severest there is, and no goal: one row into one table without any rule, and the same
with its event.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from unittest.mock import patch

from bench import world

GOAL = 1.25
LOGS = (1_000, 100_000, 1_000_000)
WRITES = {
    "note": "Write a note",
    "person": "Correct a person",
    "list": "Register 20 people, open their cases",
    "row": "One bare row (no goal)",
}


@dataclass
class Pair:
    """One kind of write at one size of log: milliseconds with the log and without it, turn by turn."""

    with_log: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times as long as the same write without its trace, in the middle."""
        return median(one / other for one, other in zip(self.with_log, self.without, strict=True))


Measured = dict[tuple[str, int], Pair]


def measure(logs: Sequence[int], rounds: int, *, say: Any = print) -> Measured:
    """Every kind of write, at every size of log, in a database of its own."""
    found: Measured = {}
    database = world.scratch("audit", like=1_000)
    try:
        for size in logs:
            done = subprocess.run(
                [sys.executable, "-m", "bench.audit", "--run", str(size), "--rounds", str(rounds)],
                cwd=world.ROOT, env=world.environment(database), stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            for line in done.stdout.splitlines():
                kind, with_log, without = line.split("\t")
                pair = found.setdefault((kind, size), Pair())
                pair.with_log.append(float(with_log))
                pair.without.append(float(without))
            say(f"wrote with and without a log of {size:,} events")
    finally:
        world.drop(database)
    return found


def table(found: Measured, logs: Sequence[int]) -> list[str]:
    """The same as lines of a table in Markdown."""
    lines = [
        "| write | "
        + " | ".join(f"log of {size:,}: ms | without ms | ratio" for size in logs)
        + " | growth of the ratio |",
        "|---|" + "---:|" * (3 * len(logs) + 1),
    ]
    for kind, title in WRITES.items():
        of = [found[kind, size] for size in logs]
        cells = []
        for one in of:
            marked = f"**{one.ratio:.2f}**" if one.ratio > GOAL and kind != "row" else f"{one.ratio:.2f}"
            cells += [f"{median(one.with_log):.2f}", f"{median(one.without):.2f}", marked]
        cells.append(f"{of[-1].ratio / of[0].ratio:.2f}")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def run(size: int, rounds: int) -> None:
    """Measures in the database of this process, and prints one line for each turn."""
    import django

    django.setup()
    _fill(size)
    writes = _Writes()
    for turn in range(-5, rounds):  # five to warm up
        for kind in WRITES:
            took = {}
            for logged in (True, False) if turn % 2 else (False, True):
                with ExitStack() as stack:
                    if not logged:
                        stack.enter_context(without_the_log())
                    took[logged] = writes.take(kind, logged=logged)
            if turn >= 0:
                print(f"{kind}\t{took[True] * 1000:.4f}\t{took[False] * 1000:.4f}")


@contextmanager
def without_the_log() -> Iterator[None]:
    """Actions go on believing that they have recorded what they did; no event is written."""
    from bench.baseline import everywhere
    from homeward.foundation.audit.actions import recording

    def nothing(*args: Any, **kwargs: Any) -> int:
        recording._recorded.set(recording._recorded.get() + 1)
        return 0

    with ExitStack() as stack:
        stack.enter_context(patch.object(recording, "_write", nothing))
        everywhere(stack, recording.record_many, nothing)
        yield


def _fill(size: int) -> None:
    """So many events are in the log, of people and cases that nobody has, by members that nobody is."""
    with world.superuser(os.environ["HOMEWARD_DB_NAME"]) as owner:
        owner.execute("create table if not exists public.bare_row (id uuid primary key, said text)")
        there = owner.execute("select count(*) from audit.event").fetchone()[0]
        if there < size:
            owner.execute(
                """insert into audit.event (at, member_id, institution_id, via, verb, is_read, case_id, category, subject_type,
                     subject_id, detail, salt, leaf)
                   select now(), gen_random_uuid(), null, 'web', 'case.viewed', true, gen_random_uuid(), 3, 'case',
                     gen_random_uuid(), '{}', gen_random_uuid(), sha256(k::text::bytea) from generate_series(1, %s) k""",
                [size - there],
            )
        owner.execute("vacuum analyze audit.event")
        owner.execute("checkpoint")


class _Writes:
    """A coordinator at work: the writes that are timed, each on another case than the one before."""

    def __init__(self) -> None:
        from django.db import connections

        from homeward.casework.cases.models import Case, CaseInSight
        from homeward.casework.people.models import Person
        from homeward.foundation.access import context
        from homeward.foundation.access.rules import Category
        from homeward.foundation.institutions.models import Account

        account = Account.objects.get(username=world.SEES_ALL)
        self.token = context.open_session(
            account.pk, context.memberships(account.pk)[0], kind="operator", assurance=1
        )
        with context.acting(self.token) as member:
            rows = CaseInSight.objects.of(member).filter(case__care__lead=member.institution_id)
            keys = list(rows.order_by("case_id").values_list("case_id", "person_id")[:200])
            cases = Case.objects.in_bulk([case for case, _ in keys])
            people = Person.objects.in_bulk([person for _, person in keys])
        self.cases = [cases[case] for case, person in keys if person in people]
        self.people = [people[person] for case, person in keys if person in people]
        self.category = Category.CASE
        self.turn = 0
        connections["default"].close()
        self.bare = world.superuser(os.environ["HOMEWARD_DB_NAME"])
        self.bare.execute("set synchronous_commit = off")

    def take(self, kind: str, *, logged: bool) -> float:
        """One write; how long it took from beginning to end, in seconds."""
        self.turn += 1
        if kind == "row":
            return self._row(logged=logged)
        work: Callable[[Any], Any] = getattr(self, f"_{kind}")
        return self._timed(work)

    def _timed(self, work: Callable[[Any], Any]) -> float:
        from django.db import connection

        from homeward.foundation.access import context

        began = time.perf_counter()
        with context.acting(self.token) as member:
            with connection.cursor() as cursor:
                cursor.execute("set local synchronous_commit = off")
            work(member)
        return time.perf_counter() - began

    def _note(self, member: Any) -> None:
        from homeward.casework.cases import actions
        from homeward.foundation.kernel.clock import today

        actions.write_note(
            self.cases[self.turn % len(self.cases)], category=self.category, label="fact", happened_on=today(),
            text="Made up for a measurement. " * 8, by=member,
        )  # fmt: skip

    def _person(self, member: Any) -> None:
        from homeward.casework.people import actions

        person = self.people[self.turn % len(self.people)]
        person.version = actions.correct_person(
            person, version=person.version, birth_place=f"Place {self.turn}", by=member
        ).version

    def _list(self, member: Any) -> None:
        from homeward.casework.cases import actions as cases
        from homeward.casework.cases.actions import NewCase
        from homeward.casework.people import actions as people
        from homeward.casework.people.actions import NewName, NewPerson

        made = people.register_many(
            [NewPerson(names=[NewName(family="Trungaj", given="Lulzana")], sex="F") for _ in range(20)],
            by=member,
        )
        cases.open_many([NewCase(one.person) for one in made], by=member)

    def _row(self, *, logged: bool) -> float:
        began = time.perf_counter()
        with self.bare.transaction():
            self.bare.execute(
                "insert into public.bare_row values (gen_random_uuid(), %s)", ["Made up. " * 20]
            )
            if logged:
                self.bare.execute(
                    "select sec.write_event(null, null, 'web', 'bench.written', false, null, 3, 'bare', gen_random_uuid(), '{}')"
                )
        return time.perf_counter() - began


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="bench.audit")
    parser.add_argument("logs", nargs="*", type=int, default=list(LOGS))
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--run", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.run:
        run(given.run, given.rounds)
    else:
        print("\n".join(table(measure(given.logs, given.rounds), given.logs)))


if __name__ == "__main__":
    main(sys.argv[1:])
