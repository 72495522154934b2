"""Work is put off in the name of the member who asked, and the ticket in the queue opens nothing for anybody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.jobs.actions import Here, Ticket, work
from homeward.foundation.kernel.errors import NoContext


def look(ticket: Any, office: str) -> str:
    """Who is at work, and for whom, as the work itself sees it."""
    with ticket.acting() as member:
        return f"{member.name}: {Institution.objects.get(code=office).code}"


@pytest.fixture
def put_off() -> Iterator[Any]:
    """Work of the tests' own, taken out of the register again."""
    from procrastinate.contrib.django import app

    declared = work("test.look", attempts=1)(look)
    yield declared
    app.tasks.pop("test.look")


def test_here_and_now_it_runs_under_the_context_that_is_open(ana: Any, acting: Any, put_off: Any) -> None:
    with acting(ana):
        assert put_off.now(by=ana, office="kps") == f"{ana.name}: kps"


def test_what_goes_wrong_here_and_now_is_undone_alone(ana: Any, acting: Any) -> None:
    with acting(ana):
        with pytest.raises(ZeroDivisionError), Here(ana).acting():
            raise ZeroDivisionError
        assert Member.objects.filter(pk=ana.pk).exists()


def test_later_it_waits_for_what_is_being_saved(
    ana: Any,
    acting: Any,
    put_off: Any,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put: list[dict[str, Any]] = []
    monkeypatch.setattr(type(put_off.task), "defer", lambda self, **given: put.append(given))
    with django_capture_on_commit_callbacks(execute=True), acting(ana):
        put_off.later(by=ana, office="kps")
        assert put == []
    [given] = put
    assert given["office"] == "kps"
    with pytest.raises(NoContext):  # it is the worker's alone: the web's role cannot go on with it
        put_off.task(**given)


def test_the_worker_goes_on_as_the_member(
    ana: Any, tokens: dict[str, str], put_off: Any, db_of_test: None
) -> None:
    with Ticket(tokens["dprrp-coordinator"]).acting() as member:
        assert member.pk == ana.pk
