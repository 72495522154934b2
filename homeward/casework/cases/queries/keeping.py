"""What the end of a retention means for one case: what would be destroyed, and what keeps it."""

from __future__ import annotations

from django.db import connection

from homeward.casework.cases.models import CareMove, Case
from homeward.casework.cases.rules.retention import KEPT_BY, in_kinds
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text


def to_be_erased(case: Case, *, to: Member) -> list[tuple[Text, int]]:
    """How many of each kind of record an erasure would destroy, in every institution; numbers and no content.

    Empty for whoever does not work on the case in the institution that leads it.
    """
    with connection.cursor() as cursor:
        cursor.execute("select kind, rows from sec.to_be_erased(%s)", [case.pk])
        return in_kinds(dict(cursor.fetchall()))


def kept_by(case: Case, *, to: Member) -> list[Text]:
    """What keeps a case although its last day has passed, in sentences."""
    with connection.cursor() as cursor:
        cursor.execute("select sec.erasure_kept_by(%s)", [case.pk])
        return [KEPT_BY[code] for (code,) in cursor.fetchall()]


def remark_on_erasure(case: Case, *, to: Member) -> str:
    """What whoever proposed the erasure last wants the second person to know; empty if nothing."""
    proposed = CareMove.objects.filter(case=case, name="propose_erasure").order_by("-moved_at").first()
    return proposed.reason if proposed else ""
