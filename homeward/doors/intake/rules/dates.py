"""Days, months and years in every style the offices were seen to use. What can mean two days is refused."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta

from homeward.doors.intake.rules.faults import CellRefused, Fault, warning
from homeward.doors.intake.rules.lines import Value
from homeward.doors.intake.rules.setting import Setting, Surroundings
from homeward.doors.intake.rules.words import Vocabulary, fold
from homeward.foundation.kernel.dates import PartialDate

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


def partial_date(
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
        said.append(warning("serial_read", date=PartialDate.of(day_meant)))
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
    if not text or (text[0].isdigit() and text[-1].isdigit()):
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
        first=_known(year, second, first, False, setting),
        second=_known(year, first, second, False, setting),
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


def day(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> date:
    found = partial_date(value, text, setting, around, said)
    if found.day is None or found.approximate:
        raise CellRefused("day_needed")
    return found.earliest


def year(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> PartialDate:
    """A column that holds years only: a year of five digits is a slip, never a day number."""
    rest, guessed = _without_prefix(text, around.words)
    match = _YEAR.fullmatch(rest)
    if isinstance(value, (bool, date, time, timedelta)) or match is None:
        raise CellRefused("not_a_year", first=setting.earliest_year, last=around.today.year)
    return partial_date(str(match[1]) + ("?" if guessed else ""), text, setting, around, said)
