"""`manage.py audit seal | verify | restored`: the log's seals, for operators and for whoever checks on them."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.foundation.audit.actions import Operator, restored, seal
from homeward.foundation.audit.queries import Fault, Report, verify
from homeward.foundation.kernel.errors import Refusal

OPERATOR = Operator("audit")


class Command(BaseCommand):
    """Seals the log, proves that nobody changed it, or says that a backup was restored."""

    help = "Seal the audit log, verify it against its anchors, or go on after a restored backup."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and how to say it."""
        parser.add_argument("what", choices=["seal", "verify", "restored"])
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it. Ends with 1 if the log is not what it was, or if sealing was refused."""
        began = time.perf_counter()
        try:
            result = {"seal": self._seal, "verify": self._verify, "restored": self._restored}[
                options["what"]
            ]()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        lines = result.pop("lines")
        result["seconds"] = round(time.perf_counter() - began, 2)
        self.stdout.write(json.dumps(result, default=str) if options["json"] else "\n".join(lines))
        if result.get("sound") is False:
            raise SystemExit(1)

    def _seal(self) -> dict[str, Any]:
        made = seal(by=OPERATOR)
        return {
            "seals": [{"number": one.number, "events": one.events, "hash": one.hash.hex()} for one in made],
            "events": sum(one.events for one in made),
            "lines": [f"Seal {one.number}: {one.events} events, {one.hash.hex()}" for one in made]
            or ["Nothing to seal."],
        }

    def _verify(self) -> dict[str, Any]:
        report = verify(to=OPERATOR)
        return {
            "sound": report.is_sound,
            "seals": report.seals,
            "sealed": report.sealed,
            "unsealed": report.unsealed,
            "oldest_unsealed_at": report.oldest_unsealed_at,
            "faults": len(report.faults),
            "first": _told(report.faults[0]) if report.faults else None,
            "all": [_told(fault) for fault in report.faults[:100]],
            "lines": _lines(report),
        }

    def _restored(self) -> dict[str, Any]:
        aside = restored(by=OPERATOR)
        return {
            "superseded": aside,
            "lines": [f"The log goes on. Seals set aside as lost: {aside or 'none'}."],
        }


def _told(fault: Fault) -> dict[str, Any]:
    return {"event": fault.event, "seal": fault.seal, "verb": fault.verb, "at": fault.at, "what": fault.what}


def _lines(report: Report) -> list[str]:
    counted = f"{report.seals} seals, {report.sealed} sealed events, {report.unsealed} not yet sealed."
    if report.is_sound:
        return [f"The log is what it was: {counted}"]
    lines = [f"THE LOG IS NOT WHAT IT WAS ({len(report.faults)} faults): {counted}"]
    for fault in report.faults[:20]:
        event = (
            f"event {fault.event} ({fault.verb or 'unknown'}, {fault.at or 'unknown'}): "
            if fault.event
            else ""
        )
        seal_ = f"seal {fault.seal}: " if fault.seal else ""
        lines.append(f"  {seal_}{event}{fault.what}")
    return lines
