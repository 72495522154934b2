#!/usr/bin/env python
"""Run a command of Homeward against its database: `python manage.py COMMAND`, or `make manage ARGS="COMMAND"`."""

import os
import sys

NOTHING_THERE = (
    "No database of Homeward answers here ({why}). `make run` makes one; HOMEWARD_STATE names its folder, when it is not the "
    "usual one."
)
# What PostgreSQL says: no answer, no such database, a password of another one, starting up, no such table.
NOT_THERE = {None, "3D000", "28P01", "57P03", "42P01"}


def main() -> None:
    """Run what was asked for; an operator who forgot where the database is reads a sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeward.config.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        if getattr(error.__cause__, "sqlstate", "") not in NOT_THERE:
            raise
        raise SystemExit(NOTHING_THERE.format(why=str(error).strip().partition("\n")[0])) from error


if __name__ == "__main__":
    main()
