"""A member says who somebody in a list is."""

from __future__ import annotations

from uuid import UUID

from homeward.doors.intake import queries
from homeward.doors.intake.actions.uploading import locked
from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.rules.batch import Verdict, check_decision, check_is_open, check_not_destroyed
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now


@action
def decide(row: IntakeRow, *, verdict: str, by: Member, candidate: str = "", also: bool = False) -> IntakeRow:
    """This row is a new person, or the same as one of those it was compared with, or it is left out.

    `candidate` is the key of a person or `row:12`, and must be one of those the comparison found: nobody links
    a row to somebody they merely know the key of. `also` decides the other rows of a list of records in the same way that
    say the same of the same person.
    """
    batch = locked(row.batch, by=by)
    row = IntakeRow.objects.select_for_update().get(pk=row.pk)
    check_not_destroyed(destroyed=not row.identity)
    person, same_as = _chosen(row, candidate) if verdict == Verdict.SAME else (None, None)
    check_is_open(
        batch.state,
        row.verdict,
        is_imported=row.is_imported,
        is_overtaken=queries.sent_after(batch, to=by) is not None,
    )
    check_decision(
        verdict,
        has_person=person is not None or same_as is not None,
        registers=queries.sender(batch.sender, to=by).mapping.shape.registers,
    )

    others = queries.saying_the_same(row, to=by).select_for_update(of=("self",)) if also else ()
    decided = [row, *others]
    for one in decided:
        one.verdict = Verdict(verdict)
        one.person_id, one.same_as = person, same_as
        one.decided_by, one.decided_at = by, now()
    IntakeRow.objects.bulk_update(decided, ["verdict", "person_id", "same_as", "decided_by", "decided_at"])
    batch.waiting_rows = IntakeRow.objects.filter(batch=batch).waiting().count()
    batch.save(update_fields=["waiting_rows"])

    for one in decided:
        record("intake.decided", batch, by=by, row=one.position, verdict=one.verdict)
    return row


def _chosen(row: IntakeRow, candidate: str) -> tuple[UUID | None, int | None]:
    """The person, or the earlier row of this list, that was chosen."""
    for found in row.candidates:
        if found.get("person") == candidate:
            return UUID(candidate), None
        if "row" in found and candidate == f"row:{found['row']}":
            return None, int(found["row"])
    return None, None
