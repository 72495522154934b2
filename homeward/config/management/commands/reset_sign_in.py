"""`manage.py reset_sign_in LOGIN`: somebody has lost the telephone or the password, and gets in again."""

import json
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.config.signin import reset_sign_in
from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.models import Account


class Command(BaseCommand):
    """Takes the second factors off an account, gives it a new password and ends its sessions."""

    help = (
        "Let somebody in again who has lost the telephone or the password. Every second factor is taken off, all sessions end, "
        "and a new password is made up here and printed once. Make sure that it is the person, not somebody on the telephone: "
        "hand the password over face to face, and have it changed at once under “My sign-in”; a second factor is asked for anyway."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("login", help="sign-in name")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Resets it."""
        login = options["login"].lower()
        account = Account.objects.filter(username=login).first()
        if account is None:
            raise CommandError(f"no such account: {login}")
        password = secrets.token_urlsafe(15)
        factors = reset_sign_in(account, password, by=Operator("reset_sign_in"))
        if options["json"]:
            told = {"login": login, "second_factors_taken_off": factors, "password": password}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{login}: second factors taken off: {factors}; every session has ended.")
        self.stdout.write(f"Password, shown this once: {password}")
