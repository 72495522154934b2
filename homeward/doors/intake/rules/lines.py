"""A table as lines of values, wherever they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from homeward.doors.intake.rules.faults import Fault

Value = str | float | int | bool | date | datetime | time | timedelta | None

CHUNK = 1 << 16
# Where a list of people begins: letterheads above it are never longer than this.
TOP_LINES = 40


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a list may be."""

    megabytes: int = 20
    unpacked_megabytes: int = 200
    columns: int = 50
    rows: int = 100_000
    parts: int = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number as the spreadsheet shows it, and what stands in it from column A on."""

    number: int
    values: Sequence[Value]

    def is_empty(self) -> bool:
        """Is there nothing but blanks?"""
        return all(value is None or (isinstance(value, str) and not value.strip()) for value in self.values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One way of reading a file as a table: a sheet of a workbook, or a CSV with one kind of separator."""

    name: str
    lines: Callable[[], Iterator[Line]]
    formulas: frozenset[tuple[int, int]] = frozenset()  # (line from 1, column from 0)
    errors: frozenset[tuple[int, int]] = frozenset()
    hidden_lines: frozenset[int] = frozenset()
    refusal: Fault | None = None  # why this sheet cannot be read, though perhaps another one can
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read as a table."""

    kind: str  # "xlsx" or "csv"
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    warnings: tuple[Fault, ...] = ()


def cell_name(line: int, column: int) -> str:
    """How a spreadsheet calls a cell: line 7, column 2 (from 0) → C7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line}"
