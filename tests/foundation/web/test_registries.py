"""Menu, panels and work list: what the rooms bring, and what of it a member meets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Q

from homeward.foundation.access.permissions import EVERYBODY, NOBODY
from homeward.foundation.web import navigation, panels, views, worklist
from homeward.foundation.web.templatetags import components

pytestmark = pytest.mark.usefixtures("nothing_registered")

MINE = Q(owner=1)


@pytest.mark.parametrize(
    ("rule", "is_nobody"),
    [
        (NOBODY, True),
        (EVERYBODY, False),
        (MINE, False),
        (Q(), False),
        (MINE & NOBODY, True),
        (NOBODY & MINE, True),
        (MINE & EVERYBODY, False),
        (MINE | NOBODY, False),
        (NOBODY | NOBODY, True),
        (MINE & (NOBODY | MINE), False),
        ((MINE & NOBODY) | (NOBODY & EVERYBODY), True),
    ],
)
def test_a_rule_that_is_never_true(rule: Q, is_nobody: bool) -> None:
    assert navigation.is_nobody(rule) is is_nobody


class TestTheMenu:
    def test_shows_only_doors_that_open(self, ask: Any) -> None:
        navigation.register(navigation.Item("Gallery", "gallery", lambda member: NOBODY))
        navigation.register(navigation.Item("Today", "home", lambda member: EVERYBODY, order=1))
        assert [entry.title for entry in navigation.menu(ask())] == ["Today"]
        assert navigation.menu(ask(member=None)) == []

    def test_knows_where_one_is(self, ask: Any) -> None:
        navigation.register(navigation.Item("Today", "home", order=1))
        navigation.register(navigation.Item("Gallery", "gallery", order=2))
        assert [e.is_current for e in navigation.menu(ask("/gallery/more/"))] == [False, True]
        assert [e.is_current for e in navigation.menu(ask("/"))] == [True, False]

    def test_leaves_out_a_page_that_is_not_there(self, ask: Any) -> None:
        navigation.register(navigation.Item("Gone", "no-such-page"))
        assert navigation.menu(ask()) == []


@pytest.mark.parametrize(
    ("register", "one", "other"),
    [
        (navigation.register, navigation.Item("A", "home"), navigation.Item("B", "home")),
        (navigation.register_search, navigation.Search("a", "q", "A"), navigation.Search("b", "q", "A")),
        (panels.register, panels.Panel("a", "A", "a.html", dict), panels.Panel("a", "B", "a.html", dict)),
        (worklist.register, worklist.Source("a", "A", list), worklist.Source("a", "B", list)),
    ],
)
def test_two_of_one_name_are_a_mistake(register: Any, one: Any, other: Any) -> None:
    register(one)
    register(one)
    with pytest.raises(ValueError, match="already"):
        register(other)


class TestTheSearchBox:
    def test_is_there_for_those_who_may_search(self, ask: Any) -> None:
        assert "hw-search" not in views.home(ask()).content.decode()
        navigation.register_search(navigation.Search("gallery", "text", "Name", lambda member: EVERYBODY))
        shown = views.home(ask()).content.decode()
        assert '<form class="hw-search" method="post" action="/gallery/"' in shown
        assert 'name="text"' in shown

    def test_is_not_there_for_others_or_when_it_leads_nowhere(self, ask: Any) -> None:
        navigation.register_search(navigation.Search("gallery", "text", "Name", lambda member: NOBODY))
        assert navigation.search_box(ask()) is None
        navigation._searches.clear()
        navigation.register_search(navigation.Search("no-such-page", "text", "Name"))
        assert navigation.search_box(ask()) is None
        assert navigation.search_box(ask(member=None)) is None


class TestPanels:
    def test_those_with_nothing_to_show_are_not_there(self) -> None:
        panels.register(panels.Panel("b", "B", "t", lambda case, *, to: {"n": case + to}, order=2))
        panels.register(panels.Panel("a", "A", "t", lambda case, *, to: {}, order=1))
        panels.register(panels.Panel("c", "C", "t", lambda case, *, to: None))
        assert [(d.panel.name, d.shown) for d in panels.drawn(1, to=2)] == [("a", {}), ("b", {"n": 3})]

    def test_are_drawn_under_their_titles_in_their_column(self, ask: Any) -> None:
        from django.template import Context

        template = "web/components/progress.html"
        given = {"value": 1, "maximum": 2, "label": "<b>"}
        panels.register(panels.Panel("wide", "Wide & open", template, lambda case, *, to: given))
        panels.register(panels.Panel("narrow", "Narrow", template, lambda case, *, to: given, aside=True))
        context = Context({"request": ask(), "member": "Ana"})
        wide = components.case_panels_of(context, object())
        assert 'id="panel-wide-title">Wide &amp; open</h2>' in wide
        assert "&lt;b&gt;" in wide
        assert "Narrow" not in wide
        assert "Narrow" in components.case_panels_of(context, object(), aside=True)

    def test_stand_on_the_page_they_are_for(self, ask: Any) -> None:
        from django.template import Context

        template = "web/components/progress.html"
        given = {"value": 1, "maximum": 2, "label": "x"}
        panels.register(panels.Panel("c", "Of the case", template, lambda case, *, to: given))
        panels.register(panels.Panel("f", "Of the home", template, lambda home, *, to: given, page="family"))
        context = Context({"request": ask(), "member": "Ana"})
        assert "Of the home" not in components.case_panels_of(context, object())
        family = components.family_panels_of(context, object())
        assert "Of the home" in family
        assert "Of the case" not in family


class TestWhatNeedsMeToday:
    today = date(2026, 11, 20)

    @pytest.fixture(autouse=True)
    def on_that_day(self) -> Iterator[None]:
        with time_machine.travel("2026-11-20 09:00+01:00"):
            yield

    def items(self, *, to: Any) -> list[worklist.Item]:
        return [
            worklist.Item("No hurry", "/c/"),
            worklist.Item("Later", "/b/", self.today + timedelta(days=20), "For <Çlirime>"),
            worklist.Item("Late", "/a/", self.today - timedelta(days=2)),
            worklist.Item("Today", "/d/", self.today),
        ]

    def test_the_most_urgent_comes_first(self) -> None:
        worklist.register(worklist.Source("x", "X", self.items))
        [kind] = worklist.waiting(to=1)
        assert [item.title for item in kind.items] == ["Late", "Today", "Later", "No hurry"]
        assert [item.days_late for item in kind.items] == [2, 0, 0, 0]
        assert [item.is_due_today for item in kind.items] == [False, True, False, False]
        assert kind.overdue == 1

    def test_the_start_page_says_it(self, ask: Any) -> None:
        worklist.register(worklist.Source("x", "Deadlines", self.items))
        worklist.register(worklist.Source("y", "Referrals", lambda *, to: [], empty="Send one from a case."))
        worklist.register(worklist.Source("z", "Not mine", lambda *, to: None))
        shown = views.home(ask()).content.decode()
        assert "2 days late" in shown
        assert "1 overdue" in shown
        assert "For &lt;Çlirime&gt;" in shown
        assert "Send one from a case." in shown
        assert "Not mine" not in shown

    def test_an_empty_day_says_what_to_do(self, ask: Any) -> None:
        navigation.register(navigation.Item("Today", "home", order=1))
        navigation.register(navigation.Item("Gallery", "gallery", order=2))
        shown = views.home(ask()).content.decode()
        assert "Nothing waits for you today" in shown
        assert '<li><a class="govuk-link" href="/gallery/">Gallery</a></li>' in shown
