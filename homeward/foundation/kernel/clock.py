"""What time it is, and which day that is for the people who work with Homeward.

The only place that asks: tests freeze it with time-machine, and nobody has to guess whose midnight ends a
deadline. The time-zone database has no entry of its own for Pristina; Belgrade keeps the same time.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

ZONE = ZoneInfo("Europe/Belgrade")


def now() -> datetime:
    """This instant, in universal time."""
    return timezone.now()


def today() -> date:
    """The day on the calendar of the office wall, also late in the evening."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The day on which something happened, as the people there would say it."""
    return instant.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The instant at which a day begins; a right that lasts until a day ends at the start of the next."""
    return datetime.combine(day, time.min, tzinfo=ZONE)
