"""The most urgent cases an institution leads: in their order, only its own, and only for those who may know of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import Case
from homeward.casework.cases.rules.care import State
from homeward.foundation.access.actions import exclude
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import now, today
from tests.factories.cases import a_case, let_in


def led(state=None, roles=None, since=None, until=None, by_another=False, limit=100):
    """The keys the database gives to whoever is asking."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select case_id from sec.led_cases(%s::text, %s::text[], %s::date, %s::date, %s, %s)",
            [state, roles, since, until, by_another, limit],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def cases(acting, ana):
    """One that is due in three days, one in half a year, one that never will be."""
    with acting(ana):
        return [a_case(by=ana, state=state) for state in (State.RECEPTION, State.EXPECTED, State.WITHDRAWN)]


def test_the_most_urgent_come_first_and_none_without_a_day(acting, ana, cases):
    with acting(ana):
        assert led() == [cases[0].pk, cases[1].pk]
        assert led(limit=1) == [cases[0].pk]
        assert led(state="expected") == [cases[1].pk]
        assert led(until=today()) == []
        assert led(since=today() + timedelta(days=4)) == [cases[1].pk]
        assert led(roles=["supervisor"]) == []


def test_only_those_that_the_asking_institution_leads(acting, ana, bruno, cases):
    with acting(ana):
        let_in(cases[0], "kps", by=ana)
    with acting(bruno):
        assert Case.objects.filter(pk=cases[0].pk).exists()
        assert led() == []


def test_whoever_gets_the_lead_gets_the_work(acting, ana, bruno):
    with acting(ana):
        case = a_case(by=ana, state=State.ASSESSMENT)
        with time_machine.travel(
            now() - timedelta(minutes=1)
        ):  # in an earlier transaction than the handing over
            let_in(case, "kps", by=ana)
        actions.transfer(case, institution=Institution.objects.get(code="kps"), reason="a test", by=ana)
        assert led() == []
        assert queries.to_take_over(to=ana).count() == 0
    with acting(bruno):
        assert led(state="transferred") == [case.pk]
        assert [row.case_id for row in queries.to_take_over(to=bruno)] == [case.pk]


def test_who_is_kept_away_from_a_case_is_not_told_that_it_is_urgent(acting, ana, members, cases):
    officer = members["dprrp-officer"]
    with acting(ana):
        exclude(cases[0].pk, member=officer, reason="A neighbour of the family.", by=ana)
    with acting(officer):
        assert led() == [cases[1].pk]


def test_whoever_proposed_a_closure_does_not_confirm_it(acting, ana, members):
    with acting(ana):
        case = a_case(by=ana, state=State.CLOSURE_PROPOSED)
        assert led(state="closure_proposed") == [case.pk]
        assert led(state="closure_proposed", by_another=True) == []
    with acting(members["dprrp-officer"]):
        assert led(state="closure_proposed", by_another=True) == [case.pk]


def test_a_unit_that_does_not_coordinate_is_told_nothing(acting, members, ana):
    with acting(members["kcs-intelligence"]):
        assert led() == []
