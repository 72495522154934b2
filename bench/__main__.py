"""All measurements, and the page of the documents that shows them: `make bench`.

    make bench                                      # everything; about half an hour, most of it the largest country
    make bench ARGS="audit weight"                  # some of it
    make bench ARGS="pages --sizes 1000 100000"     # smaller countries: printed, and not written into the document

Each section of docs/benchmarks.md is written by the run that measured it and keeps its figures until it is measured anew.
Nothing fails because a goal is missed; it is said, in the list and in bold in its table.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench import audit, imports, overlaps, pages, ready, records, weight, world

REPORT = world.ROOT / "docs" / "benchmarks.md"
OPENING = """\
# Benchmarks

Speed is said as a ratio to a named baseline that is measured in the same run, and as growth from a small country to a
large one, because seconds of one machine say little about another. `make bench` prints this page and writes it; a figure
in bold misses its goal. No test fails because a machine is slow. `make bench ARGS="imports audit"` measures some of it,
`make bench ARGS="pages --sizes 1000 100000"` smaller countries, which are printed and not written down.
"""
MARKS = ("- met: ", "- **missed**: ")


@dataclass(frozen=True)
class Goal:
    """What was promised, what was found, and whether that is enough."""

    promise: str
    found: str
    met: bool

    def __str__(self) -> str:
        return f"{MARKS[not self.met]}{self.promise} — {self.found}"


@dataclass(frozen=True)
class Given:
    """What was asked for: sizes of the country, of the log, lengths of lists, how often."""

    sizes: Sequence[int]
    logs: Sequence[int]
    lengths: Sequence[int]
    rounds: int
    entries: int = overlaps.ENTRIES
    say: Callable[[str], None] = field(default=lambda text: print(text, flush=True))

    @property
    def is_whole(self) -> bool:
        """Whether these are the sizes the goals are about."""
        return (tuple(self.sizes), tuple(self.logs), tuple(self.lengths), self.entries) == (
            world.SIZES,
            audit.LOGS,
            imports.LENGTHS,
            overlaps.ENTRIES,
        )


@dataclass(frozen=True)
class Section:
    """One measurement, written down: its goals, its words, its tables."""

    goals: list[Goal]
    lines: list[str]


def measure_pages(given: Given) -> Section:
    """Pages, and what access control costs them."""
    found = pages.measure(given.sizes, given.rounds, say=given.say)
    first, last = given.sizes[0], given.sizes[-1]
    goals = []
    for page, title in pages.PAGES.items():
        ratio = max(
            (found[page, sees, size].ratio, sees, size) for sees in pages.MEMBERS for size in given.sizes
        )
        grown = max(
            (pages.growth(found[page, sees, first].page, found[page, sees, last].page), sees)
            for sees in pages.MEMBERS
        )
        goals.append(
            Goal(
                f"{title}: at most {pages.RATIO_GOAL:g} × the same page without access control",
                f"{ratio[0]:.2f} × at worst (sees {ratio[1]}, {ratio[2]:,} cases)",
                ratio[0] <= pages.RATIO_GOAL,
            )
        )
        goals.append(
            Goal(
                f"{title}: grows at most {pages.GROWTH_GOAL:g} × from {first:,} to {last:,} cases",
                f"{grown[0]:.2f} × at worst (sees {grown[1]})",
                grown[0] <= pages.GROWTH_GOAL,
            )
        )
    words = [
        (
            f"The whole server: every middleware, the signed context, row-level security, the log, the template. "
            f"{len(world.INSTITUTIONS)} institutions; three members look: one whose institution sees all cases, one who sees about "
            f"a third, one who sees {world.FEW}. The baseline (`bench/baseline.py`) is the same page with the same rows, drawn by "
            f"the same process without any access control: as the database's superuser, with no context, no log, and every question "
            f"about rights answered beforehand. Page and baseline take turns, {given.rounds} times; the sizes take turns too. "
            f"Medians. `python -m bench.explain 1000000 {world.SEES_ALL} /cases/` shows the plans."
        ),
        "",
        *pages.table(found, given.sizes),
    ]
    return Section(goals, words)


def measure_imports(given: Given) -> Section:
    """Taking in a list."""
    found = imports.measure(given.lengths, say=given.say)
    known = (
        imports.measure(given.lengths[:1], among=given.sizes[-2], say=given.say) if given.sizes[1:] else []
    )
    slowest = min(one.per_second for one in found)
    of_its_own = min(one.rows / one.processor for one in found)
    growth = found[-1].megabytes / found[0].megabytes
    goals = [
        Goal(
            f"at least {imports.GOAL} rows per second",
            f"{slowest:.0f} rows per second at worst; {of_its_own:.0f} on a processor of its own",
            slowest >= imports.GOAL,
        )
    ]
    if len(found) > 1:
        goals.append(
            Goal(
                f"a list of {found[-1].rows:,} rows needs the memory of one of {found[0].rows:,} (at most "
                f"{imports.MEMORY_GOAL:g} ×)",
                f"{growth:.2f} ×",
                growth <= imports.MEMORY_GOAL,
            )
        )
    if known:
        rate = known[0].per_second
        goals.append(
            Goal(
                f"the same where {given.sizes[-2]:,} people are known already",
                f"{rate:.0f} rows per second; {known[0].rows / known[0].processor:.0f} on a processor of its own",
                rate >= imports.GOAL,
            )
        )
    words = [
        (
            "A made-up reception manifest through the operator's command, from its start to its end: reading, checking every cell, "
            "comparing with everybody known, registering, opening cases, the log. The baseline reads the same file with the same "
            "library and copies its cells into one table without any rule, as the database's superuser. Each list "
            f"{imports.TRIES} times, each time into a fresh database; the quickest counts. Rows per processor second are what a "
            "processor of one's own would do: the command and its database take turns on it."
        ),
        "",
        *imports.table(found, None),
    ]
    if known:
        words += ["", *imports.table(known, given.sizes[-2])]
    return Section(goals, words)


def measure_audit(given: Given) -> Section:
    """What the log costs."""
    found = audit.measure(given.logs, 2 * given.rounds, say=given.say)
    worst = max((pair.ratio, kind, size) for (kind, size), pair in found.items() if kind != "row")
    goals = [
        Goal(
            f"a write costs at most {audit.GOAL:g} × the same write without its event",
            f"{worst[0]:.2f} × at worst ({audit.WRITES[worst[1]].lower()}, log of {worst[2]:,})",
            worst[0] <= audit.GOAL,
        )
    ]
    words = [
        (
            "Writes through their actions, each in its own transaction from saying who asks to the commit. The baseline is the same "
            "write in the same process with the writing of events taken out and nothing else; the two take turns, "
            f"{2 * given.rounds} times. The commit does not wait for the disk, because a slow disk would make the log look cheap. "
            "The last line is no goal: one row into a table without any rule or context, and the same with its event."
        ),
        "",
        *audit.table(found, given.logs),
    ]
    return Section(goals, words)


def measure_weight(given: Given) -> Section:
    """The first page."""
    found = weight.measure()
    worst = max(found, key=lambda one: one.whole)
    goal = Goal(
        f"at most {weight.GOAL // 1000} KB of HTML, CSS and JavaScript, compressed, without fonts",
        f"{worst.whole / 1000:.1f} KB at most ({worst.title.lower()})",
        worst.whole <= weight.GOAL,
    )
    words = [
        "Each file compressed with gzip, level 6; a KB is 1,000 bytes. The baseline is the goal.",
        "",
        *weight.table(found),
    ]
    return Section([goal], words)


def measure_ready(given: Given) -> Section:
    """From a clone to a page."""
    phases = ready.measure(say=given.say)
    whole = sum(seconds for _, seconds in phases)
    words = [
        (
            "A fresh clone in a folder of its own, no wheel kept from before, no database; then `make run` until the sign-in page is "
            "served. Python and the programs of PostgreSQL are there already. How quickly wheels arrive depends on the connection."
        ),
        "",
        *ready.table(phases),
    ]
    return Section([Goal("the time from clone to page is printed", f"{whole:.0f} s", met=True)], words)


def measure_overlaps(given: Given) -> Section:
    """Where two payers give the same."""
    sweep, check = overlaps.measure(given.entries, say=given.say)
    goals = [
        Goal(
            f"everything against everything: at most {overlaps.SWEEP_GOAL:g} × a plain window function over the same table",
            f"{sweep.ratio:.2f} × ({given.entries:,} covers)",
            sweep.ratio <= overlaps.SWEEP_GOAL,
        ),
        Goal(
            f"one entry against what is there: at most {overlaps.CHECK_GOAL:g} × one look-up in the index",
            f"{check.ratio:.2f} ×",
            check.ratio <= overlaps.CHECK_GOAL,
        ),
    ]
    words = [
        (
            "What runs every night, giving every pair with its days, beside a plain window function over the same table with its own "
            "B-tree, which only says how many rows begin before the furthest end so far: they take turns, the best of each counts. "
            "And what is asked at entry, from a person to the households they lived in to what is given there, beside one look-up of "
            "a known household in the same index; medians."
        ),
        "",
        *overlaps.table([sweep, check], given.entries),
    ]
    return Section(goals, words)


def measure_records(_given: Given) -> Section:
    """Whose the rows of offices' lists are. A figure of right and wrong, not of speed."""
    found = records.measure(("examples", *map(str, records.SEEDS)))
    goals = [
        Goal(
            "no row linked wrongly", str(sum(one.wrong for one in found)), not any(one.wrong for one in found)
        ),
        Goal(
            "at least 85 % of all rows linked without anybody looking",
            f"{min(one.linked / one.rows for one in found):.1%} at worst",
            all(one.linked >= 0.85 * one.rows for one in found),
        ),
        Goal(
            "at least 98 % linked, or with the right person shown first",
            f"{min(one.right_first / one.rows for one in found):.1%} at worst",
            all(one.right_first >= 0.98 * one.rows for one in found),
        ),
        Goal(
            "after a review every overlap found and none invented",
            f"{sum(one.found for one in found)} of {sum(one.overlaps for one in found)}, {sum(one.invented for one in found)} invented",
            all(one.found == one.overlaps and not one.invented for one in found),
        ),
    ]
    words = [
        (
            "The caseload that ships in `examples/`, as ten or eleven offices wrote it down, and others of the same kind that "
            "`bench/worlds.py` makes up: other people, other names, other mistakes. Each is taken in by the operator's command into "
            "an empty register; then somebody who knows the truth decides what waits."
        ),
        "",
        *records.table(found),
    ]
    return Section(goals, words)


SECTIONS: dict[str, tuple[str, Callable[[Given], Section]]] = {
    "pages": ("Pages", measure_pages),
    "imports": ("Taking in a list", measure_imports),
    "records": ("Whose the rows are", measure_records),
    "audit": ("What the log costs", measure_audit),
    "overlaps": ("Where two payers give the same", measure_overlaps),
    "weight": ("The first page", measure_weight),
    "ready": ("From a clone to a page", measure_ready),
}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument(
        "sections", nargs="*", metavar="section", help=f"{', '.join(SECTIONS)}; all if none is named"
    )
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=list(world.SIZES), help="cases in the country"
    )
    parser.add_argument("--logs", nargs="+", type=int, default=list(audit.LOGS), help="events in the log")
    parser.add_argument(
        "--lengths", nargs="+", type=int, default=list(imports.LENGTHS), help="rows of the lists"
    )
    parser.add_argument(
        "--entries", type=int, default=overlaps.ENTRIES, help="covers of support that are compared"
    )
    parser.add_argument("--rounds", type=int, default=25, help="how often each page is drawn")
    parser.add_argument(
        "--drop", action="store_true", help="delete the databases of the measurements afterwards"
    )
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    given = Given(asked.sizes, asked.logs, asked.lengths, asked.rounds, asked.entries)
    written = _written()
    for name in asked.sections or SECTIONS:
        title, measure = SECTIONS[name]
        began = time.perf_counter()
        section = measure(given)
        text = _text(section, time.perf_counter() - began)
        print(f"\n## {title}\n\n{text}", flush=True)
        if given.is_whole:
            written[title] = text
            _write(written)
    if asked.drop:
        world.drop()
    if not given.is_whole:
        print(f"Other sizes than those of the goals: {REPORT.relative_to(world.ROOT)} stays as it was.")


# --- the document -------------------------------------------------------------------------------------------------


def _text(section: Section, seconds: float) -> str:
    goals = "\n".join(map(str, section.goals))
    return (
        f"{goals}\n\n"
        + "\n".join(section.lines)
        + f"\n\nMeasured in {seconds / 60:.0f} minutes on {_machine()}.\n"
    )


def _machine() -> str:
    """What kind of machine this is, and never which one."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with world.superuser("postgres") as connection:
        version = connection.execute("show server_version").fetchone()
        shared = connection.execute("show shared_buffers").fetchone()
    assert version is not None
    assert shared is not None
    return (
        f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}), {memory:.0f} GB of memory, PostgreSQL "
        f"{version[0].split()[0]} with {shared[0]} of shared buffers, Python {platform.python_version()}; at its end "
        f"{os.getloadavg()[1]:.0f} programs wanted to work at once, these included"
    )


def _written() -> dict[str, str]:
    """The sections of the document as it is."""
    if not REPORT.exists():
        return {}
    parts = re.split(r"^## (.+)\n\n", REPORT.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _write(written: dict[str, str]) -> None:
    """What is missed stands first; then each section. What was never measured is not there."""
    titles = [title for title, _ in SECTIONS.values() if title in written]
    goals = [
        (title, line) for title in titles for line in written[title].splitlines() if line.startswith(MARKS)
    ]
    missed = [
        f"- {title}: {line.removeprefix(MARKS[1])}" for title, line in goals if line.startswith(MARKS[1])
    ]
    lines = [OPENING, f"{len(goals) - len(missed)} of {len(goals)} goals are met.", ""]
    if missed:
        lines += ["Missed:", "", *missed, ""]
    for title in titles:
        lines += [f"## {title}", "", written[title].strip(), ""]
    REPORT.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
