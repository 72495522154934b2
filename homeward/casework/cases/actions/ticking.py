"""The first checks: done, or found to be not needed."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Case, ChecklistItem
from homeward.casework.cases.rules import checks as rules
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import RuleBroken


@action
def tick(
    case: Case, *, code: str, result: str = rules.Result.DONE, why: str = "", by: Member
) -> ChecklistItem:
    """Somebody who may see what a check is about has done it, or says why it is not needed.

    The same institution may change its answer; the log keeps both.
    """
    require(by, permissions.tick, case)
    case = Case.objects.get(pk=case.pk)
    check = rules.check_can_tick(case.checks, code, result, why)
    require(by, permissions.write(check.category), case)

    item = (
        ChecklistItem.objects.select_for_update()
        .filter(case=case, code=code, institution=by.institution_id)
        .first()
    )
    if item is None:
        item = ChecklistItem(case=case, institution_id=by.institution_id, code=code, category=check.category)
    item.result, item.why, item.ticked_by, item.ticked_at = result, why.strip(), by, now()
    _save(item)

    record("check.ticked", item, by=by, code=code, result=result)
    return item


def _save(item: ChecklistItem) -> None:
    """Once per case. The one who did it may be hidden from this member, so only the database can tell."""
    try:
        with transaction.atomic():
            item.save(force_insert=item._state.adding, update_fields=None if item._state.adding else _CHANGES)
    except IntegrityError as error:
        raise RuleBroken(
            _("Another institution has done this check already."), field="code", code="checks.already"
        ) from error


_CHANGES = ["result", "why", "ticked_by", "ticked_at"]
