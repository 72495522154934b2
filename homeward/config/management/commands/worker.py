"""`manage.py worker`: does the work that pages put off. Run with HOMEWARD_ROLE=job, so that it signs in as the worker."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Runs jobs until it is told to stop."""

    help = "Run background work and what the clock does by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--concurrency", type=int, default=2)
        parser.add_argument("--until-empty", action="store_true", help="stop when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        """Starts the worker as the role that may use tickets."""
        if settings.DATABASES["default"]["USER"] != "homeward_job":
            raise CommandError("Set HOMEWARD_ROLE=job: only that role may go on as the member who asked.")
        arguments = ["worker", "--concurrency", str(options["concurrency"])]
        if options["until_empty"]:
            arguments.append("--one-shot")
        call_command("procrastinate", *arguments)
