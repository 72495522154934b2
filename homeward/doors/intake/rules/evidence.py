"""Is this the same person? Looks at what two lists say about somebody, and never decides alone.

Two rows are compared by the sound of their names, by what is known of the birth, by sex and by the father's
name. The answer is one of three: they can be the same (a member looks at it), they cannot, or they are the same
row of the same list sent again. Nothing here ranks or scores people.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from homeward.casework.people.rules.likeness import Why, likeness
from homeward.casework.people.rules.names import fold, readings, skeleton
from homeward.doors.intake.rules.shapes import plain
from homeward.foundation.kernel.dates import PartialDate, Precision

UNKNOWN_SEX = ("", "X")


class Likeness(IntEnum):
    """How much alike two names or two dates are."""

    DIFFERENT = 0
    UNKNOWN = 1
    CLOSE = 2
    EQUAL = 3


@dataclass(frozen=True)
class Evidence:
    """What somebody is recognised by: names, birth, sex. Empty is not known."""

    surname: str = ""
    given: str = ""
    father: str = ""
    born: PartialDate | None = None
    sex: str = ""

    @classmethod
    def of_row(cls, values: Mapping[str, Any]) -> Evidence:
        """What a row of a list says. `values` may be as read or as stored."""
        born = values.get("born")
        return cls(
            surname=values.get("surname") or "",
            given=values.get("given") or "",
            father=values.get("father") or "",
            born=PartialDate.parse(born) if isinstance(born, str) and born else born or None,
            sex=values.get("sex") or "",
        )

    @cached_property
    def identity(self) -> str:
        """The same text for the same person written by the same office; a digest, so that it reads as nothing."""
        parts = [fold(self.surname), fold(self.given), fold(self.father)]
        born = self.born.iso if self.born else ""
        return digest([*(" ".join(part) for part in parts), born, self.sex])

    @property
    def years(self) -> tuple[int, int] | None:
        """Between which years somebody was born for certain who `can_be` this person; None when nothing is said."""
        if self.born is None:
            return None
        first, last = _span(self.born)
        return first.year, last.year

    def can_be(self, other: Evidence) -> bool:
        """Can these two be one person? Asks for more the less is known."""
        if self.sex not in UNKNOWN_SEX and other.sex not in UNKNOWN_SEX and self.sex != other.sex:
            return False
        given = names_alike(self.given, other.given)
        if given < Likeness.CLOSE:
            return False
        born = births_alike(self.born, other.born)
        father = names_alike(self.father, other.father)
        if born is Likeness.DIFFERENT or (father is Likeness.DIFFERENT and born is not Likeness.EQUAL):
            return False
        surname = names_alike(self.surname, other.surname)
        if surname >= Likeness.CLOSE:
            # Cousins share both names; somewhere the birth or the father has to agree.
            return born >= Likeness.CLOSE or father >= Likeness.CLOSE
        # A woman may stand under the name she was born with: then all the rest must agree.
        return born is Likeness.EQUAL and father is not Likeness.DIFFERENT

    def agreeing(self, other: Evidence) -> int:
        """In how many of four points two rows of one number agree; for telling a correction from another person."""
        return sum(
            alike >= Likeness.CLOSE
            for alike in (
                names_alike(self.given, other.given),
                names_alike(self.surname, other.surname),
                names_alike(self.father, other.father),
                births_alike(self.born, other.born),
            )
        )


SAME_BUT_FOR_A_SLIP = 0.6
# Likeness knows these for two names.
TOLD_APART = frozenset({Why.TWO_NAMES, Why.GENDER, Why.FAMILY, Why.KUNYA})
# A corrected row still agrees with itself in this many points of four.
SAME_ROW_AGREES = 2


def names_alike(one: str, other: str) -> Likeness:
    """Are two parts of a name spellings of one? Words may be missing on one side, none may contradict."""
    first, second = readings(one), readings(other)
    if not first or not second:
        return Likeness.UNKNOWN
    if len(first) > len(second):
        first, second = second, first
    worst = Likeness.EQUAL
    left = list(second)
    for word in first:
        best, place = max(
            ((_words_alike(word, there), -at) for at, there in enumerate(left)),
            default=(Likeness.DIFFERENT, 0),
        )
        if best is Likeness.DIFFERENT:
            return Likeness.DIFFERENT
        left.pop(-place)
        worst = min(worst, best)
    return worst if not left else min(worst, Likeness.CLOSE)


def _words_alike(one: tuple[str, ...], other: tuple[str, ...]) -> Likeness:
    if set(one) & set(other):
        return Likeness.EQUAL
    if {skeleton(word) for word in one} & {skeleton(word) for word in other}:
        return Likeness.CLOSE
    if _slip(one[0], other[0]):
        return Likeness.CLOSE
    return Likeness.DIFFERENT


def _slip(one: str, other: str) -> bool:
    """One letter too many, too few, wrong, or two swapped: how names suffer at a keyboard."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1:
        return False
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]


def perhaps_a_slip(one: str, other: str) -> bool:
    """Can one of two parts of a name be the other, mistyped? Two names that people bear are none, however few letters part them."""
    found = likeness(one, other)
    if found.score >= SAME_BUT_FOR_A_SLIP:
        return True
    first, second = one.casefold().strip(), other.casefold().strip()
    return _slip(first, second) and not TOLD_APART & {reason.why for reason in found.why}


def births_a_slip_apart(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Do two whole dates of birth differ in the day, the month or the year alone?"""
    if one is None or other is None or _vague(one, other):
        return False
    return Birth.of(one, other) is Birth.NEAR


def births_alike(one: PartialDate | None, other: PartialDate | None) -> Likeness:
    """Can two statements about a birth be true together?"""
    if one is None or other is None:
        return Likeness.UNKNOWN
    if one == other and one.precision is Precision.DAY and not _says_year_only(one):
        return Likeness.EQUAL
    first, second = _span(one), _span(other)
    if first[0] <= second[1] and second[0] <= first[1]:
        return Likeness.CLOSE
    if _swapped(one, other):
        return Likeness.CLOSE
    return Likeness.DIFFERENT


def _says_year_only(date: PartialDate) -> bool:
    # Registers fill up an unknown day with the first of January.
    return date.month == 1 and date.day == 1


def _span(date: PartialDate) -> tuple[Any, Any]:
    first, last = date.earliest, date.latest
    if _says_year_only(date):
        last = PartialDate(date.year).latest
    if date.approximate:
        return first - timedelta(days=366), last + timedelta(days=366)
    return first, last


def _swapped(one: PartialDate, other: PartialDate) -> bool:
    return one.day is not None and (one.year, one.month, one.day) == (other.year, other.day, other.month)


# ── people known already ─────────────────────────────────────────────────────────────────────────────────

# So alike a whole name has to be, by how precisely the births agree; and so little alike everybody else's, for a record to
# be somebody's without anybody looking. Measured on lists of which it is known whose each row is (docs/benchmarks.md).
SURE_BY_DAY, SURE_BY_YEAR = 0.7, 0.78
SOMEBODY_ELSE = 0.6
# A first name that is certainly the same.
SAME_GIVEN = 0.9
# Below these nothing of a name fits, and who fits in nothing is not shown. The same family under a first name of another sound
# (Dirde for Đorđe, which was one man) scores 0.14, and two names with nothing in common below 0.05.
LIKE_NAME, LIKE_GIVEN, LIKE_FAMILY = 0.3, 0.5, 0.1
# So many are shown to the member who looks, the likeliest first.
SHOWN_GUESSES = 5


class Birth(IntEnum):
    """How two statements about a birth agree, from contradiction to the same day."""

    DIFFERENT = 0
    NEAR = 1  # a year to either side, a part of a date mistyped
    UNKNOWN = 2
    YEAR = 3
    DAY = 4

    @classmethod
    def of(cls, one: PartialDate | None, other: PartialDate | None) -> Birth:
        """As precisely as both say it."""
        alike = births_alike(one, other)
        if one is None or other is None:
            return cls.UNKNOWN
        if alike is Likeness.EQUAL:
            return cls.DAY
        if alike is Likeness.CLOSE:
            return (
                cls.NEAR
                if one.day and other.day and one.year == other.year and not _vague(one, other)
                else cls.YEAR
            )
        if _vague(one, other):
            return cls.NEAR if abs(one.year - other.year) <= 1 else cls.DIFFERENT
        parts = [(one.year, other.year), (one.month, other.month), (one.day, other.day)]
        return cls.NEAR if sum(a != b for a, b in parts) == 1 else cls.DIFFERENT


def _vague(one: PartialDate, other: PartialDate) -> bool:
    return any(_says_year_only(date) or date.precision is not Precision.DAY for date in (one, other))


@dataclass(frozen=True)
class Guess:
    """Somebody known whom a record may be about: how alike the names are, how the births agree, and what else.

    `given` is how alike the first names are; `besides` whether the father's name or the municipality agrees, which is what
    is left of a woman's name when she stands under her husband's family, or under the one she was born in.
    """

    person: UUID
    name: float
    birth: Birth
    given: float = 0.0
    is_woman: bool = False
    same_place: bool | None = None
    same_father: bool | None = None
    is_given_but_for_a_slip: bool = False  # shown for it, never linked for it

    @property
    def rank(self) -> float:
        """For the order in which they are shown. It is no probability."""
        birth = {
            Birth.DAY: 0.5,
            Birth.YEAR: 0.25,
            Birth.UNKNOWN: 0.05,
            Birth.NEAR: 0.1,
            Birth.DIFFERENT: -0.5,
        }
        besides = {True: 0.06, None: 0.0, False: -0.06}
        other_family = 0.6 * self.given if self.is_woman else 0.3 * self.given
        return (
            max(self.name, other_family)
            + birth[self.birth]
            + besides[self.same_place]
            + besides[self.same_father]
        )

    @property
    def is_worth_a_look(self) -> bool:
        """Does anything of it fit: the name as a whole, or the first name or the family together with the birth?"""
        is_given = self.given >= LIKE_GIVEN or self.is_given_but_for_a_slip
        if self.name >= LIKE_NAME or (is_given and self.birth is not Birth.DIFFERENT):
            return True
        return self.name >= LIKE_FAMILY and self.birth >= Birth.YEAR

    @property
    def fits(self) -> bool:
        """Do name and birth agree well enough that nobody has to look?"""
        if self.birth is Birth.YEAR:
            return self.name >= SURE_BY_YEAR
        return self.birth is Birth.DAY and (self.name >= SURE_BY_DAY or self.is_under_another_family)

    @property
    def is_under_another_family(self) -> bool:
        """A woman under another family name: the first name is the same, and her father or her municipality."""
        besides = (self.same_father, self.same_place)
        return (
            self.is_woman and self.given >= SAME_GIVEN and True in besides and self.same_father is not False
        )

    def rivals(self, best: Guess) -> bool:
        """Could the record be about this one as well, so that somebody has to look?

        By a day of birth only twins and mistakes are confused; by a year also whoever was born a year before or after. A
        woman of the same first name and year may be the one who stands here under another family name.
        """
        exactly = max(best.birth, Birth.YEAR)
        if self.is_woman and self.given >= SAME_GIVEN and self.birth >= exactly:
            return True
        return self.name >= SOMEBODY_ELSE and self.birth >= (
            Birth.DAY if best.birth is Birth.DAY else Birth.NEAR
        )


def certain(guesses: Sequence[Guess]) -> Guess | None:
    """The one who is certainly meant, of guesses that begin with the likeliest; None when a member has to look."""
    if not guesses or not guesses[0].fits:
        return None
    best, others = guesses[0], guesses[1:]
    return None if any(one.rivals(best) for one in others) else best


# ── knowing a row again ──────────────────────────────────────────────────────────────────────────────────

# These say where a row stands, not who is in it.
_PLACE_FIELDS = frozenset({"number"})


# Read and checked, and then let go: what a doctor or the police noted belongs to them, not to whoever takes in the list.
NEVER_KEPT = frozenset({"medical", "handed_to_police"})


def content(values: Mapping[str, Any], let_go: Collection[str] = NEVER_KEPT) -> dict[str, Any]:
    """What a row says, ready to be stored and compared; without its number and without what is let go."""
    return {
        name: plain(value)
        for name, value in sorted(values.items())
        # An empty list stays: "no papers" is said, an empty cell says nothing.
        if name not in _PLACE_FIELDS and name not in let_go and value not in (None, "")
    }


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The fields in which two rows differ, by the fingerprints of both under the same name."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def digest(value: Any) -> str:
    """A short text that is the same for equal values only."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def fingerprint(secret: bytes, owner: str, field: str, value: Any) -> str:
    """The same text for the same value of the same field of the same row, and nothing to whoever lacks the secret.

    128 bits: two values of one row that differ never look alike.
    """
    written = json.dumps([owner, field, value], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(secret, written.encode(), "sha256")[:16].hex()


def family_key(mapping_scope: str, sender: str, list_: str, number: Any) -> str:
    """What the rows of one family share: its number, within this list or within all lists of the sender."""
    if not number:
        return ""
    return f"{list_ if mapping_scope == 'list' else sender}/{number}"


def list_key(sender: str, scope: Any) -> str:
    """Which list of a sender this is: a later upload with the same key is a correction of it."""
    return f"{sender}:{plain(scope)}" if scope else sender
