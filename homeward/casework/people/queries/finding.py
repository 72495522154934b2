"""Finding a person by what somebody typed: any script, any spelling, a beginning, a reference.

The search itself is a function of the database (sql/search.sql) that starts from the member's own set. Here the
words are prepared, and each hit is told with the reason for it, so that nobody takes a likeness for a proof.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from homeward.casework.people.models import Person, PersonName, name_secret
from homeward.casework.people.queries.persons import visible
from homeward.casework.people.rules import fold, match_keys
from homeward.casework.people.rules.names import query_words
from homeward.casework.people.rules.persons import NameKind, Sex
from homeward.foundation.access.queries import knows_the_label
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.refs import check_ref, normalise_ref

MOST = 50


class How(IntEnum):
    """In which way a person was found, the surest first."""

    REFERENCE = 0
    SAME = 1
    SIMILAR = 2
    BEGINNING = 3


@dataclass(frozen=True)
class Found:
    """One person who was found, under which name and why."""

    person: Person
    how: How
    name: PersonName | None = None
    years_off: int | None = None

    @property
    def why(self) -> str:
        """The reason in a sentence for the person who searched."""
        if self.how == How.REFERENCE:
            return _("This is the reference.")
        why = {
            How.SAME: _("Same name, perhaps spelled otherwise."),
            How.SIMILAR: _("Sounds alike: compare before you decide."),
            How.BEGINNING: _("Begins with what you typed."),
        }[self.how]
        parts = [why]
        if self.name is not None and not self.name.is_primary:
            kind = str(NameKind(self.name.kind).label)
            parts.append(_("Found as “{name}” ({kind}).").format(name=self.name.full, kind=kind))
        if self.years_off:
            parts.append(_("The year of birth differs by one."))
        return " ".join(parts)


@dataclass(frozen=True)
class Wanted:
    """Somebody on a list that is being taken in: the caller's own mark, every name on the list, year of birth, sex.

    `only_years` (first, last) and `only_sex` leave out whoever cannot be meant; a person of whom it is not known, or only
    guessed, stays in.
    """

    key: str
    names: Sequence[str]
    born: PartialDate | None = None
    sex: str = Sex.UNKNOWN
    only_years: tuple[int, int] | None = None
    only_sex: str = ""

    def only(self, number: int) -> dict[str, object] | None:
        """Who alone is meant, for the database; nothing when anybody can be."""
        if not self.only_years and not self.only_sex:
            return None
        first, last = self.only_years or (None, None)
        return {"r": number, "first": first, "last": last, "sex": self.only_sex or None}


@dataclass(frozen=True)
class Match:
    """A known person who may be the wanted one: how many search keys they share, and what agrees besides.

    None means that it cannot be said, because one of the two is not known. Nothing here decides.
    """

    person: Person
    shared: int
    same_name: bool
    same_year: bool | None
    same_sex: bool | None


def search(
    text: str, *, to: Member, birth_year: int | None = None, sex: str | None = None, limit: int = 20
) -> list[Found]:
    """The persons the member may know who are found by this text, the surest first.

    A reference finds its person. Otherwise every word must be met by one name of the person: the same by its sounds,
    then alike in its consonants, then beginning so (from three letters on). With a year of birth only those born
    within a year of it are found, and those of whom it is not known.
    """
    reference = normalise_ref(text)
    if check_ref(reference):
        found = visible(to=to).filter(ref=reference).with_names().first()
        return [Found(found, How.REFERENCE)] if found else []
    words = query_words(text)
    if not words:
        return []
    asked = json.dumps([word.as_data() for word in words])
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, name_id, how, years from sec.search_person(%s, %s::jsonb, %s::integer, %s::text, %s::integer)",
            [to.pk, asked, birth_year, sex or None, min(limit, MOST)],
        )
        hits: list[tuple[UUID, UUID, int, int | None]] = cursor.fetchall()
    people = _people((hit[0] for hit in hits), to=to)
    plain = not knows_the_label(to=to)
    return [
        Found(people[person], How(how), _name_of(people[person], name, plain=plain), years)
        for person, name, how, years in hits
        if person in people
    ]


def matches(rows: Sequence[Wanted], *, to: Member) -> dict[str, list[Match]]:
    """For a list that is being taken in: whom of those the member may know each row may be, the likeliest first.

    Rows without any candidate are not in the answer.
    """
    asked: list[tuple[int, int, bool]] = []
    for number, row in enumerate(rows):
        year = row.born.year if row.born else None
        pairs, words = match_keys(row.names, year, secret=name_secret())
        asked += [(number, key, True) for key in pairs] + [(number, key, False) for key in words]
    only = [one for number, row in enumerate(rows) if (one := row.only(number))]
    columns = [list(column) for column in zip(*asked, strict=True)] if asked else [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(
            "select row_number, person_id, shared"
            " from sec.match_people(%s, %s::integer[], %s::bigint[], %s::boolean[], %s::jsonb)",
            [to.pk, *columns, json.dumps(only)],
        )
        hits: list[tuple[int, UUID, int]] = cursor.fetchall()
    people = _people((hit[1] for hit in hits), to=to)
    found: dict[str, list[Match]] = defaultdict(list)
    for number, person, shared in hits:
        if person in people:
            found[rows[number].key].append(_match(rows[number], people[person], shared))
    for matched in found.values():
        matched.sort(key=lambda match: (-match.same_name, -match.shared, match.person.ref))
    return dict(found)


def _match(row: Wanted, person: Person, shared: int) -> Match:
    folds = [frozenset(fold(name)) for name in row.names]
    known = [frozenset(fold(name.full)) for name in person.names.all()]
    return Match(
        person,
        shared,
        same_name=any(one and (one <= other or (other and other <= one)) for one in folds for other in known),
        same_year=None if row.born is None or person.born is None else row.born.year == person.born.year,
        same_sex=None if Sex.UNKNOWN in (row.sex, person.sex) else row.sex == person.sex,
    )


def _people(keys: Iterable[UUID], *, to: Member) -> dict[UUID, Person]:
    return {person.pk: person for person in visible(to=to).filter(pk__in=set(keys)).with_names()}


def _name_of(person: Person, key: UUID, *, plain: bool) -> PersonName | None:
    """The name under which somebody was found; none where the name would mark the person to this reader."""
    name = next((name for name in person.names.all() if name.pk == key), None)
    return None if plain and name is not None and name.marks else name
