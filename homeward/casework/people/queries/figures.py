"""The ledger of published figures, each with what speaks against it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.people.models import PublishedFigure
from homeward.casework.people.rules.figures import differs, sum_conflict
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class LedgerLine:
    """One figure, how deep it stands below a whole, and the reasons why not everything here can be true."""

    figure: PublishedFigure
    is_part: bool
    conflicts: list[Text]


def figures(*, to: Member) -> list[LedgerLine]:
    """All published figures, parts below their whole, conflicts in words. The ledger is small and read as one."""
    ledger = list(PublishedFigure.objects.order_by("published_at", "key"))
    by_key: dict[str, list[PublishedFigure]] = defaultdict(list)
    parts: dict[UUID | None, list[PublishedFigure]] = defaultdict(list)
    for figure in ledger:
        by_key[figure.key].append(figure)
        parts[figure.part_of_id].append(figure)
    lines: list[LedgerLine] = []
    for whole in sorted(parts[None], key=lambda figure: figure.key):
        below = parts[whole.pk]
        lines.append(_line(whole, below, by_key[whole.key], is_part=False))
        lines += [_line(part, parts[part.pk], by_key[part.key], is_part=True) for part in below]
    return lines


def wholes(*, to: Member) -> QuerySet[PublishedFigure]:
    """The figures that others can be parts of."""
    return PublishedFigure.objects.filter(part_of=None)


def _line(
    figure: PublishedFigure, parts: list[PublishedFigure], same_key: list[PublishedFigure], *, is_part: bool
) -> LedgerLine:
    reasons: list[Text] = []
    if words := sum_conflict(Decimal(figure.value), [Decimal(part.value) for part in parts]):
        reasons.append(words)
    reasons += [
        format_lazy(_("{source} says {value}."), source=other.source, value=other.number)
        for other in same_key
        if differs(figure.as_figure(), other.as_figure())
    ]
    return LedgerLine(figure, is_part, reasons)
