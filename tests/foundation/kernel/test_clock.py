"""There is one clock, and its day ends at midnight in Kosovo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.clock import day_of, now, start_of, today


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2024, 1, 31, 22, 59, 59, tzinfo=UTC), date(2024, 1, 31)),
        (datetime(2024, 1, 31, 23, 0, tzinfo=UTC), date(2024, 2, 1)),
        (datetime(2024, 6, 30, 21, 59, 59, tzinfo=UTC), date(2024, 6, 30)),
        (datetime(2024, 6, 30, 22, 0, tzinfo=UTC), date(2024, 7, 1)),
    ],
)
def test_the_day_changes_at_midnight_there_in_winter_and_in_summer(instant, day):
    with time_machine.travel(instant, tick=False):
        assert today() == day
        assert now() == instant


def test_now_knows_its_time_zone():
    assert now().utcoffset() == timedelta(0)


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_a_day_begins_where_the_one_before_ends(day):
    begins = start_of(day)

    assert day_of(begins) == day
    assert day_of(begins - timedelta(microseconds=1)) == day - timedelta(days=1)
