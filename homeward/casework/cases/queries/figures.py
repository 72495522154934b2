"""How many cases there are, how many came home and how many are expected, for whoever coordinates.

Counted over the cases the reader sees, never over more. These are working figures for those who know the
families; what is published passes disclosure control elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from homeward.casework.cases.models import CaseInSight, CaseInSightQuerySet
from homeward.casework.cases.queries.pages import known_categories
from homeward.casework.cases.rules.care import State
from homeward.casework.people.models import HouseholdMembership, Return, ReturnQuerySet, ReturnWave
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Text

ARRIVED = Count("person", distinct=True, filter=Q(state=ReturnState.ARRIVED))
EXPECTED = Count("person", distinct=True, filter=Q(state=ReturnState.EXPECTED))


@dataclass(frozen=True)
class Line:
    """One line of a table: what, how many arrived and are expected, and the filter of the list that shows them."""

    title: Text
    arrived: int
    expected: int
    cases: int = 0
    filter: str = ""


@dataclass(frozen=True)
class Figures:
    """The figures of one reader; empty where the reader may not know."""

    cases: int
    arrived: int
    expected: int
    households: int
    overdue: int
    sees_returns: bool
    sees_households: bool
    sees_standing: bool
    by_wave: list[Line]
    by_municipality: list[Line]
    by_size: list[tuple[int, int]]
    by_state: list[tuple[str, Text, int]]


def figures(*, to: Member) -> Figures:
    """Everything the overview counts: a fixed number of queries, whatever the number of cases."""
    known = known_categories(to=to)
    seen = CaseInSight.objects.of(to).order_by()
    returns = Return.objects.filter(
        state__in=(ReturnState.ARRIVED, ReturnState.EXPECTED), person__in=seen.values("person_id")
    ).order_by()
    total = returns.aggregate(arrived=ARRIVED, expected=EXPECTED)
    sizes = _sizes(seen)
    states = _states(seen)
    return Figures(
        cases=seen.aggregate(n=Count("case_id", distinct=True))["n"],
        arrived=total["arrived"],
        expected=total["expected"],
        households=sum(sizes.values()),
        overdue=sum(late for _state, _number, late in states),
        sees_returns=Category.RETURN in known,
        sees_households=Category.HOUSEHOLD in known,
        sees_standing=Category.CASE in known,
        by_wave=_by_wave(returns),
        by_municipality=_by_municipality(seen, returns),
        by_size=sorted(sizes.items()),
        by_state=[
            (state, label, number)
            for state, label in State.choices
            for found, number, _late in states
            if found == state
        ],
    )


def _by_wave(returns: ReturnQuerySet) -> list[Line]:
    """The newest wave first; those who came on their own have none and stand last."""
    rows = returns.values_list("wave").annotate(arrived=ARRIVED, expected=EXPECTED)
    counted: dict[UUID | None, tuple[int, int]] = {wave: (here, awaited) for wave, here, awaited in rows}
    lines = [
        Line(wave.code, *counted[wave.pk], filter=f"wave={wave.pk}")
        for wave in ReturnWave.objects.order_by("-on", "code")
        if wave.pk in counted
    ]
    return [*lines, Line("", *counted[None])] if None in counted else lines


def _by_municipality(seen: CaseInSightQuerySet, returns: ReturnQuerySet) -> list[Line]:
    together: dict[Any, Counter[str]] = defaultdict(Counter)
    # Asking for the sex leaves out the people a reader may not know: their home is not known either.
    known = seen.filter(person__sex__isnull=False).values_list("person__municipality")
    for home, cases in known.annotate(cases=Count("case_id", distinct=True)):
        together[home]["cases"] = cases
    for home, here, awaited in returns.values_list("person__municipality").annotate(
        arrived=ARRIVED, expected=EXPECTED
    ):
        together[home].update(arrived=here, expected=awaited)
    names: Mapping[Any, Municipality] = {one.pk: one for one in Municipality.objects.all()}
    lines = [
        Line(
            names[key].label if key else "",
            found["arrived"],
            found["expected"],
            found["cases"],
            f"municipality={key}" if key else "",
        )
        for key, found in together.items()
    ]
    return sorted(lines, key=lambda line: (not line.filter, str(line.title)))


def _states(seen: CaseInSightQuerySet) -> list[tuple[str, int, int]]:
    """By state how many cases stand there, and how many of them should have moved on."""
    late = Count("case_id", distinct=True, filter=Q(case__care__due_on__lt=today()))
    rows = (
        seen.filter(case__care__isnull=False)
        .values("case__care__state")
        .annotate(number=Count("case_id", distinct=True), late=late)
    )
    return [(row["case__care__state"], row["number"], row["late"]) for row in rows]


def _sizes(seen: CaseInSightQuerySet) -> Counter[int]:
    """How many households have how many members in sight."""
    rows = (
        HouseholdMembership.objects.open()
        .filter(person__in=seen.values("person_id"))
        .order_by()
        .values("household")
        .annotate(n=Count("person", distinct=True))
        .values_list("n", flat=True)
    )
    return Counter(rows)
