"""`manage.py find_twins`: goes through the register for records that may be one person."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from homeward.casework.people.actions import find_twins
from homeward.foundation.audit.actions import Operator


class Command(BaseCommand):
    """The clock does this every night. What is found waits for people; nothing is merged. Safe to run at any time."""

    help = "Look for records of one person in the whole register."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Looks, and says how many pairs are new: a number, and nobody's."""
        found = find_twins(by=Operator("find_twins"))
        said = json.dumps({"new": found}) if options["json"] else f"{found} new pairs to look at."
        self.stdout.write(said)
