"""A change of a protocol on the pages: proposed, read beside what is in force, signed by both, declined or taken back."""

from typing import Any

import pytest
from django.urls import reverse

from homeward.foundation.access import queries

ENGLISH = {"headers": {"accept-language": "en"}}
CODE = "dprrp-csw"


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def version(ana: Any, signed_in: Any) -> str:
    """The page of a change that Ana has proposed: the plan in summary, health to be known of, the rest as it is."""
    client = signed_in(ana)
    form = client.get(reverse("propose-protocol", args=[CODE])).context["form"]
    given = {name: field.initial for name, field in form.fields.items() if field.initial}
    answer = client.post(
        reverse("propose-protocol", args=[CODE]),
        given | {"clause_9": "2", "clause_14": "1", "proposal": "Less of the plan"},
    )
    assert answer.status_code == 302
    return str(answer.url)


def test_both_sides_sign_and_it_is_in_force(
    ana: Any, carla: Any, acting: Any, signed_in: Any, version: str
) -> None:
    page = words(signed_in(carla).get(version, **ENGLISH))
    for text in (
        "Less of the plan",
        "Wider",
        "Narrower",
        "The same",
        "Not signed yet.",
        "Sign for your institution",
    ):
        assert text in page
    assert "Proposals to sign" in words(signed_in(carla).get("/", **ENGLISH))
    for by in (carla, ana):
        client = signed_in(by)
        form = client.get(f"{version}sign/", **ENGLISH)
        assert "You sign for" in words(form)
        digest = form.context["form"].initial["digest"]
        assert client.post(f"{version}sign/", {"digest": digest}).url == version
        assert client.get(f"{version}sign/").status_code == 403
    page = words(signed_in(ana).get(version, **ENGLISH))
    assert "In force" in page
    assert "Take the proposal back" not in page
    with acting(ana):
        assert queries.protocol(CODE, to=ana).version == 2
    assert "Ended" in words(signed_in(ana).get(version.replace("/2/", "/1/"), **ENGLISH))


def test_another_text_than_the_one_that_was_read_is_not_signed(
    ana: Any, signed_in: Any, version: str
) -> None:
    answer = signed_in(ana).post(f"{version}sign/", {"digest": "0" * 64}, **ENGLISH)
    assert answer.status_code == 422
    assert "not the one you have read" in words(answer)


@pytest.mark.parametrize(
    ("what", "who", "state"), [("withdraw", "ana", "Taken back"), ("decline", "carla", "Declined")]
)
def test_it_is_closed_with_a_reason(
    request: Any, ana: Any, signed_in: Any, version: str, what: str, who: str, state: str
) -> None:
    client = signed_in(request.getfixturevalue(who))
    assert client.get(f"{version}{what}/").status_code == 200
    assert client.post(f"{version}{what}/", {"reason": "Not yet"}).url == version
    page = words(signed_in(ana).get(version, **ENGLISH))
    assert state in page
    assert "Not yet" in page
    assert client.get(f"{version}{what}/").status_code == 403


def test_the_page_of_the_protocol_names_its_proposals(
    ana: Any, bruno: Any, signed_in: Any, version: str
) -> None:
    for by in (ana, bruno):
        page = words(signed_in(by).get(reverse("protocol", args=[CODE]), **ENGLISH))
        assert version in page
    assert version in words(signed_in(bruno).get(reverse("protocols")))
    page = words(signed_in(bruno).get(version, **ENGLISH))
    for closed in ("Sign for your institution", "Decline the proposal", "Take the proposal back"):
        assert closed not in page


def test_what_crosses_a_red_line_is_refused_in_words(ana: Any, signed_in: Any) -> None:
    answer = signed_in(ana).post(
        reverse("propose-protocol", args=["dprrp-police"]), {"proposal": "More", "clause_13": "1"}, **ENGLISH
    )
    assert answer.status_code == 422
    assert "is given nothing of education" in words(answer)


def test_a_mandate_is_not_signed_here(ana: Any, signed_in: Any) -> None:
    client = signed_in(ana)
    answer = client.post(
        reverse("propose-protocol", args=["mandate-dprrp"]), {"proposal": "More", "clause_9": "3"}
    )
    page = words(client.get(answer.url, **ENGLISH))
    assert "Not signed here" in page
    assert "Sign for your institution" not in page
    assert "Proposals to sign" not in words(client.get("/", **ENGLISH)) or answer.url not in words(
        client.get("/")
    )


def test_a_school_does_not_meet_the_proposals_of_others(
    members: dict[str, Any], signed_in: Any, version: str
) -> None:
    assert signed_in(members["school-psychologist"]).get(version).status_code == 404
