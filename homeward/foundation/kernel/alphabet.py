"""The order in which a reader looks for a name: that of their own alphabet, in which Č, Dh or Џ are letters of their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import get_language

# As the two languages count their letters; letters of two signs stand for themselves.
ALPHABETS = {
    "sq": "a b c ç d dh e ë f g gj h i j k l ll m n nj o p q r rr s sh t th u v x xh y z zh",
    "sr": "а б в г д ђ е ж з и ј к л љ м н њ о п р с т ћ у ф х ц ч џ ш",
    "sr-latn": "a b c č ć d dž đ e f g h i j k l lj m n nj o p r s š t u v z ž",
}


@cache
def _places(language: str) -> dict[str, int]:
    return {letter: place for place, letter in enumerate(ALPHABETS.get(language, "").split())}


def alphabetical(text: str, language: str | None = None) -> list[tuple[int, int | str]]:
    """A key for sorting: "Đakovica" stands after "Dragaš" for whoever reads Serbian in Latin letters.

    `language` is the reader's, if not said. Signs that are no letters of its alphabet come first, as PostgreSQL and Python
    order them.
    """
    wanted = (language or get_language() or "").lower()
    places = _places(wanted if wanted in ALPHABETS else wanted.partition("-")[0])
    return list(_letters(text.casefold(), places))


def _letters(text: str, places: dict[str, int]) -> Iterator[tuple[int, int | str]]:
    at = 0
    while at < len(text):
        for length in (2, 1):
            if (place := places.get(text[at : at + length])) is not None:
                yield 1, place
                at += length
                break
        else:
            yield 0, text[at]
            at += 1


class _ByName(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]
    """What can be chosen, in the order of the reader's alphabet."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from sorted(
            (self.choice(one) for one in self.queryset.all()), key=lambda one: alphabetical(str(one[1]))
        )


class NamedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among places or offices, which a reader looks for by their first letter."""

    iterator = _ByName

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", "—")
        super().__init__(*args, **kwargs)
