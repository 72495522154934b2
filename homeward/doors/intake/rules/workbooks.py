"""XLSX workbooks: measured, looked through for what must not be believed, and only then read."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from homeward.doors.intake.rules.faults import Fault, FileRefused, warning
from homeward.doors.intake.rules.lines import CHUNK, TOP_LINES, Limits, Line, Sheet, Table, Value, cell_name


@dataclass(slots=True)
class _Survey:
    """What the XML of one sheet tells that the reader of values does not."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_line: int = 0
    last_column: int = -1


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    expat.ExpatError,
    KeyError,
    ValueError,
    EOFError,
    OSError,
)


def open_workbook(file: BinaryIO, limits: Limits) -> Table:
    try:
        return _read_workbook(file, limits)
    except _DAMAGE as error:
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
    """Unpack everything once without keeping it: what a packed file says about itself need not be true."""
    parts = archive.infolist()
    most = limits.unpacked_megabytes * 1_000_000
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > most:
        raise FileRefused("swollen", limit=limits.unpacked_megabytes)
    for part in parts:
        with archive.open(part) as unpacked:
            # A part that unpacks to more than it says does not fit its checksum.
            while unpacked.read(CHUNK):
                pass


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
        if len(found.formulas) + len(found.errors) + len(found.merged) > limits.rows:
            raise FileRefused("swollen", limit=limits.unpacked_megabytes)

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
    spread = _spread(survey, limits)

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


def _spread(survey: _Survey, limits: Limits) -> dict[tuple[int, int], int]:
    """One cell over several lines of one column is meant for each of them ("Family no." of a whole family)."""
    spread: dict[tuple[int, int], int] = {}
    for first, column, last, last_column in survey.merged:
        if column != last_column or last > survey.last_line:
            continue
        spread.update({(line, column): first for line in range(first + 1, last + 1)})
        if len(spread) > limits.rows:
            raise FileRefused("swollen", limit=limits.unpacked_megabytes)
    return spread


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
