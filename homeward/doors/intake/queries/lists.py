"""Lists and their rows: one's own institution's, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q

from homeward.casework.people.models import Person
from homeward.casework.people.queries import visible
from homeward.doors.intake import permissions
from homeward.doors.intake.models import (
    BatchQuerySet,
    IntakeBatch,
    IntakeContent,
    IntakeRow,
    RowQuerySet,
)
from homeward.doors.intake.queries.senders import sender
from homeward.doors.intake.rules.batch import BatchState, Verdict
from homeward.doors.intake.rules.faults import FileRefused
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing


def batches(*, to: Member, sender: str = "", state: str = "") -> BatchQuerySet:
    """The lists of one's own institution."""
    found = IntakeBatch.objects.filter(permissions.take_in(to)).select_related("uploaded_by").told_by_later()
    if sender:
        found = found.filter(sender=sender)
    return found.filter(state=state) if state else found


def batch(pk: UUID | str, *, to: Member) -> IntakeBatch:
    """One list. Raises `Missing`."""
    try:
        found = batches(to=to).filter(pk=pk).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Missing()
    return found


def sent_before(batch: IntakeBatch, *, to: Member) -> IntakeBatch | None:
    """The same file of the same sender, as it was sent last before this one; lists that were put away do not count."""
    same = batches(to=to, sender=batch.sender).filter(sha256=batch.sha256, uploaded_at__lt=batch.uploaded_at)
    return same.exclude(state=BatchState.DISCARDED).order_by("-uploaded_at").first()


def sent_after(batch: IntakeBatch, *, to: Member) -> IntakeBatch | None:
    """The latest version of a list, when this is an earlier one."""
    return batches(to=to).filter(batch.is_followed_by).order_by("-uploaded_at").first()


def is_behind(batch: IntakeBatch, *, to: Member) -> bool:
    """Is another version of this list being imported, or was one imported since this one was sent?"""
    others = batches(to=to, sender=batch.sender).filter(list_key=batch.list_key).exclude(pk=batch.pk)
    since = Q(imported_at__gt=batch.uploaded_at) & ~Q(state=BatchState.UNDONE)
    return bool(batch.list_key) and others.filter(since | Q(state=BatchState.IMPORTING)).exists()


def file_of(batch: IntakeBatch, *, to: Member) -> io.BytesIO:
    """The file as it was uploaded. Raises FileRefused when it is not whole any more."""
    content = batch.unseal(list(IntakeContent.objects.filter(batch=batch).order_by("number")))
    if content is None:
        raise FileRefused("damaged")
    return io.BytesIO(content)


def rows(*, to: Member, batch: UUID | str, verdict: str = "") -> RowQuerySet:
    """The rows of one list, in their order."""
    found = IntakeRow.objects.filter(batch__in=batches(to=to).filter(pk=batch)).select_related("batch")
    return found.filter(verdict=verdict) if verdict else found


def row(batch: UUID | str, position: int, *, to: Member) -> IntakeRow:
    """One row of a list by its place. Raises `Missing`."""
    try:
        found = rows(to=to, batch=batch).filter(position=position).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Missing()
    return found


def first_waiting(batch: IntakeBatch, *, to: Member) -> int | None:
    """The place of the first row that waits for a decision."""
    waiting = rows(to=to, batch=batch.pk).waiting().order_by("position")
    return waiting.values_list("position", flat=True).first()


def saying_the_same(row: IntakeRow, *, to: Member) -> RowQuerySet:
    """Other rows of a list of records that say the same of the same person and wait for the same decision."""
    found = rows(to=to, batch=row.batch_id)
    if not row.identity or sender(row.batch.sender, to=to).mapping.shape.registers:
        return found.none()
    alike = found.waiting().filter(identity=row.identity, candidates=row.candidates, imported_at=None)
    return alike.exclude(pk=row.pk).order_by("position")


@dataclass(frozen=True)
class Decisions:
    """How far the decisions about one list have come: how many of how many."""

    done: int
    all: int


def decisions(batch: IntakeBatch, *, to: Member) -> Decisions:
    """Of how many rows that needed somebody's decision it is taken."""
    found = rows(to=to, batch=batch.pk)
    done = found.exclude(decided_at=None).exclude(verdict=Verdict.REVIEW).count()
    return Decisions(done, done + found.waiting().count())


def next_waiting(row: IntakeRow, *, to: Member) -> int | None:
    """The place of the next row of the same list that waits for a decision; after the last one the first."""
    waiting = rows(to=to, batch=row.batch_id).waiting().exclude(pk=row.pk).order_by("position")
    places = list(waiting.values_list("position", flat=True))
    return next((place for place in places if place > row.position), places[0] if places else None)


@dataclass(frozen=True)
class Result:
    """What became of a list, in numbers."""

    rows: int
    created: int
    updated: int
    unchanged: int
    matched: int
    same: int
    waiting: int
    left_out: int
    refused: int
    remaining: int

    @property
    def changes(self) -> int:
        """How many rows make somebody known or correct somebody; 0 for a list that says nothing new."""
        return self.created + self.updated + self.same


def result(batch: IntakeBatch, *, to: Member) -> Result:
    """What became of the rows; of a list not yet imported, what will."""
    found = rows(to=to, batch=batch.pk)
    return _counted(batch, found, found.counted())


def coming(batch: IntakeBatch, *, to: Member) -> Result:
    """What the next import does: of the rows that are imported already nothing is counted."""
    found = rows(to=to, batch=batch.pk)
    return _counted(batch, found, found.ready().counted() | {"review": found.waiting().count()})


def _counted(batch: IntakeBatch, found: RowQuerySet, counted: Mapping[str, int]) -> Result:
    return Result(
        rows=batch.rows,
        created=counted["new"],
        updated=counted["changed"],
        unchanged=counted["unchanged"],
        matched=counted["same"] + counted["changed"] + counted["unchanged"],
        same=counted["same"],
        waiting=counted["review"],
        left_out=counted["left_out"],
        refused=counted["refused"],
        remaining=found.ready().count(),
    )


def waiting_batches(*, to: Member) -> Iterable[IntakeBatch]:
    """Lists in which something waits for a decision, the oldest first."""
    return batches(to=to).waiting().order_by("uploaded_at")[:20]


@dataclass(frozen=True)
class Coverage:
    """One list, and of how many of its rows it is known whose they are."""

    batch: IntakeBatch
    rows: int
    linked: int
    by_itself: int  # of the linked ones, without a member having decided
    waiting: int
    left_out: int
    refused: int

    @property
    def not_yet(self) -> int:
        """Decided, or needing no decision, and not imported."""
        return self.rows - self.linked - self.waiting - self.left_out - self.refused

    @property
    def share(self) -> int:
        """How many of a hundred rows are linked."""
        return round(100 * self.linked / self.rows) if self.rows else 0


def coverage(*, to: Member) -> list[Coverage]:
    """Every list of the own institution, by sender and file; of one that was sent again the latest."""
    lists: dict[tuple[str, str], IntakeBatch] = {}
    shown = batches(to=to).exclude(state__in=[BatchState.UNDONE, BatchState.DISCARDED, BatchState.REFUSED])
    for batch in shown.order_by("sender", "list_key", "uploaded_at"):
        lists[batch.sender, batch.list_key] = batch
    imported = Q(imported_at__isnull=False)
    counted = {
        one["batch"]: one
        for one in IntakeRow.objects.filter(batch__in=[batch.pk for batch in lists.values()])
        .values("batch")
        .annotate(
            n=Count("pk"),
            linked=Count("pk", filter=imported),
            by_itself=Count("pk", filter=imported & Q(decided_by=None)),
            waiting=Count("pk", filter=Q(verdict=Verdict.REVIEW)),
            left_out=Count("pk", filter=Q(verdict=Verdict.LEFT_OUT)),
            refused=Count("pk", filter=Q(verdict=Verdict.REFUSED)),
        )
    }
    return [
        Coverage(
            batch, one["n"], one["linked"], one["by_itself"], one["waiting"], one["left_out"], one["refused"]
        )
        for batch in lists.values()
        if (one := counted.get(batch.pk))
    ]


def people_of(rows: Iterable[IntakeRow], *, to: Member) -> dict[UUID, Person]:
    """Whose these rows are, of people the member may know."""
    keys = {row.person_id for row in rows if row.person_id}
    return {person.pk: person for person in visible(to=to).filter(pk__in=keys).with_names()} if keys else {}
