"""Which cases a member sees, and what they can do with one of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Care, Case, CaseInSight, CaseInSightQuerySet, TeamMember
from homeward.casework.people.models import (
    HouseholdMembership,
    PersonName,
    Return,
    ReturnQuerySet,
    ReturnWave,
)
from homeward.casework.people.queries import known_person
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.access import queries as access
from homeward.foundation.access.queries import Sight
from homeward.foundation.institutions.models import Institution, Member, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.refs import normalise_ref

POWERS = {
    "work": permissions.work,
    "close": permissions.close,
    "change_lead": permissions.change_lead,
    "archive": permissions.archive,
    "end_retention": permissions.end_retention,
    "involve": permissions.involve,
    "assign": permissions.assign,
    "write_note": permissions.write_note,
}


def in_sight(
    *,
    to: Member,
    state: str = "",
    municipality: Municipality | UUID | None = None,
    wave: ReturnWave | UUID | None = None,
    household: str = "",
    lead: Institution | UUID | None = None,
    overdue: bool = False,
    mine: bool = False,
) -> CaseInSightQuerySet:
    """The cases this member sees, with what a list shows of each: two queries, however long the list.

    What a reader may not know filters nothing in: a case whose state is hidden is in no list of a state.
    """
    names = PersonName.objects.order_by("-is_primary", "kind", "id")
    rows = (
        CaseInSight.objects.of(to)
        .select_related("case__care__named_contact", "person__municipality")
        .prefetch_related(Prefetch("person__names", queryset=names))
    )
    if state:
        rows = rows.filter(case__care__state=state)
    if municipality:
        rows = rows.filter(person__municipality=municipality)
    if wave:
        rows = rows.filter(Exists(_returns().filter(wave=wave)))
    if household:
        rows = rows.filter(
            Exists(
                HouseholdMembership.objects.open().filter(
                    person=OuterRef("person_id"), household__ref=normalise_ref(household, "HH")
                )
            )
        )
    if lead:
        rows = rows.filter(case__care__lead=lead)
    if overdue:
        rows = rows.filter(case__care__due_on__lt=today())
    if mine:
        rows = rows.filter(case__in=own_cases(to=to))
    return rows


def overdue(on: date, *, to: Member) -> CaseInSightQuerySet:
    """The cases this member sees that should have moved on before this day, the latest first."""
    return in_sight(to=to).filter(case__care__due_on__lt=on).order_by("case__care__due_on", "case_id")


def own_cases(*, to: Member) -> list[UUID]:
    """Keys of the cases on which this member works, or is the named contact.

    Asked for first, from the index of the member, and then put into a question about cases: if each case in sight were
    asked instead, it would be a long way to these few.
    """
    on_team = TeamMember.objects.current(today()).filter(member=to).values_list("case")
    named = Care.objects.filter(named_contact=to).values_list("case")
    return [row[0] for row in on_team.union(named)]


def one(ref: str, *, to: Member) -> Case:
    """One case by its reference, with what this member may know of it. Raises `Missing`."""
    case = (
        Case.objects.filter(ref=normalise_ref(ref))
        .select_related(
            "care__lead", "care__named_contact", "care__closure_proposed_by", "care__erasure_proposed_by"
        )
        .first()
    )
    if case is None:
        raise Missing
    case.sight = access.sight(case.pk, to=to)
    case.known_person = known_person(case.person_id, to=to)
    return case


def sight_of(case: Case, *, to: Member) -> Sight:
    """What this member may see of a case; asked once for a page."""
    if "sight" not in case.__dict__:
        case.sight = access.sight(case.pk, to=to)
    return case.sight


def escalation_owners(case: Case, *, to: Member) -> list[Member]:
    """Who is asked to act when the day has passed: those who hold that role in the leading institution today."""
    care = case.standing
    if care is None or not care.escalates_to:
        return []
    return list(
        Member.objects.serving()
        .filter(institution=care.lead_id, roles__contains=[care.escalates_to])
        .order_by("name")
    )


def powers(case: Case, *, to: Member) -> frozenset[str]:
    """Which kinds of things this member may do with this case: every permission, asked in one query."""
    asked = {name: ExpressionWrapper(rule(to), output_field=BooleanField()) for name, rule in POWERS.items()}
    rows = Case.objects.filter(pk=case.pk).values_list(*asked.values())
    return frozenset(name for row in rows for name, granted in zip(asked, row, strict=True) if granted)


def powers_of(case: Case, *, to: Member) -> frozenset[str]:
    """The same, asked once for a page."""
    if "powers" not in case.__dict__:
        case.powers = powers(case, to=to)
    return case.powers


def _returns() -> ReturnQuerySet:
    return Return.objects.exclude(state=ReturnState.CANCELLED).filter(person=OuterRef("person_id"))
