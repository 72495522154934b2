"""Reading one cell: what an office wrote, in its own way, as a value everybody understands alike.

Every reader takes what stands in the cell and either gives a value or raises CellRefused with the reason.
Nothing is guessed silently: what can mean two things is refused, unless the mapping of that office says which
of the two it means; what was mended (invisible characters, day numbers) comes with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeward.doors.intake.rules import dates, numbers, texts
from homeward.doors.intake.rules.faults import CellRefused, Fault, warning
from homeward.doors.intake.rules.lines import Value
from homeward.doors.intake.rules.setting import Reader, Setting, Surroundings
from homeward.doors.intake.rules.texts import as_text, clean, is_formula

READERS: Mapping[str, Reader] = {
    "text": texts.plain_text,
    "code": texts.code,
    "name": texts.person_name,
    "full_name": texts.full_name,
    "choice": texts.choice,
    "list": texts.list_of,
    "sex": texts.sex,
    "yes_no": texts.yes_no,
    "place": texts.place,
    "decimal": numbers.decimal,
    "integer": numbers.integer,
    "date": dates.day,
    "partial_date": dates.partial_date,
    "year": dates.year,
}


def read_cell(value: Value, kind: str, setting: Setting, around: Surroundings) -> tuple[Any, list[Fault]]:
    """The value of a cell and the warnings about it; None when nobody wrote anything.

    Raises CellRefused when it cannot be taken over. `kind` is a name in READERS.
    """
    return read_cleaned(value, *clean(as_text(value)), kind, setting, around)


def read_cleaned(
    value: Value, text: str, hidden: list[str], kind: str, setting: Setting, around: Surroundings
) -> tuple[Any, list[Fault]]:
    """The same for a cell whose text was cleaned already (`texts.clean` gives `text` and `hidden`)."""
    said: list[Fault] = []
    if hidden:
        said.append(warning("hidden_characters", characters=", ".join(hidden)))
    if isinstance(value, str) and is_formula(text):
        raise CellRefused("formula")
    if not text:
        return None, said
    # A list may say "none", and a choice may have a word of its own for it: these two look for themselves.
    if kind not in ("list", "choice") and around.words.is_blank(text):
        return None, said
    return READERS[kind](value, text, setting, around, said), said
