"""What of support keeps a case from being closed."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.models import Entry, SmallGrant
from homeward.casework.assistance.rules.entries import WAITING
from homeward.casework.assistance.rules.grants import GrantState
from homeward.casework.cases.models import Case
from homeward.casework.cases.rules.care import ENDED
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text


def open_in(case: Case, *, to: Member) -> list[Text]:
    """What the member's institution still has to hand over, to approve or to stop for this person, in sentences, as far as
    the member sees it. What was given at once is given: it is approved afterwards, also of a case that is closed.

    What others give is theirs to finish, and keeps nobody from closing: once the case is closed, the database lets nobody
    approve it any more (sql/ledger.sql). A case that has ended long ago is not kept from being erased either.
    """
    if case.standing is None or case.standing.state in ENDED:
        return []
    lines: list[Text] = []
    entries = Entry.objects.of_payer(to.institution_id).filter(case=case.pk, state__in=WAITING)
    if refs := ", ".join(entries.order_by("requested_at", "pk").values_list("ref", flat=True)):
        lines.append(
            format_lazy(_("Support still waits here: {refs}. Hand it over or stop it first."), refs=refs)
        )
    grants = SmallGrant.objects.filter(
        payer=to.institution_id, case=case.pk, state__in=[GrantState.APPLIED, GrantState.AWARDED]
    )
    if refs := ", ".join(grants.order_by("applied_at", "pk").values_list("ref", flat=True)):
        lines.append(
            format_lazy(
                _("A small grant is still open: {refs}. Decide on it, or record how it ended, first."),
                refs=refs,
            )
        )
    return lines
