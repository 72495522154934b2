"""The list as it was sent, given back with every fault marked in its cell, so that the sender can mend it there.

Nothing in the workbook can be computed by the program that opens it: every text is written as text, with the
mark that keeps it text when somebody edits the cell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from homeward.doors.intake.rules.faults import Fault, FileRefused, Weight
from homeward.doors.intake.rules.lines import Line, Sheet, Table, Value, cell_name
from homeward.doors.intake.rules.mapping import Layout
from homeward.doors.intake.rules.texts import clean

# Meaning is never in the colour alone: the comment and the second sheet say it in words.
_FILL = {
    Weight.REFUSED: PatternFill("solid", fgColor="FFF4C7C3"),
    Weight.WARNED: PatternFill("solid", fgColor="FFFFF2CC"),
}
_BOLD = Font(bold=True)
_WRAP = Alignment(wrap_text=True, vertical="top")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_CELL = 32_000


def annotate(
    table: Table | None,
    layout: Layout | None,
    faults: Iterable[Fault],
    out: BinaryIO,
    *,
    author: str = "Homeward",
    only: Collection[str] | None = None,
) -> None:
    """Write the list with its faults marked, and a sheet that lists them, as an XLSX file to `out`.

    `table` is None when the file could not be read at all: then only the list of faults is written. `only` are the fields
    whose columns are copied, every other cell stays empty; unsaid, the whole sheet is copied.
    """
    faults = list(faults)
    workbook = Workbook(write_only=True)
    if table is not None and (layout is not None or only is None):
        sheets = [layout.sheet] if layout is not None else list(table.sheets[:1])
        for sheet in sheets:
            _copy(workbook, sheet, faults, author, layout if only is not None else None, only or ())
    _list_faults(workbook, faults)
    workbook.save(out)


def safe_cell(sheet: Any, value: Value) -> Any:
    """A cell that shows a value and can never be a formula."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=clean(value)[0][:_LONGEST_CELL])
        cell.data_type = "s"  # openpyxl takes every text that begins with = for a formula
        cell.quotePrefix = True
        return cell
    cell = WriteOnlyCell(sheet, value=str(value) if isinstance(value, (time, timedelta)) else value)
    if isinstance(value, date):
        whole_day = not isinstance(value, datetime) or value.time() == time()
        cell.number_format = "yyyy-mm-dd" if whole_day else "yyyy-mm-dd hh:mm:ss"
    return cell


def _copy(
    workbook: Workbook,
    sheet: Sheet,
    faults: list[Fault],
    author: str,
    layout: Layout | None,
    only: Collection[str],
) -> None:
    """`layout` says which column is which, where only some are copied."""
    by_cell: dict[str, list[Fault]] = {}
    for fault in faults:
        if fault.cell and fault.sheet == sheet.name:
            by_cell.setdefault(fault.cell, []).append(fault)
    copy = workbook.create_sheet(_title(sheet.name or _("List")))
    for line in _readable(sheet):
        row = []
        for place, value in enumerate(_padded(line, by_cell)):
            cell = safe_cell(copy, value if layout is None or _is_copied(layout, line, place, only) else None)
            here = by_cell.get(cell_name(line.number, place))
            if here:
                worst = Weight.REFUSED if any(f.weight is Weight.REFUSED for f in here) else Weight.WARNED
                cell.fill = _FILL[worst]
                cell.comment = Comment("\n".join(str(fault.why) for fault in here), author, width=320)
            row.append(cell)
        copy.append(row)


def _is_copied(layout: Layout, line: Line, place: int, only: Collection[str]) -> bool:
    column = layout.columns[place] if place < len(layout.columns) else None
    return line.number >= layout.header_line and column is not None and column.field in only


def _readable(sheet: Sheet) -> Iterator[Line]:
    try:
        yield from sheet.lines()
    except FileRefused:
        return  # what can be read is given back; the list of faults says what cannot


def _padded(line: Line, by_cell: dict[str, list[Fault]]) -> list[Value]:
    """A required cell at the end of a line may be missing altogether; it is to be marked all the same."""
    values = list(line.values)
    length = len(values)
    for place in range(length, length + 20):
        if cell_name(line.number, place) in by_cell:
            values += [None] * (place + 1 - len(values))
    return values


def _list_faults(workbook: Workbook, faults: list[Fault]) -> None:
    sheet = workbook.create_sheet(_title(_("Errors")))
    for letter, width in zip("ABCDEFG", (18, 8, 8, 24, 30, 70, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    headings = (_("Sheet"), _("Cell"), _("Row"), _("Column"), _("Value"), _("Why"), _("Weight"))
    sheet.append([_styled(safe_cell(sheet, heading), _BOLD) for heading in headings])
    weights = {Weight.REFUSED: _("refused"), Weight.WARNED: _("warning")}
    for fault in faults:
        texts = (
            fault.sheet,
            fault.cell,
            fault.row,
            fault.heading,
            fault.value,
            str(fault.why),
            weights[fault.weight],
        )
        row = [safe_cell(sheet, text) for text in texts]
        row[5].alignment = _WRAP
        sheet.append(row)


def _styled(cell: Any, font: Font) -> Any:
    cell.font = font
    return cell


def _title(name: str) -> str:
    return _NOT_IN_TITLES.sub(" ", name)[:31].strip("' ") or "1"
