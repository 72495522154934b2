"""Knowing rows and people again, and telling which row became whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from homeward.casework.people import queries as people
from homeward.casework.people.models import Person
from homeward.casework.people.queries import Wanted
from homeward.casework.people.rules.likeness import likeness
from homeward.casework.people.rules.names import search_keys
from homeward.doors.intake import permissions
from homeward.doors.intake.models import (
    IntakeRow,
)
from homeward.doors.intake.queries.comparing import evidence_of
from homeward.doors.intake.rules.evidence import (
    UNKNOWN_SEX,
    Birth,
    Evidence,
    Guess,
    Likeness,
    names_alike,
    perhaps_a_slip,
)
from homeward.foundation.institutions.models import Member

# Of a destroyed row this much can still be read (sql/forgetting.sql).
KEPT_READABLE = frozenset({"relation"})


@dataclass(frozen=True)
class Known:
    """A row this sender told us earlier, as far as it is needed to know it again."""

    pk: UUID
    row_key: int
    identity: str
    person_id: UUID
    values: Mapping[str, Any]
    fingerprints: Mapping[str, str]

    @property
    def evidence(self) -> Evidence | None:
        """Whom it spoke of; None when what stood in it is destroyed."""
        return Evidence.of_row(self.values) if self.values.keys() - KEPT_READABLE else None


def latest_known(list_key: str, *, to: Member) -> list[Known]:
    """The last word of this list on everybody: the rows of the latest upload that spoke of them.

    Usually one row for each person; two, where a member decided that two rows speak of the same one.
    """
    found = (
        IntakeRow.objects.in_force()
        .filter(institution=to.institution_id, batch__list_key=list_key)
        .order_by("imported_at", "position")
        .values_list("batch_id", "pk", "row_key", "identity", "person_id", "values", "fingerprints")
    )
    latest: dict[UUID, tuple[UUID, list[Known]]] = {}
    for batch, pk, row_key, identity, person, values, prints in found.iterator(chunk_size=500):
        if person is not None:
            upload, rows = latest.get(person, (None, []))
            known = Known(pk, row_key, identity, person, values, prints)
            latest[person] = (batch, [*rows, known] if upload == batch else [known])
    return [known for _upload, rows in latest.values() for known in rows]


def on_record(persons: Iterable[UUID], *, to: Member) -> dict[UUID, list[Evidence]]:
    """What these people are recognised by, under each of their names; only those in one's own sight."""
    found = people.visible(to=to).filter(pk__in=list(persons)).with_names()
    return {person.pk: evidence_of(person) for person in found}


class RowsSoFar:
    """The rows of one list that were looked at already, to notice a person who stands in it twice.

    Rows that share no key are never compared, so a list of ten thousand is no harder than ten of a thousand.
    """

    def __init__(self) -> None:
        self._by_key: dict[int, list[int]] = {}
        self._evidence: dict[int, Evidence] = {}
        self._person: dict[int, UUID] = {}

    def find_and_add(self, position: int, evidence: Evidence) -> list[int]:
        """The earlier rows this one could be the same person as; from now on it is an earlier row itself."""
        keys = search_keys([_full(evidence)], None, secret=b"")
        near = {row for key in keys for row in self._by_key.get(key, ())}
        for key in keys:
            self._by_key.setdefault(key, []).append(position)
        found = [row for row in sorted(near) if self._evidence[row].can_be(evidence)]
        self._evidence[position] = evidence
        return found

    def is_about(self, position: int, person: UUID) -> None:
        """It has turned out whom an earlier row speaks of."""
        self._person[position] = person

    def people_in(self, positions: Iterable[int]) -> set[UUID]:
        """Whom these rows speak of, as far as it has turned out."""
        return {self._person[position] for position in positions if position in self._person}


def possible_people(rows: Sequence[tuple[int, Evidence]], *, to: Member) -> dict[int, list[UUID]]:
    """For each row, by its place, the people in one's own sight it could speak of. Never decides between them."""
    # Two words of a name in common are asked for; a first name and a year alone would bring half the register.
    asked = [
        Wanted(
            str(position),
            [_full(one)],
            sex=one.sex or "X",
            only_years=one.years,
            only_sex="" if one.sex in UNKNOWN_SEX else one.sex,
        )
        for position, one in rows
        if _full(one)
    ]
    near = people.matches(asked, to=to) if asked else {}
    return {
        position: [
            match.person.pk for match in near.get(str(position), ()) if _can_be(evidence, match.person)
        ]
        for position, evidence in rows
    }


def recognised(
    rows: Sequence[tuple[int, Evidence, Mapping[str, Any]]], *, to: Member
) -> dict[int, list[Guess]]:
    """For each record, by its place, the people in one's own sight it may be about, the likeliest first.

    A record is compared with everybody who shares two words of a name with it, one word and the year of birth (a year to
    either side), or two words of which one has a slip.
    """
    asked = [
        Wanted(
            str(position),
            [_full(one)],
            born=one.born,
            sex=one.sex or "X",
            only_sex="" if one.sex in UNKNOWN_SEX else one.sex,
        )
        for position, one, _said in rows
        if _full(one)
    ]
    near = people.matches(asked, to=to, widely=True) if asked else {}
    found = {}
    for position, one, said in rows:
        guesses = [
            _guess(one, said.get("municipality"), match.person) for match in near.get(str(position), ())
        ]
        found[position] = sorted(guesses, key=lambda guess: -guess.rank)
    return found


def _guess(evidence: Evidence, place: str | None, person: Person) -> Guess:
    """How much one person is like a record: the likest of their names counts."""
    names = list(person.names.all())
    said = _said(evidence.given, evidence.father, evidence.surname)
    home = person.municipality.code if person.municipality else None
    fathers = [name.father for name in names if name.father]
    return Guess(
        person.pk,
        max(
            (
                likeness(said, _said(n.given, n.father if evidence.father else "", n.family)).score
                for n in names
            ),
            default=0.0,
        ),
        Birth.of(evidence.born, person.born),
        given=max((likeness(evidence.given, name.given).score for name in names if name.given), default=0.0),
        is_woman="F" in (person.sex, evidence.sex),
        same_place=None if not place or not home else place == home,
        same_father=any(names_alike(evidence.father, one) >= Likeness.CLOSE for one in fathers)
        if evidence.father and fathers
        else None,
        is_given_but_for_a_slip=any(perhaps_a_slip(evidence.given, name.given) for name in names),
    )


def _said(given: str, father: str, surname: str) -> str:
    return " ".join(filter(None, (given, f"({father})" if father else "", surname)))


def _full(evidence: Evidence) -> str:
    # In the order in which a name is filed, so that a name is folded once for being compared and being filed.
    return " ".join(filter(None, (evidence.surname, evidence.given, evidence.father)))


def _can_be(evidence: Evidence, person: Person) -> bool:
    return any(known.can_be(evidence) for known in evidence_of(person))


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
    return {
        family: home
        for family, home in found.order_by("imported_at", "pk").values_list("family_key", "household_id")
        if home is not None
    }


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
