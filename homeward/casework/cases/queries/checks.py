"""Which first checks are needed, and which of them are still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from homeward.casework.cases.models import Case, ChecklistItem
from homeward.casework.cases.queries.sight import sight_of
from homeward.casework.cases.rules.checks import Check, checks_for, known
from homeward.casework.people.models import HouseholdMembership, Person
from homeward.casework.people.rules.households import HEADS
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today


@dataclass(frozen=True)
class Answer:
    """A check of a case, with the answer to it if this reader may know one, and whether they may give one."""

    check: Check
    item: ChecklistItem | None
    can_tick: bool


def checks_needed(people: Sequence[Person], *, to: Member) -> dict[UUID, list[str]]:
    """For each person the codes of the first checks they need, as far as their own data tell."""
    firsts = _first_of_their_families([person.pk for person in people])
    return {
        person.pk: checks_for(
            minor=person.is_child_on(today()),
            age_certain=person.born is not None
            and not person.born.approximate
            and person.born.day is not None,
            first_of_family=person.pk in firsts,
        )
        for person in people
    }


def open_checks(case: Case, *, to: Member) -> list[Answer]:
    """The checks of this case that concern the reader, with their answers.

    Those one may do, and for whoever coordinates also those one may know about. A school that knows a name is
    not concerned with how it was checked.
    """
    sight = sight_of(case, to=to)
    coordinates = sight.summarises(Category.CASE)
    concerned = {
        category
        for category in Category
        if sight.writes(category) or (coordinates and sight.summarises(category))
    }
    found = {
        item.code: item
        for item in ChecklistItem.objects.filter(case=case)
        .select_related("institution")
        .prefetch_related("ticked_by")
    }
    return [
        Answer(
            check,
            item,
            sight.writes(check.category) and (item is None or item.institution_id == to.institution_id),
        )
        for check in known(case.checks, concerned)
        for item in [found.get(check.code)]
    ]


def _first_of_their_families(people: Iterable[UUID]) -> set[UUID]:
    """Who stands first in each household of these people: the head, or else one of them; the rest stand alone.

    Somebody whose household is not known is a family of one.
    """
    wanted = set(people)
    households = HouseholdMembership.objects.open().filter(person__in=wanted).values("household")
    lives_in: dict[UUID, list[HouseholdMembership]] = defaultdict(list)
    for membership in HouseholdMembership.objects.open().filter(household__in=households):
        lives_in[membership.household_id].append(membership)
    first = {
        min(
            members,
            key=lambda one: (one.relation not in HEADS, one.person_id not in wanted, str(one.person_id)),
        ).person_id
        for members in lives_in.values()
    }
    housed = {one.person_id for members in lives_in.values() for one in members}
    return (first | (wanted - housed)) & wanted
