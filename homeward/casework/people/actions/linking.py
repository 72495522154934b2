"""Looking through the whole register for people who were registered twice."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from homeward.casework.people.models import HouseholdMembership, Person, PersonName
from homeward.casework.people.rules.linkage import Link, Record, Verdict, Written, linked
from homeward.casework.people.rules.persons import NameKind, Sex
from homeward.foundation.audit.actions import Operator, operation, record_operation


@operation
def link_register(*, by: Operator, least: float = 0.0, workers: int = 2) -> tuple[int, list[Link]]:
    """How many people there are, and which two of them may be one, the likeliest first. Nothing is changed by it.

    Across institutions, so no member can ask for it: the operator runs it for those who review. What it tells are
    references and evidence, no names.
    """
    records = records_of_the_register()
    links = linked(records, workers=workers, least=least)
    same = sum(link.verdict == Verdict.SAME for link in links)
    record_operation("register.linked", "person", by=by, people=len(records), pairs=len(links), same=same)
    return len(records), links


def records_of_the_register(*, by_key: bool = False) -> list[Record]:
    """Everybody in the register with all their names, and the household they live in; called by their reference, or by the
    key of the database."""
    names: dict[UUID, list[Written]] = defaultdict(list)
    found = PersonName.objects.using("migrate").exclude(kind=NameKind.KUNYA).order_by("-is_primary", "pk")
    for person, family, given, father in found.values_list(
        "person_id", "family", "given", "father"
    ).iterator():
        names[person].append(Written(family, given, father))
    memberships = HouseholdMembership.objects.using("migrate").open().values_list("person_id", "household_id")
    homes = {person: str(household) for person, household in memberships.iterator()}
    people = Person.objects.using("migrate").only("pk", "ref", "sex", "born", "municipality").order_by("pk")
    return [
        Record(
            str(person.pk) if by_key else person.ref,
            tuple(names[person.pk]),
            "" if person.sex == Sex.UNKNOWN else person.sex,
            "" if person.born is None or person.born.approximate else person.born.iso,
            str(person.municipality_id or ""),
            homes.get(person.pk, ""),
        )
        for person in people.iterator()
        if names[person.pk]
    ]
