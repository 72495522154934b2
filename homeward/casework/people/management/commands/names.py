"""`manage.py names compare FILE.csv`: how alike the two names of each row are, and why."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from homeward.casework.people.rules.likeness import likeness

COLUMNS = ("name_a", "name_b")
ADDED = ("score", "why")
_LONGEST = 500


class Command(BaseCommand):
    """Works on a list that somebody brings along; no register is asked and nothing is kept."""

    help = "Compare the two names in each row of a CSV file; prints the file with a score and the reasons."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("what", choices=["compare"])
        parser.add_argument("file", help="CSV with the columns name_a and name_b; - reads what is piped in")
        parser.add_argument("--language", default="en", help="language of the reasons: sq, sr, sr-latn, en")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints every row of the file with two columns more. A row that cannot be read is told, and the next one read."""
        with translation.override(options["language"]):
            if options["file"] == "-":
                bad = self._compare(sys.stdin)
            else:
                try:
                    with Path(options["file"]).open(
                        encoding="utf-8-sig", errors="replace", newline=""
                    ) as file:
                        bad = self._compare(file)
                except OSError as error:
                    raise CommandError(f"{options['file']}: {error.strerror}") from error
        if bad:
            self.stderr.write(f"{bad} rows could not be compared.")

    def _compare(self, file: TextIO) -> int:
        rows = _rows(file)
        heads = next(rows, [])
        if isinstance(heads, str):
            raise CommandError(f"row 1: {heads}")
        heads = [head.strip() for head in heads]
        if missing := [column for column in COLUMNS if column not in heads]:
            raise CommandError(
                f"The first row must name the columns {' and '.join(COLUMNS)}; missing: {', '.join(missing)}."
            )
        places = [heads.index(column) for column in COLUMNS]
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow([*heads, *ADDED])
        bad = 0
        for number, row in enumerate(rows, 2):
            if isinstance(row, str):
                cells, fault = [""] * len(heads), row
            else:
                cells = [*row, *[""] * (len(heads) - len(row))][: len(heads)]
                fault = _fault(row, [cells[place] for place in places], len(heads))
            if fault:
                bad += 1
                self.stderr.write(f"row {number}: {fault}")
                out.writerow([*cells, "", fault])
                continue
            found = likeness(*(cells[place] for place in places))
            out.writerow([*cells, f"{found.score:.4f}", " ".join(map(str, found.why))])
        return bad


def _rows(file: TextIO) -> Iterator[list[str] | str]:
    """The rows that are not empty; in the place of one that is no CSV, what is wrong with it."""
    reader = csv.reader(file)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)
            continue
        if row:
            yield row


def _fault(row: list[str], names: list[str], columns: int) -> str:
    if len(row) != columns:
        return f"has {len(row)} columns and not {columns}"
    for column, name in zip(COLUMNS, names, strict=True):
        if not name.strip():
            return f"{column} is empty"
        if len(name) > _LONGEST:
            return f"{column} is longer than {_LONGEST} letters"
    return ""
