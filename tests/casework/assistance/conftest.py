"""Two families, and three payers who help them: the division, a Centre for Social Work, an organisation.

The division sees who gives what; the other two see their own, and that something overlaps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from homeward.casework.assistance import actions
from homeward.casework.assistance.models import AssistanceKind, Entry
from homeward.casework.cases.models import Case
from tests.factories.cases import a_family, let_in
from tests.factories.stages import country

__all__ = ["country"]

JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 30)


def kind(code: str) -> AssistanceKind:
    """A kind of support of the country."""
    return AssistanceKind.objects.get(code=code)


@pytest.fixture
def officer(members: dict[str, Any], db_of_test: None) -> Any:
    """Ana's colleague in the division."""
    return members["dprrp-officer"]


@pytest.fixture
def supervisor(members: dict[str, Any], db_of_test: None) -> Any:
    """The other one in the division who answers for what it does."""
    return members["dprrp-supervisor"]


@pytest.fixture
def home(acting: Any, ana: Any) -> SimpleNamespace:
    """A mother with two children, let into by the Centre and the organisation; and another family."""
    with acting(ana):
        mother, *children = a_family(by=ana, children=2)
        other, *_more = a_family(by=ana, children=1)
        for case in (mother, *children, other):
            let_in(case, "csw-mitrovica-south", by=ana)
            let_in(case, "atrc", by=ana)
    return SimpleNamespace(mother=mother, child=children[0], second=children[1], other=other)


def give(case: Case, *, by: Any, code: str = "rent", **given: Any) -> Entry:
    """A request, as somebody would make it: rent for the first half of a year, unless said otherwise."""
    wanted: dict[str, Any] = {"starts_on": JANUARY, "ends_on": JUNE}
    measure = kind(code).measure
    wanted |= {"amount": Decimal("150.00")} if measure != "goods" else {"quantity": 1}
    return actions.request(case, by=by, kind=kind(code), **(wanted | given))


def given(case: Case, *, by: Any, **more: Any) -> Entry:
    """Support that was released."""
    entry = give(case, by=by, **more)
    return actions.release(actions.approve(entry, by=by), by=by)


def stored(kept: actions.Kept) -> Entry:
    """The entry that a row of a list became."""
    return Entry.objects.get(pk=kept.entry or "")


@pytest.fixture
def refuses() -> Callable[..., Any]:
    """`with refuses("assistance.overlap"): …` — the rule of that code says no."""
    from contextlib import contextmanager

    from homeward.foundation.kernel.errors import Refusal

    @contextmanager
    def expecting(code: str, field: str | None = None) -> Any:
        with pytest.raises(Refusal) as caught:
            yield caught
        assert (caught.value.code, caught.value.field) == (code, field), repr(caught.value)

    return expecting


@pytest.fixture
def browser(signed_in: Any) -> Callable[..., Any]:
    """A browser of somebody who reads English, unless another language is asked for."""

    def opened(member: Any, language: str = "en") -> Any:
        client = signed_in(member)
        client.cookies["homeward_language"] = language
        return client

    return opened


def text(response: Any) -> str:
    """What a page says, without the frame around it."""
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
