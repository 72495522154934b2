"""Moving a case on: from a name on a list to a plan that is carried out.

Every move is five beats: lock, require, rule, change, record. The change itself is the same for all of them
and stands in `Care.move`: the new state, the day, the deadline, and what a paused case remembers.
"""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from homeward.casework.cases import permissions, queries
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.rules import care as rules
from homeward.casework.cases.rules.care import CARE, check_not_in_the_future, check_reason
from homeward.casework.people import queries as people
from homeward.casework.people.actions import record_arrival
from homeward.casework.people.permissions import change_return
from homeward.foundation.access.actions import hand_over_lead
from homeward.foundation.access.models import Involvement
from homeward.foundation.access.permissions import may, require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now, today


@action
def prepare(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The family is on its way: rooms, doctors and a first contact are made ready."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("prepare", care.state)

    moved = care.move("prepare", by=by)

    record("case.prepared", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def receive(case: Case, *, by: Member, arrived_on: date | None = None, version: int | None = None) -> Care:
    """The person is here. From now on the first checks are open, for the person and once for the family.

    Whoever may also write about the way home need not enter the same arrival a second time.
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("receive", care.state)
    check_not_in_the_future(arrived_on, today(), "arrived_on")

    moved = care.move("receive", by=by, on=arrived_on)
    care.case.checks = queries.checks_needed([care.case.person], to=by)[care.case.person_id]
    care.case.save(update_fields=["checks"])
    _arrive(care, by=by, on=arrived_on)

    record("case.received", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def withdraw(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """The person was expected and never came: nobody waits any more, and the few data can go."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("withdraw", care.state)
    check_reason(reason)

    moved = care.move("withdraw", by=by, reason=reason)

    record("case.withdrawn", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def begin_intake(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The first days are over; now somebody sits down with the person."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("begin_intake", care.state)

    moved = care.move("begin_intake", by=by)

    record("case.intake_begun", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def begin_assessment(case: Case, *, by: Member, version: int | None = None) -> Care:
    """What this person needs is found out, with them."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("begin_assessment", care.state)

    moved = care.move("begin_assessment", by=by)

    record("case.assessment_begun", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def mark_planned(case: Case, *, by: Member, version: int | None = None) -> Care:
    """There is a plan that waits to be carried out."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("mark_planned", care.state)

    moved = care.move("mark_planned", by=by)

    record("case.planned", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def activate(case: Case, *, setting: str, by: Member, version: int | None = None) -> Care:
    """The plan is carried out: in custody, under supervision or in the community."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    rules.check_can_activate(care.state, care.setting, setting)

    care.setting = setting
    moved = care.move("activate", by=by)

    record("case.activated", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def suspend(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """The case rests for a time, such as during an illness; nobody is asked for anything meanwhile."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("suspend", care.state)
    check_reason(reason)

    moved = care.move("suspend", by=by, reason=reason)

    record("case.suspended", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def resume(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The case goes on from where it rested."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("resume", care.state)

    moved = care.move("resume", by=by, to=rules.back_to(care.previous_state))

    record("case.resumed", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def transfer(
    case: Case, *, institution: Institution, reason: str, by: Member, version: int | None = None
) -> Care:
    """Another institution, which takes part already, becomes the lead; it takes the case over within days.

    Until it does, the case waits where it was and shows as being transferred.
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.change_lead, case)
    rules.check_can_transfer(
        care.state,
        leads=care.lead_id,
        to=institution.pk,
        involved=_running(case, institution).exists(),
    )
    check_reason(reason)

    care.lead = institution
    care.named_contact = None  # of the institution that leaves; the new lead names its own
    moved = care.move("transfer", by=by, reason=reason)
    record(
        "case.transferred",
        care.case,
        by=by,
        category=Category.CASE,
        institution=institution.code,
        **care.trace(moved),
    )
    hand_over_lead(case.pk, institution, by=by)  # last: from here on the case may be out of sight
    return care


@action
def take_over(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The new lead takes the case into its hands and goes on from where it was."""
    care = Care.objects.locked(case, version)
    require(by, permissions.change_lead, case)
    CARE.check("take_over", care.state)

    moved = care.move("take_over", by=by, to=rules.back_to(care.previous_state))

    record(
        "case.taken_over",
        care.case,
        by=by,
        category=Category.CASE,
        institution=by.institution.code,
        **care.trace(moved),
    )
    return care


def _arrive(care: Care, *, by: Member, on: date | None) -> None:
    """The expected return of this person, where there is one and the member may write it, has happened."""
    expected = people.expected_return(care.case.person, to=by)
    if expected is not None and may(by, change_return, expected):
        record_arrival(expected, by=by, arrived_on=on or today())


def _running(case: Case, institution: Institution) -> QuerySet[Involvement]:
    return Involvement.objects.filter(case_id=case.pk, institution=institution, ends_at__gt=now())
