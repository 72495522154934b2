"""How far an institution may read a sender's lists in a way of its own: never so that it changes who paid, or what is let go."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.doors.intake.rules.evidence import NEVER_KEPT
from homeward.doors.intake.rules.mapping import SenderMapping
from homeward.doors.intake.rules.shapes import Shape
from homeward.foundation.kernel.errors import RuleBroken

# Constants of a list of support that say whose money it was.
_PAYING = ("payer", "payer_kind", "source")
# Where the payer is the office of a place, the place says who paid.
_PLACE_OF_PAYER = "municipality"


def check_own_reading(own: SenderMapping, pack: SenderMapping) -> None:
    """An institution may say how a list is headed and how its dates are written, and not what the list is."""
    if own.shape is not pack.shape:
        raise RuleBroken(
            _("What kind of list this sender sends is said by the country pack and cannot be changed here."),
            code="intake.mapping_shape",
        )
    if _payer(own) != _payer(pack):
        raise RuleBroken(
            _("Who paid, and from what, is said by the country pack and cannot be changed here."),
            code="intake.mapping_payer",
        )
    for heading in _turned(own, pack):
        raise RuleBroken(
            format_lazy(
                _(
                    "The column “{heading}” holds data that not everybody may keep. It cannot be read as something else."
                ),
                heading=heading,
            ),
            code="intake.mapping_guarded",
        )


def _payer(mapping: SenderMapping) -> tuple[object, ...]:
    said = tuple(mapping.constants.get(name, "") for name in _PAYING)
    place = mapping.column(_PLACE_OF_PAYER) if mapping.constants.get("payer_kind") else None
    return (*said, place)


def _turned(own: SenderMapping, pack: SenderMapping) -> Iterator[str]:
    """Headings under which the pack finds guarded data, and this mapping something of another kind."""
    for column in own.columns:
        kind = _kind_of_data(own.shape, column.field)
        for heading in column.headings:
            for known in pack.columns:
                guarded = _kind_of_data(pack.shape, known.field)
                if guarded is not None and guarded != kind and known.is_headed(heading):
                    yield heading


def _kind_of_data(shape: Shape, field: str) -> str | None:
    """What kind of guarded data a field holds; None for what only says who somebody is."""
    if field in NEVER_KEPT:
        return field
    category = shape.fields[field].category
    return None if category is None else str(category)
