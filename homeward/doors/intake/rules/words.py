"""The words that offices write in their tables: months, sexes, yes and no, “about”, “nothing”.

They are data of the country pack (`packs/<country>/intake/words.yaml`). Words are compared folded: without
spelling marks, in small letters, Serbian Cyrillic as Latin, so that one spelling stands for all of its kin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_CYRILLIC = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        "a b v g d dj e z z i j k l lj m n nj o p r s t c u f h c c dz s".split(),
        strict=True,
    )
)
_PLAIN = str.maketrans({**_CYRILLIC, "đ": "dj", "ı": "i", "ß": "ss", "ł": "l", "’": "'", "`": "'"})
_GAPS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4_000)
def fold(text: str) -> str:
    """A word as it is compared: “Mbiemri / Prezime” → “mbiemri prezime”, “Ђаковица” → “djakovica”."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _GAPS.sub(" ", bare).strip()


def fold_sign(text: str) -> str:
    """Like `fold`, but a sign that is no word at all (“–”, “✓”) stays itself."""
    return fold(text) or text.strip()


@dataclass(frozen=True)
class Vocabulary:
    """What words mean. All keys are folded."""

    months: Mapping[str, int]
    sex: Mapping[str, str]
    yes_no: Mapping[str, bool]
    approximate: tuple[str, ...]
    year: tuple[str, ...]
    blank: frozenset[str]
    none: frozenset[str]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Vocabulary:
        """Read the pack's `words.yaml`. Raises ValueError if one word would mean two things."""
        months: dict[str, int] = {}
        for number, names in data["months"].items():
            _agree(months, names, int(number))
        full = dict(months)
        # Any beginning that can mean one month only is an abbreviation of it.
        for length in range(3, max(map(len, full))):
            for start in {name[:length] for name in full if len(name) > length}:
                meant = {month for name, month in full.items() if name.startswith(start)}
                if len(meant) == 1 and start not in full:
                    months[start] = meant.pop()
        _agree(months, data.get("month_numerals", ()), None)
        sex: dict[str, str] = {}
        for code, names in data["sex"].items():
            _agree(sex, names, str(code))
        yes_no: dict[str, bool] = {}
        _agree(yes_no, data["yes"], True)
        _agree(yes_no, data["no"], False)
        return cls(
            months=months,
            sex=sex,
            yes_no=yes_no,
            # Longest first, so that “rreth vitit” is not cut to “vitit”.
            approximate=_longest_first(data["approximate"]),
            year=_longest_first(data["year"]),
            blank=frozenset(fold_sign(word) for word in data["blank"]) | {""},
            none=frozenset(fold_sign(word) for word in data["none"]),
        )

    def is_blank(self, text: str) -> bool:
        """Did somebody write “nothing here”?"""
        return fold_sign(text) in self.blank


def _agree(into: dict[str, Any], words: Iterable[str], meaning: Any) -> None:
    for place, word in enumerate(words, start=1):
        meant = place if meaning is None else meaning
        if into.setdefault(fold_sign(str(word)), meant) != meant:
            raise ValueError(
                f"the word {word!r} would mean both {into[fold_sign(str(word))]!r} and {meant!r}"
            )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({fold_sign(str(word)) for word in words}, key=lambda word: (-len(word), word)))


class PlaceNames:
    """Finds a municipality by any of its names, in any language and script.

    A name that two municipalities share finds neither: the list goes back to be made clear.
    """

    def __init__(self, places: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._codes: dict[str, str | None] = {}
        for code, names in places:
            for name in (code, *names):
                known = self._codes.setdefault(fold(name), code)
                if known != code:
                    self._codes[fold(name)] = None

    def __call__(self, name: str, /) -> str | None:
        """The code of the place; of “Pejë/Peć” when both sides name the same one."""
        whole = self._codes.get(fold(name))
        if whole is not None:
            return whole
        sides = {self._codes.get(fold(side)) for side in name.split("/")}
        return sides.pop() if len(sides) == 1 else None
