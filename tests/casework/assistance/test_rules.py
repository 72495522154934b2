"""The pure part: kinds a pack may describe, days that meet, money in days."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.casework.assistance.forms import decimal_of
from homeward.casework.assistance.models import catalogue, mark_of
from homeward.casework.assistance.models.packs import catalogue_in
from homeward.casework.assistance.rules.entries import (
    GIFT,
    LIVE,
    PAID,
    State,
    approved,
    check_second,
    needs_second,
)
from homeward.casework.assistance.rules.kinds import catalogue_of
from homeward.casework.assistance.rules.periods import (
    FOREVER,
    Period,
    covers,
    gaps,
    joined,
    month_of,
    months,
)
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.packs import load
from homeward.foundation.kernel.refs import new_id

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
PERIODS = st.tuples(DAYS, st.integers(0, 20)).map(lambda one: Period(one[0], one[0] + timedelta(days=one[1])))


def days_in(periods):
    return {
        period.starts_on + timedelta(days=n) for period in periods for n in range(period.days(period.ends_on))
    }


@given(st.lists(PERIODS, max_size=8))
def test_joining_keeps_every_day_and_leaves_gaps_between(periods):
    found = joined(periods)
    assert days_in(found) == days_in(periods)
    assert all(one.ends_on + timedelta(days=1) < two.starts_on for one, two in pairwise(found))


@given(st.lists(PERIODS, max_size=8), PERIODS)
def test_gaps_are_what_is_left(periods, whole):
    assert days_in(gaps(periods, whole)) == days_in([whole]) - days_in(periods)


@given(PERIODS, PERIODS)
def test_two_periods_meet_on_the_days_of_both(one, two):
    met = one.meeting(two)
    assert days_in([met] if met else []) == days_in([one]) & days_in([two])


def test_what_has_no_end_runs_until_today():
    running = Period(date(2026, 1, 1))
    assert running.is_open
    assert running.days(date(2026, 1, 10)) == 10
    assert running.days(date(2025, 1, 1)) == 1
    assert joined([running, Period(date(2030, 1, 1), date(2030, 1, 2))]) == [running]
    assert running.meeting(Period(date(2026, 5, 1))) == Period(date(2026, 5, 1), FOREVER)


def test_months():
    assert months(date(2025, 12, 31), date(2026, 2, 1)) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert month_of(date(2026, 2, 28)) == date(2026, 2, 1)
    assert covers(Period(date(2026, 1, 31), date(2026, 1, 31)), date(2026, 1, 1))
    assert not covers(Period(date(2026, 1, 31), date(2026, 1, 31)), date(2026, 2, 1))


def test_above_the_amount_and_not_at_it_two_sign():
    assert not needs_second([Decimal("500.00")], Decimal("500.00"))
    assert needs_second([Decimal("500.01")], Decimal("500.00"))
    assert needs_second([Decimal("499.00"), Decimal("1.01")], Decimal("500.00"))
    assert needs_second([None], Decimal(1))
    assert needs_second([Decimal("0.01"), None], Decimal(1))
    assert approved([Decimal(2)], Decimal(1)) == State.SIGNED
    assert approved([None], None) == State.APPROVED
    one, two = new_id(), new_id()
    check_second(one, two)
    with pytest.raises(RuleBroken):
        check_second(one, one)


@given(st.lists(st.sampled_from([move.name for move in GIFT.moves]), max_size=8))
def test_nothing_is_paid_without_a_signature_or_an_emergency(names):
    """Any walk through the states: what counts as paid was approved or given at once, and what is over stays over."""
    state, taken = GIFT.initial, []
    for name in names:
        move = next(move for move in GIFT.moves if move.name == name)
        if state not in move.sources:
            continue
        state = min(move.targets)
        taken.append(name)
        if state in PAID:
            assert {"approve", "relieve"} & set(taken)
    if state in (State.STOPPED, State.REVERSED):
        assert GIFT.is_terminal(state)
        assert state not in LIVE


def test_the_packs_can_be_read():
    for name in ("kosovo", "example"):
        found = catalogue_in(load(name))
        assert found.kinds
        assert len(found.currency) == 3
    assert catalogue().currency == "EUR"
    by_code = {share.kind: share for share in catalogue().reception}
    assert (by_code["food-package"].wanted(5), by_code["hygiene-kit"].wanted(5)) == (1, 5)


CLASS = {"code": "c", "number": 1, "for": "person", "gives": "period", "label": {"en": "C"}}
KIND = {"code": "k", "class": "c", "measured": "money", "label": {"en": "K"}}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"currency": "euro"}, "currency"),
        ({"currency": 1}, "currency"),
        ({"classes": [CLASS, CLASS]}, "its own"),
        ({"classes": [CLASS | {"number": "1"}]}, "whole number"),
        ({"classes": [CLASS | {"number": True}]}, "whole number"),
        ({"classes": [CLASS | {"number": 0}]}, "whole number"),
        ({"classes": [CLASS | {"for": "all"}]}, "for must be"),
        ({"kinds": [KIND, KIND]}, "twice"),
        ({"kinds": [KIND | {"class": "x"}]}, "no class"),
        ({"kinds": [KIND | {"measured": "x"}]}, "measured"),
        ({"kinds": [KIND | {"second_above": 1.5}]}, "in quotes"),
        ({"kinds": [KIND | {"second_above": "much"}]}, "in quotes"),
        ({"kinds": [KIND | {"second_above": "0"}]}, "above zero"),
        ({"kinds": [KIND | {"emergency_up_to": "1.001"}]}, "two decimals"),
        ({"reception_package": [{"kind": "x", "per": "person", "quantity": 1}]}, "no kind"),
        ({"reception_package": [{"kind": "k", "per": "person", "quantity": 0}]}, "whole number"),
        ({"reception_package": [{"kind": "k", "per": "person", "quantity": True}]}, "whole number"),
    ],
)
def test_a_pack_with_a_mistake_does_not_start(wrong, complaint):
    section = {"currency": "EUR", "classes": [CLASS], "kinds": [KIND]} | wrong
    with pytest.raises(ValueError, match=complaint):
        catalogue_of(section)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("150", "150.00"),
        ("150,5", "150.50"),
        ("1.250,50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1.250", "1250.00"),
        ("-3", "-3.00"),
        ("0,01", "0.01"),
    ],
)
def test_amounts_as_people_write_them(written, amount):
    assert decimal_of(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["abc", "1,2,x", "=1", "", "٣", "1e5", "12345678901"])
def test_what_is_no_amount_is_said_to_be_none(written):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        decimal_of(written)


def test_a_mark_says_nothing_and_is_the_payers_own():
    payer, other = new_id(), new_id()
    assert mark_of(payer, "1") == mark_of(payer, " 1 ")
    assert len({mark_of(payer, "1"), mark_of(other, "1"), mark_of(payer, "1", 2), mark_of(payer, "12")}) == 4
    assert mark_of(payer, "") is None
    assert mark_of(payer, "x", "") is None
