"""Moving a case on: from a name on a list to a plan that is carried out.

Every move is five beats: lock, require, rule, change, record. The change itself is the same for all of them
and stands in `standing`: the new state, the day, the deadline, and what a paused case remembers.
"""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from homeward.casework.cases import permissions, queries
from homeward.casework.cases.actions.standing import locked, move, recorded
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.rules import care as rules
from homeward.casework.cases.rules.care import CARE, check_not_in_the_future, check_reason
from homeward.foundation.access.actions import hand_over_lead
from homeward.foundation.access.models import Involvement
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now, today


@action
def prepare(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The family is on its way: rooms, doctors and a first contact are made ready."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("prepare", care.state)

    moved = move(care, "prepare", by=by)

    recorded("case.prepared", care, by=by, move=moved.pk)
    return care


@action
def receive(case: Case, *, by: Member, arrived_on: date | None = None, version: int | None = None) -> Care:
    """The person is here. From now on the first checks are open, for the person and once for the family."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("receive", care.state)
    check_not_in_the_future(arrived_on, today(), "arrived_on")

    moved = move(care, "receive", by=by, on=arrived_on)
    care.case.checks = queries.checks_needed([care.case.person], on=today())[care.case.person_id]
    care.case.save(update_fields=["checks"])

    recorded("case.received", care, by=by, move=moved.pk)
    return care


@action
def withdraw(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """The person was expected and never came: nobody waits any more, and the few data can go."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("withdraw", care.state)
    check_reason(reason)

    moved = move(care, "withdraw", by=by, reason=reason)

    recorded("case.withdrawn", care, by=by, move=moved.pk)
    return care


@action
def begin_intake(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The first days are over; now somebody sits down with the person."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("begin_intake", care.state)

    moved = move(care, "begin_intake", by=by)

    recorded("case.intake_begun", care, by=by, move=moved.pk)
    return care


@action
def begin_assessment(case: Case, *, by: Member, version: int | None = None) -> Care:
    """What this person needs is found out, with them."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("begin_assessment", care.state)

    moved = move(care, "begin_assessment", by=by)

    recorded("case.assessment_begun", care, by=by, move=moved.pk)
    return care


@action
def mark_planned(case: Case, *, by: Member, version: int | None = None) -> Care:
    """There is a plan that waits to be carried out."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("mark_planned", care.state)

    moved = move(care, "mark_planned", by=by)

    recorded("case.planned", care, by=by, move=moved.pk)
    return care


@action
def activate(case: Case, *, setting: str, by: Member, version: int | None = None) -> Care:
    """The plan is carried out: in custody, under supervision or in the community."""
    care = locked(case, version)
    require(by, permissions.work, case)
    rules.check_can_activate(care.state, care.setting, setting)

    care.setting = setting
    moved = move(care, "activate", by=by)

    recorded("case.activated", care, by=by, move=moved.pk)
    return care


@action
def suspend(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """The case rests for a time, such as during an illness; nobody is asked for anything meanwhile."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("suspend", care.state)
    check_reason(reason)

    moved = move(care, "suspend", by=by, reason=reason)

    recorded("case.suspended", care, by=by, move=moved.pk)
    return care


@action
def resume(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The case goes on from where it rested."""
    care = locked(case, version)
    require(by, permissions.work, case)
    CARE.check("resume", care.state)

    moved = move(care, "resume", by=by, to=rules.back_to(care.previous_state))

    recorded("case.resumed", care, by=by, move=moved.pk)
    return care


@action
def transfer(
    case: Case, *, institution: Institution, reason: str, by: Member, version: int | None = None
) -> Care:
    """Another institution, which takes part already, becomes the lead; it takes the case over within days.

    Until it does, the case waits where it was and shows as being transferred.
    """
    care = locked(case, version)
    require(by, permissions.change_lead, case)
    rules.check_can_transfer(
        care.state,
        leads=care.case.lead_institution_id,
        to=institution.pk,
        involved=_running(case, institution).exists(),
    )
    check_reason(reason)

    moved = move(care, "transfer", by=by, reason=reason)
    care.named_contact = None  # of the institution that leaves; the new lead names its own
    care.save(update_fields=["named_contact"])
    Case.objects.filter(pk=case.pk).update(lead_institution=institution)
    recorded("case.transferred", care, by=by, move=moved.pk, institution=institution.code)
    hand_over_lead(case.pk, institution, by=by)  # last: from here on the case may be out of sight
    return care


@action
def take_over(case: Case, *, by: Member, version: int | None = None) -> Care:
    """The new lead takes the case into its hands and goes on from where it was."""
    care = locked(case, version)
    require(by, permissions.change_lead, case)
    CARE.check("take_over", care.state)

    moved = move(care, "take_over", by=by, to=rules.back_to(care.previous_state))

    recorded("case.taken_over", care, by=by, move=moved.pk, institution=by.institution.code)
    return care


def _running(case: Case, institution: Institution) -> QuerySet[Involvement]:
    return Involvement.objects.filter(case_id=case.pk, institution=institution, ends_at__gt=now())
