"""Who lives with whom, and who answers for a child."""

from __future__ import annotations

from datetime import date, timedelta

from homeward.casework.people import permissions
from homeward.casework.people.models import Guardianship, Household, HouseholdMembership, Person
from homeward.casework.people.queries import case_of
from homeward.casework.people.rules.households import (
    HEADS,
    Relation,
    check_can_guard,
    check_can_head,
    check_can_move,
    check_period,
)
from homeward.casework.people.rules.persons import check_can_be_parent
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today


@action
def move_household(
    person: Person,
    *,
    by: Member,
    household: Household | None = None,
    relation: str = Relation.UNKNOWN,
    on: date | None = None,
) -> HouseholdMembership:
    """The person lives in another household from a day on, or, without one, in a new household of their own.

    Where they lived before ends on the day before. Raises `RuleBroken` if that would be before it began, if the new
    household has a head already, or if a parent would be younger than a child.
    """
    require(by, permissions.move_household, person)
    person = Person.objects.get(pk=person.pk)
    day = on or today()
    # What is locked are the memberships: the person's own row is held by whoever keeps the register.
    present = list(HouseholdMembership.objects.select_for_update(no_key=True).filter(person=person).open())
    for membership in present:
        check_can_move(membership.starts_on + timedelta(days=1) if membership.starts_on else None, day)
    if household is None:
        household = Household(municipality=person.municipality, created_by=by)
        household.save(force_insert=True)
        relation = Relation.HEAD if relation == Relation.UNKNOWN else relation
    else:
        _check_fits(person, household, relation)

    for membership in present:
        membership.ends_on = day - timedelta(days=1)
        membership.save(update_fields=["ends_on"])
    moved = HouseholdMembership(household=household, person=person, relation=relation, starts_on=day)
    moved.save(force_insert=True)

    record(
        "person.moved",
        person,
        by=by,
        case=case_of(person, to=by),
        category=Category.HOUSEHOLD,
        household=household.ref,
        relation=relation,
        on=day,
    )
    return moved


@action
def link_guardian(
    child: Person,
    *,
    by: Member,
    kind: str,
    guardian: Person | None = None,
    institution_name: str = "",
    basis: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Guardianship:
    """Records who answers for a child: a person or an institution, in which way, on which basis, from when."""
    require(by, permissions.link_guardian, child)
    check_can_guard(child, guardian, institution_name)
    check_period(starts_on, ends_on)

    guardianship = Guardianship(
        child=child,
        guardian=guardian,
        institution_name=institution_name.strip(),
        kind=kind,
        basis=basis.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        linked_by=by,
    )
    guardianship.save(force_insert=True)

    record(
        "guardian.linked",
        child,
        by=by,
        case=case_of(child, to=by),
        category=Category.HOUSEHOLD,
        kind=kind,
        guardian=guardian.pk if guardian else None,
    )
    return guardianship


@action
def end_guardianship(guardianship: Guardianship, *, by: Member, ends_on: date | None = None) -> Guardianship:
    """Nobody answers for the child in this way after that day."""
    require(by, permissions.end_guardianship, guardianship)
    guardianship = Guardianship.objects.select_for_update(of=("self",), no_key=True).get(pk=guardianship.pk)
    day = ends_on or today()
    check_period(guardianship.starts_on, day)

    guardianship.ends_on = day
    guardianship.save(update_fields=["ends_on"])

    child = Person.objects.get(pk=guardianship.child_id)
    record(
        "guardian.ended", child, by=by, case=case_of(child, to=by), category=Category.HOUSEHOLD, ends_on=day
    )
    return guardianship


def _check_fits(person: Person, household: Household, relation: str) -> None:
    others = HouseholdMembership.objects.filter(household=household).open().select_related("person")
    check_can_head(relation, [one.relation for one in others if one.person_id != person.pk])
    for one in others:
        if relation == Relation.CHILD and one.relation in HEADS:
            check_can_be_parent(one.person.born, person.born)
        if relation in HEADS and one.relation == Relation.CHILD:
            check_can_be_parent(person.born, one.person.born)
