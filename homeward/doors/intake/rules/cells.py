"""Reading one cell: what an office wrote, in its own way, as a value everybody understands alike.

Every reader takes what stands in the cell and either gives a value or raises CellRefused with the reason.
Nothing is guessed silently: what can mean two things is refused, unless the mapping of that office says which
of the two it means; what was mended (invisible characters, day numbers) comes with a warning.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from homeward.doors.intake.rules.faults import CellRefused, Fault, warning
from homeward.doors.intake.rules.tables import Value
from homeward.doors.intake.rules.words import Vocabulary, fold, fold_sign
from homeward.foundation.kernel.dates import PartialDate

LONGEST_TEXT = 500
LONGEST_NAME = 100


class Places(Protocol):
    """Finds a municipality by any of its names."""

    def __call__(self, name: str, /) -> str | None:
        """The code of the place, or None when there is none of that name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the cells of one column are to be read. All of it is data of the mapping."""

    order: str = ""  # what 2/11/1992 means here: "dmy" or "mdy"; unsaid, such a date is refused
    two_digit_years: int | None = None  # 92 is 1992 and 17 is 2017, if this is 30; unsaid, both are refused
    earliest_year: int = 1900
    future: bool = False  # may it lie after today?
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # code → what offices write for it
    open_choices: bool = False  # other words are kept as they are written
    pattern: str = (
        ""  # of a name in one column: "{surname} ({father}) {given}"; of a code: a regular expression
    )
    example: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    decimal: str = ""  # the sign before the cents, where 1,234 could be both


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader of cells may ask: the words of the country, its municipalities, and what day it is."""

    words: Vocabulary
    place: Places
    today: date


Reader = Callable[[Value, str, Setting, Surroundings, list[Fault]], Any]


def read_cell(value: Value, kind: str, setting: Setting, around: Surroundings) -> tuple[Any, list[Fault]]:
    """The value of a cell and the warnings about it; None when nobody wrote anything.

    Raises CellRefused when it cannot be taken over. `kind` is a name in READERS.
    """
    said: list[Fault] = []
    text, hidden = clean(as_text(value))
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


# ── what stands there ────────────────────────────────────────────────────────────────────────────────────

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile(r"\s+")


def as_text(value: Value) -> str:
    """What stands in a cell, as text: days as 2019-04-20, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def clean(text: str) -> tuple[str, list[str]]:
    """The text with plain spaces, in composed letters, without what nobody can see; and what was taken out."""
    composed = unicodedata.normalize("NFC", text)
    out = sorted({*_INVISIBLE.findall(composed), *_CONTROL.findall(composed)})
    if out:
        composed = _CONTROL.sub("", _INVISIBLE.sub("", composed))
    return _SPACES.sub(" ", composed).strip(), [f"U+{ord(sign):04X}" for sign in out]


_PLAIN_SIGNED = re.compile(r"[+-][\d\s.,()/€%-]*")
_FORMULA_LIKE = re.compile(r"[+-].*(\w\(|[A-Z]{1,3}\$?\d|!|\|)", re.IGNORECASE | re.DOTALL)


def is_formula(text: str) -> bool:
    """Would a spreadsheet compute this when it opens the list, instead of showing it?

    A telephone number (+383 …), a negative amount and a dash before words are none.
    """
    if text.startswith("="):
        return len(text) > 1
    if text.startswith("@"):
        return re.match(r"@\w+\(", text) is not None or re.match(r"@[A-Z]{1,3}\d", text) is not None
    if text.startswith(("+", "-")):
        return not _PLAIN_SIGNED.fullmatch(text) and _FORMULA_LIKE.match(text) is not None
    return False


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────


def _text(_value: Value, text: str, _setting: Setting, _around: Surroundings, _said: list[Fault]) -> str:
    if len(text) > LONGEST_TEXT:
        raise CellRefused("too_long", limit=LONGEST_TEXT)
    return text


def _code(_value: Value, text: str, setting: Setting, _around: Surroundings, _said: list[Fault]) -> str:
    if setting.pattern and not re.fullmatch(setting.pattern, text):
        raise CellRefused("code_pattern", expected=setting.example or setting.pattern)
    return _text(_value, text, setting, _around, _said)


_NAME_SIGNS = " -'’.`´ʼ"
_NAME_BREAK = re.compile(r"([ '’`´ʼ.-])")


def name(text: str, said: list[Fault]) -> str:
    """A name as people write it: DERVISHI → Dervishi; refused when it holds what no name does."""
    if len(text) > LONGEST_NAME:
        raise CellRefused("too_long", limit=LONGEST_NAME)
    strange = sorted({c for c in text if not (c in _NAME_SIGNS or unicodedata.category(c)[0] in "LM")})
    if strange:
        raise CellRefused("not_a_name", characters=" ".join(f"“{sign}”" for sign in strange))
    if not any(c.isalpha() for c in text):
        raise CellRefused("not_a_name", characters=f"“{text}”")
    if any(_mixed(word) for word in text.split()):
        said.append(warning("mixed_scripts"))
    if text.isupper() and sum(c.isalpha() for c in text) > 1:
        return "".join(
            part if _NAME_BREAK.fullmatch(part) else part[:1] + part[1:].lower()
            for part in _NAME_BREAK.split(text)
        )
    return text


def _mixed(word: str) -> bool:
    scripts = {unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts


def _name(_value: Value, text: str, _setting: Setting, _around: Surroundings, said: list[Fault]) -> str:
    return name(text, said)


def _full_name(
    _value: Value, text: str, setting: Setting, _around: Surroundings, said: list[Fault]
) -> dict[str, str]:
    match = name_pattern(setting.pattern).fullmatch(text)
    if match is None:
        raise CellRefused("name_pattern", expected=setting.example or setting.pattern)
    return {part: name(written.strip(), said) for part, written in match.groupdict().items() if written}


_PART = re.compile(r"\((\{\w+\})\)|\{(\w+)\}|([^\s{}()]+)|\s+")
_ONE_WORD, _WORDS = r"[^(),\s]+", r"[^(),]+?"


def name_pattern(pattern: str) -> re.Pattern[str]:
    """“{surname} ({father}) {given}” as an expression that finds the three parts.

    Where only a space stands between two parts, the first of them is one word and the other takes the rest.
    What stands in brackets may be missing.
    """
    expression = ""
    for part in _PART.finditer(pattern.strip()):
        bracketed, plain, sign = part.groups()
        if bracketed:
            expression = expression.removesuffix(r"\s+")
            expression += rf"(?:\s*\(\s*(?P<{bracketed[1:-1]}>{_WORDS})\s*\)\s*|\s+)"
        elif plain:
            only_space_follows = re.match(r"\s+\{", pattern.strip()[part.end() :])
            expression += rf"(?P<{plain}>{_ONE_WORD if only_space_follows else _WORDS})"
        elif sign:
            expression = expression.removesuffix(r"\s+") + rf"\s*{re.escape(sign)}\s*"
        elif not expression.endswith((r"\s*", r"\s+)")):
            expression += r"\s+"
    return re.compile(expression)


def _choice(
    _value: Value, text: str, setting: Setting, around: Surroundings, _said: list[Fault]
) -> str | None:
    word = fold_sign(text)
    for code, written in setting.choices.items():
        if word == fold_sign(code) or word in {fold_sign(known) for known in written}:
            return code
    if around.words.is_blank(text):
        return None
    if setting.open_choices:
        return _text(_value, text, setting, around, _said)
    raise CellRefused("unknown_word", word=text, expected=", ".join(_first_words(setting)))


def _first_words(setting: Setting) -> list[str]:
    return [written[0] if written else code for code, written in setting.choices.items()]


def _list(
    value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]
) -> tuple[str, ...]:
    parts = [part.strip(" .") for part in re.split(r"[,;/\n+]", text)]
    items = [
        part for part in parts if fold_sign(part) not in around.words.none and not around.words.is_blank(part)
    ]
    if setting.choices:
        chosen = [_choice(value, item, setting, around, said) for item in items]
        return tuple(dict.fromkeys(item for item in chosen if item))
    return tuple(dict.fromkeys(_text(value, item, setting, around, said) for item in items))


def _sex(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> str:
    try:
        return around.words.sex[fold_sign(text)]
    except KeyError:
        raise CellRefused("not_a_sex") from None


def _yes_no(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> bool:
    try:
        return around.words.yes_no[fold_sign(text)]
    except KeyError:
        raise CellRefused("not_yes_or_no") from None


def _place(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> str:
    code = around.place(text)
    if code is None:
        raise CellRefused("unknown_place")
    return code


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(r"(?P<sign>[+\-−]?)(?P<digits>\d[\d.,' ]*)")
_MONEY_SIGNS = re.compile(r"^(€|eur[oi]?\b)\s*|\s*(€|\beur[oi]?)\.?$", re.IGNORECASE)


def _decimal(value: Value, text: str, setting: Setting, _around: Surroundings, _said: list[Fault]) -> Decimal:
    if isinstance(value, (bool, date, time, timedelta)):
        raise CellRefused("not_a_number")
    number = Decimal(str(value)) if isinstance(value, (int, float)) else _written_number(text, setting)
    if setting.least is not None and number < setting.least:
        raise CellRefused("below", limit=setting.least)
    if setting.most is not None and number > setting.most:
        raise CellRefused("above", limit=setting.most)
    return number


def _written_number(text: str, setting: Setting) -> Decimal:
    match = _NUMBER.fullmatch(_MONEY_SIGNS.sub("", text))
    if match is None:
        raise CellRefused("not_a_number")
    digits = match["digits"].replace(" ", "").replace("'", "")
    marks = re.findall(r"[.,]", digits)
    mark = setting.decimal
    if len(marks) > 1 and len(set(marks)) == 2:
        mark = marks[-1]  # the last of two different signs stands before the cents
        if marks[:-1] != [marks[0]] * (len(marks) - 1):
            raise CellRefused("not_a_number")
    elif len(marks) > 1:
        mark = "," if marks[0] == "." else "."  # twice the same sign: thousands
    elif marks and not mark:
        if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
            first, second = digits.replace(marks[0], ""), digits.replace(",", ".")
            raise CellRefused("ambiguous_number", first=first, second=second)
        mark = marks[0]
    thousands = {",": ".", ".": ","}.get(mark, "")
    whole, _mark, cents = digits.partition(mark) if mark else (digits, "", "")
    if thousands and thousands in whole and not re.fullmatch(rf"\d{{1,3}}(\{thousands}\d{{3}})+", whole):
        raise CellRefused("not_a_number")
    if thousands and thousands in cents:
        raise CellRefused("not_a_number")
    try:
        number = Decimal(f"{whole.replace(thousands, '') if thousands else whole}.{cents or '0'}")
    except InvalidOperation:
        raise CellRefused("not_a_number") from None
    return -number if match["sign"] in ("-", "−") else number


def _integer(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> int:
    number = _decimal(value, text.removesuffix("."), setting, around, said)
    if number != number.to_integral_value():
        raise CellRefused("not_whole")
    return int(number)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────

_ISO = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?\.?(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NUMERIC = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\.?(?:[T ]00:00(?::00)?)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})\.?")
_DAY_WORD_YEAR = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]*(?:of\s+)?([^\W\d_]+)[\s.,/-]*(\d{4}|\d{2})\.?"
)
_WORD_DAY_YEAR = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?[\s,.]+(\d{4})\.?")
_WORD_YEAR = re.compile(r"([^\W\d_]+)[\s.,/-]*(\d{4}|\d{2})\.?")
_YEAR = re.compile(r"(\d{4})\.?")
_SERIAL_EPOCH = date(1899, 12, 30)
# Day numbers of 1930 to 2064. Between them lie the mistyped years 19xxx and 20xxx, which are refused.
_SERIALS = range(10_959, 60_268)
_FIVE_DIGIT_YEARS = range(19_000, 21_000)


def _partial_date(
    value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]
) -> PartialDate:
    if isinstance(value, datetime):
        found = PartialDate.of(value.date())
    elif isinstance(value, date):
        found = PartialDate.of(value)
    elif isinstance(value, (bool, time, timedelta)):
        raise CellRefused("not_a_date")
    else:
        found = _written_date(text, setting, around, said)
    last = around.today.year + (100 if setting.future else 0)
    if not setting.earliest_year <= found.year <= last:
        if found.year > last:
            raise CellRefused("in_the_future")
        raise CellRefused("not_a_year", first=setting.earliest_year, last=last)
    if not setting.future and found.earliest > around.today:
        raise CellRefused("in_the_future")
    return found


def _written_date(text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> PartialDate:
    rest, guessed = _without_prefix(text, around.words)
    if match := _YEAR.fullmatch(rest):
        return _known(match[1], None, None, guessed, setting)
    if match := _ISO.fullmatch(rest):
        return _known(match[1], match[2], match[3], guessed, setting)
    if match := _NUMERIC.fullmatch(rest):
        day, month = _day_and_month(match[1], match[2], match[3], match[4], setting)
        return _known(match[4], month, day, guessed, setting)
    if match := _MONTH_YEAR.fullmatch(rest):
        return _known(match[2], match[1], None, guessed, setting)
    if match := _DAY_WORD_YEAR.fullmatch(rest):
        return _known(match[3], _month(match[2], around.words), match[1], guessed, setting)
    if match := _WORD_DAY_YEAR.fullmatch(rest):
        return _known(match[3], _month(match[1], around.words), match[2], guessed, setting)
    if match := _WORD_YEAR.fullmatch(rest):
        return _known(match[2], _month(match[1], around.words), None, guessed, setting)
    if rest.isdecimal() and rest.isascii() and len(rest) == 5:
        number = int(rest)
        if number in _FIVE_DIGIT_YEARS or number not in _SERIALS:
            raise CellRefused("serial_unclear")
        day_meant = _SERIAL_EPOCH + timedelta(days=number)
        said.append(warning("serial_read", date=day_meant.isoformat()))
        return PartialDate(day_meant.year, day_meant.month, day_meant.day, guessed)
    raise CellRefused("not_a_date")


def _without_prefix(text: str, words: Vocabulary) -> tuple[str, bool]:
    """The date without “about” and “year”, and whether somebody said “about”."""
    rest, guessed = text.strip(), False
    changed = True
    while changed and rest:
        changed = False
        if rest.endswith("?") and len(rest) > 1:
            rest, guessed, changed = rest[:-1].rstrip(), True, True
        if rest.startswith("(") or rest.endswith(")"):
            rest, changed = rest.replace("(", " ").replace(")", " ").strip(), True
        for known, says_about in ((words.approximate, True), (words.year, False)):
            cut = _cut(rest, known)
            if cut != rest:
                rest, guessed, changed = cut, guessed or says_about, True
    return rest, guessed


def _cut(text: str, known: tuple[str, ...]) -> str:
    if text[0].isdigit() and text[-1].isdigit():
        return text  # nearly all dates: no word on either side
    first, _space, after = text.partition(" ")
    before, _space, last = text.rpartition(" ")
    for word in known:
        if not word[0].isalnum():
            if text.startswith(word):
                return text[len(word) :].strip()
            continue
        # "ca.1996" has no space; "rreth vitit" is two words and is cut in two steps or as one.
        if fold(first) == word and after:
            return after.strip()
        if fold(last) == word and before:
            return before.strip()
        glued = re.match(r"([^\W\d_]+)\.?(?=\d)", text)
        if glued and fold(glued[1]) == word:
            return text[glued.end() :]
    return text


def _day_and_month(first: str, sign: str, second: str, year: str, setting: Setting) -> tuple[str, str]:
    if setting.order == "mdy" and int(first) <= 12:
        return second, first
    if setting.order == "dmy" or sign == "." or int(first) > 12 or first == second:
        return first, second
    if int(second) > 12:
        return second, first
    raise CellRefused(
        "ambiguous_date",
        first=f"{year}-{int(second):02}-{int(first):02}",
        second=f"{year}-{int(first):02}-{int(second):02}",
    )


def _month(word: str, words: Vocabulary) -> str:
    try:
        return str(words.months[fold(word)])
    except KeyError:
        raise CellRefused("not_a_date") from None


def _known(year: str, month: str | None, day: str | None, guessed: bool, setting: Setting) -> PartialDate:
    if len(year) == 2:
        if setting.two_digit_years is None:
            raise CellRefused("two_digit_year")
        full = int(year) + (2000 if int(year) <= setting.two_digit_years else 1900)
    else:
        full = int(year)
    if full < 1000:
        raise CellRefused("not_a_date")
    # 00.00.1992 and 0.11.1992 are how many registers say "not known".
    month_number = int(month) if month and int(month) else None
    day_number = int(day) if day and int(day) and month_number else None
    if month_number is not None and month_number > 12:
        raise CellRefused("not_a_day")
    if day_number is not None and day_number > calendar.monthrange(full, month_number or 1)[1]:
        raise CellRefused("not_a_day")
    if day and int(day) and month_number is None:
        raise CellRefused("not_a_day")
    return PartialDate(full, month_number, day_number, guessed)


def _date(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> date:
    found = _partial_date(value, text, setting, around, said)
    if found.day is None or found.approximate:
        raise CellRefused("day_needed")
    return found.earliest


def _year(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> PartialDate:
    """A column that holds years only: a year of five digits is a slip, never a day number."""
    rest, guessed = _without_prefix(text, around.words)
    match = _YEAR.fullmatch(rest)
    if isinstance(value, (bool, date, time, timedelta)) or match is None:
        raise CellRefused("not_a_year", first=setting.earliest_year, last=around.today.year)
    return _partial_date(str(match[1]) + ("?" if guessed else ""), text, setting, around, said)


READERS: Mapping[str, Reader] = {
    "text": _text,
    "code": _code,
    "name": _name,
    "full_name": _full_name,
    "choice": _choice,
    "list": _list,
    "sex": _sex,
    "yes_no": _yes_no,
    "place": _place,
    "decimal": _decimal,
    "integer": _integer,
    "date": _date,
    "partial_date": _partial_date,
    "year": _year,
}
