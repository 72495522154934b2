"""Entries: one's own ledger, one entry, what a case was given, and what waits for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from homeward.casework.assistance import permissions
from homeward.casework.assistance.models import (
    AssistanceKind,
    Cover,
    Entry,
    EntryNote,
    EntryQuerySet,
    EntryStep,
    Outcome,
    Overlap,
)
from homeward.casework.assistance.rules.entries import LIVE, TOGETHER, Bar, State, barred
from homeward.casework.assistance.rules.kinds import Measure
from homeward.casework.cases.models import Care, Case, TeamMember
from homeward.casework.people.models import Household, HouseholdMembership, Person, PersonName
from homeward.foundation.access.permissions import NOBODY
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member, Unit
from homeward.foundation.institutions.queries import colleagues_today
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.refs import normalise_ref

# When somebody is told that support ends: time to ask for more, and time to say goodbye to it.
SOON, URGENT = timedelta(days=30), timedelta(days=14)
MOST = 20
MOST_UNDECIDED = 100  # as many as the database tells at once


def kinds(*, to: Member) -> QuerySet[AssistanceKind]:
    """The kinds of support that can be entered today."""
    return AssistanceKind.objects.filter(is_offered=True)


def kinds_to_request(*, to: Member) -> QuerySet[AssistanceKind]:
    """Those of them that are asked for directly; what is awarded for a plan is applied for."""
    return kinds(to=to).exclude(measure=Measure.AWARD)


def _shown(rows: EntryQuerySet) -> EntryQuerySet:
    names = PersonName.objects.order_by("-is_primary", "kind", "id")
    people = Person.objects.prefetch_related(Prefetch("names", queryset=names))
    return rows.select_related("kind", "payer", "case").prefetch_related(
        Prefetch("case__person", queryset=people)
    )


def ledger(
    *,
    to: Member,
    kind: AssistanceKind | UUID | None = None,
    state: str = "",
    source: str = "",
    reference: str = "",
    running: bool = False,
    everybody: bool = False,
) -> EntryQuerySet:
    """What the member's institution gives, or what all payers give that it may see, with the names of who receives it."""
    rows = Entry.objects.all() if everybody else Entry.objects.of_payer(to.institution_id)
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if source:
        rows = rows.filter(source=source)
    if reference:
        wanted = reference.strip()
        by_case = Case.objects.filter(ref=normalise_ref(wanted)).values("pk")
        rows = rows.filter(Q(reference=wanted) | Q(ref=normalise_ref(wanted, "AS")) | Q(case__in=by_case))
    if running:
        rows = rows.live().filter(Q(ends_on=None) | Q(ends_on__gte=today()))
    return _shown(rows)


def sources(*, to: Member) -> list[str]:
    """The funding sources this institution has named so far."""
    found = Entry.objects.of_payer(to.institution_id).exclude(source="")
    return list(found.order_by("source").values_list("source", flat=True).distinct())


def sees_everybody(*, to: Member) -> bool:
    """Whether a protocol lets the member see what other payers give."""
    return permissions.oversee(to) != NOBODY


def entry(ref: str, *, to: Member) -> Entry:
    """One entry by its reference. Raises `Missing`."""
    found = (
        _shown(Entry.objects.filter(ref=normalise_ref(ref, "AS")))
        .select_related("replaces")
        .prefetch_related("requested_by")
        .first()
    )
    if found is None:
        raise Missing
    return found


def steps_of(one: Entry, *, to: Member) -> list[EntryStep]:
    """Everything that was done with an entry, the first first."""
    return list(EntryStep.objects.filter(entry=one).prefetch_related("taken_by"))


@dataclass(frozen=True)
class Hands:
    """Who has done what with an entry, by accounts: one person in two seats is one."""

    did: Mapping[str, Collection[UUID]]
    justified: UUID | None
    settled: Collection[UUID]

    def barred(self, account: UUID) -> dict[str, Bar]:
        """The moves this person can never make with it, and why."""
        return barred(account, self.did, justified=self.justified, settled=self.settled)


def hands_on(one: Entry, *, to: Member, is_open: bool) -> Hands:
    """Who has done what with this entry. `is_open`: it overlaps with something that nobody has settled as right; else a reason
    that was given for it holds nobody back."""
    did: dict[str, set[UUID]] = defaultdict(set)
    justified = None
    steps = EntryStep.objects.filter(entry=one).order_by("taken_at", "pk")
    for move, account in steps.values_list("move", "taken_by__account"):
        did[move].add(account)
        justified = account if move == "justify" and is_open else justified
    both = Q(first=one) | Q(second=one)
    right = Overlap.objects.present().filter(both, outcome=Outcome.ACCEPTED)
    return Hands(did, justified, set(right.values_list("settled_by__account", flat=True)))


def colleagues_who(*roles: str, to: Member) -> set[UUID]:
    """The accounts of the others at the member's institution who hold one of these roles today and work with support."""
    found = colleagues_today(to=to).filter(roles__overlap=list(roles)).exclude(account=to.account_id)
    walled = Q(unit__mask__isnull=False) & ~Q(unit__in=_units_with_support(to))
    return set(found.exclude(walled).values_list("account", flat=True))


def _units_with_support(to: Member) -> list[UUID]:
    """Units behind a wall whose view holds support."""
    units = Unit.objects.filter(institution=to.institution_id, mask__isnull=False)
    return [one.pk for one in units if one.view & (1 << Category.ASSISTANCE)]


def counted_with(one: Entry, *, to: Member, states: Collection[str] = LIVE) -> list[Entry]:
    """What the payer gives beside this entry that counts with it when it is signed for: of the same kind, to the same person
    or to those they live with, begun within thirty days. The database sees all of it, and decides (sec.amount_with)."""
    units = Cover.objects.filter(entry=one).values("unit")
    numbered = Cover.objects.filter(unit__in=units, number=one.kind.number).values("entry")
    rows = Entry.objects.of_payer(one.payer_id).filter(
        Q(case=one.case_id) | Q(pk__in=numbered),
        kind=one.kind_id,
        state__in=states,
        origin_file="",
        starts_on__gte=one.starts_on - TOGETHER,
        starts_on__lte=one.starts_on + TOGETHER,
    )
    return list(rows.exclude(pk=one.pk))


def notes_of(one: Entry, *, to: Member) -> list[EntryNote]:
    """What the payer wrote about it; nothing to anybody else."""
    return list(EntryNote.objects.filter(entry=one).prefetch_related("written_by"))


def family_support(case: Case, *, to: Member) -> list[Entry]:
    """What the people this person lives with were given, as far as the member may see it, the oldest first."""
    homes = HouseholdMembership.objects.open().filter(person=case.person_id).values("household")
    return _given_to(Q(case__person__in=_people_of(homes)) | Q(case=case.pk))


def home_support(household: Household, *, to: Member) -> list[Entry]:
    """What the people of this household were given, as far as the member may see it, the oldest first of each kind."""
    return _given_to(Q(case__person__in=_people_of([household])))


def _people_of(homes: Any) -> Any:
    return HouseholdMembership.objects.open().filter(household__in=homes).values("person")


def _given_to(whose: Q) -> list[Entry]:
    return list(_shown(Entry.objects.filter(whose)).order_by("kind__number", "starts_on", "pk"))


def undecided(*, to: Member) -> list[Entry]:
    """Entries of the member's institution that overlap with something, and nobody has said what follows."""
    if not to.has(*permissions.WORKING):
        return []
    return list(_shown(Entry.objects.filter(pk__in=_keys("select sec.undecided_entries(%s)", MOST))))


def to_move(*, to: Member) -> list[Entry]:
    """Entries that wait for a first signature, or to be handed over. Those that overlap without an answer wait for that first
    (`undecided`); those about which this member spoke last, or settled, wait for somebody else."""
    mine = to.account_id
    answered = Overlap.objects.present().filter(outcome=Outcome.ACCEPTED, settled_by__account=mine)
    last = EntryStep.objects.filter(entry=OuterRef("pk")).order_by("-taken_at", "-pk")
    rows = (
        Entry.objects.filter(permissions.work(to), state__in=[State.REQUESTED, State.APPROVED])
        .exclude(pk__in=_keys("select sec.undecided_entries(%s)", MOST_UNDECIDED))
        .exclude(Exists(answered.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))))
        .annotate(
            last_move=Subquery(last.values("move")[:1]),
            last_by=Subquery(last.values("taken_by__account")[:1]),
        )
        .filter(Q(last_move=None) | ~Q(last_move="justify") | ~Q(last_by=mine))
    )
    return list(_shown(rows).order_by("requested_at", "pk")[:MOST])


def to_countersign(*, to: Member) -> list[Entry]:
    """Entries that wait for a second signature this member could give."""
    rows = Entry.objects.filter(permissions.countersign(to), state=State.SIGNED)
    mine = EntryStep.objects.filter(move="approve", taken_by__account=to.account_id).values("entry")
    return list(_shown(rows.exclude(pk__in=mine)).order_by("requested_at", "pk")[:MOST])


def to_confirm(*, to: Member) -> list[Entry]:
    """What somebody else gave at once and waits for approval."""
    rows = Entry.objects.filter(permissions.confirm(to), state=State.RELIEVED)
    mine = EntryStep.objects.filter(move="relieve", taken_by__account=to.account_id).values("entry")
    return list(_shown(rows.exclude(pk__in=mine)).order_by("requested_at", "pk")[:MOST])


@dataclass(frozen=True)
class Way:
    """Support that ends soon, and how many days are left."""

    entry: Entry
    left: int


def ending_soon(*, to: Member, most: int = MOST) -> list[Way]:
    """Support that ends within thirty days and is not followed by more of its kind: in the member's own cases, in those
    where they are the named contact, and, for whoever answers for the payer, in what it gives."""
    own = TeamMember.objects.current(today()).filter(member=to).values_list("case")
    named = Care.objects.filter(named_contact=to).values_list("case")
    whose = Q(case__in=[row[0] for row in own.union(named)])
    if to.has(*permissions.ANSWERING):
        whose |= Q(payer=to.institution_id)
    day = today()
    rows = Entry.objects.live().filter(whose, ends_on__gte=day, ends_on__lte=day + SOON)
    found = list(_shown(rows.exclude(starts_on__gte=day)).order_by("ends_on", "pk")[: most * 2])
    followed = _followed(found)
    return [Way(one, _left(one, day)) for one in found if one.pk not in followed and _lasts(one)][:most]


def _left(one: Entry, day: date) -> int:
    return (one.ends_on - day).days if one.ends_on else 0


def _lasts(one: Entry) -> bool:
    return one.ends_on != one.starts_on


def _followed(found: Iterable[Entry]) -> set[UUID]:
    """Those after which the same person has more of the same class."""
    answer = set()
    later = list(
        Entry.objects.live()
        .filter(case__in={one.case_id for one in found})
        .values_list("case", "kind__number", "ends_on")
    )
    for one in found:
        answer |= {
            one.pk
            for case, number, ends_on in later
            if case == one.case_id
            and number == one.kind.number
            and (ends_on is None or (one.ends_on and ends_on > one.ends_on))
        }
    return answer


def _keys(statement: str, *given: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [row[0] for row in cursor.fetchall()]
