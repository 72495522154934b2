"""Where two gifts meet: all of it for those who may know of both, and for a payer that, when, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from homeward.casework.assistance.models import Cover, Entry, EntryStep, Overlap
from homeward.casework.assistance.rules.entries import Reason
from homeward.casework.assistance.rules.periods import FOREVER, Period
from homeward.casework.people.models import Household, Person
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Missing


@dataclass(frozen=True)
class Meeting:
    """Days on which something of the same kind is given, the institution to ask about it, and whether somebody who sees both
    has settled that both are right."""

    period: Period
    ask: Institution | None
    is_right: bool


def meetings_of(entry: Entry, *, to: Member) -> list[Meeting]:
    """The days on which this entry overlaps with others. The database decides who is told, and logs it."""
    with connection.cursor() as cursor:
        cursor.execute("select starts, ends, ask, is_right from sec.overlap_of(%s)", [entry.pk])
        rows = cursor.fetchall()
    offices = Institution.objects.in_bulk({row[2] for row in rows if row[2]})
    return [
        Meeting(Period(starts, ends or FOREVER), offices.get(ask), is_right)
        for starts, ends, ask, is_right in rows
    ]


def own_doubles(entry: Entry, *, to: Member) -> list[Entry]:
    """Those of the entries with which this one overlaps that the member's own institution gives: it may know of them all."""
    covers = list(Cover.objects.filter(entry=entry))
    beside = Cover.objects.filter(payer=to.institution_id, unit__in={one.unit for one in covers}).exclude(
        entry=entry
    )
    keys = {
        other.entry_id
        for other in beside
        for one in covers
        if (one.unit, one.number) == (other.unit, other.number)
        and one.starts <= other.ends
        and other.starts <= one.ends
        and (one.is_lasting or other.is_lasting)
    }
    return list(Entry.objects.filter(pk__in=keys).select_related("kind").order_by("starts_on", "pk"))


@dataclass(frozen=True)
class Found:
    """An overlap as the coordinator reads it: whose household, which two entries, what each payer said to it."""

    overlap: Overlap
    household: Household | None
    person: Person | None
    said: tuple[str, ...]
    is_own: bool  # the reader had a hand in one of the two, and does not decide

    @property
    def reasons(self) -> list[object]:
        """In words, why the payers say that both are needed."""
        words = dict(Reason.choices)
        return [words[code] for code in self.said if code in words]

    @property
    def whose(self) -> str:
        """The reference of the household, or of the person where no household is known."""
        return str(self.household or self.person or "")

    @property
    def address(self) -> str:
        """The page of that household or person."""
        about = self.household or self.person
        return about.get_absolute_url() if about else ""


def overlaps(
    *, to: Member, undecided: bool = False, kind: int | None = None, payer: Institution | UUID | None = None
) -> QuerySet[Overlap]:
    """Every overlap both of whose gifts the member may know of, with the two entries."""
    rows = (
        Overlap.objects.present()
        .select_related(
            "first__kind", "second__kind", "first__payer", "second__payer", "first_case", "second_case"
        )
        .prefetch_related("settled_by")
    )
    if undecided:
        rows = rows.open()
    if kind:
        rows = rows.filter(number=kind)
    if payer:
        rows = rows.filter(first__payer=payer) | rows.filter(second__payer=payer)
    return rows


@dataclass(frozen=True)
class Together:
    """How many overlaps a list holds, how many days and how much money they come to, and of how many the money is not known."""

    count: int
    days: int
    money: Decimal
    unknown: int


def summed(rows: QuerySet[Overlap], *, to: Member) -> Together:
    """All of a list together: one question to the database. Of what still runs, the days until it was last looked at."""
    found = rows.order_by().aggregate(
        count=Count("pk"), shared=Sum("days"), paid=Sum("money"), unknown=Count("pk", filter=Q(money=0))
    )
    return Together(found["count"], found["shared"] or 0, found["paid"] or Decimal("0.00"), found["unknown"])


def to_settle(*, to: Member) -> QuerySet[Overlap]:
    """Those about which nobody has decided and this member may: who had a hand in one of the two gifts may not."""
    account = to.account_id
    both = Q(entry=OuterRef("first")) | Q(entry=OuterRef("second"))
    done = EntryStep.objects.filter(both, taken_by__account=account)
    mine = Q(first__requested_by__account=account) | Q(second__requested_by__account=account)
    return overlaps(to=to, undecided=True).exclude(mine).exclude(Exists(done))


def hands_in(one: Overlap, *, to: Member) -> set[UUID]:
    """The accounts that asked for one of the two gifts, signed for it, paid it, took it in or said why both are needed."""
    entries = (one.first_id, one.second_id)
    asked = Entry.objects.filter(pk__in=entries).values_list("requested_by__account", flat=True)
    did = EntryStep.objects.filter(entry__in=entries).values_list("taken_by__account", flat=True)
    return {*asked, *did}


def found(rows: Iterable[Overlap], *, to: Member) -> list[Found]:
    """The same with households, with what was said about each, and whether the reader decides: five more queries, however many
    rows."""
    shown = list(rows)
    units = {one.unit for one in shown}
    homes = Household.objects.select_related("municipality").in_bulk(units)
    people = Person.objects.in_bulk(units - homes.keys())
    entries = {one.first_id for one in shown} | {one.second_id for one in shown}
    reasons: dict[UUID, str] = {}
    for step in EntryStep.objects.filter(entry__in=entries, move="justify").order_by("taken_at"):
        reasons[step.entry_id] = step.reason
    asked = Entry.objects.filter(pk__in=entries, requested_by__account=to.account_id)
    did = EntryStep.objects.filter(entry__in=entries, taken_by__account=to.account_id)
    own = {*asked.values_list("pk", flat=True), *did.values_list("entry", flat=True)}
    return [
        Found(
            one,
            homes.get(one.unit),
            people.get(one.unit),
            tuple(reasons.get(key, "") for key in (one.first_id, one.second_id)),
            not own.isdisjoint((one.first_id, one.second_id)),
        )
        for one in shown
    ]


def overlap(pk: UUID, *, to: Member) -> Overlap:
    """One overlap. Raises `Missing`."""
    one = overlaps(to=to).filter(pk=pk).first()
    if one is None:
        raise Missing
    return one
