"""Where two gifts meet: all of it for those who may know of both, and for a payer that, when, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from homeward.casework.assistance.models import Entry, EntryStep, Overlap
from homeward.casework.assistance.rules.entries import Reason
from homeward.casework.assistance.rules.periods import FOREVER, Period
from homeward.casework.people.models import Household, Person
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Missing


@dataclass(frozen=True)
class Meeting:
    """Days on which something of the same kind is given, and the institution to ask about it."""

    period: Period
    ask: Institution | None


def meetings_of(entry: Entry, *, to: Member) -> list[Meeting]:
    """The days on which this entry overlaps with others. The database decides who is told, and logs it."""
    with connection.cursor() as cursor:
        cursor.execute("select starts, ends, ask from sec.overlap_of(%s)", [entry.pk])
        rows = cursor.fetchall()
    offices = Institution.objects.in_bulk({row[2] for row in rows if row[2]})
    return [Meeting(Period(starts, ends or FOREVER), offices.get(ask)) for starts, ends, ask in rows]


@dataclass(frozen=True)
class Found:
    """An overlap as the coordinator reads it: whose household, which two entries, what each payer said to it."""

    overlap: Overlap
    household: Household | None
    person: Person | None
    said: tuple[str, ...]

    @property
    def reasons(self) -> list[object]:
        """In words, why the payers say that both are needed."""
        words = dict(Reason.choices)
        return [words[code] for code in self.said if code in words]

    @property
    def whose(self) -> str:
        """The reference of the household, or of the person where no household is known."""
        return str(self.household or self.person or "")


def overlaps(
    *, to: Member, undecided: bool = False, kind: int | None = None, payer: Institution | UUID | None = None
) -> QuerySet[Overlap]:
    """Every overlap both of whose gifts the member may know of, with the two entries."""
    rows = Overlap.objects.present().select_related(
        "first__kind", "second__kind", "first__payer", "second__payer", "first_case", "second_case"
    )
    if undecided:
        rows = rows.open()
    if kind:
        rows = rows.filter(number=kind)
    if payer:
        rows = rows.filter(first__payer=payer) | rows.filter(second__payer=payer)
    return rows


def found(rows: Iterable[Overlap], *, to: Member) -> list[Found]:
    """The same with households, and with what was said about each: three more queries, however many rows."""
    shown = list(rows)
    units = {one.unit for one in shown}
    homes = Household.objects.select_related("municipality").in_bulk(units)
    people = Person.objects.in_bulk(units - homes.keys())
    entries = {one.first_id for one in shown} | {one.second_id for one in shown}
    reasons: dict[UUID, str] = {}
    for step in EntryStep.objects.filter(entry__in=entries, move="justify").order_by("taken_at"):
        reasons[step.entry_id] = step.reason
    return [
        Found(
            one,
            homes.get(one.unit),
            people.get(one.unit),
            tuple(reasons.get(key, "") for key in (one.first_id, one.second_id)),
        )
        for one in shown
    ]


def overlap(pk: UUID, *, to: Member) -> Overlap:
    """One overlap. Raises `Missing`."""
    one = overlaps(to=to).filter(pk=pk).first()
    if one is None:
        raise Missing
    return one
