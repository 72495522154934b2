"""Pairs of records that may be one person: those a member may look at, and what the linkage desk sees of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet

from homeward.casework.people.models import Person, PersonTwin
from homeward.casework.people.queries.families import kin_of
from homeward.casework.people.queries.persons import open_persons, visible
from homeward.casework.people.rules.persons import Sex
from homeward.casework.people.rules.twins import OF_THE_FAMILY, Source, State, Trait, band_of, traits
from homeward.foundation.access.models import CaseAnchor
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Institution, Member, Municipality
from homeward.foundation.institutions.permissions import NOBODY, holds
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, Text

# What a member looks through who asks for everything that waits.
WAITING = "waiting"


def twins(*, to: Member, state: str = WAITING) -> QuerySet[PersonTwin]:
    """The pairs of which the member reads both and leads one, in one state; those that wait, unless another one is asked for.

    Row-level security leaves out every other pair: there is no number in which it could be counted.
    """
    wanted = State.OPEN if state == WAITING else state
    return PersonTwin.objects.filter(state=wanted).select_related("proposed_by", "decided_by")


def find_twin(pk: UUID, *, to: Member) -> PersonTwin:
    """One pair. Raises `Missing` where the member does not read both, or leads neither."""
    found = PersonTwin.objects.filter(pk=pk).select_related("proposed_by", "decided_by__institution").first()
    if found is None:
        raise Missing
    return found


def merged(person: Person, *, to: Member) -> list[PersonTwin]:
    """The records that were merged into this person's; told to whoever leads the case, and to nobody else."""
    return list(PersonTwin.objects.filter(state=State.SAME, kept=person).select_related("decided_by"))


@dataclass(frozen=True)
class Side:
    """One of the two records, with who is around them."""

    person: Person
    case_ref: str
    kin: list[str] = field(default_factory=list)

    @property
    def names(self) -> str:
        """Every name, the one in use first."""
        return "; ".join(name.with_father for name in self.person.names.all())


def sides(twin: PersonTwin, *, to: Member) -> list[Side]:
    """Both records as the member reads them; of a pair that was merged, the one that is left."""
    people = {one.pk: one for one in visible(to=to).filter(pk__in=[twin.one_id, twin.other_id]).with_names()}
    refs = dict(CaseAnchor.objects.filter(person_id__in=people).values_list("person_id", "ref"))
    return [
        Side(
            people[pk],
            refs.get(pk, ""),
            [f"{kin.person.full_name} ({kin.kin.label})" for kin in kin_of(people[pk], to=to)],
        )
        for pk in (twin.one_id, twin.other_id)
        if pk in people
    ]


def traits_of(twin: PersonTwin, *, to: Member) -> list[Trait]:
    """What was compared, in words; of the family only to whoever reads the families of both."""
    at_home = open_persons(Category.HOUSEHOLD, to=to).filter(person_id__in=[twin.one_id, twin.other_id])
    told = twin.evidence
    if len(set(at_home)) < 2:
        told = [one for one in told if one["what"] not in OF_THE_FAMILY]
    return traits(told)


def names_of(pairs: list[PersonTwin], *, to: Member) -> dict[UUID, str]:
    """What the people of these pairs are called, by their keys."""
    keys = {key for pair in pairs for key in (pair.one_id, pair.other_id)}
    return {one.pk: one.full_name for one in visible(to=to).filter(pk__in=keys).with_names()}


def to_review(*, to: Member, limit: int) -> list[PersonTwin]:
    """Pairs that wait for a first word, the likeliest first."""
    return list(twins(to=to).filter(proposed_by=None).order_by("-probability", "pk")[:limit])


def to_confirm(*, to: Member, limit: int) -> list[PersonTwin]:
    """Merges that somebody else has proposed."""
    mine = holds(to, Role.COORDINATOR, Role.SUPERVISOR)
    waiting = twins(to=to).filter(Q(proposed_by__isnull=False) & ~Q(proposed_by=to.pk) & (mine or NOBODY))
    return list(waiting.order_by("proposed_at", "pk")[:limit])


# --- the linkage desk --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A pair that waits for the desk: no names before somebody opens it."""

    pk: UUID
    found_at: datetime
    band: Text
    asked_at: datetime | None


@dataclass(frozen=True)
class Known:
    """What the desk sees of one record."""

    names: list[str]
    born: PartialDate | None
    sex: Text
    municipality: Municipality | None
    lead: Institution


@dataclass(frozen=True)
class DeskPair:
    """Both records as the desk sees them."""

    pk: UUID
    known: tuple[Known, ...]

    def as_twin(self) -> PersonTwin:
        """The row, for an action: its key is all the desk has of it."""
        return PersonTwin(pk=self.pk)


def desk(*, to: Member, limit: int = 200) -> list[Waiting]:
    """Pairs that nobody who leads one of the two reads whole, the likeliest first. Nothing for everybody but the linkage desk."""
    with connection.cursor() as cursor:
        cursor.execute("select id, found_at, probability, asked_at from sec.desk_twins(%s)", [limit])
        return [
            Waiting(pk, found, band_of(probability, Source.REGISTER), asked)
            for pk, found, probability, asked in cursor.fetchall()
        ]


def desk_pair(pk: UUID, *, to: Member) -> DeskPair:
    """One pair for the desk; that it was looked at is in the log. Raises `Missing` for everybody else and every other key."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select names, born, sex, municipality_id, lead_id from sec.desk_twin(%s, %s)",
                [to.pk, pk],
            )
            rows = cursor.fetchall()
    except DatabaseError as error:
        if "desk.unavailable" not in str(error):
            raise
        raise Missing from error
    places = {one.pk: one for one in Municipality.objects.filter(pk__in=[row[3] for row in rows if row[3]])}
    leads = {one.pk: one for one in Institution.objects.filter(pk__in=[row[4] for row in rows])}
    return DeskPair(
        pk,
        tuple(
            Known(
                names,
                PartialDate.parse(born) if born else None,
                Sex(sex).label,
                places.get(place),
                leads[lead],
            )
            for names, born, sex, place, lead in rows
        ),
    )


def contacts_asked(*, to: Member) -> list[tuple[str, Institution]]:
    """Of which of their cases the member's institution should speak to another one, by reference, and to which."""
    with connection.cursor() as cursor:
        cursor.execute("select case_id, institution_id from sec.contacts_asked()")
        rows = cursor.fetchall()
    refs = dict(CaseAnchor.objects.filter(case_id__in=[row[0] for row in rows]).values_list("case_id", "ref"))
    offices = {one.pk: one for one in Institution.objects.filter(pk__in=[row[1] for row in rows])}
    return [(refs[case], offices[office]) for case, office in rows if case in refs]
