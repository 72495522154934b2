"""`manage.py retention [--json]`: does now what the clock does every night, and says what waits for people."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from homeward.casework.cases.actions import count_waiting
from homeward.casework.people.actions import expire_expected
from homeward.doors.intake.actions import destroy_lists
from homeward.foundation.audit.actions import Operator


class Command(BaseCommand):
    """Nothing here touches a case: about those two people decide (docs/runbooks/retention-and-erasure.md)."""

    help = (
        "Expire what is no longer expected and destroy old lists, as every night; count the cases that wait."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does the work of the night and prints how much it was."""
        operator = Operator("retention")
        done = {
            "expired_returns": expire_expected(by=operator),
            "destroyed_lists": destroy_lists(by=operator),
            "cases_waiting": count_waiting(by=operator),
        }
        self.stdout.write(
            json.dumps(done)
            if options["json"]
            else f"{done['expired_returns']} returns are expected no longer, {done['destroyed_lists']} lists are "
            f"destroyed, {done['cases_waiting']} archived cases wait for a decision."
        )
