"""`manage.py demo`: fills an installation with the demonstration, by the same commands an office would use."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.config import demo
from homeward.foundation.audit.actions import Operator
from homeward.foundation.kernel import packs


class Command(BaseCommand):
    """Members, then the files of the offices through the real intake, then cases and involvements."""

    help = "Build the demonstration: members, imported families, shared cases."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--members-only", action="store_true", help="seat the members, take in nothing")
        parser.add_argument("--lists-only", action="store_true", help="take in the lists, share nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Builds whatever is missing, where everybody may know the password of everybody."""
        if not settings.DEMONSTRATION:
            raise CommandError(
                "The demonstration's members share a password that everybody can read. They are made only where "
                "nobody is real: set HOMEWARD_DEMONSTRATION=1 for a database that will never hold a real family."
            )
        pack = packs.load(settings.PACK, settings.PACKS)
        operator = Operator("demo")
        members = demo.seat(pack, by=operator)
        self.stdout.write(f"{len(members)} demo members can sign in.")
        if options["members_only"]:
            return
        if not demo.is_filled():
            for path, sender in demo.files(settings.ROOT):
                call_command("intake", path, sender=sender, member=demo.COORDINATOR, stdout=self.stdout)
        if not options["lists_only"] and not demo.is_shared():
            demo.share(self.stdout.write)
