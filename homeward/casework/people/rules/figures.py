"""Figures that somebody has published, kept side by side with where they come from.

Documents disagree with each other and sometimes with themselves. The ledger decides nothing: it shows every
figure with its source and says where two of them cannot both be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text


@dataclass(frozen=True)
class Figure:
    """A published number: of what, counted in what, for whom, as of when, from where."""

    key: str
    value: Decimal
    unit: str
    population: str
    as_of: str
    source: str


def differs(one: Figure, other: Figure) -> bool:
    """Do two sources say different things about the same matter on the same date?"""
    same_matter = (one.key, one.unit, one.population, one.as_of) == (
        other.key,
        other.unit,
        other.population,
        other.as_of,
    )
    return same_matter and one.value != other.value


def sum_conflict(whole: Decimal, parts: Sequence[Decimal]) -> Text | None:
    """What is wrong if the parts do not add up to the whole: `403 ≠ 255 + 52 + 118 = 425`. None if they do."""
    if len(parts) < 2 or sum(parts) == whole:
        return None
    return format_lazy(
        _("The parts do not add up: {whole} ≠ {parts} = {total}."),
        whole=plain(whole),
        parts=" + ".join(map(plain, parts)),
        total=plain(sum(parts, Decimal(0))),
    )


def plain(value: Decimal) -> str:
    """A number without zeros that say nothing."""
    return format(value.normalize(), "f")


def check_can_publish(key: str, value: Decimal, unit: str, source: str) -> None:
    """A figure without a source, or of nothing, is no figure."""
    for field, text in (("key", key), ("unit", unit), ("source", source)):
        if not text.strip():
            raise RuleBroken(_("This must not be empty."), field=field, code="figure.empty")
    if value < 0:
        raise RuleBroken(_("A published count cannot be below zero."), field="value", code="figure.negative")


def check_can_be_part(whole_key: str, part_key: str, whole_unit: str, part_unit: str) -> None:
    """A part counts the same thing as its whole, and nothing is a part of itself."""
    if whole_key == part_key:
        raise RuleBroken(
            _("A figure cannot be a part of itself."), field="part_of", code="figure.part_of_itself"
        )
    if whole_unit != part_unit:
        raise RuleBroken(
            _("A part is counted in the same unit as the whole."), field="unit", code="figure.other_unit"
        )
