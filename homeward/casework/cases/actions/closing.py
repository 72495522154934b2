"""Ending a case, by two people, and beginning again when it turns out not to have ended."""

from __future__ import annotations

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.rules import care as rules
from homeward.casework.cases.rules import closing, closing_blockers
from homeward.casework.cases.rules.care import CARE, check_reason
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now


@action
def propose_closure(
    case: Case, *, reason: str, remark: str = "", by: Member, version: int | None = None
) -> Care:
    """Somebody finds that nothing more is needed, and asks a second person to look.

    What other rooms still have open keeps a case from closing; they are asked now and again at the end.
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    closing.check_can_propose(care.state, reason, closing_blockers.of(care.case, by=by))

    care.closure_proposed_by, care.closure_proposed_at = by, now()
    care.closing_reason = reason
    moved = care.move("propose_closure", by=by, reason=remark)

    record(
        "case.closure_proposed", care.case, by=by, category=Category.CASE, reason=reason, **care.trace(moved)
    )
    return care


@action
def confirm_closure(case: Case, *, by: Member, version: int | None = None) -> Care:
    """A second person agrees: the case is closed, and asked after once more in half a year."""
    care = Care.objects.locked(case, version)
    require(by, permissions.close, case)
    closing.check_can_confirm(
        care.state,
        proposed_by=care.closure_proposed_by_id,
        confirmed_by=by.pk,
        blockers=closing_blockers.of(care.case, by=by),
    )

    care.closed_by, care.closed_at = by, now()
    moved = care.move("confirm_closure", by=by)

    record(
        "case.closed",
        care.case,
        by=by,
        category=Category.CASE,
        reason=care.closing_reason,
        **care.trace(moved),
    )
    return care


@action
def reject_closure(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """Something is still needed: the case goes on from where it was. Whoever proposed may take it back so."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    CARE.check("reject_closure", care.state)
    check_reason(reason)

    _forget_closure(care)
    moved = care.move("reject_closure", by=by, to=rules.back_to(care.previous_state), reason=reason)

    record("case.closure_rejected", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def reopen(case: Case, *, reason: str, by: Member, version: int | None = None) -> Care:
    """It was not over: the case begins again with a new assessment. The old file stays as it was."""
    care = Care.objects.locked(case, version)
    require(by, permissions.close, case)
    CARE.check("reopen", care.state)
    check_reason(reason)

    _forget_closure(care)
    moved = care.move("reopen", by=by, reason=reason)

    record("case.reopened", care.case, by=by, category=Category.CASE, **care.trace(moved))
    return care


@action
def archive(case: Case, *, by: Member, version: int | None = None) -> Care:
    """A finished case is put away. It can be read, and waits for the end of its retention.

    The database sets the last day on which it is kept, by the periods of the country (sql/retention.sql).
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.archive, case)
    CARE.check("archive", care.state)

    moved = care.move("archive", by=by)
    care.refresh_from_db(fields=["keep_until"])

    record(
        "case.archived",
        care.case,
        by=by,
        category=Category.CASE,
        keep_until=care.keep_until,
        **care.trace(moved),
    )
    return care


def _forget_closure(care: Care) -> None:
    """The row says what holds now; who proposed and closed before stands in the log."""
    care.closure_proposed_by = care.closure_proposed_at = None
    care.closed_by = care.closed_at = None
    care.closing_reason = ""
