"""The plain question: does support of this kind run for this person already? Yes or no, and nothing else.

Two more things tell as much: whether there is a household to support, and whether a request overlaps. All three are counted
together for each case, before anything is answered, so that whoever tries out days one by one is stopped whatever the answers
are. By the hour only the plain question is counted: after an arrival a desk enters support for a hundred families in a day.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from homeward.casework.assistance import permissions
from homeward.casework.assistance.models import AssistanceKind
from homeward.casework.assistance.rules.entries import ASKED, check_asked, check_period
from homeward.casework.cases.models import Case
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, recorded
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, Throttled

# As many plain questions as an honest desk needs in an hour, for all the people it works with.
PER_HOUR = 30
HOUR = 3600
# As many as one institution needs about one case in a day, however many of its members ask: a family that arrives is given
# half a dozen things. Whoever wants to find by halving on which day something began spends a whole day of the institution on
# one family, and each question stands in the log.
PER_CASE = 10
DAY = 86400


@dataclass(frozen=True)
class Answer:
    """Yes or no, and the institution to ask: always the same one for a case, whatever the answer."""

    runs: bool
    ask: Institution | None


@action
def check_support(
    case: Case, *, by: Member, kind: AssistanceKind, starts_on: date, ends_on: date | None = None
) -> Answer:
    """Whether support of this kind runs on any of these days, at most a year from today. Logged whatever the answer is.

    Raises `Throttled` for more questions than a desk needs, `Missing` where one could not give support.
    """
    require(by, permissions.check, case)
    until = ends_on or max(starts_on, today() + ASKED)
    check_period(starts_on, until)
    check_asked(starts_on, until, today())
    _count_hour(by)
    count_question(case.pk, by=by)

    with connection.cursor() as cursor:
        cursor.execute(
            "select runs, ask from sec.check_support(%s, %s, %s, %s)",
            [case.pk, kind.pk, starts_on, until],
        )
        rows = cursor.fetchall()
    if not rows:
        raise Missing

    recorded("assistance.checked", case, by=by)
    [(runs, ask)] = rows
    return Answer(runs, Institution.objects.filter(pk=ask).first())


@action
def ask_home(case: Case, *, by: Member, starts_on: date, ends_on: date | None) -> bool:
    """Whether they lived in a household on any of these days. A payer may not know which; the database tells it no more, and
    logs each asking. An action of its own, so that what was told stays in the log when nothing comes of the request."""
    with connection.cursor() as cursor:
        cursor.execute("select sec.has_home(%s, %s::date, %s::date)", [case.pk, starts_on, ends_on])
        has_home = bool(cursor.fetchone()[0])

    recorded("assistance.home_asked", case, by=by)
    return has_home


def count_question(case: UUID, *, by: Member) -> None:
    """One of this day's places of the institution for this case is taken. Raises `Throttled` when there is none left."""
    _take(f"case:{by.institution_id}:{case}", PER_CASE, DAY)


def _count_hour(by: Member) -> None:
    _take(f"account:{by.account_id}", PER_HOUR, HOUR)


def _take(whose: str, places: int, lasting: int) -> None:
    """Of two who take the last place at once, one gets it."""
    order = list(range(places))
    secrets.SystemRandom().shuffle(order)
    if not any(cache.add(f"assistance.asked:{whose}:{place}", 1, timeout=lasting) for place in order):
        raise Throttled
