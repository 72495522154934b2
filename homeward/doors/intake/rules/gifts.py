"""When two rows of support are about one gift.

It is the same gift when the same was given to the same person, by the same payer, from the same day; in whichever list. A
row in which just that was corrected is known by its number, and a number says something only in a list that is evidently a
new version of an earlier one. Two gifts of another kind from another day are never a correction of each other.
"""

from __future__ import annotations

from collections.abc import Collection

WHAT_AND_WHEN = ("kind", "starts_on")
WHO_PAID = frozenset({"payer", "payer_kind", "municipality"})
# What the ledger holds of a row. In everything else two rows may differ, and it is the same entry.
HELD = frozenset({"kind", "starts_on", "ends_on", "amount", "source"}) | WHO_PAID


def is_version(again: int, earlier: int, now: int) -> bool:
    """Is a list of so many rows an earlier one, sent again with corrections? `again` are the gifts that stand in both.

    Most of the earlier list stands in it, and that is at least half of it: next month's list goes on with some rents and is
    mostly about something else.
    """
    return 2 * again > earlier and 2 * again >= now


def is_corrected_gift(changed: Collection[str]) -> bool:
    """Can a row of the same number, about the same person, be this gift with some cells corrected?"""
    return not set(WHAT_AND_WHEN) <= set(changed)


def is_same_but_for_payer(changed: Collection[str]) -> bool:
    """Was nothing corrected but who paid?"""
    return set(changed) <= WHO_PAID


def is_same_gift(changed: Collection[str]) -> bool:
    """Is everything the ledger holds the same, so that only whose it is was corrected?"""
    return not HELD & set(changed)
