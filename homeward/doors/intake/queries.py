"""Reading lists, their rows, and the mappings by which they are read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError

from homeward.casework.people import queries as people
from homeward.casework.people.models import Person
from homeward.casework.people.queries import Wanted
from homeward.casework.people.rules.names import search_keys
from homeward.doors.intake import permissions
from homeward.doors.intake.models import (
    BatchQuerySet,
    IntakeBatch,
    IntakeContent,
    IntakeMapping,
    IntakeRow,
    RowQuerySet,
)
from homeward.doors.intake.rules.cells import Surroundings
from homeward.doors.intake.rules.evidence import Evidence
from homeward.doors.intake.rules.faults import FileRefused
from homeward.doors.intake.rules.mapping import SenderMapping
from homeward.doors.intake.rules.senders import sender_data, sender_names, usual_headings, vocabulary
from homeward.doors.intake.rules.words import PlaceNames, Vocabulary
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.packs import Pack, load
from homeward.foundation.kernel.packs.words import Words


def pack() -> Pack:
    """The country pack of this installation."""
    return load(settings.PACK)


@lru_cache(maxsize=4)
def _vocabulary(name: str) -> Vocabulary:
    return vocabulary(load(name))


def surroundings(*, to: Member) -> Surroundings:
    """The words of the country, its municipalities with all their spellings, and what day it is."""
    places = PlaceNames(
        (place.code, [*place.name.values(), *place.aliases]) for place in institutions.municipalities(to=to)
    )
    return Surroundings(_vocabulary(settings.PACK), places, today())


# ── senders ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Sender:
    """Somebody whose lists can be read: the code, what people call them, and whether we read them our own way."""

    code: str
    label: str
    is_changed: bool


def senders(*, to: Member) -> list[Sender]:
    """Every sender whose lists can be read."""
    changed = set(IntakeMapping.objects.values_list("sender", flat=True))
    return [
        Sender(name, Words(sender_data(pack(), name)["label"]).in_language(), name in changed)
        for name in sender_names(pack())
    ]


def sender(code: str, *, to: Member) -> Sender:
    """One of them. Raises `Missing`."""
    for found in senders(to=to):
        if found.code == code:
            return found
    raise Missing()


def sender_label(code: str) -> str:
    """What people call a sender, in the reader's language."""
    return Words(sender_data(pack(), code)["label"]).in_language() if code in sender_names(pack()) else code


def mapping_data(code: str, *, to: Member) -> tuple[Mapping[str, Any], int]:
    """How this institution reads a sender's lists, as data, and the version (0: as the pack says)."""
    if code not in sender_names(pack()):
        raise Missing()
    own = IntakeMapping.objects.filter(institution=to.institution_id, sender=code).first()
    return (own.data, own.version) if own is not None else (sender_data(pack(), code), 0)


def mapping(code: str, *, to: Member) -> SenderMapping:
    """How this institution reads a sender's lists. Raises `Missing` for an unknown sender."""
    data, _version = mapping_data(code, to=to)
    return SenderMapping.from_data(data, usual_headings(pack()))


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────


def batches(*, to: Member, sender: str = "", state: str = "") -> BatchQuerySet:
    """The lists of one's own institution."""
    found = IntakeBatch.objects.filter(permissions.take_in(to)).select_related("uploaded_by")
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


@dataclass(frozen=True)
class Result:
    """What became of a list, in numbers."""

    rows: int
    created: int
    updated: int
    unchanged: int
    matched: int
    waiting: int
    left_out: int
    remaining: int


def result(batch: IntakeBatch) -> Result:
    """What became of the rows; of a list not yet imported, what will."""
    counted = IntakeRow.objects.filter(batch=batch).counted()
    return Result(
        rows=batch.rows,
        created=counted["new"],
        updated=counted["changed"],
        unchanged=counted["unchanged"],
        matched=counted["same"] + counted["changed"] + counted["unchanged"],
        waiting=counted["review"],
        left_out=counted["left_out"],
        remaining=IntakeRow.objects.filter(batch=batch).ready().count(),
    )


# ── knowing rows and people again ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Known:
    """A row this sender told us earlier, as far as it is needed to know it again."""

    pk: UUID
    row_key: int
    identity: str
    digest: str
    person_id: UUID
    values: Mapping[str, Any]

    @property
    def evidence(self) -> Evidence:
        """Whom it spoke of."""
        return Evidence.of_row(self.values)


def latest_known(institution: UUID, list_key: str) -> Iterator[Known]:
    """The last word of this list on every row: imported rows, without those a later upload replaced."""
    found = (
        IntakeRow.objects.in_force()
        .filter(institution=institution, list_key=list_key)
        .order_by("person_id", "-imported_at", "-id")
        .distinct("person_id")
    )
    for row in found.iterator(chunk_size=500):
        if row.person_id is not None:
            yield Known(row.pk, row.row_key, row.identity, row.digest, row.person_id, row.values)


class RowsSoFar:
    """The rows of one list that were looked at already, to notice a person who stands in it twice.

    Rows that share no key are never compared, so a list of ten thousand is no harder than ten of a thousand.
    """

    def __init__(self) -> None:
        self._by_key: dict[int, list[int]] = {}
        self._evidence: dict[int, Evidence] = {}

    def find_and_add(self, position: int, evidence: Evidence) -> list[int]:
        """The earlier rows this one could be the same person as; from now on it is an earlier row itself."""
        name = " ".join(filter(None, (evidence.given, evidence.surname)))
        year = evidence.born.year if evidence.born else None
        asked = search_keys([name], year, secret=b"", nearby=1)
        near = {row for key in asked for row in self._by_key.get(key, ())}
        for key in search_keys([name], year, secret=b""):
            self._by_key.setdefault(key, []).append(position)
        found = [row for row in sorted(near) if self._evidence[row].can_be(evidence)]
        self._evidence[position] = evidence
        return found


def possible_people(rows: Sequence[tuple[int, Evidence]], *, to: Member) -> dict[int, list[UUID]]:
    """For each row, by its place, the people in one's own sight it could speak of. Never decides between them."""
    asked = [
        Wanted(
            str(position),
            [" ".join(filter(None, (one.given, one.surname, one.father)))],
            one.born,
            one.sex or "X",
        )
        for position, one in rows
        if one.given or one.surname
    ]
    near = people.matches(asked, to=to) if asked else {}
    return {
        position: [
            match.person.pk for match in near.get(str(position), ()) if _can_be(evidence, match.person)
        ]
        for position, evidence in rows
    }


def _can_be(evidence: Evidence, person: Person) -> bool:
    return any(
        Evidence(name.family, name.given, name.father, person.born, person.sex).can_be(evidence)
        for name in person.names.all()
    )


def heads_of(families: Iterable[str], *, to: Member) -> dict[str, UUID]:
    """Who heads a family that was imported before, by its key."""
    found = IntakeRow.objects.in_force().filter(
        institution=to.institution_id,
        family_key__in=set(families) - {""},
        values__relation__in=["head", "single"],
    )
    return {row.family_key: row.person_id for row in found.order_by("imported_at") if row.person_id}


def households_of(families: Iterable[str], *, to: Member) -> dict[str, UUID]:
    """In which household the people of a family live that was imported before, by its key."""
    found = IntakeRow.objects.in_force().filter(
        institution=to.institution_id, family_key__in=set(families) - {""}, household_id__isnull=False
    )
    return dict(found.order_by("imported_at", "pk").values_list("family_key", "household_id"))


# ── what came from where ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Linked:
    """A person, by reference, and the rows of lists that speak of them. No names."""

    ref: str
    rows: tuple[tuple[str, int], ...]


def linked(*, to: Member) -> list[Linked]:
    """Whom every imported row of one's own institution speaks of; rows of undone lists are left out."""
    found = (
        IntakeRow.objects.in_force()
        .filter(permissions.take_in(to))
        .values_list("person_id", "batch__file_name", "position")
        .order_by("person_id")
    )
    rows: dict[UUID, set[tuple[str, int]]] = {}
    for person, file, position in found.iterator():
        if person is not None:
            rows.setdefault(person, set()).add((file, position))
    refs = dict(people.visible(to=to).values_list("pk", "ref").iterator())
    return sorted(
        (Linked(refs[person], tuple(sorted(seen))) for person, seen in rows.items() if person in refs),
        key=lambda one: one.rows,
    )


def waiting_batches(*, to: Member) -> Iterable[IntakeBatch]:
    """Lists in which something waits for a decision, the oldest first."""
    return batches(to=to).waiting().order_by("uploaded_at")[:20]
