"""What stands in a cell as text, cleaned; and names, choices, lists, sexes, yes and no."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time

from homeward.doors.intake.rules.faults import CellRefused, Fault, warning
from homeward.doors.intake.rules.lines import Value
from homeward.doors.intake.rules.setting import Setting, Surroundings
from homeward.doors.intake.rules.words import fold_sign

LONGEST_TEXT = 500
LONGEST_NAME = 100


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


def plain_text(_value: Value, text: str, _setting: Setting, _around: Surroundings, _said: list[Fault]) -> str:
    if len(text) > LONGEST_TEXT:
        raise CellRefused("too_long", limit=LONGEST_TEXT)
    return text


def code(_value: Value, text: str, setting: Setting, _around: Surroundings, _said: list[Fault]) -> str:
    if setting.pattern and not re.fullmatch(setting.pattern, text):
        raise CellRefused("code_pattern", expected=setting.example or setting.pattern)
    return plain_text(_value, text, setting, _around, _said)


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


def person_name(_value: Value, text: str, _setting: Setting, _around: Surroundings, said: list[Fault]) -> str:
    return name(text, said)


def full_name(
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


def choice(
    _value: Value, text: str, setting: Setting, around: Surroundings, _said: list[Fault]
) -> str | None:
    _refuse_doubt(text.strip("?") and text)
    word = fold_sign(text)
    for code, written in setting.choices.items():
        if word == fold_sign(code) or word in {fold_sign(known) for known in written}:
            return code
    if around.words.is_blank(text):
        return None
    if setting.open_choices:
        return plain_text(_value, text, setting, around, _said)
    raise CellRefused("unknown_word", word=text, expected=", ".join(_first_words(setting)))


def _first_words(setting: Setting) -> list[str]:
    return [written[0] if written else code for code, written in setting.choices.items()]


def list_of(
    value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]
) -> tuple[str, ...]:
    parts = [part.strip(" .") for part in re.split(r"[,;/\n+]", text)]
    items = [
        part for part in parts if fold_sign(part) not in around.words.none and not around.words.is_blank(part)
    ]
    if setting.choices:
        chosen = [choice(value, item, setting, around, said) for item in items]
        return tuple(dict.fromkeys(item for item in chosen if item))
    return tuple(dict.fromkeys(plain_text(value, item, setting, around, said) for item in items))


def _refuse_doubt(text: str) -> None:
    # Comparing words leaves signs out of account; this one changes what is said.
    if "?" in text:
        raise CellRefused("doubtful")


def sex(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> str:
    _refuse_doubt(text)
    try:
        return around.words.sex[fold_sign(text)]
    except KeyError:
        raise CellRefused("not_a_sex") from None


def yes_no(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> bool:
    _refuse_doubt(text)
    try:
        return around.words.yes_no[fold_sign(text)]
    except KeyError:
        raise CellRefused("not_yes_or_no") from None


def place(_value: Value, text: str, _setting: Setting, around: Surroundings, _said: list[Fault]) -> str:
    code = around.place(text)
    if code is None:
        raise CellRefused("unknown_place")
    return code
