"""Every state has its time, and somebody who is told when it has passed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.casework.cases.rules.care import AT_REST, State
from homeward.casework.cases.rules.deadlines import DEFAULTS, days_over, deadlines_of, due_on, escalates_to
from homeward.foundation.institutions.rules import Role

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize("state", State.values)
def test_every_state_is_at_rest_or_has_a_deadline_and_an_owner(state):
    if state in AT_REST:
        assert (due_on(state, MONDAY), escalates_to(state)) == (None, None)
    else:
        due = due_on(state, MONDAY)
        assert due is not None
        assert due > MONDAY
        assert escalates_to(state) in Role


def test_reception_is_a_matter_of_days():
    assert due_on(State.RECEPTION, MONDAY) == date(2026, 11, 26)


def test_a_country_sets_its_own_days():
    ours = deadlines_of({"reception": {"days": 5}, "active": {"escalates_to": "coordinator"}})
    assert due_on(State.RECEPTION, MONDAY, ours) == date(2026, 11, 28)
    assert escalates_to(State.RECEPTION, ours) == DEFAULTS[State.RECEPTION].escalates_to
    assert escalates_to(State.ACTIVE, ours) == Role.COORDINATOR
    assert ours[State.INTAKE] == DEFAULTS[State.INTAKE]


@pytest.mark.parametrize(
    "section",
    [
        {"archived": {"days": 3}},
        {"holiday": {"days": 3}},
        {"intake": {"days": 0}},
        {"intake": {"days": True}},
        {"intake": {"days": "ten"}},
        {"intake": {"escalates_to": "king"}},
    ],
)
def test_a_pack_with_a_mistake_does_not_start(section):
    with pytest.raises(ValueError):
        deadlines_of(section)


@given(st.integers(-400, 400))
def test_days_over_counts_only_what_is_late(late):
    assert days_over(MONDAY, MONDAY + timedelta(days=late)) == max(late, 0)


def test_without_a_day_nothing_is_late():
    assert days_over(None, MONDAY) == 0
