"""Taking a whole import back, as if it had never been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from homeward.casework.people import actions as people
from homeward.casework.people.queries import visible
from homeward.doors.intake import queries
from homeward.doors.intake.actions.uploading import locked
from homeward.doors.intake.models import IntakeBatch, IntakeRow
from homeward.doors.intake.rules.batch import BATCH, check_can_undo, check_not_destroyed, check_not_in_ledger
from homeward.doors.intake.rules.shapes import SUPPORT
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.rows import update_many


@action
def undo(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """Everybody whom this import brought in is gone again, and what it corrected is as before. All of it or nothing.

    Raises RuleBroken, naming the cases, when somebody has built on it since. Only traces in the log remain: that a
    person with this key was registered, and that the import was undone.
    """
    batch = locked(batch, by=by)
    BATCH.check("undo", batch.state)
    check_not_destroyed(destroyed=batch.destroyed_at is not None)
    check_not_in_ledger(is_support=queries.sender(batch.sender, to=by).mapping.shape is SUPPORT)
    rows = IntakeRow.objects.filter(batch=batch).imported()

    put_back = [_put_back(row, by) for row in rows.exclude(undoing={}).order_by("-position")]
    update_many(put_back, "undoing")
    with connection.cursor() as cursor:
        cursor.execute("select ref, people from sec.undo_import(%s, %s)", [by.pk, batch.pk])
        found = cursor.fetchall()
    check_can_undo(ref for ref, _people in found if ref)
    gone = sum(count for _ref, count in found)
    rows.update(imported_at=None, household_id=None, made_person=False)
    IntakeRow.objects.filter(batch=batch, undoing={}).update(person_id=None)
    batch.state = BATCH.target("undo")
    batch.undone_at, batch.waiting_rows, batch.done = now(), 0, 0
    batch.save(update_fields=["state", "undone_at", "waiting_rows", "done"])

    record("intake.undone", batch, by=by, people=gone)
    return batch


def _put_back(row: IntakeRow, by: Member) -> IntakeRow:
    """What a row changed about somebody known stands again as it stood, if nobody touched it since."""
    person = visible(to=by).filter(pk__in=[row.person_id]).first()
    if person is None:
        raise RuleBroken(
            _("Somebody this import corrected is out of your sight now."), code="intake.out_of_sight"
        )
    told = row.undoing
    if {"return", "household"} & told.keys() or person.version != told["version"]:
        check_can_undo([person.ref])
    restored = people.correct_person(person, version=person.version, by=by, **_values(told["before"], by))
    row.undoing = {"restored": restored.version}
    return row


def _values(before: Mapping[str, Any], by: Member) -> dict[str, Any]:
    values = dict(before)
    if values.get("born"):
        values["born"] = PartialDate.parse(values["born"])
    if values.get("municipality"):
        values["municipality"] = institutions.municipalities(to=by).get(code=values["municipality"])
    return values
