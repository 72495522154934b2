"""Writing on a case: notes are added and replaced, never changed."""

from __future__ import annotations

from datetime import date

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Case, CaseNote, NoteText
from homeward.casework.cases.rules import notes as rules
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today


@action
def write_note(
    case: Case, *, category: int, label: str, happened_on: date, text: str, by: Member
) -> CaseNote:
    """Somebody notes what they saw, heard or think, and says which of the three it is."""
    rules.check_can_write(category=category, label=label, happened_on=happened_on, text=text, today=today())
    require(by, permissions.write(category), case)

    note = _added(case, by=by, category=category, label=label, happened_on=happened_on, text=text)

    record("note.written", note, by=by, label=label)
    return note


@action
def correct_note(note: CaseNote, *, label: str, happened_on: date, text: str, by: Member) -> CaseNote:
    """A new note takes the place of one that was wrong; the wrong one stays and shows that it was replaced."""
    require(by, permissions.correct_note, note)
    note = CaseNote.objects.get(pk=note.pk)
    rules.check_can_correct(superseded=CaseNote.objects.filter(supersedes=note).exists())
    rules.check_can_write(
        category=note.category, label=label, happened_on=happened_on, text=text, today=today()
    )

    newer = _added(
        note.case,
        by=by,
        category=note.category,
        label=label,
        happened_on=happened_on,
        text=text,
        supersedes=note,
    )

    record("note.corrected", newer, by=by, label=label, supersedes=note.pk)
    return newer


def _added(
    case: Case,
    *,
    by: Member,
    category: int,
    label: str,
    happened_on: date,
    text: str,
    supersedes: CaseNote | None = None,
) -> CaseNote:
    note = CaseNote(
        case=case,
        institution_id=by.institution_id,
        author=by,
        category=category,
        label=label,
        happened_on=happened_on,
        written_at=now(),
        supersedes=supersedes,
    )
    note.save(force_insert=True)
    NoteText(
        note=note, case=case, category=category, institution_id=by.institution_id, body=text.strip()
    ).save(force_insert=True)
    return note
