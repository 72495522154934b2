"""Every write leaves a trace: what writes none is undone, and what writes it in another's name is refused."""

from typing import Any

import pytest
from django.db import OperationalError, transaction

from homeward.foundation.audit.actions import (
    Operator,
    action,
    operation,
    record,
    record_many,
    record_operation,
    record_view,
    recorded,
)
from homeward.foundation.audit.models import Event
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.errors import Unaudited


class TestAnAction:
    def test_says_by_whom(self) -> None:
        with pytest.raises(TypeError, match="keyword-only 'by'"):

            @action
            def nobody() -> None:
                """Nobody does it."""

        with pytest.raises(TypeError, match="keyword-only 'by'"):

            @action
            def anybody(by: Any) -> None:
                """By a place in the row."""

    def test_without_a_trace_is_undone(self, ana: Any, acting: Any) -> None:
        @action
        def silent(*, by: Any) -> None:
            Event.objects.exists()

        with acting(ana), pytest.raises(Unaudited):
            silent(by=ana)

    def test_around_another_one_that_was_undone_needs_its_own(self, ana: Any, acting: Any) -> None:
        @action
        def inner(*, by: Any) -> None:
            record("test.done", ana, by=by)
            raise ZeroDivisionError

        @action
        def outer(*, by: Any) -> None:
            with pytest.raises(ZeroDivisionError):
                inner(by=by)

        with acting(ana):
            with pytest.raises(Unaudited):
                outer(by=ana)
            assert "test.done" not in history(ana)

    def test_of_the_operator_too(self, db_of_test: None) -> None:
        assert loud(by=Operator("test")) == "done"
        with pytest.raises(Unaudited):
            silent_operation(by=Operator("test"))

    test_of_the_operator_too = pytest.mark.django_db(databases=["default", "auth", "migrate"])(
        test_of_the_operator_too
    )


@operation
def loud(*, by: Operator) -> str:
    """Says what it did."""
    record_operation("test.loaded", "test", by=by)
    return "done"


@operation
def silent_operation(*, by: Operator) -> None:
    """Says nothing."""


class TestRecording:
    def test_many_at_once(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            before = len(history(ana))
            assert record_many("test.seen", [ana, ana], by=ana) == 2
            assert history(ana)[before:] == ["test.seen", "test.seen"]

    def test_of_nothing_is_no_missing_trace(self, ana: Any, acting: Any) -> None:
        @action
        def nothing(*, by: Any) -> int:
            return record_many("test.seen", [], by=by)

        with acting(ana):
            assert nothing(by=ana) == 0

    def test_what_a_function_of_the_database_has_written(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            with pytest.raises(Unaudited):
                recorded("test.never", ana, by=ana)
            record("test.once", ana, by=ana)
            recorded("test.once", ana, by=ana)

    def test_a_look(self, ana: Any, edu: Any, acting: Any) -> None:
        with acting(ana):
            record_view("test.viewed", ana, to=ana)
        with acting(edu):
            event = Event.objects.filter(verb="test.viewed", subject_id=ana.pk).get()
            assert (event.is_read, event.member_id) == (True, ana.pk)

    def test_a_case_may_be_given_as_itself_or_as_its_key(self, ana: Any, edu: Any, acting: Any) -> None:
        with acting(ana):
            record("test.by_key", ana, by=ana, case=ana.institution_id)
            record("test.by_itself", ana, by=ana, case=ana.institution)
        with acting(edu):
            found = Event.objects.filter(verb__in=["test.by_key", "test.by_itself"])
            assert {event.case_id for event in found} == {ana.institution_id}

    def test_never_in_anothers_name(self, ana: Any, bruno: Any, acting: Any) -> None:
        with acting(ana):
            for write in (record, lambda *given, by: record_many(given[0], [given[1]], by=by)):
                with pytest.raises(OperationalError, match="another member"), transaction.atomic():
                    write("test.done", ana, by=bruno)
