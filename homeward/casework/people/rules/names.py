"""Finding one person under the spellings of ten offices: from a name to what is searched for.

`fold` writes a name by its sounds, in letters a-z: Ђорђе, Đorđe, Djordje and Gjorgje are all `xorxe`. Two names
with equal folds are spellings of one name. `skeletons` keeps only the consonants and is for finding candidates:
more meets there than is the same. `prefix_folds` serves the box in which somebody is still typing, and
`search_keys` gives numbers under which a name is filed so that nobody can read it from them.

What the letters, small words and known names do is written in letters.py, particles.py and lexicon.py. The
version belongs to all of them: whatever changes a fold raises it, and `manage.py refold_names` files all names
anew.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from homeward.casework.people.rules.letters import openings, sounds, words
from homeward.casework.people.rules.particles import Token, stem, tokens, without_ending

FOLD_VERSION = 2

_VOWELS = frozenset("aeiou")
# Sounds that offices and ears confuse: voiced and voiceless, and the two ch-like ones of Albanian.
_CONFUSED = str.maketrans("dbgzvx", "tpksfc")
_MOST_WORDS = 12
_FEWEST_LETTERS = 3
_PARENTS = {"abu": "M", "um": "F"}
# Every letter that a skeleton can hold; and how many keys with one of them changed are asked for at most.
_BONES = "ACFHJKLMNPRST"
_MOST_NEARBY = 900


def fold(text: str) -> tuple[str, ...]:
    """The words of a name by their sounds, in the order in which they stand.

    Folding a fold changes nothing; capitals and scripts make no difference.
    """
    return tuple(token.sound for token in settled(text))


def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """For every word of a name all folds it may have been meant as, the likeliest first."""
    return tuple(token.readings for token in settled(text))


def folds_to_file(text: str) -> tuple[str, ...]:
    """Every fold under which a name is found, without repetition: what the search column holds."""
    found = (fold_ for token in settled(text) for fold_ in (*token.readings, *token.also))
    return tuple(dict.fromkeys(filter(None, found)))


@lru_cache(maxsize=65536)
def skeleton(token: str) -> str:
    """A folded word without its vowels, confused sounds made one: `xorxe` and `corce` give `CRC`.

    A word that begins with a vowel begins with A. The j of -aj stays, and so does the mark of a kunya.
    """
    kind, separator, name = token.partition("_")
    if separator:
        return f"{kind}_{skeleton(name)}"
    bare = stem(token)
    first, rest = bare[:1], bare[1:]
    start = "a" if first in _VOWELS or first == "j" else first
    consonants = "".join(letter for letter in rest if letter not in _VOWELS and letter != "h")
    return (start + consonants).translate(_CONFUSED).upper()


def skeletons(text: str) -> tuple[str, ...]:
    """The skeletons of every word of a name in every reading, without repetition."""
    return tuple(dict.fromkeys(found for word in skeletons_by_word(text) for found in word))


@lru_cache(maxsize=16384)
def skeletons_by_word(text: str) -> tuple[tuple[str, ...], ...]:
    """The skeletons word by word, for asking that every word of a query be met."""
    return tuple(tuple(dict.fromkeys(map(skeleton, word))) for word in readings(text))


def prefix_folds(text: str) -> tuple[tuple[str, ...], ...]:
    """For every word that is being typed, the beginnings of folds it can lead to, any of which will do.

    The last letter may open another sound: `Had` leads to Hadi and, with the next letter, to Hadži.
    """
    return tuple(
        _shortest(_beginnings(token)) for token in tokens(words(text)[:_MOST_WORDS], unfinished=True)
    )


@dataclass(frozen=True)
class QueryWord:
    """One word that somebody typed, in the ways in which it may be met.

    A kunya may also be met by a child: `child` are then the skeletons of the child's name, and `parent` the sex of
    whoever is called so.
    """

    fold: str
    skeletons: tuple[str, ...]
    beginnings: tuple[str, ...]
    parent: str = ""
    child: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """The same for the database function that searches."""
        known: dict[str, object] = {
            "fold": self.fold,
            "skeletons": self.skeletons,
            "beginnings": self.beginnings,
        }
        return known | ({"parent": self.parent, "child": self.child} if self.child else {})


def query_words(text: str) -> list[QueryWord]:
    """The words somebody has typed so far. One of fewer than three letters must be met exactly: too many begin so."""
    found = []
    for token in tokens(words(text)[:_MOST_WORDS], unfinished=True):
        short = len(token.written or token.sound) < _FEWEST_LETTERS
        meant = (*token.readings, without_ending(token.sound))
        skeletons_ = () if short else tuple(dict.fromkeys(map(skeleton, meant)))
        beginnings = () if short else _shortest(_beginnings(token))
        kind, mark, child = token.sound.partition("_")
        parent = _PARENTS.get(kind, "") if mark and len(child) >= _FEWEST_LETTERS else ""
        children = (
            tuple(dict.fromkeys(map(skeleton, readings(child)[0]))) if parent and readings(child) else ()
        )
        found.append(QueryWord(token.sound, skeletons_, beginnings, parent if children else "", children))
    return found


def search_keys(names: Iterable[str], birth_year: int | None, *, secret: bytes) -> list[int]:
    """The numbers under which a person is filed: each pair of words of a name, and each word with the year of birth.

    The words of one name make pairs with each other, never with those of another name of the person. A comma parts the
    fields of a form: only within a field can two words be one name that another office writes together (Haxhi Beqiri).
    Numbers have 64 bits (signed, as the database stores them) and come from HMAC-SHA256: without the `secret`, which is
    not in the database, nobody can try names until a number fits.
    """
    pairs, words_ = _keys(names, birth_year, 0, fields_only=True)
    return [_number(key, secret) for key in (*pairs, *words_)]


def match_keys(
    names: Iterable[str], birth_year: int | None, *, secret: bytes, nearby: int = 1
) -> tuple[list[int], list[int]]:
    """The numbers to ask for: those of two words, and those of one word with the year of birth.

    A year that an office noted may be wrong by `nearby`, so the years around are asked for as well.
    """
    pairs, words_ = _keys(names, birth_year, nearby, fields_only=False)
    return [_number(key, secret) for key in pairs], [_number(key, secret) for key in words_]


def _keys(
    names: Iterable[str], birth_year: int | None, nearby: int, *, fields_only: bool
) -> tuple[Iterable[str], Iterable[str]]:
    pairs: dict[str, None] = {}
    words_: dict[str, None] = {}
    for name in names:
        parts = [part for part in _parts(name) if len(part.places) == 1 or "," in name or not fields_only]
        parts += [] if fields_only else _without_endings(name)
        for one, other in combinations(parts, 2):
            if one.places.isdisjoint(other.places):
                pairs.update(dict.fromkeys(_pair(a, b) for a in one.bones for b in other.bones))
        if birth_year is not None:
            years = range(birth_year - nearby, birth_year + nearby + 1)
            words_.update(
                dict.fromkeys(f"{bone}@{year}" for part in parts for bone in part.bones for year in years)
            )
    return pairs, words_


def slip_keys(names: Iterable[str], *, secret: bytes) -> list[int]:
    """The numbers of two words of which one has a consonant more, less, another, or two that changed places.

    They are asked for when nothing else is found: nothing is filed under them but the names that somebody meant.
    """
    found: dict[str, None] = {}
    for name in names:
        by_word = [bones[0] for bones in skeletons_by_word(name) if bones]
        for one, other in combinations(by_word, 2):
            for meant, kept in ((one, other), (other, one)):
                found.update(dict.fromkeys(_pair(slip, kept) for slip in _slips(meant)))
    return [_number(key, secret) for key in list(found)[:_MOST_NEARBY]]


def pair_keys(some: Iterable[str], others: Iterable[str], *, secret: bytes) -> list[int]:
    """The numbers of every skeleton of the first beside every one of the others."""
    others = list(others)
    return [_number(_pair(one, other), secret) for one in some for other in others]


@dataclass(frozen=True)
class _Part:
    """A word of a name, or two that may be one: its skeletons, and the places of the words in the name."""

    bones: tuple[str, ...]
    places: frozenset[int]


@lru_cache(maxsize=16384)
def _parts(name: str) -> tuple[_Part, ...]:
    found: list[_Part] = []
    joined: list[_Part] = []
    for field in name.split(","):
        joined += _joined_parts(field, len(found))
        for token in settled(field):
            bones = tuple(dict.fromkeys(map(skeleton, token.readings)))
            found.append(_Part(bones, frozenset({len(found)})))
    return (*found, *joined)


def _without_endings(name: str) -> Iterator[_Part]:
    """Only whoever asks wonders whether a word stood in a case: nobody is registered in the genitive."""
    for place, token in enumerate(settled(name)):
        if (bare := without_ending(token.sound)) != token.sound:
            yield _Part((skeleton(bare),), frozenset({place}))


def _joined_parts(field: str, start: int) -> list[_Part]:
    """Every two neighbours of a field as one word, where neither is a kunya."""
    plain = [
        sounds(token.written) if token.written and "_" not in token.sound else "" for token in settled(field)
    ]
    return [
        _Part((skeleton(one + other),), frozenset({place, place + 1}))
        for place, (one, other) in enumerate(pairwise(plain), start)
        if one and other
    ]


def _pair(one: str, other: str) -> str:
    return "&".join(sorted((one, other)))


def _slips(bones: str) -> Iterator[str]:
    kind, mark, name = bones.partition("_")
    start, name = (f"{kind}_", name) if mark else ("", bones)
    for at in range(len(name) + 1):
        head, tail = name[:at], name[at:]
        if tail and len(name) > 2:
            yield start + head + tail[1:]
        if len(tail) > 1:
            yield start + head + tail[1] + tail[0] + tail[2:]
        for letter in _BONES:
            if tail:
                yield start + head + letter + tail[1:]
            yield start + head + letter + tail


def _number(key: str, secret: bytes) -> int:
    digest = hmac.digest(secret, f"{FOLD_VERSION}:{key}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big", signed=True)


@lru_cache(maxsize=16384)
def settled(text: str) -> tuple[Token, ...]:
    """The words of a name, folded until folding changes nothing more."""
    found = tokens(words(text)[:_MOST_WORDS])
    again = tokens([token.sound for token in found])
    while [token.sound for token in again] != [token.sound for token in found]:
        found, again = again, tokens([token.sound for token in again])
    return tuple(found)


def _beginnings(token: Token) -> list[str]:
    if not token.written:
        return [token.sound]
    return [*openings(token.written), *token.readings]


def _shortest(beginnings: Iterable[str]) -> tuple[str, ...]:
    """Of several beginnings those that no other one of them already covers."""
    kept: list[str] = []
    for beginning in sorted(dict.fromkeys(beginnings), key=len):
        if not any(beginning.startswith(shorter) for shorter in kept):
            kept.append(beginning)
    return tuple(kept)
