"""Finding a person by what somebody typed: any script, any spelling, a beginning, a reference.

The search itself is a function of the database (sql/search.sql) that starts from the member's own set. Here the
words are prepared, and each hit is told with the reason for it, so that nobody takes a likeness for a proof.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from homeward.casework.people.models import Person, PersonName, name_secret
from homeward.casework.people.queries.persons import visible
from homeward.casework.people.rules import fold, match_keys, slip_keys
from homeward.casework.people.rules.likeness import likeness
from homeward.casework.people.rules.names import QueryWord, pair_keys, query_words
from homeward.casework.people.rules.persons import NameKind, Sex
from homeward.foundation.access.queries import knows_the_label
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.refs import check_ref, normalise_ref

MOST = 50
# Before somebody is registered, so many who are alike are looked at, each at least so alike.
MOST_ALIKE = 10
_ALIKE = 0.6
# How many are compared by the whole name before the best are shown; and what a beginning, and the same name, count at least.
_LOOKED_AT = 20
_BEGINS = 0.5
_AS_TYPED = 0.05
_SAME = 0.9
# From here on somebody is found; below, letters may be wrong. And words that short say too little to look for a slip.
_SURE = 0.8
_LEAST = 0.1
_SHORT = 3


class How(IntEnum):
    """In which way a person was found, the surest first."""

    REFERENCE = 0
    SAME = 1
    SIMILAR = 2
    BEGINNING = 3
    TWO_WORDS = 4
    NEARLY = 5


@dataclass(frozen=True)
class Found:
    """One person who was found, under which name and why."""

    person: Person
    how: How
    name: PersonName | None = None
    years_off: int | None = None
    score: float = 1.0
    child: PersonName | None = None

    @property
    def why(self) -> str:
        """The reason in a sentence for the person who searched."""
        if self.how == How.REFERENCE:
            return _("This is the reference.")
        why = {
            How.SAME: _("Same name, perhaps spelled otherwise."),
            How.SIMILAR: _("Sounds alike: compare before you decide."),
            How.BEGINNING: _("Begins with what you typed."),
            How.TWO_WORDS: _("Part of the name agrees: compare before you decide."),
            How.NEARLY: _("Perhaps a slip of the pen: compare before you decide."),
        }[self.how]
        parts = [why]
        if self.child is not None:
            parts = [
                _("Lives with the child {child}: a kunya names the parent after a child.").format(
                    child=self.child.full
                )
            ]
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

    A reference finds its person. Otherwise every word should be met by one name of the person: the same by its sounds,
    alike in its consonants, or beginning so (from three letters on). Where that finds nobody, two words suffice, then one
    word with the year of birth, then a word with a slip in it. With a year of birth only those born within a year of it
    are found, and those of whom it is not known. A kunya also finds the parent at home with a child of that name.
    Looking for a slip is a second question to the database and stands in the log as one.
    """
    reference = normalise_ref(text)
    if check_ref(reference):
        found = visible(to=to).filter(ref=reference).with_names().first()
        return [Found(found, How.REFERENCE)] if found else []
    words = query_words(text)
    if not words:
        return []
    plain = not knows_the_label(to=to)
    asked = partial(
        _candidates,
        text,
        words,
        to=to,
        birth_year=birth_year,
        sex=sex,
        limit=max(_LOOKED_AT, min(limit, MOST)),
    )
    found_ = _ranked(asked(), text, sex=sex, plain=plain)
    if not (found_ and found_[0].score >= _SURE) and any(len(word.fold) > _SHORT for word in words):
        # Nobody is like that: perhaps a letter is wrong. What was found stays, for it may be meant all the same.
        seen = {each.hit.person for each in found_}
        more = _ranked(asked(slips=True), text, sex=sex, plain=plain)
        found_ += [each for each in more if each.hit.person not in seen]
        found_.sort(key=lambda each: -each.score)
    best = found_[: min(limit, MOST)]
    people = _people({key for each in best for key in (each.hit.person, each.hit.child) if key}, to=to)
    return [
        Found(
            people[hit.person],
            hit.how,
            _name_of(people[hit.person], hit.name, plain=plain),
            hit.years_off,
            score,
            people[hit.child].name_in_use if hit.child else None,
        )
        for hit, score in best
        if hit.person in people and (hit.child is None or hit.child in people)
    ]


def alike(text: str, *, to: Member, born: PartialDate | None = None, sex: str = "") -> list[Found]:
    """Whoever is so like somebody who is to be registered that the two may be one person, among those in sight.

    Everybody whose whole name is nearly the same, or of whom two words agree. For looking at, before anybody is registered.
    """
    known = sex if sex in (Sex.FEMALE, Sex.MALE) else None
    found = search(text, to=to, birth_year=born.year if born else None, sex=known, limit=MOST_ALIKE)
    return [one for one in found if one.score >= _ALIKE]


@dataclass(frozen=True)
class Candidate:
    """A person in sight who may be meant, as the database says it."""

    person: UUID
    name: UUID
    how: How
    years_off: int | None
    child: UUID | None


class _Ranked(NamedTuple):
    hit: Candidate
    score: float


def _candidates(
    text: str,
    words: Sequence[QueryWord],
    *,
    to: Member,
    birth_year: int | None,
    sex: str | None,
    limit: int,
    slips: bool = False,
) -> list[Candidate]:
    """Whom of the member's own the database finds, before anybody looks at how alike the names are."""
    secret = name_secret()
    pairs, years = match_keys([text], birth_year, secret=secret)
    is_short = all(len(word.fold) <= _SHORT for word in words)
    if is_short:
        # Somebody is still typing: three letters have so few consonants that half the register would sound alike.
        pairs, words = [], [replace(word, skeletons=()) for word in words]
    for word in words:
        # Of a kunya also the child is asked for, beside every other word: child and father share a name, mostly.
        if word.child:
            others = [other.skeletons for other in words if other is not word]
            pairs += pair_keys(word.child, [bone for bones in others for bone in bones], secret=secret)
    asked = json.dumps([word.as_data() for word in words])
    other = slip_keys([text], secret=secret) or [0] if slips else []
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, name_id, how, years, through from sec.search_person"
            "(%s, %s::jsonb, %s::integer, %s::text, %s::integer, %s::bigint[], %s::bigint[], %s::bigint[])",
            [to.pk, asked, birth_year, sex or None, limit, pairs, years, other],
        )
        return [
            Candidate(person, name, How(how), off, child)
            for person, name, how, off, child in cursor.fetchall()
        ]


def _ranked(hits: Sequence[Candidate], text: str, *, sex: str | None, plain: bool) -> list[_Ranked]:
    """The hits by how alike the whole name is, then by year and sex; equals stay in the order of the database.

    What a member may not read of a name is not in the rows, so nothing is ranked by it.
    """
    names: dict[UUID, list[PersonName]] = defaultdict(list)
    keys = {key for hit in hits for key in (hit.person, hit.child) if key}
    for name in PersonName.objects.filter(person__in=keys).select_related("person"):
        if not (plain and name.marks):
            names[name.person_id].append(name)
    typed = [word.lower() for word in text.split()]
    found = []
    for hit in hits:
        if not names[hit.person]:
            continue
        known = names[hit.person][0].person.sex
        children = [name.given for name in names[hit.child] if name.given] if hit.child else []
        if hit.how == How.BEGINNING:
            score = _BEGINS + (_AS_TYPED if _begins_so(typed, names[hit.person]) else 0)
        else:
            score = rank(text, names[hit.person], known, children)
        if hit.how == How.SAME:
            score = max(score, _SAME)
        score *= {None: 0.97, 0: 1.0}.get(hit.years_off, 0.94)
        score *= 0.98 if sex and known == Sex.UNKNOWN else 1.0
        # Words in common alone are no likeness: of Umm Besa Osmani, Besa Osmani is none.
        if hit.how < How.TWO_WORDS or score >= _LEAST:
            found.append(_Ranked(hit, score))
    return sorted(found, key=lambda each: -each.score)


def rank(text: str, names: Iterable[PersonName], sex: str, children: Iterable[str] = ()) -> float:
    """How alike what was typed is to the likest of a person's names, or to the kunya that a child gives."""
    kunya = "Abu" if sex == Sex.MALE else "Umm"
    typed = fold(text)
    found = 0.0
    for name in names:
        # The father's name is compared where it was typed; nobody is less alike for having one.
        has_father = bool(name.father) and (
            len(typed) > 2 or any(word in typed for word in fold(name.father))
        )
        written = [f"{kunya} {child} {name.with_father}" for child in children]
        written.append(name.with_father if has_father else name.full)
        found = max([found, *(likeness(text, each).score for each in written)])
    return found


def _begins_so(typed: Iterable[str], names: Iterable[PersonName]) -> bool:
    """Do words of one name begin with exactly these letters?"""
    written = [name.with_father.lower().replace("(", "").split() for name in names]
    return any(all(any(word.startswith(start) for word in words) for start in typed) for words in written)


def matches(rows: Sequence[Wanted], *, to: Member, widely: bool = False) -> dict[str, list[Match]]:
    """For a list that is being taken in: whom of those the member may know each row may be, the likeliest first.

    Rows without any candidate are not in the answer. One word of a name with the year of birth, or a slip of the pen, is
    only asked for where two words find nobody; `widely` asks for them in any case.
    """
    asked: list[tuple[int, int, bool]] = []
    for number, row in enumerate(rows):
        year = row.born.year if row.born else None
        pairs, words = match_keys(row.names, year, secret=name_secret())
        asked += [(number, key, True) for key in pairs] + [(number, key, widely) for key in words]
        asked += [(number, key, True) for key in slip_keys(row.names, secret=name_secret()) if widely]
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
