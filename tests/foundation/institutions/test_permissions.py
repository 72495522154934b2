"""Who may do what with seats and posts, for the whole cast: one table, allowed and refused; and the rules behind it."""

from typing import Any

import pytest

from homeward.foundation.access.permissions import may
from homeward.foundation.institutions import permissions, queries, rules
from homeward.foundation.institutions.models import FocalPoint
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.web.navigation import may as may_open

ANSWERING = {
    *("dprrp-coordinator", "kps-supervisor", "kcs-ve-unit", "csw-mitrovica-south", "school-psychologist"),
    *("atrc-counsellor", "administrator", "health-psychologist"),
}
OF_A_COLLEAGUE = (permissions.change_roles, permissions.move, permissions.invite, permissions.dismiss)
# Whom those of the cast who answer for an institution may change: their colleagues, and nobody behind a wall.
COLLEAGUES = {
    "dprrp-officer": {"dprrp-coordinator"},
    "kps-officer": {"kps-supervisor"},
    "kcs-intelligence": set(),
}


def allowed(acting: Any, members: dict[str, Any], ask: Any) -> set[str]:
    found = set()
    for name, member in members.items():
        with acting(member):
            if ask(member):
                found.add(name)
    return found


def test_who_appoints_in_the_own_institution(acting: Any, members: dict[str, Any]) -> None:
    assert allowed(acting, members, lambda m: may(m, permissions.appoint, m.institution)) == ANSWERING
    assert allowed(acting, members, lambda m: may_open(m, permissions.browse_colleagues)) == ANSWERING
    assert allowed(acting, members, lambda m: may_open(m, permissions.browse_directory)) == set(members)


def test_nobody_appoints_elsewhere(acting: Any, members: dict[str, Any], ana: Any) -> None:
    assert allowed(acting, members, lambda m: may(m, permissions.appoint, ana.institution)) == {
        "dprrp-coordinator"
    }


@pytest.mark.parametrize("permission", OF_A_COLLEAGUE, ids=lambda one: one.__name__)
@pytest.mark.parametrize("login", COLLEAGUES)
def test_of_a_colleague(acting: Any, members: dict[str, Any], permission: Any, login: str) -> None:
    assert allowed(acting, members, lambda m: may(m, permission, members[login])) == COLLEAGUES[login]


@pytest.mark.parametrize("permission", OF_A_COLLEAGUE, ids=lambda one: one.__name__)
def test_nobody_changes_their_own_seat(acting: Any, members: dict[str, Any], permission: Any) -> None:
    assert allowed(acting, members, lambda m: may(m, permission, m)) == set()


def test_who_fills_a_post(acting: Any, members: dict[str, Any], ana: Any, as_coordinator: Any) -> None:
    point = members["municipal-focal-point"]
    with acting(ana):
        post = FocalPoint.objects.get(institution=point.institution, ends_on=None)
    assert allowed(acting, members, lambda m: may(m, permissions.fill_focal_point, post)) == set()
    with as_coordinator(point) as by:
        assert may(by, permissions.fill_focal_point, post)


class TestRules:
    def test_auditors_are_given_by_bodies_of_oversight_alone(self) -> None:
        desk = {Role.LINKAGE_DESK}
        assert set(Role) - set(rules.roles_to_give("state")) == {Role.AUDITOR, Role.DATA_PROTECTION} | desk
        assert set(rules.roles_to_give("oversight")) == set(Role) - desk
        rules.check_roles(["auditor"], "oversight")
        rules.check_roles(["linkage_desk"], "state", by_operator=True)
        for roles, party, code in (
            (["auditor"], "state", "oversight"),
            ([], "state", "roles"),
            (["x"], "oversight", "roles"),
            (["linkage_desk"], "oversight", "linkage_desk"),
        ):
            with pytest.raises(RuleBroken) as refused:
                rules.check_roles(roles, party)
            assert refused.value.code == code

    def test_nobody_is_given_more_to_see(self) -> None:
        rules.check_can_seat(0b110, 0b010)
        with pytest.raises(RuleBroken) as refused:
            rules.check_can_seat(0b110, 0b001)
        assert refused.value.code == "view"

    @pytest.mark.parametrize(
        ("texts", "language", "text"),
        [
            ({"sq": "a", "en": "b"}, "sq", "a"),
            ({"sr": "a", "en": "b"}, "sr-latn", "a"),
            ({"sq": "a", "en": "b"}, "sr", "b"),
            ({"sr": "", "sq": "a"}, "sr", "a"),
            ({"sq": ""}, "sq", ""),
            ({}, None, ""),
        ],
    )
    def test_a_name_is_never_empty_if_there_is_any(
        self, texts: dict[str, str], language: str | None, text: str
    ) -> None:
        assert rules.in_language(texts, language) == text


def test_what_the_forms_offer(acting: Any, members: dict[str, Any], edu: Any) -> None:
    with acting(edu):
        assert Role.AUDITOR in queries.roles_to_give(to=edu)
        assert queries.account(" DONOR ", to=edu) is not None
        assert queries.account("don", to=edu) is None
    administrator = members["administrator"]
    with acting(administrator):
        assert Role.AUDITOR not in queries.roles_to_give(to=administrator)
        assert [m.pk for m in queries.colleagues_today(to=administrator)] == [administrator.pk]
