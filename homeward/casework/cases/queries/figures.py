"""How many came home and how many are expected: by wave, household and municipality, for whoever coordinates.

Counted over the cases the reader sees, never over more. These are working figures for those who know the
families; what is published passes disclosure control elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from homeward.casework.cases.models import CaseInSight
from homeward.casework.cases.rules.care import State
from homeward.casework.people.models import HouseholdMembership, Return, ReturnWave
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Line:
    """One line of a table: what, how many arrived, how many are expected, and where to see them."""

    title: Text
    arrived: int
    expected: int
    filter: str = ""


@dataclass(frozen=True)
class Figures:
    """The figures of one reader."""

    arrived: int
    expected: int
    households: int
    overdue: int
    by_wave: list[Line]
    by_municipality: list[Line]
    by_size: list[tuple[int, int]]
    by_state: list[tuple[str, Text, int]] = field(default_factory=list)


def figures(*, to: Member) -> Figures:
    """Everything the coordinator's page counts: seven queries, whatever the number of cases."""
    seen = CaseInSight.objects.of(to).order_by()
    returns = Return.objects.filter(
        state__in=(ReturnState.ARRIVED, ReturnState.EXPECTED), person__in=seen.values("person_id")
    ).order_by()
    arrived = Count("person", distinct=True, filter=Q(state=ReturnState.ARRIVED))
    expected = Count("person", distinct=True, filter=Q(state=ReturnState.EXPECTED))
    total = returns.aggregate(arrived=arrived, expected=expected)
    standing = seen.filter(case__care__isnull=False).aggregate(
        overdue=Count("case_id", distinct=True, filter=Q(case__care__due_on__lt=today()))
    )
    sizes = _sizes(seen)
    return Figures(
        arrived=total["arrived"],
        expected=total["expected"],
        households=sum(sizes.values()),
        overdue=standing["overdue"],
        by_wave=_by_wave(returns.values("wave", "channel").annotate(arrived=arrived, expected=expected)),
        by_municipality=_by_municipality(
            returns.values("person__municipality").annotate(arrived=arrived, expected=expected)
        ),
        by_size=sorted(sizes.items()),
        by_state=_by_state(seen),
    )


def _by_wave(rows: Any) -> list[Line]:
    waves = {wave.pk: wave for wave in ReturnWave.objects.all()}
    together: dict[Any, Counter[str]] = {}
    for row in rows:
        counted = together.setdefault(row["wave"], Counter())
        counted["arrived"] += row["arrived"]
        counted["expected"] += row["expected"]
    lines = [
        Line(waves[key].code, found["arrived"], found["expected"], f"wave={key}")
        for key, found in sorted(
            ((key, found) for key, found in together.items() if key is not None),
            key=lambda pair: waves[pair[0]].on,
            reverse=True,
        )
    ]
    alone = together.get(None)
    if alone is not None:
        lines.append(Line("", alone["arrived"], alone["expected"]))
    return lines


def _by_municipality(rows: Any) -> list[Line]:
    known = {one.pk: one for one in Municipality.objects.all()}
    lines = [
        Line(
            known[row["person__municipality"]].label if row["person__municipality"] else "",
            row["arrived"],
            row["expected"],
            f"municipality={row['person__municipality']}" if row["person__municipality"] else "",
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.filter, str(line.title)))


def _by_state(seen: Any) -> list[tuple[str, Text, int]]:
    counted = dict(
        seen.filter(case__care__isnull=False)
        .values_list("case__care__state")
        .annotate(n=Count("case_id", distinct=True))
        .values_list("case__care__state", "n")
    )
    return [(state, label, counted[state]) for state, label in State.choices if state in counted]


def _sizes(seen: Any) -> Counter[int]:
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
