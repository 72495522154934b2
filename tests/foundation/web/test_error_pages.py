"""When something fails the page is plain, says what to do, and tells a stranger nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template import loader
from django.test import RequestFactory
from django.utils import translation

from homeward.foundation.kernel.errors import Missing, NotPermitted
from homeward.foundation.web import views

TEMPLATES = Path(views.__file__).parent / "templates"


def test_hidden_and_missing_are_the_same_bytes(ask: Any) -> None:
    hidden = Http404()
    hidden.__cause__ = Missing("HW-7K3M is there, but not for you")
    one = views.not_found(ask("/cases/HW-7K3M/"), hidden)
    other = views.not_found(
        RequestFactory().get("/no/such/page/"), Http404({"path": "no/such/page", "tried": []})
    )
    assert one.content == other.content
    assert dict(one.items()) == dict(other.items())
    assert one.status_code == 404


def test_the_page_for_nothing_knows_nothing(ask: Any) -> None:
    text = views.not_found(ask("/secret-path/")).content.decode()
    assert "secret-path" not in text
    assert "Ana" not in text
    assert "csrf" not in text


def test_a_closed_door_says_why_only_when_an_action_said_it(ask: Any) -> None:
    told = PermissionDenied("not this one")
    told.__cause__ = NotPermitted("Only the <lead> institution may do this.")
    with translation.override("en"):
        assert (
            "Only the &lt;lead&gt; institution may do this." in views.forbidden(ask(), told).content.decode()
        )
        bare = views.forbidden(ask(), PermissionDenied("internal detail")).content.decode()
    assert "internal detail" not in bare
    assert "You do not have permission to do this." in bare


def test_a_form_from_elsewhere(ask: Any) -> None:
    with translation.override("en"):
        response = views.csrf_failure(ask(), "CSRF cookie not set.")
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    assert "cookie" not in response.content.decode()


def test_an_unreadable_request(ask: Any) -> None:
    assert views.bad_request(ask()).status_code == 400


@pytest.mark.parametrize(("view", "status"), [(views.server_error, 500), (views.unavailable, 503)])
def test_broken_pages_speak_all_languages_and_ask_nobody(view: Any, status: int) -> None:
    with translation.override(None):
        response = view(RequestFactory().get("/"))
    text = response.content.decode()
    assert response.status_code == status
    for mark in ('lang="sq"', 'lang="sr-Latn"', 'lang="sr-Cyrl"', 'lang="en"'):
        assert mark in text
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("name", ["500.html", "503.html"])
def test_broken_pages_can_be_sent_as_they_lie_on_the_disk(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert "{%" not in text
    assert "{{" not in text
    assert loader.render_to_string(name).strip() == text.strip()


def test_unavailable_says_when_to_come_back() -> None:
    assert views.unavailable(RequestFactory().get("/"))["Retry-After"] == "30"


def test_an_unknown_address_through_the_whole_house(client: Any) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert response.content == views.not_found(RequestFactory().get("/")).content
