"""Who may do what, for the whole cast: one table, allowed and refused."""

import pytest

from homeward.casework.people import actions, permissions, queries
from homeward.casework.people.models import PersonTwin
from homeward.foundation.access.permissions import may
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.web.navigation import may as may_open

# Of a person whose case Ana's institution leads, and into which all of these were let in as far as protocols allow.
ABOUT_A_PERSON = {
    permissions.correct_person: {"dprrp-coordinator", "dprrp-officer", "dprrp-supervisor"},
    permissions.add_name: {"dprrp-coordinator", "dprrp-officer", "dprrp-supervisor"},
    permissions.move_household: {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "csw-mitrovica-south",
        "csw-supervisor",
    },
    permissions.link_guardian: {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "csw-mitrovica-south",
        "csw-supervisor",
    },
    permissions.expect_return: {"dprrp-coordinator", "dprrp-officer", "dprrp-supervisor"},
}
ABOUT_A_RETURN = {
    permissions.change_return: {"dprrp-coordinator", "dprrp-officer", "dprrp-supervisor"},
}
IN_THE_OWN_INSTITUTION = {
    permissions.register: {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "kps-officer",
        "kps-supervisor",
        "kcs-ve-unit",
        "csw-mitrovica-south",
        "csw-supervisor",
    },
    permissions.open_wave: {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "kps-officer",
        "kps-supervisor",
    },
    permissions.publish_figure: {"dprrp-coordinator", "kps-supervisor"},
}
WORKING = {
    *(
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "kps-officer",
        "kps-supervisor",
        "kcs-ve-unit",
        "csw-mitrovica-south",
        "csw-supervisor",
    ),
    *("atrc-counsellor", "atrc-head", "school-psychologist", "health-psychologist"),
}
PAGES = {
    permissions.review_twins: WORKING,
    permissions.work_at_desk: {"dprrp-officer"},
    permissions.see_returns: {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "kps-officer",
        "kps-supervisor",
    },
    permissions.see_figures: {
        *("dprrp-coordinator", "dprrp-officer", "dprrp-supervisor", "kps-officer", "kps-supervisor"),
        *(
            "data-protection-officer",
            "auditor",
            "donor",
            "administrator",
            "reviewer",
            "municipal-focal-point",
        ),
    },
}
HELPERS = (
    "csw-mitrovica-south",
    "kps-supervisor",
    "kcs-ve-unit",
    "school-psychologist",
    "atrc-counsellor",
    "health-psychologist",
)


@pytest.fixture
def shared(acting, ana, members, family, let_in):
    """Ymer's case, opened to every institution that helps: old enough for a prison, young enough for a school."""
    with acting(ana):
        actions.correct_person(family["ymer"], by=ana, version=1, born=PartialDate(today().year - 19))
        for name in HELPERS:
            let_in(members[name], family["ymer"], by=ana)
        [expected] = queries.returns_of(family["ymer"], to=ana)
    return family["ymer"], expected


def allowed(acting, members, ask):
    found = set()
    for name, member in members.items():
        with acting(member):
            if ask(member):
                found.add(name)
    return found


@pytest.mark.parametrize("permission", ABOUT_A_PERSON, ids=lambda one: one.__name__)
def test_about_a_person(acting, members, shared, permission):
    person, _expected = shared

    assert (
        allowed(acting, members, lambda member: may(member, permission, person)) == ABOUT_A_PERSON[permission]
    )


@pytest.mark.parametrize("permission", ABOUT_A_RETURN, ids=lambda one: one.__name__)
def test_about_a_return(acting, members, shared, permission):
    _person, expected = shared

    assert (
        allowed(acting, members, lambda member: may(member, permission, expected))
        == ABOUT_A_RETURN[permission]
    )


def test_about_a_guardianship(acting, ana, members, shared):
    from homeward.casework.people import actions

    person, _expected = shared
    with acting(ana):
        link = actions.link_guardian(person, by=ana, kind="guardian", institution_name="Centre")

    assert allowed(acting, members, lambda member: may(member, permissions.end_guardianship, link)) == {
        "dprrp-coordinator",
        "dprrp-officer",
        "dprrp-supervisor",
        "csw-mitrovica-south",
        "csw-supervisor",
    }


@pytest.mark.parametrize("permission", IN_THE_OWN_INSTITUTION, ids=lambda one: one.__name__)
def test_in_the_own_institution(acting, members, permission):
    assert (
        allowed(acting, members, lambda member: may(member, permission, member.institution))
        == IN_THE_OWN_INSTITUTION[permission]
    )


@pytest.mark.parametrize("permission", PAGES, ids=lambda one: one.__name__)
def test_pages(acting, members, permission):
    assert allowed(acting, members, lambda member: may_open(member, permission)) == PAGES[permission]


def test_everybody_may_search(acting, members):
    assert allowed(acting, members, lambda member: may_open(member, permissions.search)) == set(members)


def test_a_unit_that_may_not_see_families_writes_about_none(acting, members, shared):
    """The intelligence unit of the prisons is a wall of its own, whatever its institution may do."""
    person, _expected = shared
    member = members["kcs-intelligence"]
    with acting(member):
        assert not may(member, permissions.move_household, person)
        assert not may_open(member, permissions.see_returns)


def test_about_a_pair(acting, ana, members, family):
    """Who proposed a merge does not confirm it; whoever reads only one of the two finds no pair at all."""
    with acting(ana):
        actions.tell_apart(family["ymer"], [family["ardita"]], by=ana)
        [pair] = PersonTwin.objects.filter(state="different")
    division = {"dprrp-coordinator", "dprrp-officer", "dprrp-supervisor"}
    for permission, who in (
        (permissions.review_twins, division),
        (permissions.confirm_merge, {"dprrp-coordinator", "dprrp-supervisor"}),
        (permissions.take_apart, {"dprrp-coordinator", "dprrp-supervisor"}),
    ):
        assert allowed(acting, members, lambda member, asked=permission: may(member, asked, pair)) == who
