"""Everybody gets the page in a language they read, and dates that cannot be misread."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.formats import date_format

from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.web import languages
from homeward.foundation.web.templatetags.components import day, due, instant, language_mark


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("sq-XK,sq;q=0.9,en;q=0.8", "sq"),
        ("sr", "sr"),
        ("sr-RS", "sr"),
        ("sr-Cyrl-RS,en", "sr"),
        ("sr-Latn-RS,sr;q=0.8", "sr-latn"),
        ("bs-BA,en;q=0.5", "sr-latn"),
        ("hr", "sr-latn"),
        ("sh", "sr-latn"),
        ("cnr-ME", "sr-latn"),
        ("en-GB,en", "en"),
        ("de-DE,de;q=0.9,en;q=0.4", "en"),
        ("tr,de", "sq"),
        ("", "sq"),
        ("*", "sq"),
        ("!!", "sq"),
    ],
)
def test_the_language_of_the_browser(header: str, language: str) -> None:
    assert languages.best_language(RequestFactory().get("/", headers={"accept-language": header})) == language


@pytest.mark.parametrize(
    ("chosen", "language"), [("en", "en"), ("SR-LATN", "sr-latn"), ("xx", "sr"), ("", "sr")]
)
def test_the_own_choice_goes_first(settings: Any, chosen: str, language: str) -> None:
    request = RequestFactory().get("/", headers={"accept-language": "sr"})
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
    assert languages.best_language(request) == language


def test_the_page_says_which_it_is() -> None:
    def answer(request: Any) -> Any:
        from django.http import HttpResponse

        return HttpResponse(translation.get_language())

    response = languages.LanguageMiddleware(answer)(
        RequestFactory().get("/", headers={"accept-language": "hr"})
    )
    assert response.content == b"sr-latn"
    assert response["Content-Language"] == "sr-latn"
    assert language_mark("sr-latn") == "sr-Latn"
    assert language_mark("sr") == "sr-Cyrl"


def test_every_language_is_offered_under_its_own_name(settings: Any) -> None:
    assert (
        {code for code, _name in languages.LANGUAGES} == set(dict(settings.LANGUAGES)) == set(languages.MARKS)
    )


@pytest.mark.parametrize(
    ("language", "written", "with_time"),
    [
        ("sq", "07.03.1988", "20.11.2026, 10:15"),
        ("sr", "7. 3. 1988.", "20. 11. 2026. 10:15"),
        ("sr-latn", "7. 3. 1988.", "20. 11. 2026. 10:15"),
        ("en", "7 March 1988", "20 November 2026, 10:15"),
    ],
)
def test_dates_as_the_offices_write_them(language: str, written: str, with_time: str) -> None:
    with translation.override(language):
        assert day(date(1988, 3, 7)) == f'<time datetime="1988-03-07">{written}</time>'
        assert with_time in instant(datetime(2026, 11, 20, 9, 15, tzinfo=UTC))
        assert date_format(date(1988, 3, 7), "SHORT_DATE_FORMAT") in (written, "7 Mar 1988")


@pytest.mark.parametrize("language", ["sq", "sr", "sr-latn", "en"])
def test_dates_are_read_as_they_are_written(language: str) -> None:
    from django import forms

    with translation.override(language):
        for text in (date_format(date(1988, 3, 7), "DATE_FORMAT"), "7.3.1988", "1988-03-07", "07/03/1988"):
            assert forms.DateField().clean(text) == date(1988, 3, 7), text


def test_late_in_the_evening_it_is_still_today_there() -> None:
    with translation.override("sq"):
        assert "21.11.2026" in day(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))


def test_what_is_half_known_is_shown_as_half_known() -> None:
    with translation.override("en"):
        assert day(PartialDate(1996)) == '<time datetime="1996">1996</time>'
        assert "about April 1996" in day(PartialDate(1996, 4, approximate=True))
        assert day(PartialDate(1996, 4, 2)) == '<time datetime="1996-04-02">2 April 1996</time>'
        assert "not known" in day(None)
        assert day(None, empty="never") == "never"
        assert "not known" in due(None)
        assert "not known" in instant(None)


def test_the_sign_in_library_still_says_what_we_translate() -> None:
    sources = "".join(path.read_text() for path in Path(allauth.__path__[0]).rglob("*.py"))
    with translation.override(None):
        missing = [str(text) for text in languages.SAID_BY_THE_SIGN_IN_LIBRARY if str(text) not in sources]
    assert missing == []


def test_the_switch_keeps_the_page(client: Any, settings: Any) -> None:
    response = client.post("/language/", {"language": "sr-latn", "next": "/account/login/?next=/x/"})
    assert (response.status_code, response.url) == (302, "/account/login/?next=/x/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "sr-latn"


def test_the_switch_sends_nobody_to_another_site(client: Any) -> None:
    assert client.post("/language/", {"language": "en", "next": "https://evil.example/"}).url == "/"
    assert client.get("/language/").status_code == 405
