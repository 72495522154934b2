"""Says, from the protocols and from who was let in where, what every member may see and write. Plain Python.

Written from the words of the protocols, without looking at how the database does it: an institution sees of a case
what the protocols of its running doors say, together; a unit's wall and a member's exclusion take away from that; an
emergency look adds to it for one member; nobody sees anything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.pack import Office, Pack, Protocol, Seat

Sight = dict[str, tuple[int, bool]]
FULL = 3
# What was confided to a school, a doctor or a counsellor, or protects a child or a survivor, is kept from security bodies.
NEVER_TO_SECURITY = {"education", "health", "counselling", "child_protection", "gender_violence"}
NEVER_OF_A_CHILD = {"risk", "security", "intelligence"}  # a child is first of all a victim


@dataclass(frozen=True)
class Case:
    """A person under the guard."""

    key: Any
    person: Any
    lead: str
    adult_on: date | None


@dataclass(frozen=True)
class Door:
    """An institution was let into a case under one protocol, from a moment to another."""

    case: Any
    office: str
    protocol: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Look:
    """An emergency look of one member."""

    case: Any
    login: str
    categories: frozenset[str]
    ends: datetime


@dataclass
class Facts:
    """Everything that was decided: cases, doors, looks, who is kept away, which protocols rest, who serves where."""

    cases: dict[Any, Case] = field(default_factory=dict)
    doors: list[Door] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    kept_away: set[tuple[str, Any]] = field(default_factory=set)
    resting: set[str] = field(default_factory=set)
    seats: dict[str, Seat] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # members who do not serve today

    def hand_over(self, case: Any, office: Office, pack: Pack, at: datetime) -> None:
        """The lead passes: the new one gets its mandates, the old one loses the doors its own mandates were."""
        old = pack.offices[self.cases[case].lead]
        self.doors = [
            replace(door, ends=min(door.ends, at))
            if door.case == case and door.office == old.code and pack.protocols[door.protocol].lets(old, old)
            else door
            for door in self.doors
        ]
        mandates = [one for one in pack.protocols.values() if one.lets(office, office)]
        self.doors += [Door(case, office.code, one.code, at, one.ends) for one in mandates]
        self.cases[case] = replace(self.cases[case], lead=office.code)


@dataclass(frozen=True)
class Oracle:
    """Answers for one moment."""

    pack: Pack
    facts: Facts
    now: datetime
    today: date

    def sight(self, login: str, case: Any) -> Sight:
        """Category → (depth of what others wrote, may write), for everything the member has to do with at all."""
        return self.sights(login).get(case, {})

    def sights(self, login: str) -> dict[Any, Sight]:
        """The same for every case in which the member sees anything."""
        seat = self.facts.seats[login]
        if login in self.facts.gone:
            return {}
        office = self.pack.offices[seat.office]
        inside = self._inside(office, seat.unit)
        found: dict[Any, Sight] = {}
        for door in self.facts.doors:
            if door.office == office.code and self.is_open(door, office):
                _join(found.setdefault(door.case, {}), self.said(door.protocol, office).items())
        for look in self.facts.looks:
            if look.login == login and look.ends > self.now:
                _join(found.setdefault(look.case, {}), ((name, (FULL, False)) for name in look.categories))
        answer = {}
        for case, sight in found.items():
            if not self._is_adult(case):
                sight = {name: what for name, what in sight.items() if name not in NEVER_OF_A_CHILD}
            narrowed = {name: what for name, what in sight.items() if inside is None or name in inside}
            if narrowed and (login, case) not in self.facts.kept_away:
                answer[case] = narrowed
        return answer

    def said(self, protocol: str, office: Office) -> dict[str, tuple[int, bool]]:
        """What a protocol gives to this institution, as far as anything can be given to it."""
        walled = NEVER_TO_SECURITY if office.party == "security" else frozenset[str]()
        clauses = self.pack.protocols[protocol].clauses
        return {name: what for name, what in clauses.items() if name not in walled}

    def _inside(self, office: Office, unit: str) -> frozenset[str] | None:
        """The categories the member's unit sees at all; None for every one."""
        if unit:
            return office.units[unit]
        return frozenset() if office.has_walls else None

    def _is_adult(self, case: Any) -> bool:
        """Certainly of age today; in doubt a child."""
        return is_certainly(18, self.facts.cases[case], self.today)

    def is_open(self, door: Door, office: Office) -> bool:
        """Whether the institution is let in by this door at this moment."""
        protocol: Protocol = self.pack.protocols[door.protocol]
        return (
            door.begins <= self.now < door.ends
            and protocol.begins <= self.now < protocol.ends
            and protocol.code not in self.facts.resting
            and protocol.names(office)
            and is_about(protocol, self.facts.cases[door.case], self.today)
        )


def is_certainly(age: int, case: Case, today: date) -> bool:
    """Whether nobody can doubt that the person of this case has reached the age."""
    return case.adult_on is not None and case.adult_on.replace(year=case.adult_on.year + age - 18) <= today


def is_about(protocol: Protocol, case: Case, today: date) -> bool:
    """Whether a protocol is about people of this age; in doubt somebody is young."""
    if protocol.from_age is not None and not is_certainly(protocol.from_age, case, today):
        return False
    return protocol.until_age is None or not is_certainly(protocol.until_age, case, today)


def outgrows(protocol: Protocol, case: Case, never: datetime) -> datetime:
    """The moment from which the person of this case is too old for the protocol."""
    if protocol.until_age is None or case.adult_on is None:
        return never
    day = case.adult_on.replace(year=case.adult_on.year + protocol.until_age - 18)
    return datetime.combine(day, time(), ZoneInfo("Europe/Belgrade"))


def _join(sight: Sight, more: Iterable[tuple[str, tuple[int, bool]]]) -> None:
    """Several protocols give together what each of them gives: the deeper look, and the right to write of any."""
    for name, (depth, writes) in more:
        if depth or writes:
            before = sight.get(name, (0, False))
            sight[name] = (max(before[0], depth), before[1] or writes)
