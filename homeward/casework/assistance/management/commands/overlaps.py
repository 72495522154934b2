"""`manage.py overlaps --as MEMBER [--sweep] [--json]`: which payers gave the same to the same household. References only, no names."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.casework.assistance import queries
from homeward.casework.assistance.actions import sweep
from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.queries.overlaps import Found, found
from homeward.foundation.access.context import operating_as
from homeward.foundation.audit.actions import Operator, record_view
from homeward.foundation.kernel.errors import Missing


class Command(BaseCommand):
    """Prints every overlap both of whose entries the member may know of."""

    help = (
        "Print households in which two entries of support overlap: references, list and row, days; no names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--as", dest="member", required=True, help="sign-in name of a member")
        parser.add_argument(
            "--sweep",
            action="store_true",
            help="compare everything with everything once more first, as happens every night",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the overlaps, the longest first."""
        if options["sweep"]:
            sweep(by=Operator("overlaps"))
        try:
            with operating_as(options["member"]) as member:
                rows = queries.overlaps(to=member).order_by("-days", "pk")
                shown = [_told(one) for one in found(rows, to=member)]
                record_view("assistance.overlaps_listed", member, to=member, rows=len(shown))
        except Missing as missing:
            raise CommandError(f"no such member: {options['member']}") from missing
        if options["json"]:
            self.stdout.write(json.dumps({"overlaps": shown}, ensure_ascii=False, indent=1))
            return
        for one in shown:
            pair = " and ".join(_place(entry) for entry in one["entries"])
            self.stdout.write(
                f"{one['household'] or one['person']}  {one['kind']}  {one['days']} days  {pair}"
            )


def _told(one: Found) -> dict[str, Any]:
    overlap = one.overlap
    return {
        "household": one.household.ref if one.household else None,
        "person": one.person.ref if one.person and not one.household else None,
        "kind": overlap.first.kind.class_code,
        "entries": [_entry(overlap.first), _entry(overlap.second)],
        "from": overlap.starts_on.isoformat(),
        "until": overlap.ends_on.isoformat() if overlap.ends_on else None,
        "days": overlap.shared_days,
        "outcome": overlap.outcome,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    place: dict[str, Any] = {"payer": entry.payer.code, "entry": entry.ref}
    if entry.origin_file:
        place |= {"file": entry.origin_file, "row": entry.origin_row}
    if entry.reference:
        place["reference"] = entry.reference
    return place


def _place(entry: dict[str, Any]) -> str:
    return f"{entry['file']}:{entry['row']}" if "file" in entry else entry.get("reference") or entry["entry"]
