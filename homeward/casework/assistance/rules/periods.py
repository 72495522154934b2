"""Days that meet: whether, which, how many, and how much money lies in them. Days count in full, the last one too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FOREVER = date(9999, 12, 31)  # the end of what has none yet
CENT = Decimal("0.01")


@dataclass(frozen=True, order=True)
class Period:
    """Days from the first to the last; without an end it still runs."""

    starts_on: date
    ends_on: date = FOREVER

    @property
    def is_open(self) -> bool:
        """Has it no end yet?"""
        return self.ends_on == FOREVER

    def days(self, today: date) -> int:
        """How many days; of one that still runs, those until today."""
        last = max(self.starts_on, today) if self.is_open else self.ends_on
        return (last - self.starts_on).days + 1

    def meeting(self, other: Period) -> Period | None:
        """The days both have; None if there is none."""
        starts, ends = max(self.starts_on, other.starts_on), min(self.ends_on, other.ends_on)
        return Period(starts, ends) if starts <= ends else None


def joined(periods: Iterable[Period]) -> list[Period]:
    """The same days in as few periods as possible, in order: from them nobody can count how many payers there are."""
    found: list[Period] = []
    for period in sorted(periods):
        last = found[-1] if found else None
        if last is not None and (last.is_open or period.starts_on <= last.ends_on + timedelta(days=1)):
            found[-1] = Period(last.starts_on, max(last.ends_on, period.ends_on))
        else:
            found.append(period)
    return found


def gaps(periods: Iterable[Period], within: Period) -> list[Period]:
    """The days inside of a period that none of these covers."""
    found: list[Period] = []
    at = within.starts_on
    for period in joined(one for one in periods if one.meeting(within)):
        if period.starts_on > at:
            found.append(Period(at, period.starts_on - timedelta(days=1)))
        if period.ends_on >= within.ends_on:
            return found
        at = period.ends_on + timedelta(days=1)
    found.append(Period(at, within.ends_on))
    return found


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def months(first: date, last: date) -> list[date]:
    """The first days of all months from one day to another."""
    found, at = [], month_of(first)
    while at <= last:
        found.append(at)
        at = month_of(at + timedelta(days=32))
    return found


def covers(period: Period, month: date) -> bool:
    """Does it reach into this month?"""
    end = month_of(month + timedelta(days=32)) - timedelta(days=1)
    return period.meeting(Period(month, end)) is not None
