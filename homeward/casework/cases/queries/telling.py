"""Which offices a reader may be told of: the name of one alone can say why somebody is here."""

from __future__ import annotations

from uuid import UUID

from homeward.foundation.access.queries import knows_the_label
from homeward.foundation.institutions.models import Member


def tells_all(*, to: Member) -> bool:
    """Whether this reader may know every office on a case. Asked by several panels of one page, answered once."""
    known: bool | None = to.__dict__.get("_tells_all")
    if known is None:
        known = to.__dict__["_tells_all"] = knows_the_label(to=to)
    return known


def may_name(institution: UUID | None, *, to: Member) -> bool:
    """A school or a clinic is told of its own office only; everybody else of each."""
    return institution == to.institution_id or tells_all(to=to)
