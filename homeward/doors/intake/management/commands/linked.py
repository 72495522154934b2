"""`manage.py linked --as MEMBER`: which rows of which lists became which person. References only, no names."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.doors.intake import queries
from homeward.foundation.access.context import operating_as
from homeward.foundation.audit.actions import record_view
from homeward.foundation.kernel.errors import Missing


class Command(BaseCommand):
    """Prints every person of the member's lists with the rows they came from."""

    help = "Print person references with the source rows they came from (file, row; no names)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--as", dest="member", required=True, help="sign-in name of a member")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the links."""
        try:
            with operating_as(options["member"]) as member:
                found = queries.linked(to=member)
                record_view("intake.links_read", member, to=member, people=len(found))
        except Missing as missing:
            raise CommandError(f"no such member: {options['member']}") from missing
        if options["json"]:
            people = [
                {"person": one.ref, "rows": [{"file": file, "row": row} for file, row in one.rows]}
                for one in found
            ]
            self.stdout.write(json.dumps({"people": people}, ensure_ascii=False, indent=1))
            return
        for one in found:
            self.stdout.write(f"{one.ref}  {', '.join(f'{file}:{row}' for file, row in one.rows)}")
