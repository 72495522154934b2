"""`manage.py review --as MEMBER [ANSWERS.csv]`: the rows that wait, and the answers a member has given, for scripts."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.rules.batch import Verdict
from homeward.foundation.access.context import operating_as
from homeward.foundation.audit.actions import record_view
from homeward.foundation.kernel.errors import Missing, Refusal

COLUMNS = ("file", "row", "answer")
NEW, LEAVE_OUT = "new", "leave-out"
_VERDICTS = {NEW: Verdict.NEW, LEAVE_OUT: Verdict.LEFT_OUT}


@dataclass(frozen=True)
class Answer:
    """What a member says of one row: the reference of a person, `row:12` of the same list, `new` or `leave-out`."""

    file: str
    row: int
    said: str


class Command(BaseCommand):
    """Names the rows that wait for a decision; takes the decisions from a table and imports what is decided."""

    help = (
        "Print the rows that wait for a decision, each with the references of those it may be about, the likeliest first. "
        "With a CSV file of answers (file, row, answer: a reference, row:12, new or leave-out) decide and import them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("answers", type=Path, nargs="?", help="a CSV file: file, row, answer")
        parser.add_argument(
            "--as", dest="member", required=True, help="sign-in name of the member who decides"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decides what there are answers for, and prints what waits then. Ends with 1 when an answer was refused."""
        path, login = options["answers"], options["member"]
        try:
            answers = _read(path) if path else []
            decided, refused = _decide(answers, login)
            with operating_as(login) as member:
                waiting = queries.waiting_rows(to=member)
                record_view("intake.waiting_read", member, to=member, rows=len(waiting))
        except Missing as missing:
            raise CommandError(f"no such member: {login}") from missing
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            rows = [{"file": one.file, "row": one.row, "candidates": list(one.candidates)} for one in waiting]
            told = {"decided": decided, "refused": refused, "waiting": rows}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            for fault in refused:
                self.stdout.write(f"refused  {fault['file']}:{fault['row']}  {fault['why']}")
            for one in waiting:
                self.stdout.write(f"{one.file}:{one.row}  {', '.join(one.candidates) or '-'}")
        if refused:
            raise SystemExit(1)


def _read(path: Path) -> list[Answer]:
    """The answers of a table. Raises CommandError for one that is not such a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not set(COLUMNS) <= set(rows.fieldnames or ()):
                raise CommandError(f"{path}: the columns are {', '.join(COLUMNS)}")
            return [Answer(row["file"], int(row["row"]), (row["answer"] or "").strip()) for row in rows]
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}") from error


def _decide(answers: Iterable[Answer], login: str) -> tuple[int, list[dict[str, Any]]]:
    """(how many were decided, the others with their reason), and everything that is decided imported."""
    decided, refused = 0, []
    batches: dict[str, None] = {}
    for answer in answers:
        try:
            with operating_as(login) as member:
                row = queries.waiting_row(answer.file, answer.row, to=member)
                if answer.said in (NEW, LEAVE_OUT):
                    actions.decide(row, verdict=_VERDICTS[answer.said], by=member)
                else:
                    chosen = queries.candidate_of(row, answer.said, to=member)
                    actions.decide(row, verdict=Verdict.SAME, candidate=chosen, by=member)
            batches[str(row.batch_id)] = None
            decided += 1
        except Refusal as refusal:
            refused.append({"file": answer.file, "row": answer.row, "why": str(refusal)})
    for key in batches:
        with operating_as(login) as member:
            batch = queries.batch(key, to=member)
            if not IntakeRow.objects.filter(batch=batch).ready().exists():
                continue  # everything was left out
            actions.begin_import(batch, by=member)
            actions.import_list.now(by=member, batch=key)
    return decided, refused
