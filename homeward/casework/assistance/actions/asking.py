"""The plain question: does support of this kind run for this person already? Yes or no, and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db import connection

from homeward.casework.assistance import permissions
from homeward.casework.assistance.models import AssistanceKind
from homeward.casework.assistance.rules.entries import check_period
from homeward.casework.assistance.rules.periods import FOREVER
from homeward.casework.cases.models import Case
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, recorded
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Missing, Throttled

# As many as an honest desk needs in an hour; whoever tries out days one by one needs more.
PER_HOUR = 30
HOUR = 3600


@dataclass(frozen=True)
class Answer:
    """Yes or no, and the institution to ask: always the same one for a case, whatever the answer."""

    runs: bool
    ask: Institution | None


@action
def check_support(
    case: Case, *, by: Member, kind: AssistanceKind, starts_on: date, ends_on: date | None = None
) -> Answer:
    """Whether support of this kind runs on any of these days. Logged whatever the answer is.

    Raises `Throttled` for more questions in an hour than a desk needs, `Missing` where one could not give support.
    """
    require(by, permissions.check, case)
    check_period(starts_on, ends_on)
    _count(by)

    with connection.cursor() as cursor:
        cursor.execute(
            "select runs, ask from sec.check_support(%s, %s, %s, %s)",
            [case.pk, kind.pk, starts_on, ends_on or FOREVER],
        )
        rows = cursor.fetchall()
    if not rows:
        raise Missing

    recorded("assistance.checked", case, by=by)
    [(runs, ask)] = rows
    return Answer(runs, Institution.objects.filter(pk=ask).first())


def _count(by: Member) -> None:
    """One of this hour's places is taken; of two who take the last one at once, one gets it."""
    places = list(range(PER_HOUR))
    secrets.SystemRandom().shuffle(places)
    for place in places:
        if cache.add(f"assistance.check:{by.account_id}:{place}", 1, timeout=HOUR):
            return
    raise Throttled
