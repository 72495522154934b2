"""Whose are the rows of eleven offices' lists? Measured on caseloads other than the one the intake was built beside.

    python -m bench.records [examples | SEED …]

Each caseload (bench/worlds.py, or the one that ships) is taken in whole by the operator's command into a fresh database.
Then somebody who knows the truth decides what waits, and the overlaps that the ledger finds are compared with those that
are there. Printed: rows linked by themselves, wrong links, rows whose right person is shown first, overlaps found and
invented.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import world, worlds

MEMBER = "dprrp-coordinator"
EXAMPLES = world.ROOT / "examples"
TRUTH = world.ROOT / "tests" / "data" / "truth.json"
SHIPPED = {
    "iom-reception-2019-04-20.xlsx": "iom-reception",
    "iom-reception-2021-07-17.xlsx": "iom-reception",
    "dprrp-individual-returns.csv": "dprrp-individual",
    "dprrp-expected-returns.csv": "dprrp-expected",
    "kcs-custody.csv": "kcs-custody",
    "kps-caseload.xlsx": "kps-caseload",
    "education-enrolment.csv": "education-enrolment",
    "dprrp-assistance.xlsx": "dprrp-assistance",
    "csw-assistance.csv": "csw-assistance",
    "cso-support.csv": "cso-support",
    "cso-sessions.csv": "cso-sessions",
}
SEEDS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Known:
    """What became of one caseload."""

    name: str
    rows: int
    linked: int
    wrong: int
    right_first: int
    overlaps: int
    found: int
    invented: int


def measure(which: Sequence[str]) -> list[Known]:
    """Takes in each caseload, in a process and a database of its own."""
    found = []
    for name in which:
        database = world.scratch("records")
        try:
            with tempfile.TemporaryDirectory() as folder:
                place, truth = (
                    (EXAMPLES, TRUTH) if name == "examples" else (Path(folder), Path(folder) / "truth.json")
                )
                if name != "examples":
                    worlds.world(int(name)).write(place)
                done = subprocess.run(
                    [sys.executable, "-m", "bench.records", "--run", name, str(place), str(truth)], cwd=world.ROOT,
                    env=world.environment(database), stdout=subprocess.PIPE, text=True, check=True,
                )  # fmt: skip
            found.append(Known(name, *json.loads(done.stdout.strip().splitlines()[-1])))
        finally:
            world.drop(database)
    return found


def table(found: Sequence[Known]) -> list[str]:
    """The same as lines of a table in Markdown."""
    lines = [
        "| caseload | rows | linked by themselves | linked wrongly | right person linked or first | overlaps there | found after review | invented |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return lines + [
        f"| {'the one that ships' if one.name == 'examples' else f'made up, {one.name}'} | {one.rows:,} | {one.linked / one.rows:.1%} | "
        f"{one.wrong} | {one.right_first / one.rows:.1%} | {one.overlaps} | {one.found} | {one.invented} |"
        for one in found
    ]


def _run(name: str, place: Path, truth: Path) -> None:
    import django

    django.setup()
    known = json.loads(truth.read_text(encoding="utf-8"))
    senders = SHIPPED if name == "examples" else worlds.SENDERS
    for file, sender in senders.items():
        _take_in(place / file, sender)
    print(json.dumps([*_compared(known["rows"]), *_overlapping(known["overlaps"])]))


def _take_in(file: Path, sender: str) -> None:
    from io import StringIO

    from django.core.management import call_command

    out = StringIO()
    try:
        call_command("intake", str(file), "--sender", sender, "--as", MEMBER, "--json", stdout=out)
    except SystemExit as ended:
        raise AssertionError(f"{file.name} was refused: {out.getvalue()[:2000]}") from ended


def _compared(truth: dict[str, dict[str, str]]) -> tuple[int, int, int, int]:
    """(rows, linked, wrong, right first), and everything that waits decided as somebody would who knows."""
    from homeward.doors.intake import actions, queries
    from homeward.doors.intake.models import IntakeRow
    from homeward.doors.intake.rules.batch import Verdict
    from homeward.foundation.access.context import operating_as

    counted: Counter[str] = Counter()
    with operating_as(MEMBER) as member:
        whole = list(
            IntakeRow.objects.exclude(verdict=Verdict.REFUSED).select_related("batch").order_by("position")
        )
        who: dict[Any, str] = {}
        for row in whole:
            if row.made_person and row.person_id:
                who[row.person_id] = truth[row.batch.file_name][str(row.position)]
        for row in whole:
            right = truth[row.batch.file_name][str(row.position)]
            first = row.person_id or next(iter(row.candidate_people), None)
            counted["rows"] += 1
            counted["linked"] += row.is_imported
            counted["wrong"] += row.is_imported and who[row.person_id] != right
            counted["first"] += who.get(first) == right
            if not row.is_imported and row.verdict == Verdict.REVIEW:
                chosen = next((key for key in row.candidate_people if who.get(key) == right), None)
                verdict = Verdict.SAME if chosen else Verdict.LEFT_OUT
                actions.decide(row, verdict=verdict, candidate=str(chosen or ""), by=member)
    with operating_as(MEMBER) as member:
        open_ones = [
            str(batch.pk)
            for batch in queries.batches(to=member)
            if IntakeRow.objects.filter(batch=batch).ready().exists()
        ]
    for key in open_ones:
        with operating_as(MEMBER) as member:
            batch = actions.begin_import(queries.batch(key, to=member), by=member)
            while actions.import_next(batch, by=member):
                batch = queries.batch(key, to=member)
    return counted["rows"], counted["linked"], counted["wrong"], counted["first"]


def _overlapping(there: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """(overlaps that are there, found with the right days, invented)."""
    from io import StringIO

    from django.core.management import call_command

    out = StringIO()
    call_command("overlaps", "--as", MEMBER, "--json", stdout=out)
    payer = {"dprrp-assistance": "dprrp", "csw-assistance": "csw", "cso-support": "cso"}
    found = {
        frozenset((payer[Path(entry["file"]).stem], entry["row"]) for entry in one["entries"]): one["days"]
        for one in json.loads(out.getvalue())["overlaps"]
        if all("file" in entry for entry in one["entries"])
    }
    wanted = {frozenset((tuple(one["a"]), tuple(one["b"]))): one["days"] for one in there}
    return (
        len(wanted),
        sum(found.get(pair) == days for pair, days in wanted.items()),
        len(found.keys() - wanted.keys()),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        print("\n".join(table(measure(sys.argv[1:] or ["examples", *map(str, SEEDS)]))))
