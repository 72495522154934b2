"""Entering people who are not yet known: one, or a whole list, by the same way.

Whoever registers does not see the person yet: nobody sees anybody before there is a case with its doors. The
caller opens the cases in the same transaction (`cases.actions.open_many`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Model

from homeward.casework.people import permissions
from homeward.casework.people.models import (
    BirthPlace,
    Household,
    HouseholdMembership,
    Person,
    PersonName,
    Return,
    ReturnWave,
)
from homeward.casework.people.rules.households import Relation, check_can_head, check_period
from homeward.casework.people.rules.persons import (
    DocumentsStatus,
    NameKind,
    Script,
    Sex,
    check_can_be_born,
    check_can_be_named,
    documents_status,
    script_of,
)
from homeward.casework.people.rules.returns import (
    ReturnState,
    channel_of,
    check_arrival_day,
    expires_on,
)
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record_many
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.rows import insert_many


@dataclass(frozen=True, kw_only=True)
class NewName:
    """One name of a person who is being registered. The first one of a person is the one in use."""

    family: str = ""
    given: str = ""
    father: str = ""
    kind: str = NameKind.PRIMARY
    source: str = ""
    script: Script | None = None


@dataclass(frozen=True, kw_only=True)
class NewReturn:
    """That a person came home, or is expected: with a day of arrival it has happened, unless `state` says otherwise."""

    state: str = ""
    wave: ReturnWave | None = None
    channel: str = ""
    origin: str = ""
    expected_on: date | None = None
    arrived_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """One person to be registered.

    `household` is an existing one, or any text that is the same for all rows of one new household. `documents` is
    None when nobody asked, and empty when the person holds none.
    """

    names: Sequence[NewName]
    sex: str = Sex.UNKNOWN
    born: PartialDate | None = None
    birth_place: str = ""
    documents: Sequence[str] | None = None
    languages: Sequence[str] = ()
    municipality: Municipality | None = None
    household: Household | str | None = None
    relation: str = Relation.UNKNOWN
    in_household_since: date | None = None
    return_: NewReturn | None = None


@dataclass(frozen=True)
class Registered:
    """What became of one row."""

    person: Person
    names: list[PersonName] = field(default_factory=list)
    birth: BirthPlace | None = None
    household: Household | None = None
    membership: HouseholdMembership | None = None
    return_: Return | None = None


@action
def register_many(rows: Sequence[NewPerson], *, by: Member) -> list[Registered]:
    """Registers a list of people with their names, households and returns, in a handful of statements.

    Gives one `Registered` for each row, in the order of the rows. Raises `RuleBroken` for the first row that goes
    against a rule; then nobody was registered.
    """
    require(by, permissions.register, by.institution)
    _check_rows(rows)

    households = _households(rows, by)
    registered = [_registered(row, households, by) for row in rows]
    people = [one.person for one in registered]
    returns = [one.return_ for one in registered if one.return_]
    insert_many(people)
    insert_many(one.birth for one in registered if one.birth)
    insert_many(name for one in registered for name in one.names)
    insert_many(one for key, one in households.items() if isinstance(key, str))
    insert_many(one.membership for one in registered if one.membership)
    insert_many(returns)

    record_many("person.registered", people, by=by, category=Category.IDENTITY)
    _record_some("household.formed", [h for key, h in households.items() if isinstance(key, str)], by)
    for state in (ReturnState.EXPECTED, ReturnState.ARRIVED):
        _record_some(f"return.{state}", [r for r in returns if r.state == state], by, Category.RETURN)
    return registered


@action
def register(row: NewPerson, *, by: Member) -> Registered:
    """Registers one person; see `register_many`."""
    return register_many([row], by=by)[0]


def _check_rows(rows: Sequence[NewPerson]) -> None:
    heads: dict[Household | str, list[str]] = {}
    for row in rows:
        for name in row.names or [NewName()]:
            check_can_be_named(name.family, name.given)
        check_can_be_born(row.born, today())
        if row.return_:
            check_arrival_day(row.return_.arrived_on, today())
            check_period(row.in_household_since, None)
        if row.household:
            others = heads.setdefault(row.household, [])
            check_can_head(row.relation, others)
            others.append(row.relation)


def _households(rows: Sequence[NewPerson], by: Member) -> dict[Household | str, Household]:
    """The household of each key: a new one for each text, an existing one is itself."""
    found: dict[Household | str, Household] = {}
    for row in rows:
        if row.household and row.household not in found:
            new = Household(municipality=row.municipality, created_by=by)
            found[row.household] = new if isinstance(row.household, str) else row.household
    return found


def _registered(row: NewPerson, households: Mapping[Household | str, Household], by: Member) -> Registered:
    person = Person(
        sex=row.sex,
        documents_status=DocumentsStatus(documents_status(row.documents)),
        documents=list(row.documents or ()),
        languages=list(row.languages),
        municipality=row.municipality,
        created_by_id=by.pk,
    )
    person.born = row.born
    names = [_name(person, name, is_primary=place == 0) for place, name in enumerate(row.names)]
    for name in names:
        name.file(names[0], row.born)
    household = households[row.household] if row.household else None
    membership = None
    if household is not None:
        membership = HouseholdMembership(
            household=household, person=person, relation=row.relation, starts_on=row.in_household_since
        )
    return_ = _return(person, row.return_, by) if row.return_ else None
    birth = BirthPlace(person=person, place=row.birth_place.strip()) if row.birth_place.strip() else None
    return Registered(person, names, birth, household, membership, return_)


def _name(person: Person, name: NewName, *, is_primary: bool) -> PersonName:
    return PersonName(
        person=person,
        kind=name.kind,
        family=name.family.strip(),
        given=name.given.strip(),
        father=name.father.strip(),
        script=name.script or script_of(name.family + name.given),
        source=name.source.strip(),
        is_primary=is_primary,
    )


def _return(person: Person, new: NewReturn, by: Member) -> Return:
    state = ReturnState(new.state or (ReturnState.ARRIVED if new.arrived_on else ReturnState.EXPECTED))
    until = new.expires_on or expires_on(today(), new.expected_on)
    return Return(
        person=person,
        wave=new.wave,
        channel=channel_of(new.channel),
        origin=new.origin.strip(),
        state=state,
        expected_on=new.expected_on,
        arrived_on=new.arrived_on,
        expires_on=until if state == ReturnState.EXPECTED else None,
        entered_by_id=by.pk,
    )


def _record_some(
    verb: str, subjects: Sequence[Model], by: Member, category: int = Category.HOUSEHOLD
) -> None:
    if subjects:
        record_many(verb, subjects, by=by, category=category)
