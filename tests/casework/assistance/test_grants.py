"""A small grant: somebody's plan, two people who read it, money through the ledger, visits, and how it ended."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from homeward.casework.assistance import actions, permissions, queries
from homeward.casework.assistance.models import Entry, SmallGrant
from homeward.casework.assistance.queries import grants
from homeward.casework.assistance.rules.grants import Criterion, GrantState
from homeward.casework.assistance.views import rooms
from homeward.foundation.access.permissions import may
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted
from tests.casework.assistance.conftest import kind

POINTS = dict.fromkeys(Criterion.values, 4)


@pytest.fixture
def grant(acting, officer, home):
    """Applied for at the division by the mother."""
    with acting(officer):
        return actions.apply(home.mother, by=officer, purpose="  A bakery at home ", asked=Decimal("1500.00"))


@pytest.fixture
def read_by_two(acting, ana, officer, grant):
    """Both of the division have scored the plan."""
    for member in (ana, officer):
        with acting(member):
            actions.score(grant, by=member, points=POINTS)
    return grant


def awarded(grant, by, **more):
    wanted: dict[str, Any] = {"kind": kind("small-grant"), "amount": Decimal("1200.00"), "starts_on": today()}
    return actions.award(grant, by=by, **(wanted | more))


def test_from_the_plan_to_how_it_ended(acting, ana, officer, read_by_two):
    with acting(ana):
        grant = awarded(read_by_two, ana, source="Fund")
        entry = grant.entry
        assert (grant.state, grant.purpose, entry.state, entry.amount) == (
            GrantState.AWARDED,
            "A bakery at home",
            "requested",
            Decimal("1200.00"),
        )
        # The money needs what all money needs: above the amount, two signatures.
        assert actions.approve(entry, by=ana).state == "signed"
        station = actions.plan_milestone(
            grant, by=ana, kind="visit", what="The oven is there", due_on=today()
        )
        assert [one.what for one in queries.stations_due(to=ana)] == ["The oven is there"]
        assert [str(item.title) for item in rooms._stations(to=ana) or []] == ["Visit: The oven is there"]
    with acting(officer):
        actions.record_milestone(station, by=officer, on=today(), result="reached", found="Warm bread")
        assert queries.stations_due(to=officer) == []
    with acting(ana):
        grant = actions.finish(grant, by=ana, ending="employs")
        assert (grant.state, grant.ending) == (GrantState.FINISHED, "employs")
        assert history(grant) == ["grant.applied", "grant.scored", "grant.scored", "grant.awarded", "grant.milestone_planned", "grant.finished"]  # fmt: skip
        assert history(station) == ["grant.milestone_recorded"]


def test_points_stand_side_by_side_and_each_person_gives_them_once(acting, ana, read_by_two, refuses):
    with acting(ana):
        found = queries.scores_of(read_by_two, to=ana)
        assert len(found) == len(Criterion)
        assert all([points for _name, points in given] == [4, 4] for given in found.values())
        with refuses("grant.scored"):
            actions.score(read_by_two, by=ana, points=POINTS)


@pytest.mark.parametrize("points", [{}, POINTS | {"market": 6}, {"market": 3}, POINTS | {"faith": 1}])
def test_points_that_cannot_be(acting, ana, grant, refuses, points):
    with acting(ana), refuses("grant.points"):
        actions.score(grant, by=ana, points=points)


def test_what_is_no_application(acting, ana, home, refuses):
    with acting(ana):
        with refuses("grant.purpose", "purpose"):
            actions.apply(home.mother, by=ana, purpose=" ", asked=Decimal(1))
        with refuses("grant.amount", "asked"):
            actions.apply(home.mother, by=ana, purpose="x", asked=Decimal(0))


def test_one_reader_is_not_enough_and_no_more_is_given_than_was_asked_for(
    acting, ana, officer, grant, refuses
):
    with acting(ana):
        actions.score(grant, by=ana, points=POINTS)
        with refuses("grant.scorers"):
            awarded(grant, ana)
    with acting(officer):
        actions.score(grant, by=officer, points=POINTS)
        with pytest.raises(NotPermitted):
            awarded(grant, officer)
    with acting(ana):
        with refuses("grant.more_than_asked", "amount"):
            awarded(grant, ana, amount=Decimal("1500.01"))
        assert not Entry.objects.exists()
        actions.decline(grant, by=ana)
        with refuses("grant.award"):
            awarded(grant, ana)
        with refuses("grant.score"):
            actions.score(grant, by=ana, points=POINTS)
        with refuses("grant.decline"):
            actions.decline(grant, by=ana)
        with refuses("grant.plan_milestone"):
            actions.plan_milestone(grant, by=ana, kind="visit", what="x", due_on=today())
        assert history(grant)[-1] == "grant.declined"


def test_an_award_meets_what_others_give(acting, ana, carla, home, read_by_two):
    with acting(carla):
        past = actions.HistoryRow(
            case=home.mother.pk, kind="small-grant", starts_on=today(), amount=Decimal(500), file="l", row=1
        )
        assert [one.outcome for one in actions.record_history([past], by=carla)] == ["kept"]
    with acting(ana):
        grant = awarded(read_by_two, ana)
        assert len(queries.meetings_of(grant.entry, to=ana)) == 1


def test_nothing_is_recorded_twice_nor_before_its_day(acting, ana, read_by_two, refuses):
    with acting(ana):
        grant = awarded(read_by_two, ana)
        station = actions.plan_milestone(grant, by=ana, kind="milestone", what="x", due_on=today())
        with refuses("grant.open"):
            actions.finish(grant, by=ana, ending="runs")
        with refuses("grant.future", "on"):
            actions.record_milestone(station, by=ana, on=today() + timedelta(days=1), result="reached")
        actions.record_milestone(station, by=ana, on=today(), result="missed")
        with refuses("grant.recorded"):
            actions.record_milestone(station, by=ana, on=today(), result="reached")
        actions.finish(grant, by=ana, ending="stopped")
        with refuses("grant.finish"):
            actions.finish(grant, by=ana, ending="runs")


def test_a_grant_is_its_payers_own(acting, ana, carla, dora, members, grant):
    for member in (carla, dora):
        with acting(member):
            with pytest.raises(Missing):
                queries.grant(grant.ref, to=member)
            with pytest.raises(Missing):
                queries.station(grant.pk, to=member)
    matrix = {}
    for login in ("dprrp-coordinator", "dprrp-officer", "csw-mitrovica-south", "auditor"):
        with acting(members[login]) as member:
            names = ("score", "award", "plan_milestone", "finish")
            matrix[login] = {name for name in names if may(member, getattr(permissions, name), grant)}
            if login == "dprrp-officer":
                assert may(member, permissions.apply, grant.case)
    assert matrix == {
        "dprrp-coordinator": {"score", "award", "plan_milestone", "finish"},
        "dprrp-officer": {"score", "plan_milestone"},
        "csw-mitrovica-south": set(),
        "auditor": set(),
    }


@pytest.mark.parametrize("language", ["en", "sq", "sr", "sr-latn"])
def test_the_pages(acting, signed_in, ana, officer, home, language):
    client, second = signed_in(ana), signed_in(officer)
    for browser in (client, second):
        browser.cookies["homeward_language"] = language
    answer = client.post(
        reverse("assistance:apply", args=[home.mother.ref]), {"purpose": "Sewing", "asked": "900,00"}
    )
    with acting(ana):
        grant = SmallGrant.objects.get()
        key = str(kind("small-grant").pk)
    assert answer.headers["Location"] == grant.get_absolute_url()
    for browser in (client, second):
        assert browser.post(reverse("assistance:score", args=[grant.ref]), POINTS).status_code == 302
    assert client.post(reverse("assistance:score", args=[grant.ref]), {}).status_code == 422
    wanted = {"kind": key, "amount": "900", "starts_on": "2026-01-01", "ends_on": "", "source": ""}
    assert client.post(reverse("assistance:award", args=[grant.ref]), wanted).status_code == 302
    planned = {"kind": "visit", "what": "First visit", "due_on": "2026-02-01"}
    assert client.post(reverse("assistance:plan_milestone", args=[grant.ref]), planned).status_code == 302
    with acting(ana):
        [station] = queries.stations_of(grant, to=ana)
    for name in ("grant", "plan_milestone", "finish"):
        assert client.get(reverse(f"assistance:{name}", args=[grant.ref])).status_code == 200
    record = reverse("assistance:record_milestone", args=[station.pk])
    assert client.get(record).status_code == 200
    assert client.post(record, {"on": "2026-02-01", "result": "partly", "found": "half"}).status_code == 302
    page = client.get(grant.get_absolute_url()).content.decode()
    assert re.search(r"Sewing", page)
    assert "half" in page
    assert grant.ref in client.get(reverse("cases:case", args=[home.mother.ref])).content.decode()
    assert client.post(reverse("assistance:finish", args=[grant.ref]), {"ending": "runs"}).status_code == 302
    assert second.post(reverse("assistance:decline", args=[grant.ref])).status_code == 403


def test_a_plan_stands_on_the_home_page_of_whoever_can_go_on_with_it(acting, ana, officer, carla, grant):
    def waiting(member):
        with acting(member):
            return [(item.url, str(item.detail)) for item in rooms._to_decide(to=member)]

    at = grant.get_absolute_url()
    assert waiting(ana) == waiting(officer) == [(at, "Score the plan")]
    assert waiting(carla) == []
    with acting(officer):
        actions.score(grant, by=officer, points=POINTS)
    assert waiting(officer) == []
    assert waiting(ana) == [(at, "Score the plan")]
    with acting(ana):
        actions.score(grant, by=ana, points=POINTS)
    assert waiting(ana) == [(at, "Two people have scored it: award or decline it")]
    assert waiting(officer) == []
    with acting(ana):
        actions.decline(grant, by=ana)
    assert waiting(ana) == []


def test_plans_that_wait_for_others_do_not_hide_those_that_wait_for_me(acting, officer, home, monkeypatch):
    monkeypatch.setattr(grants, "MOST", 2)
    with acting(officer):
        old = [actions.apply(home.mother, by=officer, purpose="Bees", asked=Decimal(9)) for _ in range(3)]
        for one in old:
            actions.score(one, by=officer, points=POINTS)
        new = actions.apply(home.other, by=officer, purpose="Bread", asked=Decimal(9))
        assert [item.url for item in rooms._to_decide(to=officer)] == [new.get_absolute_url()]
