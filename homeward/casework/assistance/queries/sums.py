"""Sums that add up to the cent, months with and without support, and how support is spread. Inside only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from homeward.casework.assistance.models import AssistanceKind, Booked, Entry, catalogue
from homeward.casework.assistance.rules.entries import GRANTED
from homeward.casework.assistance.rules.kinds import Gives, Unit
from homeward.casework.assistance.rules.periods import Period, covers, gaps, joined, months
from homeward.casework.cases.models import Case
from homeward.casework.cases.queries import in_sight
from homeward.casework.people.models import HouseholdMembership
from homeward.casework.people.rules.persons import Sex
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Text

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One line of the totals: so much of a source and a kind, in so many entries; and what of it came back or was reversed
    (`back`), which is not in `amount` any more."""

    source: str
    kind: str
    currency: str
    entries: int
    amount: Decimal
    quantity: int
    back: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        """What left the payer, whatever became of it."""
        return self.amount + self.back


def totals(*, to: Member, since: date | None = None, until: date | None = None) -> list[Line]:
    """What the member's institution has paid, by source and kind, also to people whom it sees no longer, and to those whose
    data were erased, who stand in sums alone.

    Counted by the first day of each entry. What was returned or reversed counts for nothing, and is told beside.
    """
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(lambda: [0, ZERO, 0, ZERO])
    booked = Booked.objects.filter(payer=to.institution_id)
    if since:
        booked = booked.filter(month__gte=since.replace(day=1))
    if until:
        booked = booked.filter(month__lte=until)
    lines: list[Paid | Booked] = [*accounts(to=to, since=since, until=until), *booked]
    for one in lines:
        line, amount = found[one.source, one.kind, one.currency], one.amount or ZERO
        line[0] += one.entries
        line[1] += amount
        line[2] += one.quantity or 0
        line[3] -= min(amount, ZERO)  # what turns another line round
    labels = dict(_labels())
    return [
        Line(source, labels.get(kind, kind), currency, *line)
        for (source, kind, currency), line in sorted(found.items())
    ]


@dataclass(frozen=True)
class Paid:
    """One entry as the accountant reads it: references and sums, and nobody in it. What came back or was reversed stands there
    twice: as it was paid, and with its sign turned (`turned`), so that any sum of the lines is what counts."""

    ref: str
    reference: str
    source: str
    kind: str
    amount: Decimal | None
    currency: str
    quantity: int | None
    starts_on: date
    ends_on: date | None
    state: str
    turned: bool
    recorded_on: date | None

    @property
    def entries(self) -> int:
        """How much it counts among the entries."""
        return -1 if self.turned else 1


def accounts(*, to: Member, since: date | None = None, until: date | None = None) -> list[Paid]:
    """Every entry the accountant of the payer needs, in the order of its first day."""
    with connection.cursor() as cursor:
        cursor.execute("select * from sec.accounts(%s::date, %s::date)", [since, until])
        return [Paid(*row) for row in cursor.fetchall()]


def out_of_sight(*, to: Member, since: date | None = None, until: date | None = None) -> int:
    """How many of these entries are of people whose case the member's institution sees no longer: they stand in the accounts
    and in no list."""
    paid = {one.ref for one in accounts(to=to, since=since, until=until)}
    return len(paid) - Entry.objects.of_payer(to.institution_id).filter(ref__in=paid).count()


@dataclass(frozen=True)
class Row:
    """One class of support over the months: in which it ran, and between which days it did not. Of what is handed over on one
    day and used up later (`is_lasting` is false) nobody can count the days without it."""

    label: str
    marks: list[bool]
    gaps: list[Period]
    is_lasting: bool

    @property
    def covered(self) -> int:
        """In how many months it ran."""
        return sum(self.marks)


@dataclass(frozen=True)
class Continuity:
    """What a family had, month by month."""

    months: list[date]
    rows: list[Row] = field(default_factory=list)

    @property
    def years(self) -> list[tuple[int, int]]:
        """Each year with the number of its months that are shown."""
        found: dict[int, int] = defaultdict(int)
        for month in self.months:
            found[month.year] += 1
        return list(found.items())


# More months than these do not fit on a screen; what is older stands in the list below the picture.
MOST_MONTHS = 36
AHEAD = timedelta(days=365)


def continuity(support: Iterable[Entry], *, to: Member) -> Continuity | None:
    """The last three years of what a reader sees of a family's support, class by class; None where there was none. What was
    asked for and nobody has approved yet is no support: it may never come."""
    entries = [one for one in support if one.state in GRANTED]
    if not entries:
        return None
    day = today()
    ends = [one.ends_on or day for one in entries]
    # A support that runs for years does not push out of the picture what was until today.
    first = min(one.starts_on for one in entries)
    last = max(min(max(day, *ends), day + AHEAD), first)
    shown = months(first, last)[-MOST_MONTHS:]
    whole = Period(shown[0], day) if shown[0] <= day else None
    by_class: dict[str, list[Period]] = defaultdict(list)
    for one in entries:
        by_class[one.kind.class_name].append(one.period)
    lasting = {one.kind.class_name for one in entries if one.kind.gives == Gives.PERIOD}
    rows = [
        _row(label, periods, shown, whole, is_lasting=label in lasting) for label, periods in by_class.items()
    ]
    return Continuity(shown, rows)


def _row(
    label: str, periods: list[Period], shown: list[date], whole: Period | None, *, is_lasting: bool
) -> Row:
    """Gaps are days until today of what is given for days; what is used up later leaves none that anybody could count."""
    ran = joined(periods)
    since = Period(max(whole.starts_on, ran[0].starts_on), whole.ends_on) if whole and is_lasting else None
    between = gaps(ran, since) if since and since.starts_on <= since.ends_on else []
    return Row(label, [any(covers(one, month) for one in ran) for month in shown], between, is_lasting)


@dataclass(frozen=True)
class Spread:
    """How many people, households and how much money, in one group."""

    label: Text
    people: int
    supported: int
    amount: Decimal

    @property
    def share(self) -> int:
        """Of a hundred people, how many were supported."""
        return round(100 * self.supported / self.people) if self.people else 0

    @property
    def per_person(self) -> Decimal:
        """So much for each person of the group, supported or not."""
        return (self.amount / self.people).quantize(Decimal("0.01")) if self.people else ZERO


def spread(*, to: Member) -> dict[str, list[Spread]]:
    """Support by sex, district and size of the household, over all cases the member sees. For the inside: small numbers
    tell of people, so nothing of this leaves the house but through `evidence`."""
    people = _people(to)
    given: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    shared: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for person, unit, amount in Entry.objects.paid().values_list("case__person", "kind__unit", "amount"):
        (shared if unit == Unit.HOUSEHOLD else given)[person] += amount or ZERO
    homes: dict[UUID, list[UUID]] = defaultdict(list)
    for person, one in people.items():
        if one.home:
            homes[one.home].append(person)
    had = {person for person in given if person in people}
    for person, amount in shared.items():
        if person not in people:
            continue
        home = people[person].home
        living = homes[home] if home else [person]
        had |= set(living)
        for one_of in living:
            given[one_of] += amount / len(living)
    groups: dict[str, dict[Text, list[UUID]]] = {"sex": {}, "district": {}, "size": {}}
    for person, one in people.items():
        groups["sex"].setdefault(one.sex, []).append(person)
        groups["district"].setdefault(one.district, []).append(person)
        size = len(homes[one.home]) if one.home else 1
        groups["size"].setdefault(str(size), []).append(person)
    return {
        name: [
            Spread(label, len(keys), len(had & set(keys)), sum((given[key] for key in keys), ZERO).quantize(Decimal("0.01")))
            for label, keys in sorted(found.items(), key=lambda pair: _order(pair[0]))
        ]
        for name, found in groups.items()
    }  # fmt: skip


@dataclass(frozen=True)
class _One:
    sex: Text
    district: str
    home: UUID | None


def _order(label: Text) -> tuple[int, str]:
    text = str(label)
    return (int(text), "") if text.isdigit() else (0, text)


def _people(to: Member) -> dict[UUID, _One]:
    lives = dict(
        HouseholdMembership.objects.open()
        .order_by(F("starts_on").asc(nulls_first=True), "pk")
        .values_list("person", "household")
    )
    found = {}
    for row in in_sight(to=to).select_related("person__municipality__district"):
        person = row.person
        if person is not None:
            place = person.municipality
            found[person.pk] = _One(
                Sex(person.sex).label, place.district.label if place else "", lives.get(person.pk)
            )
    return found


@dataclass(frozen=True)
class Package:
    """One kind of the reception package of a household: how much it should be given and how much it was."""

    kind: str
    expected: int
    delivered: int

    @property
    def missing(self) -> int:
        """How many are still owed."""
        return max(0, self.expected - self.delivered)


def packages(case: Case, support: Iterable[Entry], *, to: Member) -> list[Package]:
    """The reception package of the family of this case: expected by the size of its household, and delivered, by what the
    reader sees of its `support`."""
    home = HouseholdMembership.objects.open().filter(person=case.person_id).values("household")
    people = HouseholdMembership.objects.open().filter(household__in=home).count() or 1
    had: dict[str, int] = defaultdict(int)
    for one in support:
        if one.state in ("released", "relieved"):
            had[one.kind.code] += one.quantity or 0
    labels = dict(_labels())
    return [
        Package(labels.get(share.kind, share.kind), share.wanted(people), had[share.kind])
        for share in catalogue().reception
    ]


def words_of_kinds(*, to: Member) -> dict[str, str]:
    """What each kind is called in the reader's language, by its code."""
    return dict(_labels())


def _labels() -> Iterator[tuple[str, str]]:
    return ((kind.code, str(kind)) for kind in AssistanceKind.objects.all())
