"""What a list, a thing and an action do with a request — and with every way of being refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from homeward.foundation.access.permissions import EVERYBODY, NOBODY
from homeward.foundation.kernel.errors import (
    Missing,
    NoContext,
    NotPermitted,
    RuleBroken,
    Stale,
    Throttled,
    Unaudited,
)
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, shapes, signed_in

PLAIN = "web/page.html"


def everybody(member: Any) -> Any:
    return EVERYBODY


def nobody(member: Any) -> Any:
    return NOBODY


class Note(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="Kind", choices=[("fact", "A fact"), ("opinion", "An opinion")])
    text = forms.CharField(label="Text", max_length=40)


class Choosy(forms.Form):
    def __init__(self, *args: Any, member: Any, subject: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"] = forms.CharField(initial=f"{member.name} for {subject.title}")


class Narrow(forms.Form):
    name = forms.CharField(label="Name", required=False)
    pages = forms.IntegerField(label="Pages", required=False)
    late = forms.BooleanField(label="Late", required=False)
    since = forms.DateField(label="Since", required=False)


THING = SimpleNamespace(title="A note", get_absolute_url=lambda: "/notes/1/")
SENT = {"version": "3", "kind": "fact", "text": "Seen by two people"}


def finds(*, to: Any, **address: Any) -> Any:
    return THING


def does(thing: Any, *, by: Any, **fields: Any) -> Any:
    does.seen = (thing, by.name, fields)
    return THING


def refuses(error: Exception) -> Any:
    def action(thing: Any, *, by: Any, **fields: Any) -> Any:
        raise error

    return action


def page(response: HttpResponse) -> str:
    return response.content.decode()


def note(action: Any = does, **more: Any) -> ActionPage:
    return ActionPage(**{"find": finds, "form": Note, "action": action, "title": "Change the note", **more})


class TestBeforeEveryPage:
    pages = (
        ListPage(find=finds, order=("pk",), title="Notes"),
        DetailPage(find=finds, template=PLAIN, title="Note"),
        note(),
        signed_in(lambda request: HttpResponse("in")),
    )

    @pytest.mark.parametrize("shape", pages)
    def test_a_visitor_signs_in_first_and_comes_back(self, ask: Any, shape: Any) -> None:
        response = shape(ask("/notes/?a=1", signed_in=False))
        assert (response.status_code, response.url) == (302, "/account/login/?next=/notes/%3Fa%3D1")

    @pytest.mark.parametrize("shape", pages)
    def test_somebody_without_an_institution_is_told_what_to_do(self, ask: Any, shape: Any) -> None:
        response = shape(ask(member=None))
        assert response.status_code == 403
        assert "no institution has named you" in page(response)

    @pytest.mark.parametrize("shape", pages[1:])
    def test_no_cache_keeps_what_was_shown(self, ask: Any, shape: Any) -> None:
        response = shape(ask())
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store, private"

    @pytest.mark.parametrize("shape", pages[:2])
    def test_reading_is_only_reading(self, ask: Any, shape: Any) -> None:
        assert shape(ask(post={})).status_code == 405

    @pytest.mark.parametrize(
        ("error", "becomes"), [(Missing(), Http404), (NotPermitted("Ask Bruno."), PermissionDenied)]
    )
    def test_hidden_things_and_closed_doors(self, ask: Any, error: Exception, becomes: Any) -> None:
        def find(**_: Any) -> Any:
            raise error

        for shape in (
            DetailPage(find=find, template=PLAIN, title=""),
            note(find=find),
            ListPage(find=find, order=("pk",), title=""),
        ):
            with pytest.raises(becomes) as raised:
                shape(ask())
            assert raised.value.__cause__ is error

    def test_whoever_finds_nothing_finds_a_missing_page(self, ask: Any) -> None:
        with pytest.raises(Http404):
            DetailPage(find=lambda **_: None, template=PLAIN, title="")(ask())


class TestAList:
    @pytest.fixture
    def asked(self) -> list[dict[str, Any]]:
        return []

    @pytest.fixture
    def notes(self, library: Any, asked: list[dict[str, Any]]) -> ListPage:
        books = library([], [(f"Title {n}", None, n, None) for n in range(12)])

        def find(*, to: Any, **wanted: Any) -> Any:
            asked.append(wanted)
            return books

        return ListPage(
            find=find,
            order=("pages", "pk"),
            title="Notes",
            filters=Narrow,
            per_page=5,
            template="web/list.html",
            extra=lambda request: {"added": 1},
        )

    def test_shows_a_page_of_rows_and_the_way_on(self, ask: Any, notes: ListPage) -> None:
        shown = page(notes(ask("/notes/")))
        assert shown.count("<li>Book object") == 5
        assert 'rel="next"' in shown
        assert 'rel="prev"' not in shown

    def test_passes_on_what_was_filled_in_and_nothing_else(
        self, ask: Any, notes: ListPage, asked: list[dict[str, Any]]
    ) -> None:
        notes(ask("/notes/?name=Ana&pages=0&late=&since_year="), wave="2019")
        assert asked == [{"wave": "2019", "name": "Ana", "pages": 0}]

    def test_an_unticked_box_asks_nothing(
        self, ask: Any, notes: ListPage, asked: list[dict[str, Any]]
    ) -> None:
        notes(ask("/notes/?name=&late=on"))
        notes(ask("/notes/?name=&after=x"))
        assert asked == [{"late": True}, {}]

    def test_three_boxes_are_one_day(self, ask: Any, notes: ListPage, asked: list[dict[str, Any]]) -> None:
        from datetime import date

        notes(ask("/notes/?since_day=7&since_month=3&since_year=1988"))
        assert asked == [{"since": date(1988, 3, 7)}]

    def test_a_filter_filled_in_wrongly_shows_no_rows_rather_than_all(
        self, ask: Any, notes: ListPage, asked: list[dict[str, Any]]
    ) -> None:
        shown = page(notes(ask("/notes/?pages=many")))
        assert asked == []
        assert "Book object" not in shown
        assert "govuk-error-summary" in shown
        assert 'value="many"' in shown

    def test_a_wrong_filter_in_place_goes_to_the_page_that_says_so(self, ask: Any, notes: ListPage) -> None:
        request = ask("/notes/?pages=many")
        request.META["HTTP_HX_REQUEST"] = "true"
        assert notes(request)["HX-Redirect"] == "/notes/?pages=many"

    def test_says_what_to_do_when_nothing_matches(self, ask: Any, library: Any) -> None:
        empty = library([], [])
        shape = ListPage(find=lambda **_: empty, order=("pk",), title="Notes", filters=Narrow)
        assert "Nothing matches the filter" in page(shape(ask("/notes/?name=x")))
        assert "Nothing here yet" in page(shape(ask("/notes/")))

    def test_is_closed_to_whom_it_can_never_be_open(self, ask: Any) -> None:
        with pytest.raises(PermissionDenied):
            ListPage(find=finds, order=("pk",), title="", permission=nobody)(ask())

    def test_one_look_is_recorded_for_a_page_with_the_number_shown(
        self, ask: Any, library: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[Any] = []
        monkeypatch.setattr(
            shapes, "record_view", lambda verb, thing, *, to, rows: looks.append((verb, thing is to, rows))
        )
        monkeypatch.setattr(shapes, "turn", lambda rows, *_, **__: shapes.Page(rows))
        for rows in ([THING, THING], []):
            shape = ListPage(
                find=lambda rows=rows, **_: rows, order=("pk",), title="Notes", recorded="notes.listed"
            )
            shape(ask())
        assert looks == [("notes.listed", True, 2)]


class TestAThing:
    def test_a_look_is_recorded(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        looks: list[Any] = []
        monkeypatch.setattr(
            shapes, "record_view", lambda verb, thing, *, to: looks.append((verb, thing, to.name))
        )
        shape = DetailPage(
            find=finds, template=PLAIN, title=lambda thing: thing.title, recorded="note.viewed",
            extra=lambda request, thing: {"title": thing.title + "!"},
        )  # fmt: skip
        assert "A note!" in page(shape(ask()))
        assert looks == [("note.viewed", THING, "Ana")]


class TestAnAction:
    def test_a_look_at_what_stands_in_the_form_is_recorded(
        self, ask: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[Any] = []
        monkeypatch.setattr(shapes, "record_view", lambda verb, thing, *, to: looks.append((verb, thing)))
        note()(ask())
        note(recorded="note.viewed")(ask())
        note(recorded="note.viewed", recorded_of=lambda thing: thing.title)(ask(post={}))
        assert looks == [("note.viewed", THING), ("note.viewed", "A note")]

    def test_is_done_by_the_member_with_what_was_typed(self, ask: Any) -> None:
        request = ask(post=SENT)
        response = note(done="Saved.")(request)
        assert (response.status_code, response.url) == (302, "/notes/1/")
        assert does.seen == (THING, "Ana", {"version": 3, "kind": "fact", "text": "Seen by two people"})
        assert [str(message) for message in request._messages] == ["Saved."]

    @pytest.mark.parametrize(
        ("then", "url"),
        [("home", "/"), (lambda result: f"/made/{len(result.title)}/", "/made/6/"), ("/x/", "/x/")],
    )
    def test_leads_on(self, ask: Any, then: Any, url: str) -> None:
        assert note(then=then)(ask(post=SENT)).url == url

    def test_something_new_needs_nothing_to_do_it_to(self, ask: Any) -> None:
        made: list[Any] = []
        shape = ActionPage(
            action=lambda *, by, **fields: made.append((by.name, fields)), form=Note, title="New", then="home",
            permission=everybody,
        )  # fmt: skip
        assert shape(ask(post=SENT)).status_code == 302
        assert made == [("Ana", {"version": 3, "kind": "fact", "text": "Seen by two people"})]

    def test_the_button_alone_can_be_the_answer(self, ask: Any) -> None:
        shape = ActionPage(find=finds, action=does, title="Close", submit="Close the case")
        assert "Close the case" in page(shape(ask()))
        assert shape(ask(post={})).status_code == 302

    def test_a_form_is_given_what_it_asks_for(self, ask: Any) -> None:
        assert "Ana for A note" in page(note(form=Choosy)(ask()))

    def test_starts_from_what_stands(self, ask: Any) -> None:
        assert 'value="A note"' in page(note(initial=lambda thing: {"text": thing.title})(ask()))

    def test_mistakes_keep_everything_typed(self, ask: Any) -> None:
        response = note()(ask(post={**SENT, "kind": "rumour"}))
        shown = page(response)
        assert response.status_code == 422
        assert "Seen by two people" in shown
        assert 'href="#id_kind"' in shown
        assert 'id="id_kind_error"' in shown

    def test_a_refusal_stands_at_its_field(self, ask: Any) -> None:
        response = note(refuses(RuleBroken("Too late for that.", field="kind")))(ask(post=SENT))
        shown = page(response)
        assert response.status_code == 422
        assert '<a href="#id_kind">Kind: Too late for that.</a>' in shown
        assert shown.count("Too late for that.") == 2
        assert "Seen by two people" in shown

    @pytest.mark.parametrize("field", [None, "no_such_field"])
    def test_a_refusal_without_a_field_stands_on_top(self, ask: Any, field: str | None) -> None:
        shown = page(note(refuses(RuleBroken("Not in this state.", field=field)))(ask(post=SENT)))
        assert "<li>Not in this state.</li>" in shown
        assert "Seen by two people" in shown

    def test_too_many_tries(self, ask: Any) -> None:
        assert note(refuses(Throttled()))(ask(post=SENT)).status_code == 429

    def test_both_values_are_shown_after_a_change_by_somebody_else(self, ask: Any) -> None:
        theirs = {"kind": "opinion", "text": "Seen by two people", "version": 4}
        response = note(refuses(Stale(theirs)))(ask(post=SENT))
        shown = page(response)
        assert response.status_code == 409
        assert "<td>An opinion</td><td>A fact</td>" in shown
        assert "<td>Seen by two people</td>" not in shown, "what is the same on both sides is no conflict"
        assert 'name="version" value="4"' in shown, "saving again is a decision, not a second refusal"
        assert 'value="fact" selected' in shown, "what was typed stays in the form"

    @pytest.mark.parametrize("error", [NoContext(), Unaudited()])
    def test_faults_of_the_program_are_not_dressed_up(self, ask: Any, error: Exception) -> None:
        with pytest.raises(type(error)):
            note(refuses(error))(ask(post=SENT))

    @pytest.mark.parametrize("post", [None, SENT])
    def test_whoever_may_not_sees_not_even_the_form(self, ask: Any, post: Any) -> None:
        with pytest.raises(PermissionDenied):
            note(permission=nobody)(ask(post=post))

    def test_permission_is_asked_of_the_thing_itself(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[Any] = []
        monkeypatch.setattr(shapes, "require", lambda *given: asked.append(given))
        request = ask()
        note(permission=everybody)(request)
        assert asked == [(request.member, everybody, THING)]

    def test_other_methods_are_refused(self, ask: Any) -> None:
        request = ask()
        request.method = "DELETE"
        assert note()(request).status_code == 405
