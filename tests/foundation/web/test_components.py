"""Every component stands in the gallery, and none of them turns what a person typed into markup."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.utils import translation

from homeward.foundation.kernel.clock import today
from homeward.foundation.web import gallery
from homeward.foundation.web.pages.keyset import Page
from homeward.foundation.web.templatetags import components

EVIL = "<script>alert('Ђ')</script>"


@pytest.fixture
def shown(ask: Any) -> str:
    with translation.override("en"):
        return gallery.show(ask("/gallery/")).content.decode()


def draw(text: str, **context: Any) -> str:
    return Template("{% load components %}" + text).render(Context(context))


def test_every_component_is_in_the_gallery() -> None:
    text = get_template("web/gallery.html").template.source
    # What other rooms bring to a page is tried in test_registries.
    names = set(components.register.tags) - {"case_panels_of", "family_panels_of"}
    assert {name for name in names if not re.search(r"\{% (end)?" + name + r"\b", text)} == set()


def test_every_tone_and_every_kind_of_alert_is_in_the_gallery(shown: str) -> None:
    for colour in components.TONES.values():
        assert f"govuk-tag--{colour}" in shown
    for kind in components.ALERTS:
        assert f"moj-alert--{kind}" in shown


class Outline(HTMLParser):
    """The ids of a page and everything that points to one, and elements left open."""

    VOID = {"meta", "link", "input", "img", "br", "hr", "path"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.pointers: set[str] = set()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        given = dict(attrs)
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            elif name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
                self.pointers.update((value or "").split())
            elif name == "href" and (value or "").startswith("#") and len(value or "") > 1:
                self.pointers.add((value or "")[1:])
            elif name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}={value}")
        if tag in ("script", "style") and not given.get("src") and given.get("type") != "application/json":
            self.inline.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")


def test_the_gallery_is_well_formed(shown: str) -> None:
    outline = Outline(shown)
    assert outline.faults == []
    assert outline.open == []
    assert outline.inline == []
    assert outline.pointers - set(outline.ids) == set(), "something points to an element that is not there"


def test_no_two_elements_of_a_form_share_an_id() -> None:
    form = gallery.Everything({}, prefix="x")
    assert [name for name, count in Outline(str(form)).ids.items() if count > 1] == []


PAGE = Page(rows=[1], next_url=f"?after={EVIL}", previous_url=f"?before={EVIL}")


@pytest.mark.parametrize(
    "text",
    [
        "{% tag evil %}",
        "{% summary_card title=evil action=evil url=evil anchor=evil %}{% endsummary_card %}",
        "{% summary_row key=evil action=evil url=evil %}{{ evil }}{% endsummary_row %}",
        "{% table caption=evil anchor=evil %}{% columns evil '' numeric='1' %}{% endtable %}",
        "{% moment title=evil by=evil %}{{ evil }}{% endmoment %}",
        "{% task title=evil url=evil status=evil tone='urgent' %}{{ evil }}{% endtask %}",
        "{% task title=evil status=evil %}{% endtask %}",
        "{% steps label=evil %}{% step evil 'done' evil %}{% step evil %}{% endsteps %}",
        "{% who_can_see entries %}",
        "{% alert 'error' title=evil %}{{ evil }}{% endalert %}",
        "{% inset %}{{ evil }}{% endinset %}",
        "{% notification title=evil %}{{ evil }}{% endnotification %}",
        "{% empty title=evil %}{{ evil }}{% endempty %}",
        "{% details summary=evil %}{{ evil }}{% enddetails %}",
        "{% button evil href=evil hint=evil %}{% button evil name=evil value=evil form=evil %}",
        "{% tabs label=evil %}{% tab evil evil current=True count=1 %}{% endtabs %}",
        "{% breadcrumbs %}{% crumb evil evil %}{% crumb evil %}{% endbreadcrumbs %}",
        "{% pagination page label=evil %}",
        "{% progress 3 2 evil %}",
        "{% day None evil %}",
        "{% filter_panel form title=evil %}",
        "{% error_summary form %}",
        "{% field form.name label=evil hint=evil %}",
        "{% include 'web/components/stale.html' %}",
    ],
)
def test_nothing_typed_becomes_markup(text: str) -> None:
    from homeward.foundation.web.pages.shapes import Conflict

    form = gallery.Filters(QueryDict(f"name={EVIL}&service={EVIL}"))
    entry = {"institution": EVIL, "sees": EVIL, "why": EVIL, "until": None}
    shown = draw(text, evil=EVIL, form=form, entries=[entry], page=PAGE, stale=[Conflict(EVIL, EVIL, EVIL)])
    assert "<script" not in shown
    assert "&lt;script" in shown


def test_there_is_no_fifth_kind_of_alert() -> None:
    with pytest.raises(TemplateSyntaxError, match="information, success"):
        draw("{% alert 'danger' %}x{% endalert %}")


@time_machine.travel("2026-11-20 09:00+01:00")
@pytest.mark.parametrize(
    ("days", "done", "says"),
    [
        (-1, False, "1 day late"),
        (-9, False, "9 days late"),
        (0, False, "Today"),
        (1, False, "In 1 day"),
        (7, False, "In 7 days"),
        (8, False, "28 November 2026"),
        (-9, True, "11 November 2026"),
    ],
)
def test_a_deadline_says_how_urgent_it_is(days: int, done: bool, says: str) -> None:
    with translation.override("en"):
        assert says in components.due(today() + timedelta(days=days), done)


def test_an_empty_fact_says_so() -> None:
    with translation.override("en"):
        assert "not known" in draw("{% summary_row key='Telephone' %} {% endsummary_row %}")


def test_only_ones_own_institution_sees_it() -> None:
    with translation.override("en"):
        assert "Only your institution sees this" in draw("{% who_can_see entries %}", entries=[])


def test_the_ends_of_a_list_have_no_further_pages() -> None:
    assert draw("{% pagination page %}", page=Page(rows=[])) == ""
    assert "rel" not in draw("{% pagination page %}", page=Page(rows=[]))
