"""Coming home: expected, arrived, or no longer expected.

    expected → arrived
       ↓  ↑
    expired | cancelled

Of somebody who is only expected the least is kept, and only for a time: a return that did not happen expires,
so that a name does not stay on a list for ever. Who then comes after all is expected again, and arrives.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.states import Move, StateTable

# How long a name may stand on the list of the expected before somebody says again that it belongs there.
EXPECTED_FOR = timedelta(days=730)


class ReturnState(TextChoices):
    """How far a return has come."""

    EXPECTED = "expected", pgettext_lazy("return of a person", "Expected")
    ARRIVED = "arrived", pgettext_lazy("return of a person", "Arrived")
    EXPIRED = "expired", pgettext_lazy("return of a person", "No longer expected")
    CANCELLED = "cancelled", pgettext_lazy("return of a person", "Entered by mistake")


class Channel(TextChoices):
    """How somebody came home: brought by the state, or by their own ways."""

    FORMAL = "formal", _("Organised by the state")
    INFORMAL = "informal", _("By their own ways")
    UNKNOWN = "unknown", pgettext_lazy("channel of return", "Not known")


# What offices call the two ways.
CHANNEL_WORDS = {
    **{channel.value: channel for channel in Channel},
    "organised": Channel.FORMAL,
    "individual": Channel.INFORMAL,
    "": Channel.UNKNOWN,
}

RETURN = StateTable(
    "return",
    initial=ReturnState.EXPECTED,
    states={state.value: state.label for state in ReturnState},
    moves=[
        Move("arrive", {ReturnState.EXPECTED}, ReturnState.ARRIVED, _("Record the arrival")),
        Move("expire", {ReturnState.EXPECTED}, ReturnState.EXPIRED, _("Expect no longer")),
        Move("expect_again", {ReturnState.EXPIRED}, ReturnState.EXPECTED, _("Expect again")),
        Move(
            "cancel",
            {ReturnState.EXPECTED, ReturnState.ARRIVED, ReturnState.EXPIRED},
            ReturnState.CANCELLED,
            _("Strike out as a mistake"),
        ),
    ],
)


def channel_of(word: str) -> Channel:
    """The channel an office means. Raises RuleBroken for a word nobody uses for one."""
    if word.strip().lower() not in CHANNEL_WORDS:
        raise RuleBroken(
            _("This is no way of coming home that we know."), field="channel", code="return.channel"
        )
    return CHANNEL_WORDS[word.strip().lower()]


def expires_on(entered_on: date, expected_on: date | None) -> date:
    """The day on which an expected return is forgotten unless it is confirmed: two years, counted from the later day."""
    return max(entered_on, expected_on or entered_on) + EXPECTED_FOR


def check_can_arrive(state: str, arrived_on: date | None, today: date) -> None:
    """Somebody arrives once, on a day that has come."""
    RETURN.check("arrive", state)
    check_arrival_day(arrived_on, today)


def check_arrival_day(arrived_on: date | None, today: date) -> None:
    """Nobody has arrived on a day that has not come."""
    if arrived_on is not None and arrived_on > today:
        raise RuleBroken(_("This day has not come yet."), field="arrived_on", code="return.arrived_in_future")
