"""Which column of an office's list means what.

A mapping is data: it comes from the country pack (`packs/<country>/intake/<sender>.yaml`) and a member may
change it for their own institution. Headings are compared folded, so capitals, spelling marks, script and
points do not matter; the headings of a mapping come first, those any office uses for the field after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from homeward.doors.intake.rules.cells import READERS, read_cell
from homeward.doors.intake.rules.faults import CellRefused, Fault, FileRefused, warning
from homeward.doors.intake.rules.lines import TOP_LINES, Line, Sheet, Table, cell_name
from homeward.doors.intake.rules.setting import Setting, Surroundings
from homeward.doors.intake.rules.shapes import SHAPES, Shape
from homeward.doors.intake.rules.texts import as_text, clean, name_pattern
from homeward.doors.intake.rules.words import fold

# A line with fewer known headings than this is not taken for the heading line.
FEWEST_HEADINGS = 2


class MappingBroken(ValueError):
    """A mapping says something that cannot be: the message names the place, for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, the headings it goes by, and how its cells are read."""

    field: str
    headings: tuple[str, ...]  # as people write them
    kind: str
    setting: Setting = made(default_factory=Setting)
    required: bool = False  # a list without this column is refused
    filled: bool = False  # a row with nothing in this column is refused

    def is_headed(self, heading: str) -> bool:
        """Is this the heading of the column? A heading in two languages, “emri/ime”, counts by either."""
        known = {fold(alias) for alias in self.headings}
        return fold(heading) in known or any(fold(part) in known for part in re.split(r"[/|\n]", heading))


@dataclass(frozen=True, slots=True)
class Title:
    """A value that stands above the table and holds for every row: “Arrival: 2019-04-20”."""

    field: str
    labels: tuple[str, ...]
    kind: str
    setting: Setting = made(default_factory=Setting)
    required: bool = False


@dataclass(frozen=True)
class SenderMapping:
    """All about the lists of one sender."""

    sender: str
    label: Mapping[str, str]
    shape: Shape
    columns: tuple[Column, ...]
    titles: tuple[Title, ...] = ()
    constants: Mapping[str, str] = made(default_factory=dict)
    sheet: str = ""
    scope: str = ""  # the field that tells one list of this sender from the next; empty: there is one, or its gifts tell (rules/gifts.py)
    family_scope: str = "list"  # whether family numbers hold within one list or for all lists of the sender

    @classmethod
    def from_data(
        cls, data: Mapping[str, Any], usual: Mapping[str, Sequence[str]] | None = None
    ) -> SenderMapping:
        """Read a mapping as it is written in a pack. `usual` are the headings any office uses, by field.

        Raises MappingBroken.
        """
        try:
            return _from_data(data, usual or {})
        except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise MappingBroken(f"{data.get('sender', '?')}: {error!r}") from error

    def column(self, name: str) -> Column | None:
        """The column that fills a field, if there is one."""
        return next((column for column in self.columns if column.field == name), None)


def _from_data(data: Mapping[str, Any], usual: Mapping[str, Sequence[str]]) -> SenderMapping:
    if data["shape"] not in SHAPES:
        raise MappingBroken(f"{data['sender']}: there is no kind of list {data['shape']!r}")
    shape = SHAPES[data["shape"]]
    columns = tuple(_column(entry, shape, usual) for entry in data["columns"])
    titles = tuple(_title(entry, shape) for entry in data.get("titles", ()))
    filled = [column.field for column in columns] + [title.field for title in titles]
    if twice := {name for name in filled if filled.count(name) > 1}:
        raise MappingBroken(f"{data['sender']}: {sorted(twice)} is filled twice")
    if unknown := set(data.get("constants", {})) - shape.constants:
        raise MappingBroken(f"{data['sender']}: a list of {shape.name} has no {sorted(unknown)}")
    _refuse_shared_headings(data["sender"], columns)
    scope = str(data.get("scope", ""))
    if scope and scope not in filled:
        raise MappingBroken(f"{data['sender']}: nothing fills {scope!r}, which is to tell the lists apart")
    return SenderMapping(
        sender=str(data["sender"]),
        label={str(key): str(text) for key, text in data["label"].items()},
        shape=shape,
        columns=columns,
        titles=titles,
        constants={str(key): str(value) for key, value in data.get("constants", {}).items()},
        sheet=str(data.get("sheet", "")),
        scope=scope,
        family_scope=str(data.get("family_scope", "list")),
    )


def _refuse_shared_headings(sender: str, columns: Iterable[Column]) -> None:
    owner: dict[str, str] = {}
    for column in columns:
        for heading in column.headings:
            first = owner.setdefault(fold(heading), column.field)
            if first != column.field:
                raise MappingBroken(f"{sender}: {heading!r} would head both {first} and {column.field}")


def _column(entry: Mapping[str, Any], shape: Shape, usual: Mapping[str, Sequence[str]]) -> Column:
    name, kind, setting = _common(entry, shape)
    headings = [*entry.get("headings", ()), *usual.get(name, ())]
    if wrong := [heading for heading in headings if not isinstance(heading, str) or not fold(heading)]:
        # YAML reads an unquoted No as "false" and 12 as a number.
        raise MappingBroken(f"{name}: put quotation marks around the heading {wrong[0]!r}")
    return Column(
        field=name,
        headings=tuple(dict.fromkeys(headings)),
        kind=kind,
        setting=setting,
        required=bool(entry.get("required", False)) or bool(entry.get("filled", False)),
        filled=bool(entry.get("filled", False)),
    )


def _title(entry: Mapping[str, Any], shape: Shape) -> Title:
    name, kind, setting = _common(entry, shape)
    return Title(
        field=name,
        labels=tuple(str(label) for label in entry["labels"]),
        kind=kind,
        setting=setting,
        required=bool(entry.get("required", False)),
    )


_ENTRY = {"field", "headings", "labels", "as", "required", "filled"}
_SETTING = {
    "order",
    "two_digit_years",
    "earliest_year",
    "future",
    "choices",
    "open_choices",
    "pattern",
    "example",
    "least",
    "most",
    "decimal",
}


def _common(entry: Mapping[str, Any], shape: Shape) -> tuple[str, str, Setting]:
    name = str(entry["field"])
    if name not in shape.fields:
        raise MappingBroken(f"a list of {shape.name} has no field {name!r}")
    if unknown := set(entry) - _ENTRY - _SETTING:
        raise MappingBroken(f"{name}: unknown {sorted(unknown)}")
    kind = str(entry.get("as", shape.fields[name].kind))
    if kind not in READERS:
        raise MappingBroken(f"{name}: there is no way of reading called {kind!r}")
    values = {key: entry[key] for key in _SETTING if key in entry}
    if "choices" in values:
        values["choices"] = {
            str(code): tuple(str(word) for word in words or ()) for code, words in values["choices"].items()
        }
    for key in ("least", "most"):
        if key in values:
            values[key] = Decimal(str(values[key]))
    if values.get("order", "") not in ("", "dmy", "mdy"):
        raise MappingBroken(f"{name}: the order is dmy or mdy")
    setting = Setting(**values)
    if kind == "full_name":
        parts = name_pattern(setting.pattern).groupindex
        if not parts or set(parts) - set(shape.fields):
            raise MappingBroken(f"{name}: the pattern {setting.pattern!r} names no fields of this list")
    if kind == "choice" and not setting.choices:
        raise MappingBroken(f"{name}: a choice needs choices")
    return name, kind, setting


# ── finding the table in the file ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Layout:
    """Where the table is: its sheet, its heading line, which column fills what, what the titles say."""

    sheet: Sheet
    header_line: int
    headings: tuple[str, ...]
    columns: tuple[Column | None, ...]
    titles: Mapping[str, Any] = made(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def data_lines(self) -> Iterator[Line]:
        """The lines below the headings that are not empty and not the headings once more."""
        headings = list(self.headings)
        for line in self.sheet.lines():
            if line.number <= self.header_line or line.is_empty():
                continue
            # A list printed on several pages repeats its headings.
            if (
                line.values[0] == headings[0]
                and [as_text(value).strip() for value in line.values] == headings
            ):
                continue
            yield line


def find_layout(table: Table, mapping: SenderMapping, around: Surroundings) -> Layout:
    """Find the heading line by what the mapping knows, whatever stands above it.

    Raises FileRefused when no line of any sheet looks like the headings of such a list.
    """
    sheets = [sheet for sheet in table.sheets if not mapping.sheet or fold(sheet.name) == fold(mapping.sheet)]
    if not sheets:
        raise FileRefused("no_sheet", expected=mapping.sheet)
    best: tuple[int, Sheet, Line, tuple[Column | None, ...]] | None = None
    refusal: FileRefused | None = None
    for sheet in sheets:
        try:
            top = list(islice(sheet.lines(), TOP_LINES))
        except FileRefused as refused:
            refusal = refusal or refused
            continue
        for line in top:
            columns = tuple(_headed(as_text(value), mapping) for value in line.values)
            found = len({column.field for column in columns if column})
            if found >= FEWEST_HEADINGS and (best is None or found > best[0]):
                best = found, sheet, line, columns
    if best is None or best[0] * 3 < len([column for column in mapping.columns if column.required]):
        if refusal is not None:
            raise refusal
        raise FileRefused("no_header", sheet=sheets[0].name, cell="A1", expected=_expected(mapping))
    return _layout(*best[1:], mapping, around)


def _headed(text: str, mapping: SenderMapping) -> Column | None:
    heading = clean(text)[0]
    if not heading:
        return None
    return next((column for column in mapping.columns if column.is_headed(heading)), None)


def _expected(mapping: SenderMapping) -> str:
    return ", ".join(column.headings[0] for column in mapping.columns if column.headings)


def _layout(
    sheet: Sheet,
    header: Line,
    columns: tuple[Column | None, ...],
    mapping: SenderMapping,
    around: Surroundings,
) -> Layout:
    headings = tuple(clean(as_text(value))[0] for value in header.values)
    faults: list[Fault] = []
    seen: set[str] = set()
    for place, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        at: dict[str, Any] = {"sheet": sheet.name, "cell": cell_name(header.number, place), "value": heading}
        if column is None:
            if heading:
                faults.append(warning("heading_unused").at(**at, heading=heading))
        elif column.field in seen:
            label = mapping.shape.label(column.field)
            faults.append(Fault("heading_twice", {"field": label}).at(**at, heading=heading))
        else:
            seen.add(column.field)
    for column in mapping.columns:
        if column.required and column.field not in seen:
            params = {"field": mapping.shape.label(column.field), "expected": ", ".join(column.headings)}
            cell = cell_name(header.number, 0)
            faults.append(Fault("heading_missing", params).at(sheet=sheet.name, cell=cell))
    titles, title_faults = _read_titles(sheet, header.number, mapping, around)
    return Layout(sheet, header.number, headings, columns, titles, tuple(faults + title_faults))


def _read_titles(
    sheet: Sheet, header_line: int, mapping: SenderMapping, around: Surroundings
) -> tuple[dict[str, Any], list[Fault]]:
    above = list(islice(sheet.lines(), header_line - 1))
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for title in mapping.titles:
        place = _find_title(above, title)
        if place is None:
            if title.required:
                label = title.labels[0]
                faults.append(Fault("title_missing", {"label": label}).at(sheet=sheet.name, cell="A1"))
            continue
        line, column, value = place
        at: dict[str, Any] = {
            "sheet": sheet.name,
            "cell": cell_name(line, column),
            "value": as_text(value),
            "heading": title.labels[0],
        }
        try:
            if (line, column) in sheet.formulas:
                raise CellRefused("formula")
            read, said = read_cell(value, title.kind, title.setting, around)
        except CellRefused as refused:
            faults.append(refused.fault.at(**at))
            continue
        faults += [warned.at(**at) for warned in said]
        if read is None and title.required:
            faults.append(Fault("missing").at(**at))
        found[title.field] = read
    return found, faults


def _find_title(lines: Iterable[Line], title: Title) -> tuple[int, int, Any] | None:
    """A label and its value: in one cell with a colon between, or the value in the next filled cell."""
    labels = {fold(label) for label in title.labels}
    for line in lines:
        for place, value in enumerate(line.values):
            text = clean(as_text(value))[0]
            label, colon, rest = text.partition(":")
            if fold(label) not in labels:
                continue
            if colon and rest.strip():
                return line.number, place, rest.strip()
            for after in range(place + 1, len(line.values)):
                if clean(as_text(line.values[after]))[0]:
                    return line.number, after, line.values[after]
    return None
