"""For people of which age a protocol is: what the pages offer and what the plain reading of the protocol says."""

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.access.rules import certain_age, concerns
from tests.oracle.oracle import Case, is_about
from tests.oracle.pack import Protocol

TODAY = date(2026, 11, 28)
ages = st.none() | st.integers(1, 30)
# Around the birthdays that matter, and anywhere else.
days = st.none() | st.dates(date(1960, 1, 1), date(2044, 12, 31)).filter(
    lambda day: (day.month, day.day) != (2, 29)
)
near = st.builds(
    lambda years, off: TODAY.replace(year=TODAY.year + years) + timedelta(days=off),
    st.integers(-15, 17),
    st.integers(-1, 1),
)


@given(days | near, ages, ages)
def test_both_readings_agree(adult_on, from_age, until_age):
    protocol = Protocol("x", "a", "b", None, None, from_age, until_age, {})  # type: ignore[arg-type]
    case = Case(uuid4(), uuid4(), "a", adult_on)
    assert concerns(certain_age(adult_on, TODAY), from_age, until_age) is is_about(protocol, case, TODAY)


@given(days | near)
def test_nobody_is_both_certainly_old_enough_and_certainly_a_child(adult_on):
    age = certain_age(adult_on, TODAY)
    assert concerns(age, 18, None) is not concerns(age, None, 18)
