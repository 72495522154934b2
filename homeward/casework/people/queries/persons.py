"""Whom a member may know. Every other read of this room starts here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from homeward.casework.people.models import Person, PersonQuerySet
from homeward.foundation.access.models import CaseAccess, CaseAnchor
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.refs import normalise_ref


def visible(*, to: Member) -> PersonQuerySet:
    """The persons whose identity the member may read.

    The institution is named although row-level security would find it: so the list starts from the index of what
    the institution sees, instead of asking about every person there is.
    """
    return Person.objects.filter(pk__in=open_persons(Category.IDENTITY, to=to))


def open_persons(category: Category, *, to: Member) -> QuerySet[CaseAccess, UUID]:
    """The keys of persons of whom a category is open in full; of a unit that may see less, the database sees to it."""
    return (
        CaseAccess.objects.filter(institution_id=to.institution_id)
        .alias(bit=F("cat_mask").bitand(1 << category))
        .filter(bit__gt=0)
        .values_list("person_id", flat=True)
    )


def find_person(ref: str, *, to: Member) -> Person:
    """The person with this reference, with names, and with `case_id` and `case_ref` of the case. Raises `Missing`."""
    case = CaseAccess.objects.filter(institution_id=to.institution_id, person_id=OuterRef("pk"))
    anchor = CaseAnchor.objects.filter(person_id=OuterRef("pk"))
    found = (
        visible(to=to)
        .filter(ref=normalise_ref(ref))
        .annotate(case_id=Subquery(case.values("case_id")[:1]), case_ref=Subquery(anchor.values("ref")[:1]))
        .with_names()
        .first()
    )
    if found is None:
        raise Missing
    return found


def known_person(pk: UUID | None, *, to: Member) -> Person | None:
    """The person with this key, if the member may know them."""
    return None if pk is None else visible(to=to).filter(pk=pk).with_names().first()


def case_of(person: Person, *, to: Member) -> UUID | None:
    """The case of a person, for the log; None for somebody who has none yet."""
    return (
        CaseAccess.objects.filter(institution_id=to.institution_id, person_id=person.pk)
        .values_list("case_id", flat=True)
        .first()
    )
