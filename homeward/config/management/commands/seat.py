"""`manage.py seat LOGIN --institution CODE …`: the first person of an institution, seated by the operator."""

import json
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.actions import create_account, seat_member
from homeward.foundation.institutions.models import Account, Institution, Unit
from homeward.foundation.kernel.errors import RuleBroken


class Command(BaseCommand):
    """Gives somebody an account, if there is none of that name, and a seat; everybody after is appointed by colleagues."""

    help = (
        "Seat somebody at an institution of the pack. A new account's password is made up here and printed once; hand it over in "
        "person, to be changed at once under “My sign-in”; a second factor is asked for at the first sign-in. Running it again for the same "
        "account and institution changes name, unit and roles."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("login", help="sign-in name")
        parser.add_argument("--institution", required=True, help="code of the institution")
        parser.add_argument("--unit", default="", help="code of its unit, if it has units")
        parser.add_argument("--name", required=True, help="how colleagues call the person")
        parser.add_argument("--role", action="append", required=True, help="may be given several times")
        parser.add_argument("--email", default="")
        parser.add_argument("--language", default="sq", help="sq, sr, sr-latn or en")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seats them."""
        operator, login = Operator("seat"), options["login"].lower()
        account, password = Account.objects.filter(username=login).first(), ""
        try:
            if account is None:
                password = secrets.token_urlsafe(15)
                account = create_account(
                    login, password, email=options["email"], language=options["language"], by=operator
                )
            member = seat_member(
                account=account,
                institution_code=options["institution"],
                unit_code=options["unit"],
                name=options["name"],
                roles=options["role"],
                by=operator,
            )
        except Institution.DoesNotExist as missing:
            raise CommandError(f"no such institution: {options['institution']}") from missing
        except Unit.DoesNotExist as missing:
            raise CommandError(f"no such unit of {options['institution']}: {options['unit']}") from missing
        except RuleBroken as refused:
            raise CommandError(str(refused)) from refused
        told = {"login": login, "institution": options["institution"], "roles": list(member.roles)}
        told |= {"password": password} if password else {}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{login} is seated at {options['institution']}: {', '.join(member.roles)}.")
        if password:
            self.stdout.write(f"Password, shown this once: {password}")
