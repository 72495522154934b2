"""A family as it comes in with a list: a mother, two children, and an uncle who is only expected."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from homeward.casework.people import actions, queries
from homeward.casework.people.actions import NewName, NewPerson, NewReturn, Registered
from homeward.casework.people.models import Household, Person
from homeward.casework.people.rules.households import Relation
from homeward.casework.people.rules.persons import NameKind
from homeward.foundation.access.actions import Opened, involve, open_own
from homeward.foundation.access.models import CaseAnchor
from homeward.foundation.access.queries import protocols_for
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.refs import new_id, new_ref

OpenFiles = Callable[..., list[Person]]


@pytest.fixture
def open_files() -> OpenFiles:
    """Opens the door of the institution of `by` to people just registered, as opening their cases does."""

    def opened(registered: Iterable[Registered], *, by: Any) -> list[Person]:
        people = [one.person for one in registered]
        open_own(
            [Opened(new_id(), new_ref(), person.pk, now(), grown_up_on(person)) for person in people], by=by
        )
        return people

    return opened


@pytest.fixture
def let_in() -> Callable[..., None]:
    """The leading institution lets the member's institution into the cases of these people, under all protocols there are."""

    def opened(member: Any, *people: Person, by: Any) -> None:
        for person in people:
            case = CaseAnchor.objects.get(person_id=person.pk).case_id
            protocols = protocols_for(member.institution, lead=by.institution, to=by, case_id=case)
            involve(case, member.institution, protocols=protocols, reason="They work with the family.", by=by)

    return opened


def grown_up_on(person: Person) -> date | None:
    """The day by which the person is certainly eighteen."""
    latest = person.born.latest if person.born else None
    return latest.replace(year=latest.year + 18) if latest else None


def home_of(person: Person, to: Any) -> Household:
    """Where the person lives today."""
    membership = queries.household_of(person, to=to)
    assert membership is not None
    return membership.household


def mother(**more: Any) -> NewPerson:
    """Ardita Osmani, who stands in one list under the name she was born with."""
    return NewPerson(
        names=[
            NewName(family="Osmani", given="Ardita", father="Jusuf", source="reception list"),
            NewName(family="DERVISHI", given="Ardita", kind=NameKind.BIRTH, source="register of births"),
        ],
        **{
            "sex": "F",
            "born": PartialDate(1992, 11, 2),
            "birth_place": "Prizren",
            "documents": ["passport_expired"],
            "household": "family 1",
            "relation": Relation.HEAD,
            "return_": NewReturn(arrived_on=date(2019, 4, 20), channel="organised", origin="Al-Hol"),
            **more,
        },
    )


def child(given: str, year: int, **more: Any) -> NewPerson:
    """One of her children."""
    return NewPerson(
        names=[NewName(family="Osmani", given=given)],
        **{
            "born": PartialDate(year),
            "household": "family 1",
            "relation": Relation.CHILD,
            "return_": NewReturn(arrived_on=date(2019, 4, 20), channel="organised"),
            **more,
        },
    )


@pytest.fixture
def family(acting: Any, ana: Any, open_files: OpenFiles) -> dict[str, Person]:
    """Ardita, Gjorgje and Besa have come home; Ymer is expected. Ana's institution leads their cases."""
    rows = [
        mother(),
        child("Gjorgje", 2015, sex="M"),
        child("Besa", 2017, sex="F"),
        NewPerson(
            names=[NewName(family="Osmani", given="Ymer")],
            sex="M",
            born=PartialDate(1988),
            return_=NewReturn(channel="organised", origin="Al-Roj"),
        ),
    ]
    with acting(ana):
        people = open_files(actions.register_many(rows, by=ana), by=ana)
    return dict(zip(("ardita", "gjorgje", "besa", "ymer"), people, strict=True))
