"""Opening what an office sends: is it a table at all, how is it written, and what stands in each line.

The name of a file says nothing here; only its content does. Nothing in a file is run, followed or believed:
sizes are measured while unpacking, formulas are found and never computed, and a table that is wider or longer
than any list of people is turned away before it is read into memory.

Lines come one at a time, so a list of a hundred thousand rows needs no more memory than one of a hundred.
"""

from __future__ import annotations

import codecs
import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from homeward.doors.intake.rules.faults import Fault, FileRefused, warning

Value = str | float | int | bool | date | datetime | time | timedelta | None

CHUNK = 1 << 16
DELIMITERS = (",", ";", "\t", "|")
# Where a list of people begins: letterheads above it are never longer than this.
TOP_LINES = 40

_SEP = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = (
    (b"%PDF", _("a PDF document")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"GIF8", _("a picture")),
    (b"{\\rtf", _("a text document")),
    (b"\x1f\x8b", _("a packed archive")),
    (b"Rar!", _("a packed archive")),
    (b"7z\xbc\xaf", _("a packed archive")),
    (b"SQLite format 3", _("a database")),
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a list may be."""

    megabytes: int = 20
    unpacked_megabytes: int = 200
    columns: int = 50
    rows: int = 100_000
    parts: int = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number as the spreadsheet shows it, and what stands in it from column A on."""

    number: int
    values: Sequence[Value]

    def is_empty(self) -> bool:
        """Is there nothing but blanks?"""
        return all(value is None or (isinstance(value, str) and not value.strip()) for value in self.values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One way of reading a file as a table: a sheet of a workbook, or a CSV with one kind of separator."""

    name: str
    lines: Callable[[], Iterator[Line]]
    formulas: frozenset[tuple[int, int]] = frozenset()  # (line from 1, column from 0)
    errors: frozenset[tuple[int, int]] = frozenset()
    hidden_lines: frozenset[int] = frozenset()
    refusal: Fault | None = None  # why this sheet cannot be read, though perhaps another one can
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read as a table."""

    kind: str  # "xlsx" or "csv"
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    warnings: tuple[Fault, ...] = ()


def cell_name(line: int, column: int) -> str:
    """How a spreadsheet calls a cell: line 7, column 2 (from 0) → C7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line}"


def open_table(file: BinaryIO, limits: Limits | None = None) -> Table:
    """Read what kind of table a file is. The file must stay open while its lines are read.

    Raises FileRefused when it is none, too large, locked or damaged.
    """
    limits = limits or Limits()
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise FileRefused("empty_file")
    if size > limits.megabytes * 1_000_000:
        raise FileRefused("too_large", limit=limits.megabytes)
    start = file.read(CHUNK)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return _open_workbook(file, limits)
    _refuse_other_kinds(start, file)
    return _open_text(file, start, limits)


def _refuse_other_kinds(start: bytes, file: BinaryIO) -> None:
    if start.startswith(_OLE):
        whole = file.read()
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in whole:
            raise FileRefused("password")
        if "WordDocument".encode("utf-16-le") in whole:
            raise FileRefused("not_a_table", kind=_("a text document"))
        raise FileRefused("old_excel")
    for magic, kind in _KINDS:
        if start.startswith(magic):
            raise FileRefused("not_a_table", kind=kind)
    opening = start.lstrip(codecs.BOM_UTF8).lstrip()[:200].lower()
    if opening.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta")):
        raise FileRefused("not_a_table", kind=_("a web page"))


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────


def _open_text(file: BinaryIO, start: bytes, limits: Limits) -> Table:
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


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Survey:
    """What the XML of one sheet tells that the reader of values does not."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_line: int = 0
    last_column: int = -1


def _open_workbook(file: BinaryIO, limits: Limits) -> Table:
    try:
        return _read_workbook(file, limits)
    except (zipfile.BadZipFile, CalamineError, expat.ExpatError, KeyError, EOFError, OSError) as error:
        raise FileRefused("damaged") from error
    except (NotImplementedError, RuntimeError) as error:  # zipfile: unknown packing, or a password
        raise FileRefused("password") from error


def _read_workbook(file: BinaryIO, limits: Limits) -> Table:
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise FileRefused("not_a_table", kind=_packed_kind(archive, names))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise FileRefused("macros")
        _measure(archive, limits)
        listed = _listed_sheets(archive)
        surveys = {name: _survey(archive, part, limits) for name, part, _state in listed if part in names}
    file.seek(0)
    workbook = CalamineWorkbook.from_filelike(file)
    warnings = tuple(
        Fault(hidden.code, sheet=name, weight=hidden.weight)
        for name, _part, state in listed
        if state != "visible"
        for hidden in [warning("hidden_sheet")]
    )
    sheets = tuple(
        _sheet(workbook, name, surveys[name], limits)
        for name, _part, state in listed
        if state == "visible" and name in surveys
    )
    return Table("xlsx", sheets, warnings=warnings)


def _packed_kind(archive: zipfile.ZipFile, names: set[str]) -> Any:
    if "word/document.xml" in names:
        return _("a text document")
    if "xl/workbook.bin" in names:
        return _("a workbook in Excel's binary form")
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        if b"spreadsheet" in archive.read("mimetype"):
            return _("an OpenDocument table")
        return _("an OpenDocument file")
    return _("a packed archive")


def _measure(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Unpack everything once without keeping it: what a packed file says about its size need not be true."""
    parts = archive.infolist()
    most = limits.unpacked_megabytes * 1_000_000
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > most:
        raise FileRefused("swollen", limit=limits.unpacked_megabytes)
    left = most
    for part in parts:
        with archive.open(part) as unpacked:
            while chunk := unpacked.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise FileRefused("swollen", limit=limits.unpacked_megabytes)


def _parse(archive: zipfile.ZipFile, part: str, started: Callable[[str, dict[str, str]], None]) -> None:
    """Go through one XML part, telling `started` of every element by its name without prefix."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: started(name.rpartition(":")[2], attributes)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(part) as xml:
        while chunk := xml.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _refuse_doctype(*_declared: object) -> None:
    # No office program writes one; only somebody who wants to read or swell something does.
    raise FileRefused("damaged")


def _listed_sheets(archive: zipfile.ZipFile) -> list[tuple[str, str, str]]:
    """(name, part, state) of every sheet, in the order of the tabs."""
    targets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            absolute = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(absolute)

    sheets: list[tuple[str, str, str]] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((attributes["name"], targets.get(link, ""), attributes.get("state", "visible")))

    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    _parse(archive, "xl/workbook.xml", sheet)
    return sheets


_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _place(ref: str) -> tuple[int, int]:
    match = _PLACE.fullmatch(ref)
    if match is None:
        raise FileRefused("damaged")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def _survey(archive: zipfile.ZipFile, part: str, limits: Limits) -> _Survey:
    found = _Survey()
    line = 0
    column = -1

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal line, column
        if name == "c":
            if "r" in attributes:
                line, column = _place(attributes["r"])
            else:
                column += 1
            if attributes.get("t") == "e":
                found.errors.add((line, column))
        elif name in ("v", "is", "f"):
            found.last_line = max(found.last_line, line)
            found.last_column = max(found.last_column, column)
            if name == "f":
                found.formulas.add((line, column))
        elif name == "row":
            line = int(attributes["r"]) if "r" in attributes else line + 1
            column = -1
            if attributes.get("hidden") in ("1", "true"):
                found.hidden.add(line)
        elif name == "mergeCell":
            first, _colon, last = attributes.get("ref", "").partition(":")
            if last:
                found.merged.append((*_place(first), *_place(last)))

    _parse(archive, part, started)
    return found


def _sheet(workbook: CalamineWorkbook, name: str, survey: _Survey, limits: Limits) -> Sheet:
    refusal: Fault | None = None
    if survey.last_line > limits.rows + TOP_LINES:
        refusal = Fault(
            "too_many_rows", {"limit": limits.rows}, sheet=name, cell=cell_name(survey.last_line, 0)
        )
    elif survey.last_column >= limits.columns:
        cell = cell_name(1, survey.last_column)
        refusal = Fault("too_many_columns", {"limit": limits.columns}, sheet=name, cell=cell)
    # One cell over several lines of one column is meant for each of them ("Family no." of a whole family).
    spread = {
        (line, column): first
        for first, column, last, last_column in survey.merged
        if column == last_column and last - first < 1_000
        for line in range(first + 1, last + 1)
    }

    def lines() -> Iterator[Line]:
        if refusal is not None:
            raise FileRefused(refusal.code, sheet=name, cell=refusal.cell, **refusal.params)
        return _sheet_lines(workbook.get_sheet_by_name(name), spread)

    return Sheet(
        name,
        lines,
        formulas=frozenset(survey.formulas),
        errors=frozenset(survey.errors),
        hidden_lines=frozenset(survey.hidden),
        refusal=refusal,
    )


def _sheet_lines(sheet: CalamineSheet, spread: dict[tuple[int, int], int]) -> Iterator[Line]:
    if sheet.start is None:
        return
    offset: list[Value] = [None] * sheet.start[1]
    last: dict[int, Value] = {}
    spread_columns = {column for _line, column in spread}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        values: list[Value] = offset + [None if value == "" else value for value in row]
        for column in spread_columns:
            if column >= len(values):
                continue
            if (number, column) in spread and values[column] is None:
                values[column] = last.get(column)
            last[column] = values[column]
        yield Line(number, values)
