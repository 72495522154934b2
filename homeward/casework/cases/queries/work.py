"""What waits for a member among the cases: the sources of the home page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from homeward.casework.cases.models import Care, CaseInSight, CaseInSightQuerySet, ChecklistItem
from homeward.casework.cases.models.sight import unit_mask
from homeward.casework.cases.permissions import LEADING, WORKING
from homeward.casework.cases.queries.sight import in_sight, own_cases
from homeward.casework.cases.rules.care import AT_REST, State
from homeward.casework.cases.rules.checks import CHECKS, Check
from homeward.foundation.access import queries as access
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import now, today

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# The first checks belong to the first months; whoever looks for older ones opens the list.
RECENTLY = timedelta(days=120)


# As many as a home page could show; whoever wants more opens the list.
MOST = 20


def late(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases that should have moved on, the latest first; None for whoever moves no cases.

    The member's own ones, and those their institution leads that are escalated to one of their roles.
    """
    if not to.has(*LEADING):
        return None
    return _due(to, until=today())


def due_soon(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases that should move on within a week, the member's own and those escalated to one of their roles."""
    if not to.has(*LEADING):
        return None
    return _due(to, since=today(), until=today() + WEEK + DAY)


def to_prepare(*, to: Member) -> CaseInSightQuerySet | None:
    """Arrivals that are expected and not yet prepared, in cases the member's institution leads."""
    if not to.has(*LEADING):
        return None
    return _led(to, state=State.EXPECTED)


def to_confirm(*, to: Member) -> CaseInSightQuerySet | None:
    """Closures that wait for a second person who is not the one who proposed."""
    if not to.has(Role.COORDINATOR, Role.SUPERVISOR):
        return None
    return _led(to, state=State.CLOSURE_PROPOSED, by_another=True)


def to_take_over(*, to: Member) -> CaseInSightQuerySet | None:
    """Cases another institution handed over and that nobody has taken into their hands yet."""
    if not to.has(Role.COORDINATOR):
        return None
    return _led(to, state=State.TRANSFERRED)


def to_name_anew(*, to: Member) -> CaseInSightQuerySet | None:
    """Open cases whose named contact has left, or is kept away from the case since; None for whoever names nobody else.

    Asked from the few who have left, not from the many cases; no more than a home page shows.
    """
    if not to.has(Role.COORDINATOR, Role.SUPERVISOR):
        return None
    left = list(
        Member.objects.filter(institution=to.institution_id, ends_on__lte=today()).values_list(
            "pk", flat=True
        )
    )
    away = set(access.exclusions(to=to).filter(lifted_at=None).values_list("case_id", "member_id"))
    named = Care.objects.exclude(state__in=(State.CLOSED, *AT_REST))
    found = (
        [case for (case,) in named.filter(named_contact__in=left).values_list("case")[:MOST]] if left else []
    )
    if away:
        pairs = named.filter(case__in={case for case, _member in away}).values_list("case", "named_contact")
        found += [pair[0] for pair in pairs if pair in away]
    return in_sight(to=to).filter(case__in=found, case__care__lead=to.institution_id).order_by("case_id")


def _due(to: Member, *, until: date, since: date | None = None) -> CaseInSightQuerySet:
    escalated = _most_urgent(to, roles=to.roles, since=since, until=until)
    rows = in_sight(to=to).filter(case__in=[*escalated, *own_cases(to=to)], case__care__due_on__lt=until)
    if since is not None:
        rows = rows.filter(case__care__due_on__gte=since)
    return rows.order_by("case__care__due_on", "case_id")


def _led(to: Member, *, state: State, by_another: bool = False) -> CaseInSightQuerySet:
    found = _most_urgent(to, state=state, by_another=by_another)
    return in_sight(to=to).filter(case__in=found).order_by("case__care__due_on", "case_id")


def _most_urgent(
    to: Member,
    *,
    state: str | None = None,
    roles: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    by_another: bool = False,
) -> list[UUID]:
    """Keys of the cases the member's institution leads that are due first (sql/led.sql), read from an index in their
    order: so the home page of an institution with a million cases is as quick as that of one with ten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id from sec.led_cases(%s::text, %s::text[], %s::date, %s::date, %s, %s)",
            [state, None if roles is None else list(roles), since, until, by_another, MOST],
        )
        return [row[0] for row in cursor.fetchall()]


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
