"""What may be taken in from a list as support of the past, so that nobody signs for it here any more."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text

# What began fewer days ago than this and needs two signatures is signed here: a list is no way around them.
LATELY = timedelta(days=30)

BEGINS_LATER: tuple[str, Text] = (
    "starts_on",
    _(
        "This begins after today. What has not been given yet is requested and signed, not taken in from a list."
    ),
)
UNSIGNED: tuple[str, Text] = (
    "amount",
    _(
        "This began less than 30 days ago and needs two signatures. It is requested and signed here, not taken in from a "
        "list."
    ),
)


def begins_later(starts_on: date, today: date) -> bool:
    """Is this not given yet? An end in the future is no matter: a rent that runs was given all the same."""
    return starts_on > today


def is_unsigned(starts_on: date, amount: Decimal | None, second_above: Decimal | None, today: date) -> bool:
    """Is it so recent that the two who have to sign for such an amount, or for one nobody has said, can still do it?"""
    return (
        second_above is not None and (amount is None or amount > second_above) and starts_on > today - LATELY
    )


def check_is_history(
    starts_on: date, amount: Decimal | None, second_above: Decimal | None, today: date
) -> None:
    """Support of the past was given in the past, and is not what two people have to sign for now."""
    if begins_later(starts_on, today):
        raise RuleBroken(BEGINS_LATER[1], field=BEGINS_LATER[0], code="assistance.begins_later")
    if is_unsigned(starts_on, amount, second_above, today):
        raise RuleBroken(UNSIGNED[1], field=UNSIGNED[0], code="assistance.unsigned")
