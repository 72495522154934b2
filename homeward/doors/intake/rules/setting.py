"""What a reader of cells is told: how a column is to be read, and what the country writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from homeward.doors.intake.rules.faults import Fault
from homeward.doors.intake.rules.lines import Value
from homeward.doors.intake.rules.words import Vocabulary


class Places(Protocol):
    """Finds a municipality by any of its names."""

    def __call__(self, name: str, /) -> str | None:
        """The code of the place, or None when there is none of that name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the cells of one column are to be read. All of it is data of the mapping."""

    order: str = ""  # what 2/11/1992 means here: "dmy" or "mdy"; unsaid, such a date is refused
    two_digit_years: int | None = None  # 92 is 1992 and 17 is 2017, if this is 30; unsaid, both are refused
    earliest_year: int = 1900
    future: bool = False  # may it lie after today?
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # code → what offices write for it
    open_choices: bool = False  # other words are kept as they are written
    pattern: str = (
        ""  # of a name in one column: "{surname} ({father}) {given}"; of a code: a regular expression
    )
    example: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    decimal: str = ""  # the sign before the cents, where 1,234 could be both


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader of a list may ask: the words of the country, its municipalities, what day it is, who signs for what."""

    words: Vocabulary
    place: Places
    today: date
    # Above which amount two people sign for support of a kind; a kind that one person signs for is not in here.
    second_above: Mapping[str, Decimal] = field(default_factory=dict)


Reader = Callable[[Value, str, Setting, Surroundings, list[Fault]], Any]
