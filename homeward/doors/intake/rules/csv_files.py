"""CSV, however its letters and separators are written."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from homeward.doors.intake.rules.faults import FileRefused, warning
from homeward.doors.intake.rules.lines import CHUNK, TOP_LINES, Limits, Line, Sheet, Table, cell_name

DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


def open_text(file: BinaryIO, start: bytes, limits: Limits) -> Table:
    encoding, guessed = _encoding(file, start)
    warnings = (warning("letters_guessed", encoding=encoding.upper()),) if guessed else ()
    wrapper = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        top = wrapper.read(CHUNK)
    finally:
        wrapper.detach()
    if told := _SEP.match(top):
        delimiters: tuple[str, ...] = (told[1],)
    else:
        delimiters = tuple(sign for sign in DELIMITERS if sign in top) or (",",)
    skip = told.end() if told else 0

    def reading(delimiter: str) -> Sheet:
        def lines() -> Iterator[Line]:
            return _csv_lines(file, encoding, delimiter, skip, limits)

        return Sheet("", lines, delimiter=delimiter)

    return Table("csv", tuple(reading(sign) for sign in delimiters), encoding, warnings)


def _csv_lines(file: BinaryIO, encoding: str, delimiter: str, skip: int, limits: Limits) -> Iterator[Line]:
    file.seek(0)
    wrapper = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        wrapper.read(skip)
        reader = csv.reader(wrapper, delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise FileRefused("line_too_long", cell=cell_name(number, 0)) from error
            if number > limits.rows + TOP_LINES:
                raise FileRefused("too_many_rows", cell=cell_name(number, 0), limit=limits.rows)
            if len(values) > limits.columns and any(value.strip() for value in values[limits.columns :]):
                raise FileRefused(
                    "too_many_columns", cell=cell_name(number, limits.columns), limit=limits.columns
                )
            yield Line(number, values)
    finally:
        wrapper.detach()


def _encoding(file: BinaryIO, start: bytes) -> tuple[str, bool]:
    """How the letters are written, and whether that is a guess."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = [("utf-16", False)]
    elif start.startswith(codecs.BOM_UTF8):
        candidates = [("utf-8-sig", False)]
    elif b"\0" in start:
        # UTF-16 without its mark: every other byte of a Latin text is zero, and always on the same side.
        even, odd = start[0::2].count(0), start[1::2].count(0)
        if max(even, odd) < len(start) * 0.15 or min(even, odd) > max(even, odd) * 0.1:
            raise FileRefused("not_a_table", kind=_("something else"))
        candidates = [("utf-16-le" if odd > even else "utf-16-be", True)]
    else:
        candidates = [("utf-8", False), (_old_windows_letters(start), True)]
    for encoding, guessed in candidates:
        if _decodes(file, encoding):
            return encoding, guessed
    raise FileRefused("unknown_letters")


def _old_windows_letters(start: bytes) -> str:
    """Central European or Cyrillic? In Latin text a marked letter rarely stands beside another one."""
    runs = re.findall(rb"[\xc0-\xff]+", start)
    inside = sum(len(run) for run in runs if len(run) > 2)
    return "cp1251" if inside * 2 > sum(map(len, runs)) else "cp1250"


_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            # A stray control sign happens; a text full of them is none.
            if "\0" in text or len(_CONTROLS.findall(text)) > 20 + len(text) // 50:
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True
