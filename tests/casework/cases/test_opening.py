"""Cases are opened by those who may, one for each person, with the first checks each one needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from homeward.casework.cases import actions, queries
from homeward.casework.cases.actions import opening
from homeward.casework.cases.models import Care, Case, CaseInSight
from homeward.casework.cases.rules.care import State
from homeward.casework.people.actions import register_many
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken
from tests.factories.cases import a_case, a_family, open_cases, person


def test_a_case_carries_the_reference_of_its_person(acting, ana):
    with acting(ana):
        [registered] = register_many([person()], by=ana)
        case = actions.open_case(registered.person, by=ana)
        assert case.ref == registered.person.ref
        assert (case.lead, Care.objects.get(case=case).state) == (
            ana.institution,
            State.RECEPTION,
        )
        assert history(case) == ["case.opened"]
        assert queries.one(case.ref.lower(), to=ana) == case


def test_a_list_of_arrivals_is_opened_at_once_in_a_fixed_number_of_queries(
    acting, ana, django_assert_max_num_queries
):
    with acting(ana):
        few = register_many([person() for _ in range(3)], by=ana)
        many = register_many([person() for _ in range(60)], by=ana)
        with django_assert_max_num_queries(30):
            actions.open_many([actions.NewCase(one.person) for one in few], by=ana)
        with django_assert_max_num_queries(30):
            cases = actions.open_many([actions.NewCase(one.person, State.EXPECTED) for one in many], by=ana)
        assert [case.person_id for case in cases] == [one.person.pk for one in many]
        assert CaseInSight.objects.of(ana).filter(case__in=cases).count() == 60
        assert all(history(case) == ["case.opened"] for case in cases[:2])


def test_nobody_has_two_cases(acting, ana):
    with acting(ana):
        [registered] = register_many([person()], by=ana)
        new = actions.NewCase(registered.person)
        with pytest.raises(RuleBroken) as twice:
            actions.open_many([new, new], by=ana)
        actions.open_many([new], by=ana)
        with pytest.raises(RuleBroken) as again:
            actions.open_many([new], by=ana)
        assert (twice.value.code, again.value.code) == ("case.exists", "case.exists")
        assert Case.objects.filter(person=registered.person).count() == 1


def test_any_other_fault_of_the_database_is_not_taken_for_a_second_case(acting, ana, monkeypatch):
    def broken(*args, **kwargs):
        raise IntegrityError("something else")

    with acting(ana):
        [registered] = register_many([person()], by=ana)
        monkeypatch.setattr(opening, "insert_many", broken)
        with pytest.raises(IntegrityError, match="something else"):
            actions.open_case(registered.person, by=ana)


def test_all_or_none(acting, ana):
    with acting(ana):
        one, other = register_many([person(), person()], by=ana)
        with pytest.raises(RuleBroken):
            actions.open_many(
                [actions.NewCase(one.person), actions.NewCase(other.person, State.ACTIVE)], by=ana
            )
        tomorrow = today() + timedelta(days=1)
        with pytest.raises(RuleBroken):
            actions.open_many([actions.NewCase(one.person, entered_on=tomorrow)], by=ana)
        assert not Case.objects.filter(person__in=[one.person.pk, other.person.pk]).exists()
        assert actions.open_many([], by=ana) == []


def test_a_day_can_be_said_since_when(acting, ana):
    with acting(ana):
        since = today() - timedelta(days=40)
        [case] = open_cases([person()], by=ana, state=State.EXPECTED, entered_on=since)
        assert Care.objects.get(case=case).due_on == since + timedelta(days=180)


def test_only_those_who_lead_open_cases(acting, ana, dora, edu):
    with acting(ana):
        [registered] = register_many([person()], by=ana)
    for member in (dora, edu):
        with acting(member), pytest.raises((NotPermitted, Missing)):
            actions.open_case(registered.person, by=member)


def test_the_family_is_asked_once_and_each_child_for_its_guardian(acting, ana):
    with acting(ana):
        mother, *children = a_family(by=ana)
        assert {"package", "family_unity", "accommodation"} <= set(mother.checks)
        assert "guardian" not in mother.checks
        for child in children:
            assert {"guardian", "age"} <= set(child.checks)
            assert "package" not in child.checks


def test_who_comes_alone_is_a_family_of_one(acting, ana):
    with acting(ana):
        [case] = open_cases([person(born=PartialDate(1990, 4, 2))], by=ana)
        assert {"package", "family_unity", "accommodation"} <= set(case.checks)
        assert "age" not in case.checks


def test_an_expected_person_is_checked_when_they_arrive(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.EXPECTED)
        assert case.checks == []
        actions.receive(case, by=ana)
        assert "identity" in Case.objects.get(pk=case.pk).checks
