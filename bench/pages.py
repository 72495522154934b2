"""How long the server takes for the pages people open all day, and how that grows from a small country to a large one.

    python -m bench.pages [1000 100000 1000000] [--rounds 15]

What is timed is the whole server: the application is asked as the web server asks it, with a signed-in session, through
every middleware, under the member's signed context, down to the rendered bytes. The baseline is the same page without
any access control (baseline.py), drawn by the same process: page and baseline take turns, and each pair gives one ratio.
One process serves each size, and the sizes take turns too, so that a busy minute of the machine falls on all of them.
Medians are shown. Three members look: one whose institution sees every case, one who sees a third, one who sees forty.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import world

MEMBERS = {"all": world.SEES_ALL, "many": world.SEES_MANY, "few": world.SEES_FEW}
PAGES = {
    "home": "Home page",
    "list": "Case list, first page",
    "deep": "Case list, in the middle",
    "case": "Case page",
    "search rare": "Name search, rare name",
    "search common": "Name search, common name",
    "type rare": "While typing, rare name",
    "type common": "While typing, common name",
}
RATIO_GOAL, GROWTH_GOAL = 2.0, 1.3
SAMPLE = 12
ALLOWED = 200  # bytes: places in a list are encrypted anew each time, and times of day differ


@dataclass
class Times:
    """What was measured of one page for one member at one size, in milliseconds."""

    page: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    bare_database: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def ratio(self) -> float:
        """How many times as long as the baseline beside it, in the middle."""
        return median(one / other for one, other in zip(self.page, self.bare, strict=True))


def growth(first: Sequence[float], last: Sequence[float]) -> float:
    """How many times as long in the largest country as in the smallest, turn by turn, in the middle."""
    return median(large / small for small, large in zip(first, last, strict=True))


Measured = dict[tuple[str, str, int], Times]


def measure(sizes: Sequence[int], rounds: int, *, say: Any = print, keep_any: bool = False) -> Measured:
    """Every page, for every member, at every size."""
    for size in sizes:
        if not keep_any:
            world.ensure(size, say=say)
    servers = {size: _Server(size) for size in sizes}
    found: Measured = defaultdict(Times)
    try:
        for turn in range(-2, rounds):  # two rounds to warm up
            for page in PAGES:
                for member in MEMBERS:
                    for size, server in servers.items():
                        answer = server.ask(page=page, member=member, turn=turn)
                        if turn >= 0:
                            times = found[page, member, size]
                            times.page.append(answer["page"][0])
                            times.database.append(answer["page"][1])
                            times.queries = answer["page"][2]
                            times.bare.append(answer["bare"][0])
                            times.bare_database.append(answer["bare"][1])
            say(f"round {turn + 1} of {rounds}") if turn % 5 == 4 else None
    finally:
        for server in servers.values():
            server.end()
    return found


def table(found: Measured, sizes: Sequence[int]) -> list[str]:
    """The same as lines of a table in Markdown."""
    lines = [
        "| page | member sees | " + " | ".join(f"{size:,} ms" for size in sizes) + " | of it database ms | queries | "
        + " | ".join(f"× bare at {size:,}" for size in sizes) + " | growth | growth of bare |",
        "|---|---|" + "---:|" * (2 * len(sizes) + 4),
    ]  # fmt: skip
    for page, title in PAGES.items():
        for member in MEMBERS:
            of = [found[page, member, size] for size in sizes]
            first, last = of[0], of[-1]
            cells = [
                title,
                member,
                *(f"{median(one.page):.1f}" for one in of),
                f"{median(last.database):.1f}",
                str(last.queries),
                *(_marked(one.ratio, RATIO_GOAL) for one in of),
                _marked(growth(first.page, last.page), GROWTH_GOAL),
                f"{growth(first.bare, last.bare):.2f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _marked(number: float, goal: float) -> str:
    return f"{number:.2f}" if number <= goal else f"**{number:.2f}**"


class _Server:
    """A process that draws pages of one size when asked."""

    def __init__(self, size: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.pages", "--serve"],
            cwd=world.ROOT,
            env=world.environment(world.database_of(size)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a process that draws pages has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


class Reader:
    """One member with a browser, the addresses they open, and the same pages without access control."""

    def __init__(self, sees: str, given: tuple[str, str]) -> None:
        from importlib import import_module

        from django.conf import settings

        from bench.baseline import Bare
        from bench.browser import Browser
        from bench.names import RARE
        from homeward.config.middleware import TOKEN
        from homeward.foundation.access import context
        from homeward.foundation.institutions.models import Account

        self.sees_few = sees == "few"  # then all its cases can stand in the tables of the baseline
        self.browser = Browser(MEMBERS[sees])
        self.browser.get("/")
        store = import_module(settings.SESSION_ENGINE).SessionStore(self.browser.session)
        token = store[TOKEN]
        account = Account.objects.get(username=MEMBERS[sees])
        with context.acting(token) as member:
            self.refs, self.cases = self._cases(member)
            self.places = self._places(member)
        self.bare = Bare(member, token, self.cases, sees=sees)
        _family, first = given
        self.words = {
            "search rare": f"{RARE[1]} {RARE[0]}",
            "search common": first,
            "type rare": RARE[1][:4],
            "type common": first[:3],
        }
        assert account.pk == member.account_id

    def _cases(self, member: Any) -> tuple[list[str], list[Any]]:
        """Some cases in sight, spread over all of them."""
        from homeward.casework.cases.models import CaseInSight

        keys = list(CaseInSight.objects.of(member).order_by("opened_at").values_list("case_id", flat=True))
        chosen = keys if self.sees_few else keys[:: max(1, len(keys) // SAMPLE)][:SAMPLE]
        found = {
            row.case_id: row.case.ref
            for row in CaseInSight.objects.of(member).filter(case__in=chosen).select_related("case")
        }
        return list(found.values()), list(found)

    def _places(self, member: Any) -> list[str]:
        """Places in the middle of the list, as the links to further pages name them."""
        from homeward.casework.cases.models import CaseInSight
        from homeward.foundation.web.pages.keyset import sealed

        order = ("-opened_at", "-case_id")
        rows = (
            CaseInSight.objects.of(member)
            .order_by("opened_at", "case_id")
            .values_list("opened_at", "case_id")
        )
        some = list(rows[:: max(1, rows.count() // (3 * SAMPLE))])
        return [sealed(list(row), order) for row in some[len(some) // 3 :]][:SAMPLE]

    def measure(self, page: str, turn: int) -> dict[str, Any]:
        """One page and its baseline, one after the other; which goes first changes from turn to turn."""
        address, words = self._address(page, turn)

        def drawn(*, bare: bool) -> Any:
            def draw() -> Any:
                return self.browser.get(address) if words is None else self.browser.post(address, text=words)

            if not bare:
                return draw()
            with self.bare(these_cases=self.sees_few or page == "case"):
                return draw()

        order = (False, True) if turn % 2 else (True, False)
        answers = {bare: drawn(bare=bare) for bare in order}
        if turn < 0:
            self._compare(page, answers[False].body, answers[True].body)
        return {
            name: [answers[bare].took, answers[bare].database, answers[bare].queries]
            for name, bare in (("page", False), ("bare", True))
        }

    def _address(self, page: str, turn: int) -> tuple[str, str | None]:
        if page == "case":
            return f"/cases/{self.refs[turn % len(self.refs)]}/", None
        if page == "deep":
            return f"/cases/?after={self.places[turn % len(self.places)]}", None
        if page in self.words:
            return "/people/", self.words[page]
        return {"home": "/", "list": "/cases/"}[page], None

    def _compare(self, page: str, one: bytes, other: bytes) -> None:
        """The baseline draws the same: a page with other rows would be no baseline. Asked while warming up."""
        difference = abs(len(one) - len(other))
        if difference > ALLOWED:
            print(
                f"{page}: the baseline is {difference:,} of {len(one):,} bytes off",
                file=sys.stderr,
                flush=True,
            )
            if folder := os.environ.get("BENCH_KEEP_PAGES"):
                for name, body in (("page", one), ("bare", other)):
                    Path(folder, f"{name}-{page.replace(' ', '-')}.html").write_bytes(body)


def serve() -> None:
    """Draws pages of this process's database for the one who asks over standard input."""
    import django

    django.setup()
    from bench.names import Names
    from homeward.casework.people.models import name_secret

    common = Names(world.SEED, name_secret()).common()
    readers: dict[str, Reader] = {}
    for line in sys.stdin:
        question = json.loads(line)
        name = question["member"]
        if name not in readers:
            readers[name] = Reader(name, common)
        print(json.dumps(readers[name].measure(question["page"], question["turn"])), flush=True)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench.pages")
    parser.add_argument("sizes", nargs="*", type=int, default=list(world.SIZES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--as-they-are", action="store_true", help="take the databases as they are, even of older tables"
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve:
        serve()
        return
    found = measure(given.sizes, given.rounds, keep_any=given.as_they_are)
    print("\n".join(table(found, given.sizes)))


if __name__ == "__main__":
    main(sys.argv[1:])
