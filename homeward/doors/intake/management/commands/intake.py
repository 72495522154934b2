"""`manage.py intake FILE --sender NAME --as MEMBER`: takes in a list exactly as the pages do, for scripts and operators."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeRow
from homeward.doors.intake.rules.batch import BatchState
from homeward.doors.intake.rules.faults import Fault, FileRefused, Weight
from homeward.foundation.access.context import operating_as
from homeward.foundation.audit.actions import record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing, Refusal


class Command(BaseCommand):
    """Checks a list, compares it with what is known, and imports what needs no decision."""

    help = "Take in a list that an office sent. Rows that need a decision wait for it; a faulty list is refused whole."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--sender", required=True, help="whose list it is, such as iom-reception")
        parser.add_argument(
            "--as", dest="member", required=True, help="sign-in name of the member who takes it in"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        """Takes in the list and says what became of it. Ends with 1 when it was refused or stopped."""
        with translation.override(options["language"]):
            result = self._take_in(options)
            self.stdout.write(
                json.dumps(result, ensure_ascii=False, indent=1) if options["json"] else _in_words(result)
            )
        if result["state"] == BatchState.REFUSED or result["failure"]:
            raise SystemExit(1)

    def _take_in(self, options: dict[str, Any]) -> dict[str, Any]:
        path: Path = options["file"]
        try:
            with operating_as(options["member"]) as member:
                result = _run(path, options["sender"], member, dry_run=options["dry_run"])
                if options["dry_run"]:
                    transaction.set_rollback(True)
            if options["dry_run"]:
                # The list is gone with the trial, but not that somebody compared it with people.
                with operating_as(options["member"]) as member:
                    tried = {
                        "sender": options["sender"],
                        "rows": result["rows"],
                        "waiting": result["waiting_for_review"],
                    }
                    with transaction.atomic():
                        record("intake.tried", member, by=member, **tried)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except Missing as missing:
            known = "no such member or sender" if options["member"] else ""
            raise CommandError(f"{known}: --as {options['member']} --sender {options['sender']}") from missing
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        return result


def _run(path: Path, sender: str, member: Member, *, dry_run: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            batch = actions.upload(file=file, sender=sender, by=member, file_name=path.name)
    except FileRefused as refused:
        return _result(path.name, sender, None, [refused.fault], member, dry_run=dry_run)
    key = str(batch.pk)
    actions.read_list.now(by=member, batch=key)
    batch = queries.batch(key, to=member)
    if (
        not dry_run
        and batch.state == BatchState.REVIEWING
        and IntakeRow.objects.filter(batch=batch).ready().exists()
    ):
        actions.begin_import(batch, by=member)
        actions.import_list.now(by=member, batch=key)
        batch = queries.batch(key, to=member)
    return _result(path.name, sender, batch, batch.fault_list, member, dry_run=dry_run)


def _result(
    file: str, sender: str, batch: IntakeBatch | None, faults: list[Fault], member: Member, *, dry_run: bool
) -> dict[str, Any]:
    counted = queries.result(batch, to=member) if batch else None
    waiting = list(IntakeRow.objects.filter(batch=batch).waiting().order_by("position")) if batch else []
    return {
        "file": file,
        "sender": sender,
        "dry_run": dry_run,
        "batch": None if batch is None or dry_run else str(batch.pk),
        "state": batch.state if batch else BatchState.REFUSED.value,
        "rows": counted.rows if counted else 0,
        "created": counted.created if counted else 0,
        "matched": counted.matched if counted else 0,
        "updated": counted.updated if counted else 0,
        "unchanged": counted.unchanged if counted else 0,
        "waiting_for_review": counted.waiting if counted else 0,
        "review": [
            {"row": row.position, "why": [found["why"] for found in row.candidates], "candidates": refs}
            for row, refs in zip(waiting, queries.references(waiting, to=member), strict=True)
        ],
        "refused_rows": counted.refused if counted else 0,
        "refused": [_fault(fault) for fault in faults if fault.weight is Weight.REFUSED],
        "refused_cells": batch.refused_cells if batch else len(faults),
        "warnings": [_fault(fault) for fault in faults if fault.weight is Weight.WARNED],
        "failure": batch.failure if batch else "",
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "sheet": fault.sheet,
        "cell": fault.cell,
        "row": fault.row,
        "value": fault.value,
        "why": str(fault.why),
        "code": fault.code,
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [
        f"{result['file']}: {result['state']}{' (tried only)' if result['dry_run'] else ''}",
        *(
            f"  {name.replace('_', ' ')}: {result[name]}"
            for name in (
                "rows",
                "created",
                "matched",
                "updated",
                "unchanged",
                "waiting_for_review",
                "refused_cells",
            )
        ),
        *(
            f"  refused {one['sheet']}!{one['cell']} {one['value']!r}: {one['why']}"
            for one in result["refused"]
        ),
        *(
            f"  note {one['sheet']}!{one['cell']} {one['value']!r}: {one['why']}"
            for one in result["warnings"]
        ),
    ]
    return "\n".join([*lines, *([f"  stopped: {result['failure']}"] if result["failure"] else [])])
