"""Two records of one person: who may say so, how they become one, and how they come apart again."""

from __future__ import annotations

import pytest

from homeward.casework.people import actions, queries
from homeward.casework.people.actions import NewName
from homeward.casework.people.models import PersonTwin
from homeward.foundation.kernel.dates import PartialDate
from tests.factories.cases import a_case


@pytest.fixture
def two(acting, ana):
    with acting(ana):
        one = a_case(
            by=ana,
            names=[NewName(family="Osmani", given="Ardita", father="Jusuf")],
            sex="F",
            born=PartialDate(1992, 11, 2),
        )
        other = a_case(
            by=ana, names=[NewName(family="DERVISHI", given="Ardita")], sex="F", born=PartialDate(1992)
        )
    return one, other


def test_schema(acting, ana, two):
    with acting(ana):
        actions.tell_apart(two[0].person, [two[1].person], by=ana)
        [pair] = queries.twins(to=ana, state="different")
        assert isinstance(pair, PersonTwin)
