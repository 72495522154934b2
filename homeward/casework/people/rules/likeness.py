"""How alike two names are, and why: for whoever must decide whether two offices mean the same person.

Every word of the one name is laid beside a word of the other. Words that are one name in two spellings count in full;
an ending of declension, a slip of the pen or vowels that a script does not write count nearly so; two names that people
here bear count as two names, however few letters part them. The weakest word decides, because a brother differs by one.

The figure orders pairs from alike to different. It is no probability and proves nothing: namesakes are alike in full.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise, product

from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import Levenshtein

from homeward.casework.people.rules.letters import sounds
from homeward.casework.people.rules.names import settled, skeleton
from homeward.casework.people.rules.native import is_family, is_name
from homeward.casework.people.rules.particles import SERVANTS
from homeward.foundation.kernel.errors import Text


class Why(StrEnum):
    """What speaks for or against two words, or two whole names, being the same."""

    SAME = "same"
    FORM = "form"
    MEANT = "meant"
    DECLINED = "declined"
    VOWELS = "vowels"
    SLIP = "slip"
    JOINED = "joined"
    ORDER = "order"
    ONE_WORD = "one_word"
    EXTRA = "extra"
    GENDER = "gender"
    FAMILY = "family"
    KUNYA = "kunya"
    TWO_NAMES = "two_names"
    DIFFERENT = "different"
    SWAPPED = "swapped"
    FATHER = "father"
    NOTHING = "nothing"


TEXTS: dict[Why, Text] = {
    Why.SAME: _("“{one}” and “{other}” are spelled by the same sounds."),
    Why.FORM: _("“{one}” and “{other}” are forms of one name in two languages."),
    Why.MEANT: _("“{one}” and “{other}” can be one name, spelled after the habits of two offices."),
    Why.DECLINED: _("“{one}” and “{other}” differ by an ending of declension."),
    Why.VOWELS: _("“{one}” and “{other}” differ in their vowels only."),
    Why.SLIP: _("“{one}” and “{other}” can be one name with a slip of the pen."),
    Why.JOINED: _("“{one}” and “{other}” are one name, written in one word and in two."),
    Why.ORDER: _("The words stand in another order."),
    Why.ONE_WORD: _("One of the two is a single word: that alone says little."),
    Why.EXTRA: _("“{one}” stands in one of the two names only."),
    Why.GENDER: _("“{one}” and “{other}” are a man’s and a woman’s name."),
    Why.FAMILY: _("“{one}” and “{other}” are two families: the ending tells them apart."),
    Why.KUNYA: _("“{one}” and “{other}”: father of, mother of and the name itself are three persons."),
    Why.TWO_NAMES: _("“{one}” and “{other}” are two names, though they look alike."),
    Why.DIFFERENT: _("“{one}” and “{other}” are different."),
    Why.SWAPPED: _("Given name and family name have changed places."),
    Why.FATHER: _("The names of the fathers, “{one}” and “{other}”, are different."),
    Why.NOTHING: _("There is no name to compare."),
}


@dataclass(frozen=True)
class Reason:
    """One piece of evidence, with the words it is about."""

    why: Why
    one: str = ""
    other: str = ""

    def __str__(self) -> str:
        return str(TEXTS[self.why]).format(one=self.one, other=self.other)


@dataclass(frozen=True)
class Likeness:
    """How alike two names are, from 0 to 1, and what speaks for it and against it."""

    score: float
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class _Word:
    """A word of a name: its fold, the folds it may have been meant as, the sound as it stood, and how it was written."""

    sound: str
    readings: tuple[str, ...]
    plain: str
    written: str


@dataclass(frozen=True)
class _Name:
    words: tuple[_Word, ...]
    is_arabic: bool
    father: int | None  # which word stood in brackets as the father's name


@dataclass(frozen=True)
class _Pair:
    first: int
    second: int
    score: float
    why: Why


# A word is met from here on; below it the two are different words.
_MET = 0.5
# What a nisba says after a kunya ("Abu Hamza al-Kosovi") is where somebody comes from; it is left out as often as written.
_NISBAS = frozenset(
    sounds(word)
    for word in "kosovi kosova kosovar kosovari albani albania albanija arnauti bosni bosna bosnija shami iraki iraqi muhajir "
    "muhaxhir muhadžir ansari garib gharib turki almani balkani makduni makedoni sanxhaki rumi magribi maghribi".split()
)
_ARABIC = re.compile(r"[\u0621-\u064a\u0671-\u06d3]")
_BRACKETS = re.compile(r"\(([^()]+)\)")
_VOWELS = "aeiou"
_ROSE = ("xil", "gil", "xul", "gul")  # Turk. gül, of which many names of women are made
_KIN = ("abu", "um")
# Endings of the Serbian kind make another family of the same name, and so does -aj.
_OTHER_FAMILY = (("", "j"), ("", "aj"), ("i", "aj"), ("u", "aj"), ("a", "aj"), ("e", "aj"), ("", "ovic"), ("i", "ovic"), ("i", "a"), ("i", "ia"))  # fmt: skip


def likeness(a: str, b: str) -> Likeness:
    """How alike the two names are, and why; the order in which they are given makes no difference."""
    turned = (b, a) < (a, b)
    found = _likeness(*((b, a) if turned else (a, b)))
    if not turned:
        return found
    return Likeness(
        found.score,
        tuple(Reason(one.why, one.other or one.one, one.one if one.other else "") for one in found.why),
    )


@lru_cache(maxsize=16384)
def _likeness(a: str, b: str) -> Likeness:
    one, other = _name(a), _name(b)
    if not one.words or not other.words:
        return Likeness(0.0, (Reason(Why.NOTHING),))
    first, second, reasons = _joined(list(one.words), list(other.words))
    kinds = [any(_kin(word) for word in words) for words in (first, second)]
    if all(kinds):
        first, second = _without_nisbas(first, second), _without_nisbas(second, first)
    pairs = _aligned(first, second, arabic=one.is_arabic or other.is_arabic)
    met = [pair for pair in pairs if pair.score >= _MET]
    score = _score(first, second, pairs, met)
    reasons += [Reason(pair.why, first[pair.first].written, second[pair.second].written) for pair in pairs]
    alone = _alone(first, second, met)
    if not (alone[0] and alone[1]):
        reasons += [Reason(Why.EXTRA, word.written) for side in alone for word in side]
    if len(first) != len(second) and min(len(first), len(second)) == 1:
        reasons.append(Reason(Why.ONE_WORD))
    factor, more = _places(one, other, first, second, met)
    return Likeness(round(max(0.0, min(1.0, score * factor)), 4), (*reasons, *more))


@lru_cache(maxsize=262144)
def word_likeness(one: str, other: str, *, arabic: bool = False) -> float:
    """How alike two single words are; `arabic`: one of them was written without its short vowels."""
    first, second = _name(one).words, _name(other).words
    return max((_alike(x, y, arabic=arabic)[0] for x, y in product(first, second)), default=0.0)


# --- taking a name apart ----------------------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def _name(text: str) -> _Name:
    tokens = settled(text)
    found = tuple(
        _Word(
            token.sound,
            token.readings or (token.sound,),
            _plain(token.written) or token.sound,
            token.written or token.sound.replace("_", " "),
        )
        for token in tokens
    )
    father = None
    brackets = _BRACKETS.search(text)
    if brackets and len(found) > 2:
        inside = [token.sound for token in settled(brackets[1])]
        if len(inside) == 1:
            father = next((place for place, word in enumerate(found) if word.sound == inside[0]), None)
    return _Name(found, bool(_ARABIC.search(text)), father)


def is_arabic(text: str) -> bool:
    """Is any of it in Arabic letters, which leave out short vowels?"""
    return bool(_ARABIC.search(text))


def _plain(written: str) -> str:
    return sounds(written) if written else ""


def _kin(word: _Word) -> str:
    kind, mark, _child = word.sound.partition("_")
    return kind if mark and kind in _KIN else ""


def _without_nisbas(words: list[_Word], others: list[_Word]) -> list[_Word]:
    shared = {word.sound for word in others}
    return [word for word in words if word.sound not in _NISBAS or word.sound in shared]


def _joined(one: list[_Word], other: list[_Word]) -> tuple[list[_Word], list[_Word], list[Reason]]:
    """Two neighbours in one name that are one word in the other become one word: Haxhi Beqiri, Haxhibeqiri."""
    one, first = _join_into(one, other)
    other, second = _join_into(other, one)
    return one, other, [*first, *(Reason(why.why, why.other, why.one) for why in second)]


def _join_into(words: list[_Word], others: list[_Word]) -> tuple[list[_Word], list[Reason]]:
    if len(words) < 2:
        return words, []
    for place in range(len(words) - 1):
        left, right = words[place], words[place + 1]
        whole = left.plain + right.plain
        if len(whole) < 6 or "_" in left.sound + right.sound:
            continue
        for word in others:
            if word.sound in (left.sound, right.sound) or len(word.plain) < 6:
                continue
            bones = skeleton(whole)
            if (
                whole == word.plain
                or (len(bones) > 3 and bones == skeleton(word.plain))
                or whole == word.sound
            ):
                made = _Word(word.sound, word.readings, word.plain, f"{left.written} {right.written}")
                rest = [*words[:place], made, *words[place + 2 :]]
                return rest, [Reason(Why.JOINED, made.written, word.written)]
    return words, []


# --- word beside word -------------------------------------------------------------------------------------------


def _aligned(first: Sequence[_Word], second: Sequence[_Word], *, arabic: bool) -> list[_Pair]:
    """Which word belongs to which: the surest pair first, then the surest of what is left."""
    every = [
        _Pair(i, j, *_alike(one, other, arabic=arabic))
        for (i, one), (j, other) in product(enumerate(first), enumerate(second))
    ]
    every.sort(key=lambda pair: (-pair.score, abs(pair.first - pair.second), pair.first, pair.second))
    found: list[_Pair] = []
    for pair in every:
        if all(pair.first != one.first and pair.second != one.second for one in found):
            found.append(pair)
    return sorted(found, key=lambda pair: pair.first)


def _alone(
    first: Sequence[_Word], second: Sequence[_Word], met: Sequence[_Pair]
) -> tuple[list[_Word], list[_Word]]:
    """The words of either name that no word of the other meets."""
    mine, theirs = {pair.first for pair in met}, {pair.second for pair in met}
    return (
        [word for place, word in enumerate(first) if place not in mine],
        [word for place, word in enumerate(second) if place not in theirs],
    )


def _alike(one: _Word, other: _Word, *, arabic: bool) -> tuple[float, Why]:
    kin = _kin(one), _kin(other)
    if any(kin):
        children = [word.sound.partition("_")[2] or word.sound for word in (one, other)]
        if kin[0] != kin[1]:
            return (0.05, Why.KUNYA) if _words(*children, arabic=arabic)[0] >= _MET else (0.0, Why.DIFFERENT)
        return _words(*children, arabic=arabic)
    if one.sound == other.sound:
        return 1.0, Why.SAME if one.plain == other.plain else Why.FORM
    plain = _words(one.sound, other.sound, arabic=arabic)
    if plain[1] == Why.GENDER and "ë" in (one.written[-1:], other.written[-1:]):
        return 0.9, Why.DECLINED  # Nikoll and Nikollë: here the ë is silent.
    found = [plain]
    # What an office may have meant counts only where it is exactly the other word, or an ending away from it.
    for x, y in product(one.readings[:4], other.readings[:4]):
        score, why = _words(x, y, arabic=arabic)
        if why in (Why.SAME, Why.DECLINED):
            found.append((score - 0.04, Why.MEANT if why == Why.SAME else why))
    if plain[1] in (Why.SLIP, Why.DIFFERENT, Why.VOWELS) and not (
        is_name(one.plain) and is_name(other.plain)
    ):
        # A slip of the pen in a name of the list takes it off the list: it is seen between the words as they stood.
        found.append(_words(one.plain, other.plain, arabic=arabic))
    return max(found, key=lambda each: each[0])


@lru_cache(maxsize=131072)
def _words(one: str, other: str, *, arabic: bool) -> tuple[float, Why]:
    """Two words by their sounds, neither of them a kunya."""
    if one == other:
        return 1.0, Why.SAME
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    if (ending := _ending(short, long, arabic=arabic)) is not None:
        return ending
    bones = skeleton(short), skeleton(long)
    known = _is_known(short), _is_known(long)
    if all(known):
        return (0.15 if bones[0] == bones[1] else 0.1), Why.TWO_NAMES
    steps = _steps(short, long)
    if bones[0] == bones[1]:
        if arabic:
            return 0.93, Why.VOWELS
        if _consonants(short) == _consonants(long):
            return (max(0.3, 0.9 - 0.1 * steps - (0.2 if len(long) < 5 else 0)), Why.VOWELS)
    score = 1 - 1.2 * steps**1.25 / len(long)
    if short[0] != long[0] and {short[:2], long[:2]} != {short[:2], short[1::-1]}:
        score *= 0.8
    if arabic:
        apart = _steps(*sorted(bones, key=len))
        score = max(score, 0.85 - 0.5 * apart if len(bones[0]) > 2 else 0.0)
    if not any(known):
        score *= 0.95  # Neither is a name we know: they may be two that we do not know.
    return (score, Why.SLIP) if score >= _MET else (max(0.0, score * 0.6), Why.DIFFERENT)


def _ending(short: str, long: str, *, arabic: bool) -> tuple[float, Why] | None:
    """What two words of one stem and two endings are to each other, if that is what they are."""
    if long[:-1] == short[:-1] and len(short) > 2 and {short[-1], long[-1]} == {"a", "e"}:
        return 0.95, Why.DECLINED  # Besë, Besa; Sanija, Sanije
    if len(short) > 2 and long.startswith(short):
        rest, closed = long[len(short) :], short[-1] not in _VOWELS
        if (closed and rest in ("i", "u")) or (not closed and rest == "u"):
            return 0.92, Why.DECLINED  # Agron, Agroni; Salih, Salihu; Ali, Aliu
        if rest in ("t", "s", "n") and not closed and len(short) > 3 and not is_name(long):
            return 0.85, Why.DECLINED  # Gashi, Gashit; Hoxhë, Hoxhës
        if closed and rest in ("it", "ut") and not is_name(long):
            return 0.85, Why.DECLINED
        if closed and rest in ("a", "e") and short.startswith(_ROSE):
            return (
                0.9,
                Why.DECLINED,
            )  # Turk. Gülizar is a woman's name without an ending, Alb. Gjylizare has one.
        if (closed and rest in ("a", "e", "ia", "ie")) or (short[-1] == "i" and rest in ("a", "e")):
            return 0.12, Why.GENDER
    if arabic and short[-1] != long[-1] and short.rstrip(_VOWELS) == long.rstrip(_VOWELS):
        return 0.92, Why.DECLINED
    if short[:3] != long[:3]:
        return None
    for ending, other in _OTHER_FAMILY:
        for x, y in ((short, long), (long, short)):
            stem = y.removesuffix(other)
            if len(y) - len(other) > 2 and y.endswith(other) and x == stem + ending:
                return 0.12, Why.FAMILY
    return None


def _is_known(word: str) -> bool:
    return is_name(word) or word in SERVANTS


def _consonants(word: str) -> str:
    return "".join(letter for letter in word if letter not in _VOWELS)


def _steps(short: str, long: str) -> float:
    """How many letters must be changed, added or left out; two neighbours that changed places count a little less."""
    if not any(b + a in long for a, b in pairwise(short) if a != b):
        return float(Levenshtein.distance(short, long))  # nothing has changed places
    before: list[float] = []
    row = [float(place) for place in range(len(long) + 1)]
    for i, letter in enumerate(short, 1):
        last, row, older = row, [float(i)], before
        for j, other in enumerate(long, 1):
            cost = min(last[j - 1] + (letter != other), last[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == long[j - 2] and short[i - 2] == other and letter != other:
                cost = min(cost, older[j - 2] + 0.8)
            row.append(cost)
        before = last
    return row[-1]


# --- the whole name ---------------------------------------------------------------------------------------------


def _score(
    first: Sequence[_Word], second: Sequence[_Word], pairs: Sequence[_Pair], met: Sequence[_Pair]
) -> float:
    if not met:
        return 0.3 * max((pair.score for pair in pairs), default=0.0)
    scores = [pair.score for pair in met]
    core = 0.7 * min(scores) + 0.3 * sum(scores) / len(scores)
    mine, theirs = _alone(first, second, met)
    if mine and theirs:
        if any(pair.why == Why.KUNYA for pair in pairs):
            return core * 0.05  # Umm Besa Osmani is somebody else than Besa Osmani, whom she bore.
        nearest = max((pair.score for pair in pairs if pair.score < _MET), default=0.0)
        if len(met) > 1 and any(
            pair.why in (Why.TWO_NAMES, Why.GENDER) and _is_given(first[pair.first]) for pair in pairs
        ):
            return core * 0.25  # Brothers and sisters share a father and a family.
        # A third word that differs is a father's or a second family name: less than a given name, still another person.
        return core * (0.38 if len(met) > 1 else 0.14) + 0.3 * nearest
    extra = len(mine) + len(theirs)
    if len(met) > 1 or not extra:
        return core * max(0.8, 1 - 0.03 * extra)
    return core * (0.7 if _kin(first[met[0].first]) else 0.62)


def _places(
    one: _Name, other: _Name, first: Sequence[_Word], second: Sequence[_Word], met: Sequence[_Pair]
) -> tuple[float, list[Reason]]:
    """What the places of the words say: the family may stand first or last, but a father is not his son."""
    order = [pair.second for pair in met]
    crossing = order != sorted(order)
    if one.father is not None and other.father is not None:
        fathers = one.words[one.father], other.words[other.father]
        # What stands in brackets can also be the family name before or after a wedding.
        if (
            not any(is_family(word.sound) for word in fathers)
            and _alike(*fathers, arabic=one.is_arabic or other.is_arabic)[0] < _MET
        ):
            return 0.4, [Reason(Why.FATHER, fathers[0].written, fathers[1].written)]
    if not crossing:
        return 1.0, []
    if len(met) == 2 and len(first) == len(second) == 2:
        # Ali Hasani and Hasan Aliu: what one word lost the other has gained. Both have the same order, so they are two men.
        grown = [
            len(second[pair.second].sound) - len(first[pair.first].sound)
            for pair in met
            if pair.why == Why.DECLINED
        ]
        if len(grown) == 2 and grown[0] * grown[1] < 0:
            return 0.15, [Reason(Why.SWAPPED)]
        if len(grown) == 2:
            return 0.7, [Reason(Why.ORDER)]
        if grown and all(_is_given(first[pair.first]) or _is_given(second[pair.second]) for pair in met):
            return 0.6, [Reason(Why.SWAPPED)]
    if len(met) == len(first) == len(second) == 3:
        # Given, father, family: an office turns the row round or puts the family first. Only the first two changing
        # places makes the son of the father, and the father of the son.
        if order == [1, 0, 2] and _is_given(first[0]) and _is_given(first[1]):
            return 0.3, [Reason(Why.SWAPPED)]
        if order == [0, 2, 1]:
            return 0.75, [Reason(Why.ORDER)]
    return 0.99, [Reason(Why.ORDER)]


def _is_given(word: _Word) -> bool:
    return is_name(word.sound) and not is_family(word.sound)
