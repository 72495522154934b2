"""`manage.py protocol suspend CODE` and `resume CODE`: what an operator does when a party withdraws from an agreement."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.foundation.access.actions import resume_protocol, suspend_protocol
from homeward.foundation.audit.actions import Operator
from homeward.foundation.kernel.errors import Missing


class Command(BaseCommand):
    """Shuts or opens every door that was opened under one protocol."""

    help = "Suspend a sharing protocol, or resume it; works at once, in every case."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which protocol."""
        parser.add_argument("what", choices=["suspend", "resume"])
        parser.add_argument("code")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it and says how many doors it concerns."""
        act = suspend_protocol if options["what"] == "suspend" else resume_protocol
        try:
            doors = act(options["code"], by=Operator("protocol"))
        except Missing as error:
            raise CommandError(
                f"There is no such protocol to {options['what']}: {options['code']}."
            ) from error
        result = {"protocol": options["code"], "state": options["what"], "doors": doors}
        words = f"Protocol {options['code']}: {options['what']}, {doors} doors."
        self.stdout.write(json.dumps(result) if options["json"] else words)
