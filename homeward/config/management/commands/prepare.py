"""`manage.py prepare`: makes an empty machine ready. Safe to run again: it does only what is missing."""

import json
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from psycopg import sql

from homeward.casework.assistance.actions import load_assistance
from homeward.casework.cases.actions import load_retention
from homeward.casework.people.actions import load_figures
from homeward.doors.intake.rules.senders import sender_mapping, sender_names
from homeward.foundation.access.actions import load_protocols
from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.actions import load_institutions
from homeward.foundation.kernel import packs
from tools import devdb

SQL = Path(settings.ROOT) / "homeward" / "foundation" / "access" / "sql"
LOGIN_ROLES = ("migrate", "app", "job", "auth", "sealer", "auditor", "backup")


class Command(BaseCommand):
    """Roles, database, tables, country pack, static files."""

    help = "Make the roles, the database, its tables, and load the country pack."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument(
            "--database", default=settings.DATABASES["default"]["NAME"], help="name of the database"
        )
        parser.add_argument("--no-static", action="store_true", help="leave the static files alone")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepares everything and says how long it took."""
        began = time.monotonic()
        name = options["database"]
        self._roles_and_database(name)
        call_command("migrate", database="migrate", verbosity=0, interactive=False)
        with self._superuser(name) as connection:
            connection.execute((SQL / "grants.sql").read_text())
        connections.close_all()
        pack = packs.load(settings.PACK, settings.PACKS)
        self._check_senders(pack)
        operator = Operator("prepare")
        load_institutions(pack, by=operator)
        load_protocols(pack, by=operator)
        load_figures(pack, by=operator)
        load_retention(pack, by=operator)
        load_assistance(pack, by=operator)
        if not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        seconds = round(time.monotonic() - began, 1)
        text = json.dumps({"database": name, "pack": pack.name, "seconds": seconds})
        self.stdout.write(
            text if options["json"] else f"Prepared database {name} with pack {pack.name} in {seconds} s."
        )

    def _check_senders(self, pack: packs.Pack) -> None:
        """How the lists of each office are laid out is read now, and not only when the first one arrives."""
        for sender in sender_names(pack):
            try:
                sender_mapping(pack, sender)
            except (KeyError, TypeError, ValueError) as broken:
                raise CommandError(f"intake/{sender}.yaml: {broken}") from broken

    def _roles_and_database(self, name: str) -> None:
        cluster = devdb.describe()
        with self._superuser("postgres") as connection:
            # Two of these at once would trip over each other's roles, which belong to the whole cluster.
            connection.execute("select pg_advisory_lock(77001)")
            connection.execute((SQL / "roles.sql").read_text())
            for role in LOGIN_ROLES:
                login = f"homeward_{role}"
                configured = settings.DATABASES.get("default" if role == "app" else role, {}).get("PASSWORD")
                password = configured or cluster.role_password(login)
                connection.execute(
                    sql.SQL("alter role {} password {}").format(sql.Identifier(login), sql.Literal(password))
                )
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with self._superuser(name) as connection:
            connection.execute((SQL / "database.sql").read_text())

    def _superuser(self, database: str) -> psycopg.Connection[Any]:
        """The one time the superuser is needed; the application never signs in as it."""
        cluster = devdb.describe()
        return psycopg.connect(
            host=settings.DATABASES["default"]["HOST"],
            port=settings.DATABASES["default"]["PORT"],
            dbname=database,
            user=cluster.superuser,
            password=cluster.superuser_password,
            autocommit=True,
        )
