"""What waits for a member among the cases: the sources of the home page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from homeward.casework.cases.models import CaseInSight, CaseInSightQuerySet, ChecklistItem
from homeward.casework.cases.models.sight import unit_mask
from homeward.casework.cases.permissions import LEADING, WORKING
from homeward.casework.cases.queries.sight import in_sight, own
from homeward.casework.cases.rules.care import State
from homeward.casework.cases.rules.checks import CHECKS, Check
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import now, today

WEEK = timedelta(days=7)
# The first checks belong to the first months; whoever looks for older ones opens the list.
RECENTLY = timedelta(days=120)


def _mine(to: Member) -> CaseInSightQuerySet:
    """Cases the member works on, and those of their institution that are escalated to one of their roles."""
    return in_sight(to=to).filter(
        own(to=to) | Q(case__lead_institution=to.institution_id, case__care__escalates_to__in=to.roles)
    )


def late(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases that should have moved on, the latest first; None for whoever moves no cases."""
    if not to.has(*LEADING):
        return None
    return _mine(to).filter(case__care__due_on__lt=today()).order_by("case__care__due_on", "case_id")


def due_soon(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases that should move on within a week."""
    if not to.has(*LEADING):
        return None
    window = (today(), today() + WEEK)
    return _mine(to).filter(case__care__due_on__range=window).order_by("case__care__due_on", "case_id")


def to_prepare(*, to: Member) -> CaseInSightQuerySet | None:
    """Arrivals that are expected and not yet prepared, in cases the member's institution leads."""
    if not to.has(*LEADING):
        return None
    return (
        in_sight(to=to)
        .filter(case__lead_institution=to.institution_id, case__care__state=State.EXPECTED)
        .order_by("case__care__due_on", "case_id")
    )


def to_confirm(*, to: Member) -> CaseInSightQuerySet | None:
    """Closures that wait for a second person who is not the one who proposed."""
    if not to.has(Role.COORDINATOR, Role.SUPERVISOR):
        return None
    return (
        in_sight(to=to)
        .filter(case__lead_institution=to.institution_id, case__care__state=State.CLOSURE_PROPOSED)
        .exclude(case__care__closure_proposed_by=to)
        .order_by("case__care__due_on", "case_id")
    )


def to_take_over(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases another institution handed over and that nobody has taken into their hands yet."""
    if not to.has(Role.COORDINATOR):
        return None
    return (
        in_sight(to=to)
        .filter(case__lead_institution=to.institution_id, case__care__state=State.TRANSFERRED)
        .order_by("case__care__due_on", "case_id")
    )


def to_check(*, to: Member, limit: int) -> list[tuple[CaseInSight, list[Check]]] | None:
    """Newest cases with first checks that this member's institution may do and nobody has done."""
    if not to.has(*WORKING):
        return None
    mine = {check.code: check for check in CHECKS if unit_mask(to) & (1 << check.category)}
    rows: Sequence[CaseInSight] = list(
        in_sight(to=to)
        .filter(opened_at__gte=now() - RECENTLY, case__checks__overlap=sorted(mine), write_mask__gt=0)
        .order_by("-opened_at", "-case_id")[: limit * FACTOR]
    )
    done = set(
        ChecklistItem.objects.filter(case__in=[row.case_id for row in rows]).values_list("case", "code")
    )
    found = []
    for row in rows:
        waiting = [
            check
            for check in mine.values()
            if check.code in row.case.checks
            and row.write_mask & (1 << check.category)
            and (row.case_id, check.code) not in done
        ]
        if waiting:
            found.append((row, waiting))
    return found[:limit]


# Some of the rows looked at turn out to be done already.
FACTOR = 5
