"""How long what is known of a person is kept after the work has ended, and who may end or prolong it.

The periods are data: a country pack sets them under `retention`, and a country decides them. They count from the
day a case is archived. When the last day has passed nothing happens by itself to a case: two people look, and
either keep it longer, with a reason, or erase it. Only what nobody decides about goes by the clock: uploaded
lists, and expectations of returns that never came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.cases.rules.care import CARE
from homeward.foundation.access.rules import OF_AGE
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken, Text


@dataclass(frozen=True)
class Retention:
    """The periods of one country."""

    never_arrived_years: int = 1
    closed_years: int = 5
    child_until_age: int = 21
    longer_years: int = 5
    list_days: int = 90


# Where each period stands in a pack, and the least that makes sense: nothing is destroyed on the day it ends, and no
# child's file before the child can ask for it as a grown-up.
_PLACES: Mapping[tuple[str, str], tuple[str, int]] = {
    ("never_arrived", "years"): ("never_arrived_years", 1),
    ("closed", "years"): ("closed_years", 1),
    ("children", "until_age"): ("child_until_age", OF_AGE),
    ("keep_longer", "years"): ("longer_years", 1),
    ("uploaded_lists", "days"): ("list_days", 1),
}


def retention_of(section: Mapping[str, Any]) -> Retention:
    """The periods a country pack sets, over the defaults.

    Shape: `{closed: {years: 5}, children: {until_age: 21}, …}`. Raises ValueError for a period nobody knows and for a
    number that cannot be: a pack with a mistake must not start, because what is erased does not come back.
    """
    found: dict[str, int] = {}
    for name, rule in section.items():
        for unit, number in (rule if isinstance(rule, Mapping) else {"": rule}).items():
            if (name, unit) not in _PLACES:
                known = ", ".join(f"{one}: {{{other}: …}}" for one, other in _PLACES)
                raise ValueError(f"retention: {name}: {unit or rule!r} is no period; known are {known}")
            field, least = _PLACES[name, unit]
            if not isinstance(number, int) or isinstance(number, bool) or number < least:
                raise ValueError(
                    f"retention: {name}: {unit} must be a whole number from {least}, not {number!r}"
                )
            found[field] = number
    return Retention(**found)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 28th of February for a 29th that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def has_ended(keep_until: date | None, today: date) -> bool:
    """Has the last day on which the case is kept passed?"""
    return keep_until is not None and keep_until < today


def check_can_keep_longer(
    state: str, keep_until: date | None, until: date, today: date, periods: Retention
) -> None:
    """An archived case is kept longer than it would be, for some years at most; after them somebody looks again."""
    CARE.check("keep_longer", state)
    if until <= max(today, keep_until or today):
        raise RuleBroken(
            _("Choose a day after the one until which the case is kept already, and after today."),
            field="until",
            code="retention.not_longer",
        )
    last = years_after(today, periods.longer_years)
    if until > last:
        raise RuleBroken(
            format_lazy(
                _("A case can be kept {years} years longer at a time. Choose a day up to {last}."),
                years=periods.longer_years,
                last=PartialDate.of(last),
            ),
            field="until",
            code="retention.too_long",
        )


def check_can_propose_erasure(
    state: str,
    keep_until: date | None,
    today: date,
    *,
    proposed_by: UUID | None,
    by: UUID,
    kept: Sequence[Text],
) -> None:
    """The last day has passed, nothing keeps the case, and nobody proposes twice."""
    CARE.check("propose_erasure", state)
    _check_has_ended(keep_until, today)
    if proposed_by == by:
        raise RuleBroken(
            _("You proposed this already. A second person has to confirm it."), code="erasure.proposed"
        )
    _check_nothing_keeps_it(kept)


def check_can_erase(
    state: str,
    keep_until: date | None,
    today: date,
    *,
    proposed_by: UUID | None,
    by: UUID,
    kept: Sequence[Text],
) -> None:
    """Somebody else than the proposer confirms, and still nothing keeps the case."""
    CARE.check("erase", state)
    _check_has_ended(keep_until, today)
    if proposed_by is None:
        raise RuleBroken(
            _("Nobody has proposed to erase this case. One person proposes, another one confirms."),
            code="erasure.not_proposed",
        )
    if proposed_by == by:
        raise RuleBroken(
            _("You proposed to erase this case. A second person has to confirm it."),
            code="erasure.same_person",
        )
    _check_nothing_keeps_it(kept)


def _check_has_ended(keep_until: date | None, today: date) -> None:
    if not has_ended(keep_until, today):
        raise RuleBroken(
            format_lazy(
                _("This case is kept until {day}. Before that it cannot be erased."),
                day=PartialDate.of(keep_until) if keep_until else "—",
            ),
            code="erasure.early",
        )


def _check_nothing_keeps_it(kept: Sequence[Text]) -> None:
    if kept:
        raise RuleBroken(
            format_lazy(
                _("The case cannot be erased yet: {what}"), what=format_lazy("{} " * len(kept), *kept)
            ),
            code="erasure.kept",
        )


# --- what the database answers, in words --------------------------------------------------------------------

# What keeps a case although its day has passed, by the code under which the database says so (sql/erasure.sql).
KEPT_BY: Mapping[str, Text] = {
    "guardian": _(
        "The person answers for a child whose case is kept. End that guardianship first, or keep this case longer."
    ),
    "unreviewed": _("An emergency look at this case has not been reviewed yet."),
}
# What the database refuses by itself, because something changed between the page and the press of the button.
REFUSED: Mapping[str, Text] = {
    "retention.unavailable": _("There is nothing here that can be kept or erased."),
    "retention.not_longer": _(
        "Choose a day after the one until which the case is kept already, and after today."
    ),
    "retention.too_long": _("This is longer than a case can be kept at a time."),
    "erasure.unavailable": _("There is nothing here that can be kept or erased."),
    "erasure.early": _("This case is still kept. Before its last day has passed it cannot be erased."),
    "erasure.not_proposed": _(
        "Nobody has proposed to erase this case. One person proposes, another one confirms."
    ),
    "erasure.same_person": _("You proposed to erase this case. A second person has to confirm it."),
    "erasure.newcomer": _(
        "Both people must have worked here for thirty days. Somebody else confirms, or the case waits a little longer."
    ),
    "erasure.guardian": KEPT_BY["guardian"],
    "erasure.unreviewed": KEPT_BY["unreviewed"],
    "erasure.built_upon": _(
        "Something else still refers to this case, or somebody wrote about it at this moment. Nothing was erased."
    ),
}

# What is destroyed, by table or by the function that forgets; tables of one kind are counted together. A room that stands above adds its own.
_KINDS: dict[str, Text] = {
    "person": pgettext_lazy("what is erased", "The person's own details"),
    "person_birth_place": pgettext_lazy("what is erased", "The person's own details"),
    "person_name": pgettext_lazy("what is erased", "Names"),
    "person_return": pgettext_lazy("what is erased", "Returns"),
    "forget_household": pgettext_lazy("what is erased", "Households in which nobody is left"),
    "household_membership": pgettext_lazy("what is erased", "Places in a household"),
    "guardianship": pgettext_lazy("what is erased", "Guardians and caregivers of this person"),
    "forget_guardian": pgettext_lazy("what is erased", "Mentions of this person as somebody's guardian"),
    "forget_twins": pgettext_lazy("what is erased", "Pairs of records that were thought to be one person"),
    "case_file": pgettext_lazy("what is erased", "The case"),
    "case_care": pgettext_lazy("what is erased", "The case"),
    "case_anchor": pgettext_lazy("what is erased", "The case"),
    "case_move": pgettext_lazy("what is erased", "The history of the case, with its reasons"),
    "case_team_member": pgettext_lazy("what is erased", "Places on the team"),
    "case_note": pgettext_lazy("what is erased", "Notes"),
    "case_note_text": pgettext_lazy("what is erased", "Notes"),
    "case_document": pgettext_lazy("what is erased", "Documents"),
    "case_document_content": pgettext_lazy("what is erased", "Documents"),
    "case_check": pgettext_lazy("what is erased", "First checks"),
    "involvement": pgettext_lazy("what is erased", "Institutions that took part, and why"),
    "access_grant": pgettext_lazy("what is erased", "Institutions that took part, and why"),
    "case_access": pgettext_lazy("what is erased", "Institutions that took part, and why"),
    "case_access_cat": pgettext_lazy("what is erased", "Institutions that took part, and why"),
    "break_glass": pgettext_lazy("what is erased", "Emergency looks, with their reasons"),
    "case_exclusion": pgettext_lazy("what is erased", "Members kept away, with their reasons"),
    "forget_rows": pgettext_lazy("what is erased", "Rows of uploaded lists, in every institution"),
}
OTHER = pgettext_lazy("what is erased", "Other records")


def add_kinds(kinds: Mapping[str, Text]) -> None:
    """Say what people call the rows of a room's tables when they are erased."""
    _KINDS.update(kinds)


# A header and its content are one thing to a reader: only the table named first of a kind is counted.
_COUNTED_WITH = frozenset(
    {
        *("person_birth_place", "case_care", "case_anchor", "case_note_text", "case_document_content"),
        *("access_grant", "case_access", "case_access_cat"),
    }
)


def in_kinds(rows: Mapping[str, int]) -> list[tuple[Text, int]]:
    """How many of each kind will be destroyed, in a fixed order, from the rows of each table; nothing for none."""
    counted: dict[Text, int] = {}
    order = [*_KINDS, *sorted(set(rows) - _KINDS.keys())]
    for table in order:
        if rows.get(table) and table not in _COUNTED_WITH:
            kind = _KINDS.get(table, OTHER)
            counted[kind] = counted.get(kind, 0) + rows[table]
    return list(counted.items())
