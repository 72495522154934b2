"""Letting another institution into a case, closing the door again, and keeping somebody away from it.

What it will see is decided by the protocols, never by whoever opens the door; the page shows it before
anything is confirmed. The database checks the protocols once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Case
from homeward.foundation.access import actions as access
from homeward.foundation.access.models import Exclusion, Involvement, SharingProtocol
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import start_of, today
from homeward.foundation.kernel.errors import RuleBroken


@action
def involve(
    case: Case,
    *,
    institution: Institution,
    protocols: Iterable[SharingProtocol],
    reason: str,
    until: date | None = None,
    by: Member,
) -> Involvement:
    """Another institution takes part in this case from now on, and sees what these protocols say.

    `until` is the last day; None for as long as the protocols are in force.
    """
    require(by, permissions.involve, case)
    if not reason.strip():
        raise RuleBroken(_("Say why this institution is needed."), field="reason", code="involving.reason")
    if until is not None and until < today():
        raise RuleBroken(_("This day is in the past."), field="until", code="involving.until")

    return access.involve(
        case.pk,
        institution,
        protocols=list(protocols),
        reason=reason.strip(),
        until=None if until is None else start_of(until + timedelta(days=1)),
        by=by,
    )


@action
def end_involvement(involvement: Involvement, *, reason: str, by: Member) -> Involvement:
    """An institution no longer takes part: it sees nothing of the case any more, and what it wrote stays."""
    case = Case.objects.get(pk=involvement.case_id)
    require(by, permissions.involve, case)
    if not reason.strip():
        raise RuleBroken(
            _("Say why this institution is no longer needed."), field="reason", code="involving.reason"
        )
    return access.end_involvement(involvement, reason=reason.strip(), by=by)


@action
def exclude(case: Case, *, member: Member | None = None, reason: str, by: Member) -> Exclusion:
    """Somebody of the own institution must not see this case: a cousin, a neighbour. Oneself, if nobody is named."""
    require(by, permissions.exclude, case)
    return access.exclude(case.pk, member or by, reason=reason, by=by)
