"""How long a case may stay where it is, and who is told when it stays too long.

The days are data: a country pack may set others under `deadlines`. They count calendar days from the day
the state was entered. A state without a deadline is one where nobody is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from homeward.casework.cases.rules.care import AT_REST, State
from homeward.foundation.institutions.rules import Role


@dataclass(frozen=True)
class Deadline:
    """So many days, and then the holder of this role in the leading institution is asked to act."""

    days: int
    escalates_to: Role


# Reception is counted in days, because people stand at an airport; a plan is looked at each quarter,
# because the institutions meet each quarter; a closed case is asked once more after half a year.
DEFAULTS: Mapping[str, Deadline] = MappingProxyType(
    {
        State.EXPECTED: Deadline(180, Role.COORDINATOR),
        State.PREPARING: Deadline(30, Role.COORDINATOR),
        State.RECEPTION: Deadline(3, Role.COORDINATOR),
        State.INTAKE: Deadline(14, Role.SUPERVISOR),
        State.ASSESSMENT: Deadline(45, Role.SUPERVISOR),
        State.PLANNED: Deadline(14, Role.SUPERVISOR),
        State.ACTIVE: Deadline(90, Role.SUPERVISOR),
        State.CLOSURE_PROPOSED: Deadline(14, Role.SUPERVISOR),
        State.CLOSED: Deadline(180, Role.COORDINATOR),
        State.REOPENED: Deadline(7, Role.SUPERVISOR),
        State.SUSPENDED: Deadline(30, Role.SUPERVISOR),
        State.TRANSFERRED: Deadline(7, Role.COORDINATOR),
    }
)


def deadlines_of(section: Mapping[str, Any]) -> Mapping[str, Deadline]:
    """The deadlines a country pack sets, over the defaults.

    Shape: `{reception: {days: 5, escalates_to: coordinator}, …}`. Raises ValueError for a state that has
    no deadline, a number of days below one, or a role nobody has: a pack with a mistake must not start.
    """
    found = dict(DEFAULTS)
    for state, rule in section.items():
        if state not in DEFAULTS:
            raise ValueError(f"deadlines: {state!r} is no state of a case that has a deadline")
        days = rule.get("days", found[state].days)
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            raise ValueError(f"deadlines: {state}: days must be a whole number from 1, not {days!r}")
        found[state] = Deadline(days, Role(rule.get("escalates_to", found[state].escalates_to)))
    return MappingProxyType(found)


def due_on(state: str, entered_on: date, deadlines: Mapping[str, Deadline] = DEFAULTS) -> date | None:
    """The day by which a case should have left this state; None where nothing is waited for."""
    if state in AT_REST:
        return None
    return entered_on + timedelta(days=deadlines[state].days)


def escalates_to(state: str, deadlines: Mapping[str, Deadline] = DEFAULTS) -> Role | None:
    """The role in the leading institution that is asked to act when the day has passed."""
    if state in AT_REST:
        return None
    return deadlines[state].escalates_to


def days_over(due: date | None, today: date) -> int:
    """How many days a case is overdue; 0 when it is not."""
    return max((today - due).days, 0) if due is not None else 0
