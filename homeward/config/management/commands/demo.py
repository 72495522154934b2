"""`manage.py demo`: fills an installation with the demonstration, by the same commands an office would use."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from homeward.config import demo
from homeward.foundation.audit.actions import Operator
from homeward.foundation.kernel import packs


class Command(BaseCommand):
    """Members, then the files of the offices through the real intake, then cases and involvements."""

    help = "Build the demonstration: members, imported families, shared cases."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--members-only", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Builds whatever is missing."""
        pack = packs.load(settings.PACK, settings.PACKS)
        operator = Operator("demo")
        members = demo.seat(pack, by=operator)
        self.stdout.write(f"{len(members)} demo members can sign in.")
        if options["members_only"] or demo.is_filled():
            return
        for path, sender in demo.files(settings.ROOT):
            call_command("intake", path, sender=sender, member=demo.COORDINATOR, stdout=self.stdout)
        demo.share(self.stdout.write)
