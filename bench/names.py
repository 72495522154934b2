"""Names for a made-up population, some common and some rare, filed under the project's own folding.

Given names are those of the lexicon of spellings; family names are made from them as family names in the region are
(Mehmeti, Isufaj, Halilović). Nobody is meant. Folding a million names one by one would take longer than everything
else, so each word is folded once and the columns of a whole name are put together from its words; `check` compares
some of them with what the register itself would file.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, combinations

from homeward.casework.people.rules import folds_to_file, search_keys, skeletons
from homeward.casework.people.rules.lexicon import FORMS
from homeward.casework.people.rules.names import _number as number_of

WOMEN = "# Names of women"
# Words that mean something else beside others: titles, and the servant of …, which is half a name.
JOINED = ("Abdyl", "Haxhi", "Hoxha")
# A name that three people of every world have, each in sight of all whose pages are measured.
RARE = ("Trungaj", "Lulzana", "Drenush")


@dataclass(frozen=True)
class Name:
    """One name and the columns under which it is found."""

    family: str
    given: str
    father: str
    folded: tuple[str, ...]
    skeletons: tuple[str, ...]
    keys: tuple[int, ...]


class Names:
    """A pot of names from which one draws: few are common, many are rare, as in every country."""

    def __init__(self, seed: int, secret: bytes) -> None:
        self.dice = random.Random(seed)
        self.secret = secret
        men, women = _given()
        self.given = {"M": _Weighted(men), "F": _Weighted(women)}
        endings = ("i", "aj", "u", "ović")
        self.families = _Weighted(
            [name + ending for ending in endings for name in men if name[-1] not in "aeiou"]
        )
        self._number = cache(lambda key: number_of(key, secret))

    def common(self) -> tuple[str, str]:
        """The most common family name and man's name."""
        return self.families.words[0], self.given["M"].words[0]

    def family(self) -> str:
        """Some family name."""
        return self.families.draw(self.dice)

    def person(self, family: str, sex: str, year: int) -> Name:
        """Somebody of this family, sex and year of birth."""
        return self.named(family, self.given[sex].draw(self.dice), self.given["M"].draw(self.dice), year)

    def named(self, family: str, given: str, father: str, year: int) -> Name:
        """This name, filed."""
        words = (family, given, father)
        sounds = [_skeletons(word) for word in words]
        keys = [
            "&".join(sorted((a, b))) for one, other in combinations(sounds, 2) for a in one for b in other
        ]
        keys += [f"{sound}@{year}" for word in sounds for sound in word]
        return Name(
            *words,
            folded=_once(fold for word in words for fold in _folded(word)),
            skeletons=_once(one for word in words for one in _skeletons(word)),
            keys=tuple(map(self._number, dict.fromkeys(keys))),
        )

    def check(self, name: Name, year: int) -> None:
        """Complains if the register would file this name otherwise."""
        text = f"{name.family} {name.given} {name.father}"
        wanted = (folds_to_file(text), skeletons(text), set(search_keys([text], year, secret=self.secret)))
        found = (name.folded, name.skeletons, set(name.keys))
        if wanted != found:
            raise AssertionError(f"{text!r} is filed otherwise by the register: {wanted} and not {found}")


class _Weighted:
    """Words of which the n-th is drawn about 1/n as often as the first."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        random.Random(len(self.words)).shuffle(self.words)
        self.weights = list(accumulate(1 / (place + 8) for place in range(len(self.words))))
        self.ready: list[str] = []

    def draw(self, dice: random.Random) -> str:
        if not self.ready:
            self.ready = dice.choices(self.words, cum_weights=self.weights, k=10_000)
        return self.ready.pop()


@cache
def _folded(word: str) -> tuple[str, ...]:
    return folds_to_file(word)


@cache
def _skeletons(word: str) -> tuple[str, ...]:
    return skeletons(word)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _given() -> tuple[list[str], list[str]]:
    """Names of men and of women; those that the folding could take for something else are left out."""
    men, _, women = FORMS.partition(WOMEN)
    return list(_plain(men)), list(_plain(women))


def _plain(lines: str) -> Iterator[str]:
    for line in lines.splitlines():
        name, colon, _ = line.partition(":")
        if colon and name.isalpha() and name not in JOINED:
            yield name
