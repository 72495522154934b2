"""The foundation's own pages open for those they are for, and look the same to everybody else as if they were not there."""

from typing import Any

import pytest
from django.urls import reverse

OPEN_TO_ALL = ["home", "protocols", "directory", "focal-points", "emergencies"]


@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_every_member_may_open(name: str, members: dict[str, Any], signed_in: Any) -> None:
    for member in members.values():
        response = signed_in(member).get(reverse(name))
        assert response.status_code == 200, (name, member)


def test_the_log_is_for_oversight_alone(ana: Any, edu: Any, signed_in: Any) -> None:
    assert signed_in(edu).get(reverse("oversight")).status_code == 200
    assert signed_in(ana).get(reverse("oversight")).status_code == 403


def test_a_protocol_says_who_sees_what_and_on_which_ground(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    page = client.get(reverse("protocols"), headers={"accept-language": "en"})
    code = page.context["page"].rows[0].code
    answer = client.get(reverse("protocol", args=[code]), headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert b"Legal basis" in answer.content


def test_a_proposal_opens_no_door(ana: Any, acting: Any, signed_in: Any) -> None:
    from homeward.foundation.access import queries

    client = signed_in(ana)
    with acting(ana):
        code = queries.protocols(to=ana).first().code
    answer = client.post(
        reverse("propose-protocol", args=[code]), {"proposal": "Schools need the plan too.", "clause_9": "3"}
    )
    assert answer.status_code == 302
    with acting(ana):
        versions = list(queries.protocols(to=ana).filter(code=code))
        assert [v.state for v in versions] == ["proposed", "in_force"]
        assert queries.protocol(code, to=ana).state == "in_force"


def test_a_school_reads_only_its_own_protocols(members: dict[str, Any], signed_in: Any) -> None:
    school = members["school-psychologist"]
    page = signed_in(school).get(reverse("protocols"), headers={"accept-language": "en"})
    kinds = {row.receiver_kind or row.receiver.kind for row in page.context["page"].rows}
    assert kinds == {school.institution.kind}
    assert signed_in(school).get(reverse("responsibilities")).status_code == 403


def test_responsibilities_and_emergency_form(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    assert client.get(reverse("responsibilities")).status_code == 200
    assert client.get(reverse("open-emergency")).status_code == 200
    refused = client.post(
        reverse("open-emergency"), {"reference": "HW-0000-0000-0", "categories": ["0"], "reason": "short"}
    )
    assert refused.status_code == 422


def test_colleagues(ana: Any, members: dict[str, Any], signed_in: Any) -> None:
    client = signed_in(ana)
    assert client.get(reverse("colleagues")).status_code == 200
    officer = members["dprrp-officer"]
    assert client.get(reverse("change-roles", args=[officer.pk])).status_code == 200
    assert client.get(reverse("dismiss-member", args=[officer.pk])).status_code == 200
    stranger = members["kps-officer"]
    hidden, missing = client.get(reverse("change-roles", args=[stranger.pk])), client.get("/nowhere/at/all/")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
