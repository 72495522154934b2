"""Weakens the guard in every way that `mutations` knows, sees whether an attack notices, and writes the report.

    .venv/bin/python -m tests.attacks.prove [words of a weakening's name …]

Two processes, each with a country of its own. Ends with 1 if a weakening was noticed by nobody, if one that is said to
open nothing was noticed after all, or if an attack broke. With words only those weakenings are tried, and no report.
"""

import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from tests.attacks import cheating
from tests.attacks.every import ATTACKS, name_of
from tests.attacks.mutations import EQUIVALENT, ROLE, Mutation, all_mutations
from tests.attacks.siege import Siege

REPORT = Path(__file__).resolve().parents[2] / "docs" / "domain" / "access-proof.md"
KINDS = {
    "policy": "conditions of row-level security",
    "function": "checks of functions",
    "privilege": "rights that nobody has",
    "switch": "row-level security, triggers, constraints and search paths switched off",
    "role": "the web's role as more than it should be",
}
BROKEN = "the attack itself broke"
# Searching for thousands of names takes as long as most of the others together.
QUICKEST_FIRST = sorted(ATTACKS, key=lambda attack: attack is cheating.searching)


@dataclass(frozen=True)
class Trial:
    """One weakening and what came of it: the attack that noticed, and the first thing it found."""

    kind: str
    name: str
    attack: str = ""
    breach: str = ""


@contextmanager
def weakened(siege: Siege, mutation: Mutation) -> Iterator[None]:
    """The stage with this hole in it, and afterwards without."""
    run = siege.stage.superuser.execute
    try:
        for statement in mutation.weaken:
            run(statement)
        siege.forget()
        yield
    finally:
        for statement in mutation.restore:
            run(statement)
        siege.forget()


def tried(siege: Siege, mutation: Mutation) -> Trial:
    """Which attack notices the weakening. The likeliest goes first, on the weakened table alone, and then all of them."""
    with weakened(siege, mutation):
        narrow = Siege(siege.world)
        if mutation.table:
            narrow.__dict__["tables"] = [table for table in siege.tables if table.name == mutation.table]
        for attack, target in chain(
            ((attack, narrow) for attack in mutation.first), ((attack, siege) for attack in QUICKEST_FIRST)
        ):
            try:
                # To its end, so that it puts back what it changed on the stage.
                breaches = list(attack(target))
            except Exception:  # noqa: BLE001 — an attack that stumbles over the hole has not noticed it
                return Trial(
                    mutation.kind, mutation.name, BROKEN, f"{name_of(attack)}: {traceback.format_exc()}"
                )
            if breaches:
                return Trial(mutation.kind, mutation.name, name_of(attack), breaches[0])
    return Trial(mutation.kind, mutation.name)


# --- the two processes


@cache
def siege() -> Siege:
    """The country of this process: built at the first weakening it is asked to try, dropped by the next run."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "homeward.config.settings"
    import django

    django.setup()
    from tests.attacks.filling import fill
    from tests.attacks.stage import Stage
    from tests.attacks.world import World

    stage = Stage(f"proof_{os.getpid()}")
    stage.build()
    world = World(stage)
    world.build()
    fill(world)
    return Siege(world)


@cache
def mutations() -> dict[str, Mutation]:
    """All weakenings by name."""
    return {mutation.name: mutation for mutation in all_mutations(siege())}


def names(_nothing: int = 0) -> list[tuple[str, str]]:
    """(kind, name) of all of them."""
    return [(one.kind, one.name) for one in mutations().values()]


def trial(name: str) -> Trial:
    return tried(siege(), mutations()[name])


def standing(_nothing: int = 0) -> list[str]:
    """What the attacks find when nothing is weakened: nothing, or everything after it proves nothing."""
    return [f"{name_of(attack)}: {breach}" for attack in ATTACKS for breach in attack(siege())]


def leave(_nothing: int = 0) -> None:
    """Drops the country of this process."""
    if siege.cache_info().currsize:
        siege().stage.drop()


# --- the whole


def prove(words: Sequence[str]) -> int:
    """Tries everything, says what was not noticed, writes the report; the exit code of `make prove`."""
    from tests.conftest import template

    template()
    began = monotonic()
    alone = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    both = [alone, ProcessPoolExecutor(1, mp_context=get_context("spawn"))]
    try:
        todo = [
            (kind, name)
            for kind, name in alone.submit(names).result()
            if not words or any(word in name for word in words)
        ]
        say(f"{len(todo)} weakenings, {len(ATTACKS)} attacks")
        trials = list(_shared([name for kind, name in todo if kind != ROLE], both))
        trials += [alone.submit(trial, name).result() for kind, name in todo if kind == ROLE]
        faults = [f"still open afterwards: {one}" for one in alone.submit(standing).result()]
    finally:
        for one in both:
            one.submit(leave).result()
            one.shutdown()
    order = {name: number for number, (_kind, name) in enumerate(todo)}
    trials.sort(key=lambda one: order[one.name])
    faults += judged(trials, whole=not words)
    if not words:
        REPORT.write_text(report(trials), "utf-8")
    for fault in faults:
        say(fault)
    noticed = sum(bool(one.attack) and one.attack != BROKEN for one in trials)
    argued = sum(one.name in EQUIVALENT and not one.attack for one in trials)
    say(
        f"{noticed} of {len(trials)} noticed, {argued} open nothing, {len(faults)} faults, {monotonic() - began:.0f} s"
    )
    return 1 if faults else 0


def _shared(todo: list[str], both: list[ProcessPoolExecutor]) -> Iterator[Trial]:
    """Each process takes the next weakening when it is done with its last."""
    from concurrent.futures import FIRST_COMPLETED, Future, wait

    waiting = iter(todo)
    running: dict[Future[Trial], ProcessPoolExecutor] = {}
    for one in both:
        if (name := next(waiting, None)) is not None:
            running[one.submit(trial, name)] = one
    done = 0
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            one = running.pop(future)
            if (name := next(waiting, None)) is not None:
                running[one.submit(trial, name)] = one
            done += 1
            if not future.result().attack:
                say(f"{done}/{len(todo)} noticed by nobody: {future.result().name}")
            elif done % 50 == 0:
                say(f"{done}/{len(todo)}")
            yield future.result()


def judged(trials: Sequence[Trial], *, whole: bool) -> list[str]:
    """What is wrong with the guard, the attacks or the reasons."""
    faults = []
    for one in trials:
        if one.attack == BROKEN:
            faults.append(f"broke on {one.name}: {one.breach}")
        elif not one.attack and one.name not in EQUIVALENT:
            faults.append(f"noticed by nobody: {one.name}")
        elif one.attack and one.name in EQUIVALENT:
            faults.append(f"said to open nothing, and noticed by {one.attack}: {one.name}: {one.breach}")
    if whole:
        known = {one.name for one in trials}
        faults += [
            f"said to open nothing, and there is no such weakening: {name}"
            for name in EQUIVALENT
            if name not in known
        ]
    return faults


def report(trials: Sequence[Trial]) -> str:
    """docs/domain/access-proof.md: the same for the same guard and the same attacks."""
    lines = [
        "# What the attacks on access prove",
        "",
        "Written by `make prove`; do not edit. Attacks that are beaten off prove little if they would also be beaten off by a",
        "guard with a hole in it. So the guard is weakened in one place at a time, on a stage with 336 cases, and every attack",
        "is made again: at least one has to break through. What nobody notices is either a hole in the attacks, and then",
        "`make prove` fails, or it opens nothing, and then the reason stands below.",
        "",
        "| weakened | tried | noticed | opens nothing |",
        "|---|---|---|---|",
    ]
    for kind, words in KINDS.items():
        mine = [one for one in trials if one.kind == kind]
        lines.append(f"| {words} | {_counts(mine)} |")
    lines += [f"| **together** | {_counts(trials)} |", ""]
    if unnoticed := [one for one in trials if not _noticed(one)]:
        lines += ["## Noticed by nobody", ""]
        for one in unnoticed:
            reason = EQUIVALENT.get(one.name, "**No reason is known: this is a hole in the attacks.**")
            lines += [f"- `{' '.join(one.name.split())}`", f"  {reason}"]
        lines.append("")
    first = Counter(one.attack for one in trials if _noticed(one))
    lines += ["## The attacks", "", "| attack | tries | notices first |", "|---|---|---|"]
    for attack in ATTACKS:
        sentence = " ".join((attack.__doc__ or "").split())
        lines.append(f"| {name_of(attack)} | {sentence} | {first[name_of(attack)]} |")
    return "\n".join(lines) + "\n"


def _noticed(one: Trial) -> bool:
    return bool(one.attack) and one.attack != BROKEN


def _counts(trials: Sequence[Trial]) -> str:
    noticed = sum(map(_noticed, trials))
    argued = sum(one.name in EQUIVALENT and not one.attack for one in trials)
    return f"{len(trials)} | {noticed} | {argued}"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(prove(sys.argv[1:]))
