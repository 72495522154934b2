"""What a sender has told of support so far, gift by gift, and in which row of which list it told it first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from homeward.doors.intake.models import IntakeBatch, IntakeRow, fingerprints_of
from homeward.doors.intake.queries.recognising import KEPT_READABLE
from homeward.doors.intake.rules.batch import Verdict
from homeward.doors.intake.rules.evidence import Evidence, changes
from homeward.doors.intake.rules.gifts import WHAT_AND_WHEN
from homeward.foundation.institutions.models import Member


@dataclass(frozen=True)
class Told:
    """What one row of an earlier list says, as far as it can be compared: of whom, and each field by its fingerprint."""

    pk: UUID
    batch_id: UUID
    identity: str
    fingerprints: Mapping[str, str]

    def is_like(self, said: Mapping[str, Any]) -> bool:
        """Is the same given there, from the same day?"""
        asked = {name: said[name] for name in WHAT_AND_WHEN if name in said}
        mine = {name: self.fingerprints[name] for name in WHAT_AND_WHEN if name in self.fingerprints}
        return fingerprints_of(self.pk, asked) == mine

    def changed_by(self, said: Mapping[str, Any]) -> list[str]:
        """In which fields a row says something else."""
        return changes(self.fingerprints, fingerprints_of(self.pk, said))


@dataclass(frozen=True)
class Gift(Told):
    """The last word of a sender on one gift: the latest row that told of it, and the first, by which the ledger knows it."""

    first: UUID
    row_key: int
    person_id: UUID
    values: Mapping[str, Any]
    sent_at: datetime

    @property
    def evidence(self) -> Evidence | None:
        """Whom it spoke of; None when what stood in it is destroyed."""
        return Evidence.of_row(self.values) if self.values.keys() - KEPT_READABLE else None


@dataclass(frozen=True)
class Origin:
    """Where a gift was told first: the file and number people look it up by, and the row itself, whatever the file is called."""

    file: str
    number: int
    row: str


class Given:
    """All gifts of the lists one sender sent to one institution, but for those of one list."""

    def __init__(self, gifts: Iterable[Gift], first: Mapping[UUID, UUID]) -> None:
        self.gifts, self._first = list(gifts), first

    @cached_property
    def of_person(self) -> dict[UUID, list[Gift]]:
        """What each person was given."""
        found: dict[UUID, list[Gift]] = {}
        for gift in self.gifts:
            found.setdefault(gift.person_id, []).append(gift)
        return found

    @cached_property
    def _last(self) -> dict[UUID, Gift]:
        return {gift.first: gift for gift in self.gifts}

    def first(self, row: UUID) -> UUID:
        """The row in which the gift was told first of which this row tells."""
        return self._first.get(row, row)

    def last(self, row: UUID) -> Gift | None:
        """The last word on the gift of which this row tells."""
        return self._last.get(self.first(row))


def given_so_far(batch: IntakeBatch, *, to: Member) -> Given:
    """What the sender of this list told in all others that were taken in: of each gift the list that was sent last."""
    found = (
        IntakeRow.objects.in_force()
        .filter(institution=to.institution_id, batch__sender=batch.sender)
        .exclude(batch=batch)
        # Not by the day of the import: an older list that is imported late does not take back what a newer one corrected.
        .order_by("batch__uploaded_at", "imported_at", "position")
        .values_list(
            "pk",
            "previous_id",
            "batch_id",
            "row_key",
            "identity",
            "person_id",
            "values",
            "fingerprints",
            "batch__uploaded_at",
        )
    )
    told = list(found.iterator(chunk_size=500))
    before: dict[UUID, UUID] = {pk: previous for pk, previous, *_rest in told if previous}
    first: dict[UUID, UUID] = {}
    last: dict[UUID, Gift] = {}
    for pk, _previous, batch_id, row_key, identity, person, values, prints, sent_at in told:
        if person is None:
            continue  # never of an imported row
        first[pk] = pk
        while first[pk] in before:
            first[pk] = before[first[pk]]
        last[first[pk]] = Gift(pk, batch_id, identity, prints, first[pk], row_key, person, values, sent_at)
    return Given(last.values(), first)


def told_elsewhere(batch: IntakeBatch, *, to: Member, imported: bool | None = None) -> list[Told]:
    """The rows of all other lists this sender sent that stand; only those that are, or are not, imported, if said."""
    found = IntakeRow.objects.filter(
        institution=to.institution_id, batch__in=IntakeBatch.objects.standing(), batch__sender=batch.sender
    ).exclude(Q(batch=batch) | Q(verdict=Verdict.REFUSED))
    if imported is not None:
        found = found.filter(imported_at__isnull=not imported)
    rows = found.values_list("pk", "batch_id", "identity", "fingerprints")
    return [Told(*row) for row in rows.iterator(chunk_size=500)]


def persons_of_rows(rows: Collection[UUID], *, to: Member) -> dict[UUID, UUID | None]:
    """Of whom these rows of one's own institution speak."""
    found = IntakeRow.objects.filter(pk__in=rows, institution=to.institution_id)
    return dict(found.values_list("pk", "person_id"))


def origins(rows: Collection[UUID], *, to: Member) -> dict[UUID, Origin]:
    """Where these rows of one's own institution stand."""
    found = IntakeRow.objects.filter(pk__in=rows, institution=to.institution_id)
    told = found.values_list("pk", "batch__file_name", "row_key", "batch__sha256", "position")
    # The same file has the same rows, also when it is uploaded twice before either of the two is imported.
    return {pk: Origin(name, key, f"{sha256}:{position}") for pk, name, key, sha256, position in told}
