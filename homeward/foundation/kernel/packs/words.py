"""The same thing said in several languages, and Serbian in either of its scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import get_language

_LATIN = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "đ",
            "e",
            "ž",
            "z",
            "i",
            "j",
            "k",
            "l",
            "lj",
            "m",
            "n",
            "nj",
            "o",
            "p",
            "r",
            "s",
            "t",
            "ć",
            "u",
            "f",
            "h",
            "c",
            "č",
            "dž",
            "š",
        ],
        strict=True,
    )
)


class Words(Mapping[str, str]):
    """One text in every language of a pack. `str()` gives it in the language of whoever reads it.

    Equal to a plain dict with the same content, and stored as one: `dict(words)`.
    """

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, str]) -> None:
        if not by_language:
            raise ValueError("a text in no language is no text")
        self._by_language = dict(by_language)

    def in_language(self, language: str | None = None) -> str:
        """The text in this language (the reader's, if not said), or as near to it as there is.

        Serbian in Latin script is made from the Cyrillic; failing all, English or the first language.
        """
        wanted = (language or get_language() or "en").lower()
        plain, _, variant = wanted.partition("-")
        if wanted in self._by_language:
            return self._by_language[wanted]
        if plain in self._by_language:
            text = self._by_language[plain]
            return in_latin(text) if variant.startswith("latn") or variant == "latin" else text
        return self._by_language.get("en") or next(iter(self._by_language.values()))

    def __getitem__(self, language: str) -> str:
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_language)

    def __len__(self) -> int:
        return len(self._by_language)

    def __str__(self) -> str:
        return self.in_language()

    def __hash__(self) -> int:
        return hash(frozenset(self._by_language.items()))

    def __repr__(self) -> str:
        return f"Words({self._by_language!r})"


def in_latin(text: str) -> str:
    """Serbian Cyrillic in Latin letters, one sign after the other; everything else stays as it is.

    ЉУБАВ becomes LJUBAV and Љубав becomes Ljubav: a capital pair has a small second letter unless the word
    around it is in capitals.
    """
    written: list[str] = []
    for place, sign in enumerate(text):
        small = _LATIN.get(sign.lower())
        if small is None:
            written.append(sign)
        elif sign == sign.lower():
            written.append(small)
        elif len(small) > 1 and _among_capitals(text, place):
            written.append(small.upper())
        else:
            written.append(small.capitalize())
    return "".join(written)


def _among_capitals(text: str, place: int) -> bool:
    """Is this letter in a word of capitals? The letter behind it says; at the end of a word, the one before."""
    behind = text[place + 1 : place + 2]
    return behind.isupper() if behind.isalpha() else text[max(place - 1, 0) : place].isupper()
