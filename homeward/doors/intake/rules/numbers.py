"""Amounts and whole numbers, with comma or point."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal

from homeward.doors.intake.rules.faults import CellRefused, Fault
from homeward.doors.intake.rules.lines import Value
from homeward.doors.intake.rules.setting import Setting, Surroundings

_NUMBER = re.compile(r"(?P<sign>[+\-−]?)(?P<digits>\d[\d.,' ]*)")
_MONEY_SIGNS = re.compile(r"^(€|eur[oi]?\b)\s*|\s*(€|\beur[oi]?)\.?$", re.IGNORECASE)


def decimal(value: Value, text: str, setting: Setting, _around: Surroundings, _said: list[Fault]) -> Decimal:
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
    number = Decimal(f"{whole.replace(thousands, '') if thousands else whole}.{cents or '0'}")
    return -number if match["sign"] in ("-", "−") else number


def integer(value: Value, text: str, setting: Setting, around: Surroundings, said: list[Fault]) -> int:
    number = decimal(value, text.removesuffix("."), setting, around, said)
    if number != number.to_integral_value():
        raise CellRefused("not_whole")
    return int(number)
