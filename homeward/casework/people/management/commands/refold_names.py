"""`manage.py refold_names`: after an update that changed the rules of folding, files every name anew."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from homeward.casework.people.actions import refold_names
from homeward.casework.people.rules import FOLD_VERSION
from homeward.foundation.audit.actions import Operator


class Command(BaseCommand):
    """Names that were filed under older rules are no longer found; this mends it. Safe to run at any time."""

    help = "File anew every name that was folded under older rules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Files the names anew and says how many there were."""
        names = refold_names(by=Operator("refold_names"))
        said = (
            json.dumps({"names": names, "version": FOLD_VERSION})
            if options["json"]
            else f"{names} names filed anew."
        )
        self.stdout.write(said)
