"""What every move of a case shares: the lock at its beginning, the new standing, the trace at its end."""

from __future__ import annotations

from datetime import date

from homeward.casework.cases.models import Care, CareMove, Case
from homeward.casework.cases.models.deadlines import deadlines
from homeward.casework.cases.rules.care import CARE, REMEMBERING, setting_after
from homeward.casework.cases.rules.deadlines import due_on, escalates_to
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, Stale


def locked(case: Case, version: int | None = None) -> Care:
    """Where the case stands, locked until this action is done.

    `version` is what the member had before them; None when nobody looked at a page. Raises `Stale` with what
    stands now when somebody changed it since. A row that cannot be locked may not be changed: `NotPermitted`
    for whoever sees the case, `Missing` for everybody else.
    """
    care = Care.objects.select_for_update().filter(case=case.pk).first()
    if care is None:
        if Case.objects.filter(pk=case.pk).exists():
            raise NotPermitted()
        raise Missing()
    if version is not None and version != care.version:
        raise Stale(care.theirs())
    care.case = Case.objects.get(pk=case.pk)
    return care


def move(
    care: Care, name: str, *, by: Member, to: str | None = None, on: date | None = None, reason: str = ""
) -> CareMove:
    """The state changes, its deadline starts, and a case that pauses remembers where it was.

    Returns the line in the history of the case, which holds the reason; the log points to it and repeats no words.
    """
    came_from, care.state = care.state, CARE.target(name, to)
    care.previous_state = came_from if care.state in REMEMBERING else None
    care.setting = setting_after(care.state, care.previous_state, care.setting)
    enter(care, on or today())
    care.version += 1
    care.save()
    moved = CareMove(
        case=care.case,
        institution_id=by.institution_id,
        name=name,
        from_state=came_from,
        to_state=care.state,
        reason=reason.strip(),
        moved_by=by,
        moved_at=now(),
    )
    moved.save(force_insert=True)
    return moved


def enter(care: Care, day: date) -> None:
    """The state begins on this day: its deadline, and who is told when it passes."""
    care.state_entered_on = day
    care.due_on = due_on(care.state, day, deadlines())
    care.escalates_to = escalates_to(care.state, deadlines()) or ""


def recorded(verb: str, care: Care, *, by: Member, **detail: object) -> None:
    """The trace: what was done, where the case stands now, and until when."""
    record(verb, care.case, by=by, category=Category.CASE, state=care.state, due_on=care.due_on, **detail)
