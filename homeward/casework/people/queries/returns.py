"""Who has come home and who is awaited: by wave, by municipality, by household. Only for those who may see returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from homeward.casework.people.models import HouseholdMembership, Person, PersonName, Return, ReturnWave
from homeward.casework.people.queries.persons import open_persons
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.errors import Missing


@dataclass
class Counted:
    """How many people of one wave or one municipality (or in all) have come home and how many are awaited."""

    wave: ReturnWave | None = None
    municipality: Municipality | None = None
    arrived: int = 0
    expected: int = 0
    expired: int = 0
    households: int = 0

    @property
    def people(self) -> int:
        """Everybody who has come or is awaited."""
        return self.arrived + self.expected


@dataclass(frozen=True)
class Overview:
    """All returns the member may see, counted three ways. Nobody is counted twice in one of them."""

    total: Counted
    by_wave: list[Counted] = field(default_factory=list)
    by_municipality: list[Counted] = field(default_factory=list)


def waves(*, to: Member) -> QuerySet[ReturnWave]:
    """Every wave, the newest first."""
    return ReturnWave.objects.all()


def returns(
    *,
    to: Member,
    wave: ReturnWave | None = None,
    state: str | None = None,
    municipality: Municipality | None = None,
) -> QuerySet[Return]:
    """The returns of people the member may know, with the people and their names; struck-out ones only if asked for."""
    names = PersonName.objects.order_by("-is_primary", "kind", "id")
    found = (
        Return.objects.filter(person__in=open_persons(Category.RETURN, to=to))
        .filter(person__in=open_persons(Category.IDENTITY, to=to))
        .select_related("wave", "person__municipality")
        .prefetch_related(Prefetch("person__names", queryset=names))
    )
    found = found.filter(state=state) if state else found.exclude(state=ReturnState.CANCELLED)
    found = found if wave is None else found.filter(wave=wave)
    return found if municipality is None else found.filter(person__municipality=municipality)


def returns_of(person: Person, *, to: Member) -> list[Return]:
    """All returns of one person, the newest first; none for a member who may not see returns."""
    return list(
        Return.objects.filter(person=person, person__in=open_persons(Category.RETURN, to=to))
        .select_related("wave")
        .order_by("-entered_at", "pk")
    )


def expected_return(person: Person, *, to: Member) -> Return | None:
    """The return this person is still waited for; None when nobody waits, or the member may not know."""
    return (
        Return.objects.filter(person=person, person__in=open_persons(Category.RETURN, to=to))
        .expected()
        .first()
    )


def find_return(pk: UUID, *, to: Member) -> Return:
    """One return. Raises `Missing`."""
    found = returns(to=to).filter(pk=pk).first() or (
        returns(to=to, state=ReturnState.CANCELLED).filter(pk=pk).first()
    )
    if found is None:
        raise Missing
    return found


def overview(*, to: Member) -> Overview:
    """How many have come home and how many are awaited: in all, by wave, by municipality. In five queries."""
    counted = (
        Return.objects.filter(person__in=open_persons(Category.RETURN, to=to))
        .exclude(state=ReturnState.CANCELLED)
        .order_by()
    )
    lives_in = HouseholdMembership.objects.filter(
        ends_on=None, person__in=open_persons(Category.HOUSEHOLD, to=to)
    )
    homes = dict(lives_in.values_list("person_id", "household_id"))
    rows = list(counted.values_list("person_id", "wave_id", "person__municipality_id", "state"))
    waves_ = {wave.pk: wave for wave in ReturnWave.objects.all()}
    places = {place.pk: place for place in Municipality.objects.all()}
    by_wave = _group(((wave, person, state) for person, wave, _place, state in rows), homes)
    by_place = _group(((place, person, state) for person, _wave, place, state in rows), homes)
    everything = _group(((None, person, state) for person, _wave, _place, state in rows), homes)
    return Overview(
        total=_counted(everything.get(None, _Group())),
        by_wave=sorted(
            (_counted(group, wave=waves_[key] if key else None) for key, group in by_wave.items()),
            key=lambda one: -one.wave.on.toordinal() if one.wave else 0,
        ),
        by_municipality=sorted(
            (_counted(group, municipality=places[key] if key else None) for key, group in by_place.items()),
            key=lambda one: (one.municipality is None, str(one.municipality)),
        ),
    )


@dataclass
class _Group:
    states: Counter[str] = field(default_factory=Counter)
    people: set[UUID] = field(default_factory=set)
    homes: set[UUID] = field(default_factory=set)


def _group(
    rows: Iterable[tuple[UUID | None, UUID, str]], homes: dict[UUID, UUID]
) -> dict[UUID | None, _Group]:
    found: dict[UUID | None, _Group] = {}
    for key, person, state in rows:
        group = found.setdefault(key, _Group())
        group.states[state] += 1
        group.people.add(person)
        if person in homes:
            group.homes.add(homes[person])
    return found


def _counted(
    group: _Group, *, wave: ReturnWave | None = None, municipality: Municipality | None = None
) -> Counted:
    return Counted(
        wave=wave,
        municipality=municipality,
        arrived=group.states[ReturnState.ARRIVED],
        expected=group.states[ReturnState.EXPECTED],
        expired=group.states[ReturnState.EXPIRED],
        households=len(group.homes),
    )
