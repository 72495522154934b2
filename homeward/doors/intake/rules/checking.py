"""Reading a whole list without changing anything: every row as data, and everything that is wrong with it.

One refused cell refuses a list of people who came home: what is half right would have to be mended twice. Of records
about people known already a faulty row is left in the file, and the others are taken. Either way the sender gets all
faults at once, each with its sheet, cell, value and reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeward.doors.intake.rules.cells import read_cleaned
from homeward.doors.intake.rules.evidence import NEVER_KEPT
from homeward.doors.intake.rules.faults import SHOWN_LENGTH, CellRefused, Fault, FileRefused, Weight, warning
from homeward.doors.intake.rules.lines import Line, Table, Value, cell_name
from homeward.doors.intake.rules.mapping import Column, Layout, SenderMapping, find_layout
from homeward.doors.intake.rules.setting import Surroundings
from homeward.doors.intake.rules.shapes import SUPPORT, unsigned
from homeward.doors.intake.rules.texts import as_text, clean, is_formula

# A list with more faults than this has one fault, repeated; all are counted, these are kept.
MOST_FAULTS = 2_000


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row of data: where it stands, what it says, and what is wrong with it."""

    position: int  # among the rows of data, from 1
    sheet: str
    line: int  # as the spreadsheet counts
    values: Mapping[str, Any]  # field → value
    raw: Mapping[str, str]  # heading → text, as it was sent
    faults: tuple[Fault, ...] = ()

    @property
    def is_refused(self) -> bool:
        """May this row not be taken over as it is?"""
        return any(fault.weight is Weight.REFUSED for fault in self.faults)


@dataclass(slots=True)
class Report:
    """What a dry run found."""

    rows: int = 0
    refused_rows: int = 0
    refused_cells: int = 0
    warned_cells: int = 0
    refused: list[Fault] = field(default_factory=list)
    warned: list[Fault] = field(default_factory=list)

    # Faults that are not one row's: of the file, of a heading, of a value above the table.
    refused_beside: int = 0

    @property
    def is_clean(self) -> bool:
        """Is there nothing wrong with it?"""
        return not self.refused_cells

    @property
    def not_shown(self) -> int:
        """How many faults are counted but not kept."""
        return self.refused_cells + self.warned_cells - len(self.refused) - len(self.warned)

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it while there is room."""
        if fault.weight is Weight.REFUSED:
            self.refused_cells += 1
            self.refused_beside += fault.row is None
            kept = self.refused
        else:
            self.warned_cells += 1
            kept = self.warned
        if len(kept) < MOST_FAULTS:
            kept.append(fault)

    def add_row(self, row: CheckedRow) -> None:
        """Count a row and its faults."""
        self.rows += 1
        self.refused_rows += row.is_refused
        for fault in row.faults:
            self.add(fault)


@dataclass(slots=True)
class _Seen:
    """What must not come twice: by it, the line where it came first."""

    numbers: dict[int, int] = field(default_factory=dict)
    once: dict[tuple[str, Any], int] = field(default_factory=dict)


class Checking:
    """One list on its way through the check. Go through `rows()`; then `report` is complete.

    Raises FileRefused when the file is no such list at all.
    """

    def __init__(
        self,
        table: Table,
        mapping: SenderMapping,
        around: Surroundings,
        let_go: Collection[str] = NEVER_KEPT,
    ) -> None:
        """`let_go` are fields that are read and checked and not kept."""
        self.table, self.mapping, self.around, self.let_go = table, mapping, around, let_go
        self.layout: Layout = find_layout(table, mapping, around)
        self.report = Report()

    def rows(self) -> Iterator[CheckedRow]:
        """Every row of data, read; one at a time."""
        self.report = report = Report()
        for fault in (*self.table.warnings, *self.layout.faults):
            report.add(fault)
        seen = _Seen()
        for position, line in enumerate(self.layout.data_lines(), start=1):
            row = self._row(position, line, seen)
            report.add_row(row)
            yield row
        if not report.rows:
            header = self.layout.header_line
            report.add(Fault("no_rows").at(sheet=self.layout.sheet.name, cell=cell_name(header + 1, 0)))

    @property
    def may_go_on(self) -> bool:
        """Can something of it be taken over, after all that was read so far?"""
        if self.mapping.shape.registers:
            return self.report.is_clean
        return not self.report.refused_beside

    def run(self) -> Report:
        """The report alone."""
        for _row in self.rows():
            pass
        return self.report

    def _row(self, position: int, line: Line, seen: _Seen) -> CheckedRow:
        values: dict[str, Any] = {**self.mapping.constants, **self.layout.titles}
        raw: dict[str, str] = {}
        faults: list[Fault] = []
        places: dict[str, int] = {}
        for place in range(max(len(line.values), len(self.layout.columns))):
            column = self.layout.columns[place] if place < len(self.layout.columns) else None
            heading = self.layout.headings[place] if place < len(self.layout.headings) else ""
            value = line.values[place] if place < len(line.values) else None
            text, hidden = clean(as_text(value))
            # A column nobody has a use for may hold anything, so it is not kept either.
            if heading and text and column is not None and column.field not in self.let_go:
                raw[heading] = text[:SHOWN_LENGTH]
            if (line.number, place) in self.layout.sheet.formulas:
                found = [Fault("formula")]
            elif (line.number, place) in self.layout.sheet.errors:
                found = [Fault("error_value")]
            elif column is None:
                found = self._unused(value, text, heading)
            else:
                places[column.field] = place
                found = self._cell(value, text, hidden, column, values)
            faults += [self._placed(fault, line, place, position) for fault in found]
        for field_name, fault in self._across(line, values, seen):
            faults.append(self._placed(fault, line, places.get(field_name, 0), position))
        return CheckedRow(position, self.layout.sheet.name, line.number, values, raw, tuple(faults))

    def _placed(self, fault: Fault, line: Line, place: int, position: int) -> Fault:
        headings, columns = self.layout.headings, self.layout.columns
        column = columns[place] if place < len(columns) else None
        # The report is kept, too: it names the cell and leaves a doctor's words in the file.
        # What stands in a column of a record that nobody mapped may be anything.
        is_kept = self.mapping.shape.registers if column is None else column.field not in self.let_go
        is_shown = place < len(line.values) and is_kept
        return fault.at(
            sheet=self.layout.sheet.name,
            cell=cell_name(line.number, place),
            value=as_text(line.values[place]) if is_shown else "",
            heading=headings[place] if place < len(headings) else "",
            row=position,
        )

    def _cell(
        self, value: Value, text: str, hidden: list[str], column: Column, values: dict[str, Any]
    ) -> list[Fault]:
        try:
            read, said = read_cleaned(value, text, hidden, column.kind, column.setting, self.around)
        except CellRefused as refused:
            return [refused.fault]
        if column.filled and (read is None or read == ()):
            return [Fault("missing")]
        if isinstance(read, dict):
            values.update(read)
        else:
            values[column.field] = read
        return said

    def _unused(self, value: Value, text: str, heading: str) -> list[Fault]:
        """What is not used stays in the file; but the file goes back to its sender, so nothing in it may compute."""
        if isinstance(value, str) and is_formula(text):
            return [Fault("formula")]
        return [Fault("beyond_headings")] if text and not heading else []

    def _across(self, line: Line, values: dict[str, Any], seen: _Seen) -> Iterator[tuple[str, Fault]]:
        for found in self.mapping.shape.rule(values, self.around.today):
            yield found.field, found.fault
        if self.mapping.shape is SUPPORT:
            for found in unsigned(values, self.around.second_above, self.around.today):
                yield found.field, found.fault
        number = values.get("number")
        if isinstance(number, int):
            first = seen.numbers.setdefault(number, line.number)
            if first != line.number:
                yield "number", warning("number_twice", number=number, other=first)
        for group, name, only, code in self.mapping.shape.once:
            whose = values.get(group)
            if whose and values.get(name) in only:
                first = seen.once.setdefault((code, whose), line.number)
                if first != line.number:
                    yield name, Fault(code, {"family": whose, "other": first})
        if line.number in self.layout.sheet.hidden_lines:
            yield "", warning("hidden_row")


def check_file(table: Table, mapping: SenderMapping, around: Surroundings) -> Report:
    """The report on a file, also when it is no such list at all."""
    try:
        return Checking(table, mapping, around).run()
    except FileRefused as refused:
        report = Report()
        report.add(refused.fault)
        return report
