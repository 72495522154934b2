"""Small grants: from an application to how it ended. The money goes the way of every other entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from homeward.casework.assistance import permissions
from homeward.casework.assistance.actions.requesting import enter
from homeward.casework.assistance.models import (
    AssistanceKind,
    GrantScore,
    GrantStation,
    SmallGrant,
    catalogue,
)
from homeward.casework.assistance.rules import grants as rules
from homeward.casework.assistance.rules.grants import GRANT, GrantState
from homeward.casework.cases.models import Case
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today


@action
def apply(case: Case, *, by: Member, purpose: str, asked: Decimal) -> SmallGrant:
    """Somebody wants to begin a work of their own: what for, and how much is asked for."""
    require(by, permissions.apply, case)
    rules.check_can_apply(purpose, asked)

    grant = SmallGrant(
        case=case,
        payer_id=by.institution_id,
        purpose=purpose.strip(),
        asked=asked,
        currency=catalogue().currency,
        applied_by=by,
        applied_at=now(),
    )
    grant.save(force_insert=True)

    record("grant.applied", grant, by=by, category=Category.ASSISTANCE)
    return grant


@action
def score(grant: SmallGrant, *, by: Member, points: Mapping[str, int]) -> SmallGrant:
    """One person has read the plan and gives one to five points in each criterion, once."""
    require(by, permissions.score, grant)
    grant = _held(grant)
    GRANT.check("score", grant.state)
    scorers = GrantScore.objects.filter(grant=grant).values_list("scored_by__account", flat=True)
    rules.check_first_score(by.account_id, scorers)
    rules.check_points(points)

    for criterion, number in points.items():
        GrantScore(
            grant=grant,
            case_id=grant.case_id,
            payer_id=grant.payer_id,
            criterion=criterion,
            points=number,
            scored_by=by,
            scored_at=now(),
        ).save(force_insert=True)

    record("grant.scored", grant, by=by, category=Category.ASSISTANCE)
    return grant


@action
def award(
    grant: SmallGrant,
    *,
    by: Member,
    kind: AssistanceKind,
    amount: Decimal,
    starts_on: date,
    ends_on: date | None = None,
    source: str = "",
) -> SmallGrant:
    """The grant is given, after two people have looked at the plan: its money is asked for in the ledger.

    There it needs the signatures every entry needs, and is compared with what others give.
    """
    require(by, permissions.award, grant)
    grant = _held(grant)
    scorers = GrantScore.objects.filter(grant=grant).values_list("scored_by__account", flat=True)
    rules.check_can_award(grant.state, list(scorers), amount, grant.asked)
    rules.check_awarded_as(kind.measure)

    grant.entry = enter(
        grant.case, by=by, kind=kind, amount=amount, starts_on=starts_on, ends_on=ends_on, source=source
    )
    _decide(grant, GrantState.AWARDED, by)

    record("grant.awarded", grant, by=by, category=Category.ASSISTANCE, entry=grant.entry.pk)
    return grant


@action
def decline(grant: SmallGrant, *, by: Member) -> SmallGrant:
    """The grant is not given."""
    require(by, permissions.award, grant)
    grant = _held(grant)
    GRANT.check("decline", grant.state)

    _decide(grant, GrantState.DECLINED, by)

    record("grant.declined", grant, by=by, category=Category.ASSISTANCE)
    return grant


@action
def plan_milestone(grant: SmallGrant, *, by: Member, kind: str, what: str, due_on: date) -> GrantStation:
    """A milestone or a visit is agreed on for a day; it stands on the home page when the day comes."""
    require(by, permissions.plan_milestone, grant)
    grant = _held(grant)
    GRANT.check("plan_milestone", grant.state)

    station = GrantStation(
        grant=grant,
        case_id=grant.case_id,
        payer_id=grant.payer_id,
        kind=kind,
        what=what.strip(),
        due_on=due_on,
        planned_by=by,
    )
    station.save(force_insert=True)

    record("grant.milestone_planned", grant, by=by, category=Category.ASSISTANCE, kind=kind, due_on=due_on)
    return station


@action
def record_milestone(
    station: GrantStation, *, by: Member, on: date, result: str, found: str = ""
) -> GrantStation:
    """What was found on the day, once."""
    require(by, permissions.plan_milestone, station)
    station = GrantStation.objects.select_for_update(of=("self",), no_key=True).get(pk=station.pk)
    rules.check_can_record(station.done_on, on, today())

    station.done_on, station.result, station.found = on, result, found.strip()
    station.recorded_by = by
    station.save(update_fields=["done_on", "result", "found", "recorded_by"])

    record("grant.milestone_recorded", station, by=by, category=Category.ASSISTANCE, result=result)
    return station


@action
def finish(grant: SmallGrant, *, by: Member, ending: str) -> SmallGrant:
    """How it ended, when nothing that was agreed on still waits."""
    require(by, permissions.finish, grant)
    grant = _held(grant)
    rules.check_can_finish(grant.state, GrantStation.objects.filter(grant=grant, done_on=None).count())

    grant.ending = ending
    _decide(grant, GrantState.FINISHED, by)

    record("grant.finished", grant, by=by, category=Category.ASSISTANCE, ending=ending)
    return grant


def _held(grant: SmallGrant) -> SmallGrant:
    held = SmallGrant.objects.select_for_update(of=("self",), no_key=True).get(pk=grant.pk)
    held.case = Case.objects.get(pk=held.case_id)
    return held


def _decide(grant: SmallGrant, state: str, by: Member) -> None:
    grant.state, grant.decided_by, grant.decided_at = state, by, now()
    grant.save(update_fields=["state", "entry", "ending", "decided_by", "decided_at"])
