"""What can be wrong with a list somebody sends, said so that they can mend it: which cell, and why.

A fault is data (a code and its parameters); the sentence is put together when somebody reads it, in the
language of that reader. A refused cell stops the whole list; a warning is only shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.rules.history import BEGINS_LATER, UNSIGNED
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Refusal, Text

# A value is shown back so that it can be found again; nobody needs a page of it.
SHOWN_LENGTH = 120
# Of so many faults the page and the workbook are made; all are counted.
KEPT_FAULTS = 500


class Weight(StrEnum):
    """Does it stop the list, or is it only said?"""

    REFUSED = "refused"
    WARNED = "warned"


WHY: Mapping[str, Text] = {
    # the file
    "empty_file": _("The file is empty."),
    "too_large": _("The file is larger than {limit} MB."),
    "swollen": _("Unpacked, the file is larger than {limit} MB: it may have been made to do harm."),
    "damaged": _("The file is damaged and cannot be opened. Save it again and send it anew."),
    "password": _("The file is protected by a password. Save it without one."),
    "old_excel": _("This is an Excel file of the old kind (.xls). Save it as .xlsx or as CSV."),
    "macros": _("The file contains macros. Save it as an ordinary .xlsx file."),
    "not_a_table": _("This is not a table but {kind}. Send an .xlsx file or CSV."),
    "unknown_letters": _("The letters of this file cannot be read. Save it as CSV in UTF-8."),
    "too_many_columns": _("The table is more than {limit} columns wide."),
    "too_many_rows": _("The table has more than {limit} rows."),
    "line_too_long": _("One cell of this line is too long to be a cell; a quotation mark may be missing."),
    "no_header": _("No line has the headings of such a list. Expected: {expected}."),
    "no_rows": _("Below the headings there is no row."),
    "no_sheet": _("There is no sheet with the name {expected}."),
    "heading_missing": _("The column “{field}” is missing. It may be headed: {expected}."),
    "heading_twice": _("Two columns are headed as “{field}”."),
    "heading_unused": _("This column is not used."),
    "title_missing": _("Above the table, “{label}” and a value are missing."),
    "letters_guessed": _("The file does not say how its letters are written; read as {encoding}."),
    "hidden_sheet": _("This sheet is hidden in the file; it was not read."),
    "hidden_row": _("This row is hidden in the file; it was read all the same."),
    # any cell
    "missing": _("This must not be empty."),
    "formula": _("This is a formula. Write the value itself."),
    "error_value": _("The spreadsheet shows an error here instead of a value."),
    "hidden_characters": _("Invisible characters were taken out: {characters}."),
    "beyond_headings": _(
        "There is a value where no column has a heading; perhaps a separator is in the text."
    ),
    "too_long": _("This is longer than {limit} characters."),
    # texts and names
    "not_a_name": _("This is not a name: {characters} does not belong in one."),
    "mixed_scripts": _("Latin and Cyrillic letters are mixed within one word."),
    "name_pattern": _("The name is not written as {expected}."),
    "unknown_word": _("“{word}” is not one of: {expected}."),
    "unknown_place": _("This municipality is not known."),
    "not_yes_or_no": _("This is neither yes nor no."),
    "doubtful": _("The question mark says that this is not certain. Write what is known, or leave it empty."),
    "not_a_sex": _("This is neither female nor male."),
    "code_pattern": _("This is not written as expected, for instance {expected}."),
    # numbers
    "not_a_number": _("This is not a number."),
    "not_whole": _("This is not a whole number."),
    "ambiguous_number": _("This can be read as {first} or as {second}. Write it without a thousands sign."),
    "ends_before_start": _("This is before {start}, when it begins."),
    "begins_later": BEGINS_LATER[1],
    "unsigned": UNSIGNED[1],
    "below": _("This is less than {limit}."),
    "above": _("This is more than {limit}."),
    # dates
    "not_a_date": _("This is not a date."),
    "not_a_day": _("This day is not in the calendar."),
    "not_a_year": _("This is not a year between {first} and {last}."),
    "day_needed": _("Day, month and year are needed here."),
    "ambiguous_date": _("This can be {first} or {second}. Write the month as a word, or the year first."),
    "two_digit_year": _("The year has two digits only. Write all four."),
    "serial_unclear": _(
        "This number can be a mistyped year or a day number of the spreadsheet. Write a date."
    ),
    "serial_read": _("The spreadsheet gives a day number here; read as {date}."),
    "in_the_future": _("This is in the future."),
    # a row
    "before": _("This is before {other}."),
    "born_too_long_ago": _("Nobody we work with was born that long ago."),
    "born_after": _("Born after the day of arrival ({other})."),
    "child_of_age": _("Listed as a child, but {age} years old on that day."),
    "category_and_sex": _("The category “{category}” and the sex do not fit."),
    "two_heads": _("Family {family} has two heads of the household; see row {other}."),
    "name_missing": _("Neither a surname nor a first name is given."),
    "not_in_ledger": _("The ledger does not take this: {reason}"),
    "number_twice": _("The number {number} stands in two rows; row {other} has it, too."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what stands there, and why it cannot stay."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""
    cell: str = ""
    value: str = ""
    heading: str = ""
    row: int | None = None  # the place among the rows of data, from 1; None above and beside them
    weight: Weight = Weight.REFUSED

    @property
    def why(self) -> Text:
        """The reason, in the language of whoever reads it."""
        return format_lazy(WHY[self.code], **self.params) if self.params else WHY[self.code]

    def at(
        self, *, sheet: str, cell: str, value: str = "", heading: str = "", row: int | None = None
    ) -> Fault:
        """The same fault, with its place."""
        return replace(self, sheet=sheet, cell=cell, value=value[:SHOWN_LENGTH], heading=heading, row=row)

    def as_data(self) -> dict[str, Any]:
        """For JSON: the place, the value, the code with its parameters; without the sentence."""
        return {
            "code": self.code,
            "params": {name: _stored(value) for name, value in self.params.items()},
            "sheet": self.sheet,
            "cell": self.cell,
            "value": self.value,
            "heading": self.heading,
            "row": self.row,
            "weight": str(self.weight),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Fault:
        """The fault that `as_data` wrote down."""
        params = {name: _restored(value) for name, value in data["params"].items()}
        return cls(**{**data, "params": params, "weight": Weight(data["weight"])})


def _stored(value: Any) -> Any:
    """A parameter as JSON keeps it: a date and a text of ours stay what they are, for a reader of any language."""
    if isinstance(value, PartialDate):
        return {"date": value.iso}
    if isinstance(value, Promise):
        with translation.override("en"):
            return {"text": str(value)}
    return str(value)


def _restored(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return PartialDate.parse(value["date"]) if "date" in value else _(value["text"])


def warning(code: str, **params: Any) -> Fault:
    """Something to say that does not stop the list."""
    return Fault(code, params, weight=Weight.WARNED)


class CellRefused(Refusal):
    """What stands in a cell cannot be taken over."""

    def __init__(self, code: str, **params: Any) -> None:
        self.fault = Fault(code, params)
        super().__init__(self.fault.why, code=code)


class FileRefused(Refusal):
    """The whole file cannot be read: it is something else, or damaged, or too large."""

    def __init__(self, code: str, *, sheet: str = "", cell: str = "", **params: Any) -> None:
        self.fault = Fault(code, params, sheet=sheet, cell=cell)
        super().__init__(self.fault.why, code=code)
