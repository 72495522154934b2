"""Leafing through a list shows every row once, in order, forwards and backwards, whatever is missing or alike."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from homeward.foundation.web.pages import keyset

ORDERS = [
    ("pk",),
    ("-pk",),
    ("title", "pk"),
    ("-printed_on", "-pk"),
    ("printed_on", "-pages", "pk"),
    ("shelf__name", "-title", "pk"),
    ("-shelf__name", "printed_on", "-pk"),
    ("shelf_id", "pk"),
    ("-entered_at", "-pk"),
    ("entered_at", "pk"),
]
# A list that was taken in enters all its rows at one instant, down to the microsecond.
INSTANTS = [
    None,
    datetime(2026, 11, 28, 3, 45, 16, 610662, UTC),
    datetime(2026, 11, 28, 3, 45, 16, 610663, UTC),
]


@pytest.fixture(scope="module")
def books(library: Any) -> Any:
    dice = random.Random(7)
    rows = [
        (
            dice.choice(["Ana", "Ârbëri", "Ђорђе", "Žita", ""]),
            dice.choice([None, date(1988, 3, 7), date(1988, 3, 8), date(2026, 1, 1)]),
            dice.randint(1, 3),
            dice.choice([None, 1, 2, 3, 4]),
            dice.choice(INSTANTS),
        )
        for _ in range(61)
    ]
    return library(["A", None, "B", "A"], rows)


def walk(
    books: Any, order: tuple[str, ...], size: int, *, back: bool = False, start: str = "/"
) -> tuple[list[int], str]:
    """Every row met on the way, and the address of the last page."""
    met: list[int] = []
    url = start
    for _page in range(100):
        page = keyset.turn(books, order, RequestFactory().get(url), size, is_filtered=False)
        keys = [row.pk for row in page.rows]
        met = keys + met if back else met + keys
        further = page.previous_url if back else page.next_url
        if not further:
            return met, url
        url = "/" + further
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("order", ORDERS, ids="+".join)
@pytest.mark.parametrize("size", [1, 7, 60, 61, 62])
def test_every_row_is_met_once_and_in_order(books: Any, order: tuple[str, ...], size: int) -> None:
    whole = [row.pk for row in books.order_by(*(key.ordering() for key in keyset.keys(books, order)))]
    forwards, last = walk(books, order, size)
    assert forwards == whole

    if size < len(whole):
        backwards, _first = walk(books, order, size, back=True, start=last)
        assert backwards == whole


@pytest.mark.parametrize("order", ORDERS, ids="+".join)
def test_nothing_lies_before_the_first_page_or_after_the_last(books: Any, order: tuple[str, ...]) -> None:
    request = RequestFactory()
    first = keyset.turn(books, order, request.get("/"), 20, is_filtered=False)
    assert first.next_url
    assert not first.previous_url
    second = keyset.turn(books, order, request.get("/" + first.next_url), 20, is_filtered=False)
    again = keyset.turn(books, order, request.get("/" + second.previous_url), 20, is_filtered=False)
    assert [row.pk for row in again.rows] == [row.pk for row in first.rows]
    assert not again.previous_url


def test_a_page_costs_one_query(books: Any) -> None:
    with CaptureQueriesContext(connections["library"]) as asked:
        page = keyset.turn(books, ("shelf__name", "pk"), RequestFactory().get("/"), 10, is_filtered=False)
        keyset.turn(
            books, ("shelf__name", "pk"), RequestFactory().get("/" + page.next_url), 10, is_filtered=False
        )
    assert len(asked) == 2


def test_the_first_field_bounds_the_search(books: Any) -> None:
    """An index finds the place by a plain range; an “or” alone would read everything before it."""
    order = ("-pages", "-pk")
    page = keyset.turn(books, order, RequestFactory().get("/"), 10, is_filtered=False)
    place = keyset.opened(page.next_url.removeprefix("?after="), order)
    sql = str(books.filter(keyset.beyond(keyset.keys(books, order), place or [])).query)
    assert '"book"."pages" <= ' in sql


def test_a_row_that_vanished_does_not_lose_the_place(library: Any) -> None:
    books = library([], [(str(n), None, n, None) for n in range(10)])
    page = keyset.turn(books, ("pages", "pk"), RequestFactory().get("/"), 4, is_filtered=False)
    with connections["library"].cursor() as cursor:
        cursor.execute("delete from book where pages in (3, 4)")
    onwards = keyset.turn(
        books, ("pages", "pk"), RequestFactory().get("/" + page.next_url), 4, is_filtered=False
    )
    assert [row.pages for row in onwards.rows] == [5, 6, 7, 8]


def test_other_questions_of_the_address_are_kept(books: Any) -> None:
    page = keyset.turn(books, ("pk",), RequestFactory().get("/?name=Ђ&after=x"), 5, is_filtered=True)
    assert page.next_url.startswith("?name=%D0%82&after=")
    assert page.next_url.count("after=") == 1


class TestThePlaceInTheAddress:
    order = ("title", "pk")

    def test_tells_nobody_what_stands_there(self) -> None:
        sealed = keyset.sealed(["Çlirime Gërxhaliu", 7], self.order)
        assert "rxhaliu" not in sealed
        assert keyset.opened(sealed, self.order) == ["Çlirime Gërxhaliu", 7]

    @pytest.mark.parametrize("order", [("title",), ("-title", "pk"), ("pk", "title")])
    def test_is_good_for_one_order_only(self, order: tuple[str, ...]) -> None:
        assert keyset.opened(keyset.sealed(["a", 7], self.order), order) is None

    @pytest.mark.parametrize("text", ["", "x", "gAAAAA", "не", "a" * 500])
    def test_is_ignored_when_nobody_made_it(self, text: str) -> None:
        assert keyset.opened(text, self.order) is None

    def test_is_ignored_when_it_was_changed(self) -> None:
        sealed = keyset.sealed(["a", 7], self.order)
        changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
        assert keyset.opened(changed, self.order) is None

    def test_survives_a_new_secret_and_dies_with_the_old_one(self, settings: Any) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
        sealed = keyset.sealed(["a", 7], self.order)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
        assert keyset.opened(sealed, self.order) == ["a", 7]
        settings.SECRET_KEY_FALLBACKS = []
        assert keyset.opened(sealed, self.order) is None
