"""Who may do what in the ledger: the cast down the side, allowed and refused."""

import pytest

from homeward.casework.assistance import actions, permissions, queries
from homeward.casework.assistance.views.entries import STEPS
from homeward.foundation.access.permissions import may
from homeward.foundation.web.navigation import may as may_open
from tests.casework.assistance.conftest import give
from tests.factories.cases import let_in

OVERSEEING = {"dprrp-coordinator", "dprrp-supervisor"}
DIVISION = {*OVERSEEING, "dprrp-officer"}
CENTRE, COUNSELLORS = {"csw-mitrovica-south", "csw-supervisor"}, {"atrc-counsellor", "atrc-head"}
# Pages by member; who is not named opens none.
PAGES = {
    "see_ledger": {*DIVISION, *CENTRE, *COUNSELLORS},
    "ask": {*DIVISION, *CENTRE, *COUNSELLORS},
    "oversee": OVERSEEING,
    "settle": OVERSEEING,
    "account": {*OVERSEEING, *CENTRE, *COUNSELLORS},
}
WORKS = CENTRE
OF_THE_CASE = {
    "request": {*DIVISION, *CENTRE, *COUNSELLORS},
    "check": {*DIVISION, *CENTRE, *COUNSELLORS},
}


def allowed(acting, members, ask):
    found = set()
    for name, member in members.items():
        with acting(member):
            if ask(member):
                found.add(name)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_pages(acting, members, name):
    permission = getattr(permissions, name)
    assert allowed(acting, members, lambda member: may_open(member, permission)) == PAGES[name]


@pytest.mark.parametrize("name", OF_THE_CASE)
def test_about_a_case(acting, ana, members, home, name):
    with acting(ana):
        for code in ("kps", "mental-health-mitrovica-south"):
            let_in(home.mother, code, by=ana)
    permission = getattr(permissions, name)
    assert allowed(acting, members, lambda member: may(member, permission, home.mother)) == OF_THE_CASE[name]


@pytest.mark.parametrize("name", [*STEPS, "justify", "adjust", "work"])
def test_about_an_entry(acting, carla, members, home, name):
    with acting(carla):
        entry = give(home.mother, by=carla)
    permission = getattr(permissions, name)
    assert allowed(acting, members, lambda member: may(member, permission, entry)) == WORKS


def test_the_officer_signs_first_and_never_second(acting, officer, home):
    with acting(officer):
        entry = give(home.mother, by=officer)
        may_do = {name for name, permission in STEPS.items() if may(officer, permission, entry)}
    assert may_do == {"approve", "release", "relieve", "take_back", "stop"}


def test_who_takes_in_the_past(acting, members):
    found = allowed(acting, members, lambda member: may(member, permissions.keep_history, member.institution))
    assert found == {*OVERSEEING, *CENTRE, *COUNSELLORS}


def test_a_unit_behind_a_wall_meets_no_support(acting, members):
    """The intelligence unit of the prisons, whatever its institution may one day be given."""
    with acting(members["kcs-intelligence"]) as member:
        assert not may_open(member, permissions.see_ledger)
        assert not may_open(member, permissions.ask)
        assert queries.undecided(to=member) == []


def test_who_may_know_of_both_sees_an_overlap(acting, ana, carla, dora, members, home):
    with acting(carla):
        give(home.mother, by=carla)
    with acting(dora):
        give(home.mother, by=dora)
    with acting(ana):
        overlap = queries.overlaps(to=ana).get()
    assert allowed(acting, members, lambda member: may(member, permissions.settle, overlap)) == OVERSEEING
    with acting(carla):
        from homeward.foundation.kernel.errors import Missing

        with pytest.raises(Missing):
            queries.overlap(overlap.pk, to=carla)
        with pytest.raises(Missing):
            actions.settle(overlap, by=carla, outcome="accepted")
