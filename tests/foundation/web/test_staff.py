"""The pages of an institution's people: what each shows to whom, and that what is refused says so."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from homeward.foundation.institutions import actions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today

ENGLISH = {"headers": {"accept-language": "en"}}
SEAT = {"name": "Nora B", "username": "nora.b", "language": "sq", "roles": ["caseworker"]}


@pytest.fixture
def newcomer(ana: Any, acting: Any) -> Member:
    with acting(ana):
        return actions.appoint_newcomer(username="nora.b", name="Nora B", roles=["caseworker"], by=ana)


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_newcomer_is_appointed_and_gets_a_link_that_is_shown_once(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    assert "Appoint somebody new" in words(client.get(reverse("colleagues"), **ENGLISH))
    answer = client.post(reverse("appoint-newcomer"), SEAT)
    assert answer.status_code == 302
    page = client.get(answer.url, **ENGLISH)
    assert "Make the link" in words(page)
    assert page.context["link"] == ""
    made = client.post(answer.url, **ENGLISH)
    assert made.context["link"].startswith("http://testserver/account/password/reset/key/")
    assert made.context["link"] in words(made)
    assert made["Cache-Control"] == "no-store"
    assert made.context["link"] not in words(client.get(answer.url, **ENGLISH))
    assert "Has no password yet" in words(client.get(reverse("colleagues"), **ENGLISH))
    assert "A link is out" in words(client.get(answer.url.removesuffix("invite/"), **ENGLISH))


def test_what_is_wrong_stands_at_its_field(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    for changed, field in (
        ({"username": "Ä"}, "username"),
        ({"username": "donor"}, "username"),
        ({"roles": []}, "roles"),
    ):
        answer = client.post(reverse("appoint-newcomer"), SEAT | changed)
        assert answer.status_code in (200, 422)
        assert field in answer.context["form"].errors
    answer = client.post(reverse("appoint-newcomer"), SEAT | {"roles": ["auditor"]})
    assert "roles" in answer.context["form"].errors


def test_somebody_known_is_appointed_by_the_exact_name(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    seat = {"name": "Donor", "roles": ["analyst"]}
    assert client.get(reverse("appoint-member")).status_code == 200
    for name in ("dono", "nobody"):
        answer = client.post(reverse("appoint-member"), seat | {"account": name}, **ENGLISH)
        assert "Nobody signs in with this name." in words(answer)
    answer = client.post(reverse("appoint-member"), seat | {"account": "Donor"})
    assert answer.status_code == 302
    assert "Donor" in words(client.get(answer.url, **ENGLISH))
    again = client.post(reverse("appoint-member"), seat | {"account": "donor"}, **ENGLISH)
    assert "already works here" in words(again)


def test_a_colleague_is_changed_and_leaves(ana: Any, members: dict[str, Any], signed_in: Any) -> None:
    client, pk = signed_in(ana), members["dprrp-officer"].pk
    page = words(client.get(reverse("colleague", args=[pk]), **ENGLISH))
    assert "End the membership" in page
    for name, what in (
        ("change-roles", {"roles": ["supervisor"]}),
        ("move-member", {}),
        ("dismiss-member", {"ends_on": (today() + timedelta(days=3)).isoformat()}),
        ("dismiss-member", {}),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 200
        answer = client.post(reverse(name, args=[pk]), what)
        assert (answer.status_code, answer.url) == (302, reverse("colleague", args=[pk])), name
    page = words(client.get(reverse("colleague", args=[pk]), **ENGLISH))
    assert "Has left" in page
    assert "End the membership" not in page
    assert "Has left" in words(client.get(reverse("colleagues"), **ENGLISH))


def test_behind_a_wall_nothing_can_be_changed(members: dict[str, Any], signed_in: Any) -> None:
    client, pk = signed_in(members["kcs-ve-unit"]), members["kcs-intelligence"].pk
    page = words(client.get(reverse("colleague", args=[pk]), **ENGLISH))
    assert "End the membership" not in page
    assert "/roles/" not in page
    for name in ("change-roles", "move-member", "dismiss-member", "invite-member"):
        assert client.get(reverse(name, args=[pk])).status_code == 403
        assert client.post(reverse(name, args=[pk]), {"roles": ["analyst"]}).status_code == 403
    page = client.get(reverse("appoint-newcomer"))
    assert str(members["kcs-ve-unit"].unit_id) in words(page)
    assert str(members["kcs-intelligence"].unit_id) not in words(page)
    assert page.context["form"].fields["unit"].required


def test_a_link_for_somebody_with_a_password_is_refused_in_words(
    ana: Any, members: dict[str, Any], signed_in: Any
) -> None:
    answer = signed_in(ana).post(reverse("invite-member", args=[members["dprrp-officer"].pk]), **ENGLISH)
    assert answer.status_code == 422
    assert "No link was made" in words(answer)
    assert answer.context["link"] == ""


@pytest.mark.parametrize("name", ["colleagues", "appoint-newcomer", "appoint-member"])
def test_only_for_those_who_answer_for_the_institution(
    name: str, members: dict[str, Any], signed_in: Any
) -> None:
    officer = signed_in(members["dprrp-officer"])
    assert officer.get(reverse(name)).status_code == 403
    assert "/directory/colleagues/" not in words(officer.get(reverse("directory")))
    assert officer.get(reverse("colleague", args=[members["dprrp-coordinator"].pk])).status_code == 403


def test_vacant_posts_can_be_looked_for(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    every = client.get(reverse("focal-points"), **ENGLISH)
    vacant = client.get(reverse("focal-points"), {"vacant": "on"}, **ENGLISH)
    assert "Vacant" in words(every)
    assert len(vacant.context["page"].rows) == len(every.context["page"].rows) > 0
    assert every.context["may_fill"]
    assert "Change" not in words(every)
