"""Rows that wait for somebody's decision, by file and number, with the references of those they may be about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from homeward.casework.people.queries import visible
from homeward.doors.intake.models import IntakeRow, RowQuerySet
from homeward.doors.intake.queries.lists import batches
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing


@dataclass(frozen=True)
class WaitingRow:
    """One row that waits: where it stands, and the people it may be about, the likeliest first. No names."""

    file: str
    row: int
    candidates: tuple[str, ...]


def waiting_rows(*, to: Member) -> list[WaitingRow]:
    """Every row of one's own institution's lists about which somebody has to decide."""
    found = list(_waiting(to).order_by("batch__uploaded_at", "position"))
    known = _refs(found, to)
    return [WaitingRow(row.batch.file_name, row.position, tuple(_said(row, known))) for row in found]


def waiting_row(file: str, number: int, *, to: Member) -> IntakeRow:
    """The row of this number in the latest list of this name in which it waits. Raises `Missing`."""
    found = (
        _waiting(to).filter(batch__file_name=file, position=number).order_by("-batch__uploaded_at").first()
    )
    if found is None:
        raise Missing
    return found


def references(rows: Iterable[IntakeRow], *, to: Member) -> list[list[str]]:
    """Of each row whom it may be about: references of people and numbers of earlier rows, the likeliest first."""
    whole = list(rows)
    known = _refs(whole, to)
    return [_said(row, known) for row in whole]


def candidate_of(row: IntakeRow, said: str, *, to: Member) -> str:
    """The key of the one who is meant, for a decision; empty when it is none of those the row was compared with."""
    known = _refs([row], to)
    if said in _said(row, known):
        return (
            said if said.startswith("row:") else next(str(key) for key, ref in known.items() if ref == said)
        )
    return ""


def _waiting(to: Member) -> RowQuerySet:
    return IntakeRow.objects.filter(batch__in=batches(to=to).waiting()).waiting().select_related("batch")


def _refs(rows: Iterable[IntakeRow], to: Member) -> dict[UUID, str]:
    keys = {key for row in rows for key in row.candidate_people}
    return dict(visible(to=to).filter(pk__in=keys).values_list("pk", "ref"))


def _said(row: IntakeRow, known: dict[UUID, str]) -> list[str]:
    said = []
    for found in row.candidates:
        if "row" in found:
            said.append(f"row:{found['row']}")
        elif UUID(found["person"]) in known:
            said.append(known[UUID(found["person"])])
    return said
