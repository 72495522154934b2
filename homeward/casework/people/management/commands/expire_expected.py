"""`manage.py expire_expected --as MEMBER`: takes off the list who is no longer expected. Meant for every night."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from homeward.casework.people.actions import expire_expected
from homeward.foundation.access.context import operating_as


class Command(BaseCommand):
    """A name does not stay on the list of the expected for ever: after two years without news it goes."""

    help = "Expire the returns whose time on the list of the expected is over."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument(
            "--as", dest="member", required=True, help="sign-in name of the member who does it"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Expires what is due among the returns of that member's institution."""
        with operating_as(options["member"]) as member:
            expired = expire_expected(by=member)
        self.stdout.write(
            json.dumps({"expired": expired}) if options["json"] else f"{expired} no longer expected."
        )
