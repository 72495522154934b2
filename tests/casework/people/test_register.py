"""Entering people: one or a list, all of it or nothing, and nobody sees them before there is a case."""

from datetime import date, timedelta

import pytest

from homeward.casework.people import actions, queries
from homeward.casework.people.actions import NewName, NewPerson, NewReturn
from homeward.casework.people.models import Household, HouseholdMembership, Person, PersonName, Return
from homeward.casework.people.rules import FOLD_VERSION
from homeward.casework.people.rules.households import Relation
from homeward.casework.people.rules.persons import DocumentsStatus, NameKind, Script
from homeward.casework.people.rules.returns import Channel, ReturnState
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from tests.casework.people.conftest import child, home_of, mother


def test_a_list_becomes_people_names_a_household_and_returns(acting, ana, open_files):
    with acting(ana):
        registered = actions.register_many([mother(), child("Besa", 2017)], by=ana)
        open_files(registered, by=ana)

        ardita, besa = (queries.find_person(one.person.ref, to=ana) for one in registered)
        assert ardita.full_name == "Ardita Osmani"
        assert [name.family for name in ardita.other_names] == ["DERVISHI"]
        assert ardita.born == PartialDate(1992, 11, 2)
        assert (ardita.documents_status, ardita.documents) == (DocumentsStatus.EXPIRED, ["passport_expired"])
        assert besa.documents_status == DocumentsStatus.UNKNOWN
        assert home_of(ardita, ana) == home_of(besa, ana)
        home = queries.returns_of(ardita, to=ana)[0]
        assert (home.state, home.channel, home.arrived_on) == (
            ReturnState.ARRIVED,
            Channel.FORMAL,
            date(2019, 4, 20),
        )


def test_registering_leaves_a_trace_for_each(acting, ana):
    with acting(ana):
        one = actions.register(mother(), by=ana)

        assert one.household
        assert one.return_
        assert history(one.person) == ["person.registered"]
        assert history(one.household) == ["household.formed"]
        assert history(one.return_) == ["return.arrived"]


def test_a_name_is_filed_with_the_words_the_one_in_use_adds(acting, ana, open_files):
    with acting(ana):
        registered = actions.register(
            NewPerson(
                names=[
                    NewName(family="Osmani", given="Ардита", father="Jusuf"),
                    NewName(family="Dervishi", kind=NameKind.BIRTH),
                    NewName(given="Umm Besa", kind=NameKind.KUNYA),
                ]
            ),
            by=ana,
        )
        in_use, birth, kunya = registered.names

        assert {"osmani", "ardita", "isuf"} <= set(in_use.folded)
        assert {"dervisi", "ardita", "isuf"} <= set(birth.folded)
        assert kunya.folded == ["um_besa"], "a kunya stands alone"
        assert in_use.script == Script.CYRILLIC or in_use.script == Script.LATIN
        assert {name.fold_version for name in registered.names} == {FOLD_VERSION}
        assert all(name.keys for name in (in_use, birth))
        assert [name.is_primary for name in registered.names] == [True, False, False]


def test_before_there_is_a_case_nobody_sees_them(acting, ana):
    with acting(ana):
        registered = actions.register(mother(), by=ana)
        assert registered.household

        assert not Person.objects.filter(pk=registered.person.pk).exists()
        assert not PersonName.objects.filter(person=registered.person.pk).exists()
        assert not Return.objects.filter(person=registered.person.pk).exists()
        assert not HouseholdMembership.objects.filter(person=registered.person.pk).exists()
        assert not Household.objects.filter(pk=registered.household.pk).exists()
        assert queries.search("Ardita Osmani", to=ana) == []


def test_an_expected_return_expires_and_one_that_happened_does_not(acting, ana):
    with acting(ana):
        expected = actions.register(NewPerson(names=[NewName(given="Ymer")], return_=NewReturn()), by=ana)
        arrived = actions.register(
            NewPerson(names=[NewName(given="Ymer")], return_=NewReturn(arrived_on=today())), by=ana
        )
        said = actions.register(
            NewPerson(names=[NewName(given="Ymer")], return_=NewReturn(state="arrived")), by=ana
        )

        assert expected.return_
        assert arrived.return_
        assert said.return_
        assert (expected.return_.state, arrived.return_.state) == (ReturnState.EXPECTED, ReturnState.ARRIVED)
        assert expected.return_.expires_on == today() + timedelta(days=730)
        assert arrived.return_.expires_on is said.return_.expires_on is None


def test_people_join_a_household_that_is_there(acting, ana, family):
    with acting(ana):
        home = home_of(family["ardita"], ana)
        joined = actions.register(child("Luan", 2019, household=home), by=ana)

        assert joined.household == home
        assert joined.membership
        assert joined.membership.household_id == home.pk


def test_a_person_without_household_and_return(acting, ana):
    with acting(ana):
        alone = actions.register(NewPerson(names=[NewName(given="Ymer")], documents=[]), by=ana)

        assert (alone.household, alone.membership, alone.return_) == (None, None, None)
        assert alone.person.documents_status == DocumentsStatus.NONE


def test_an_empty_list_is_no_fault(acting, ana):
    with acting(ana):
        assert actions.register_many([], by=ana) == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (NewPerson(names=[]), "person.name"),
        (NewPerson(names=[NewName(family=" ")]), "person.name"),
        (child("Besa", 2090), "person.born_in_future"),
        (child("Besa", 2017, return_=NewReturn(arrived_on=date(2090, 1, 1))), "return.arrived_in_future"),
        (child("Besa", 2017, return_=NewReturn(channel="by magic")), "return.channel"),
        (mother(relation=Relation.SINGLE), "household.two_heads"),
    ],
)
def test_one_faulty_row_and_nobody_is_registered(acting, ana, row, code):
    with acting(ana), pytest.raises(RuleBroken) as refused:
        actions.register_many([mother(), row], by=ana)
    assert refused.value.code == code


def test_who_may_not_register(acting, edu, members):
    for member in (edu, members["donor"], members["data-protection-officer"]):
        with acting(member), pytest.raises(NotPermitted):
            actions.register(mother(), by=member)


def test_a_list_takes_a_handful_of_statements(acting, ana, django_assert_max_num_queries):
    rows = [child(f"Besa{'i' * (n % 5)}", 2000 + n % 20, household=f"family {n // 4}") for n in range(400)]
    with acting(ana), django_assert_max_num_queries(14):
        assert len(actions.register_many(rows, by=ana)) == 400
