"""A family: the people of one household, and the case of each that the reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homeward.casework.cases.models import Case, CaseInSight
from homeward.casework.cases.queries.sight import in_sight
from homeward.casework.people.models import Household, HouseholdMembership, Person
from homeward.casework.people.rules.households import HEADS, Kin, kinship
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, Text
from homeward.foundation.kernel.refs import normalise_ref


@dataclass(frozen=True)
class FamilyMember:
    """Somebody of the household: what they are to the person one reads about (or to the head), who, and their case, as far as
    the reader may know.
    """

    relation: Text
    person: Person | None
    seen: CaseInSight | None
    since: date | None = None
    is_this_one: bool = False

    @property
    def case(self) -> Case | None:
        """The case, when the reader sees it."""
        return self.seen.case if self.seen else None


@dataclass(frozen=True)
class Family:
    """One household with the members the reader may know of, the head first, then by age."""

    household: Household
    members: list[FamilyMember]


def family(ref: str, *, to: Member) -> Family:
    """One household by its reference. Raises `Missing` when the reader may know of nobody in it."""
    household = (
        Household.objects.filter(ref=normalise_ref(ref, "HH"))
        .select_related("municipality__district")
        .first()
    )
    if household is None:
        raise Missing
    families = _with_members([household], to=to)
    if not families[0].members:
        raise Missing
    return families[0]


def families_of(case: Case, *, to: Member) -> list[Family]:
    """The households in which the person of this case lives today, with everybody there: six queries."""
    households = list(
        Household.objects.filter(
            pk__in=HouseholdMembership.objects.on(today()).filter(person=case.person_id).values("household")
        )
        .select_related("municipality__district")
        .order_by("created_at", "ref")
    )
    return _with_members(households, to=to, this=case)


def _with_members(households: list[Household], *, to: Member, this: Case | None = None) -> list[Family]:
    memberships = list(HouseholdMembership.objects.on(today()).filter(household__in=households))
    keys = {membership.person_id for membership in memberships}
    people = {person.pk: person for person in Person.objects.with_names().filter(pk__in=keys)}
    seen = {row.person_id: row for row in in_sight(to=to).filter(person__in=keys)}
    mine = {one.household_id: one for one in memberships if this and one.person_id == this.person_id}

    def place(membership: HouseholdMembership) -> tuple[bool, str, str]:
        person = people.get(membership.person_id)
        born = person.born.iso if person and person.born else "9999"
        return membership.relation not in HEADS, born, str(membership.person_id)

    return [
        Family(
            household,
            [
                FamilyMember(
                    _relation(membership, mine.get(household.pk)),
                    people.get(membership.person_id),
                    seen.get(membership.person_id),
                    since=membership.starts_on,
                    is_this_one=this is not None and membership.person_id == this.person_id,
                )
                for membership in sorted(memberships, key=place)
                if membership.household_id == household.pk
            ],
        )
        for household in households
    ]


def _relation(other: HouseholdMembership, mine: HouseholdMembership | None) -> Text:
    """What somebody is to the person one reads about, where that follows; else what they are to the head."""
    if mine is None or mine == other:
        return other.get_relation_display()
    kin = kinship(mine.relation, other.relation)
    return other.get_relation_display() if kin == Kin.SAME_HOUSEHOLD else kin.label
