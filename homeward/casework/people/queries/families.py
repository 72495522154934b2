"""Households and kin, as far as the reader may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from homeward.casework.people.models import (
    Guardianship,
    Household,
    HouseholdMembership,
    PeriodQuerySet,
    Person,
    Return,
)
from homeward.casework.people.queries.persons import open_persons, visible
from homeward.casework.people.rules.households import GUARDIAN_AS_KIN, GuardianKind, Kin, kinship
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.refs import normalise_ref


@dataclass(frozen=True)
class KinOf:
    """Somebody who belongs to a person: as what, and how we know it."""

    person: Person
    kin: Kin
    household: Household | None = None
    guardianship: Guardianship | None = None


def households(*, to: Member, municipality: Municipality | None = None) -> QuerySet[Household]:
    """Every household of which the member may know somebody, with those people, their names and their returns.

    `municipality` narrows it to one. Whoever may not see returns finds none in it.
    """
    returns = Return.objects.filter(person__in=open_persons(Category.RETURN, to=to)).order_by(
        "-entered_at", "pk"
    )
    shown = (
        _memberships(to=to)
        .open()
        .select_related("person")
        .order_by("starts_on", "pk")
        .prefetch_related(
            "person__names", Prefetch("person__returns", queryset=returns, to_attr="shown_returns")
        )
    )
    found = (
        Household.objects.filter(pk__in=_memberships(to=to).values("household"))
        .select_related("municipality")
        .prefetch_related(Prefetch("memberships", queryset=shown, to_attr="present"))
    )
    return found if municipality is None else found.filter(municipality=municipality)


def find_household(ref: str, *, to: Member) -> Household:
    """The household with this reference. Raises `Missing`."""
    found = households(to=to).filter(ref=normalise_ref(ref, "HH")).first()
    if found is None:
        raise Missing
    return found


def household_of(person: Person, *, to: Member, on: date | None = None) -> HouseholdMembership | None:
    """Where the person lives on a day (today, if not said): the membership, with its household. None if not known."""
    return (
        _memberships(to=to)
        .filter(person=person)
        .on(on or today())
        .select_related("household__municipality")
        .order_by("-starts_on", "pk")
        .first()
    )


def kin_of(person: Person, *, to: Member, on: date | None = None) -> list[KinOf]:
    """Those who live with a person on a day, and those who answer for them or for whom they answer.

    Children come first, then adults; only people the member may know.
    """
    day = on or today()
    found: list[KinOf] = []
    own = household_of(person, to=to, on=day)
    if own is not None:
        others = list(_memberships(to=to).filter(household=own.household).exclude(person=person).on(day))
        keys = {other.person_id for other in others}
        people = {one.pk: one for one in visible(to=to).filter(pk__in=keys).with_names()}
        found += [
            KinOf(people[other.person_id], kinship(own.relation, other.relation), household=own.household)
            for other in others
            if other.person_id in people
        ]
    return _children_first([*found, *guarding(person, to=to, on=day)], day)


def guarding(person: Person, *, to: Member, on: date | None = None) -> list[KinOf]:
    """Those who answer for a person, wherever they live, and those for whom the person answers; children first."""
    day = on or today()
    about = Guardianship.objects.filter(guardian__isnull=False)
    links = [one for one in about.filter(child=person) | about.filter(guardian=person) if one.holds_on(day)]
    ends = {one.pk: _other_end(one, person) for one in links}
    people = {one.pk: one for one in visible(to=to).filter(pk__in=set(ends.values())).with_names()}
    found = [
        KinOf(
            people[ends[one.pk]],
            GUARDIAN_AS_KIN[GuardianKind(one.kind)] if one.child_id == person.pk else Kin.WARD,
            guardianship=one,
        )
        for one in links
        if ends[one.pk] in people
    ]
    return _children_first(found, day)


def _children_first(found: list[KinOf], day: date) -> list[KinOf]:
    return sorted(
        found, key=lambda kin: (not kin.person.is_child_on(day), kin.person.full_name, kin.person.ref)
    )


def guardianships_of(child: Person, *, to: Member, on: date | None = None) -> list[Guardianship]:
    """Who answers for a child on a day. A guardian whose own file is closed to the member is not named."""
    day = on or today()
    found = (
        Guardianship.objects.filter(child=child, child__in=open_persons(Category.HOUSEHOLD, to=to))
        .select_related("guardian")
        .prefetch_related("guardian__names")
    )
    return [one for one in found.order_by("starts_on", "pk") if one.holds_on(day)]


def find_guardianship(pk: UUID, *, to: Member) -> Guardianship:
    """One guardianship of a child of whom the member may know. Raises `Missing`."""
    found = Guardianship.objects.filter(pk=pk, child__in=open_persons(Category.HOUSEHOLD, to=to)).first()
    if found is None:
        raise Missing
    return found


def _memberships(*, to: Member) -> PeriodQuerySet:
    """Memberships of people of whom the member may know both the name and the family."""
    return HouseholdMembership.objects.filter(
        person__in=open_persons(Category.HOUSEHOLD, to=to),
    ).filter(person__in=open_persons(Category.IDENTITY, to=to))


def _other_end(link: Guardianship, person: Person) -> UUID:
    """Who stands at the other end of a guardianship."""
    return link.guardian_id if link.guardian_id and link.child_id == person.pk else link.child_id
