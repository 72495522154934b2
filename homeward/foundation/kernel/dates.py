"""Dates as people know them: sometimes only the year, sometimes the month, sometimes a guess.

Many of the children were born where no office wrote anything down. A date that is only partly known is kept
as it is known; nothing is filled up with a first of January. `PartialDate` is the value, `PartialDateField`
the column (and the check on it), `PartialDateFormField` the three boxes and the tick on a page.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import total_ordering
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import Exact, StartsWith
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken

if TYPE_CHECKING:
    _TextColumn = models.CharField[Any, Any]
else:  # Django's own classes take no type arguments when the program runs.
    _TextColumn = models.CharField

# What stands in the column: 1996, 1996-04 or 1996-04-02, and a ~ behind it when it is a guess.
STORED = r"^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?~?$"
STORED_LENGTH = len("1996-04-02~")

_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(?:(?:(\d{1,2})\. ?)?(\d{1,2})\. ?)(\d{4})\.?")

# Django's own patterns for Albanian and English are not those of the offices in Kosovo.
_DAY_PATTERNS = {"sr": "{day}. {month} {year}."}
_MONTH_PATTERNS = {"sr": "{month} {year}."}
_YEAR_PATTERNS = {"sr": "{year}."}
_SMALL_MONTHS = {"sq", "sr"}


class Precision(StrEnum):
    """How much of a date is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A day, a month or a year, known or guessed.

    Ordered by the earliest day it can be; of two that begin alike the vaguer comes first, and what is known
    before what is guessed. `str()` is for people, in their language; `iso` is for machines.
    """

    year: int
    month: int | None = None
    day: int | None = None
    approximate: bool = False

    def __post_init__(self) -> None:
        if not 1000 <= self.year <= 9999:
            raise RuleBroken(_("Write the year with four digits."), field="year", code="partial_date.year")
        if self.month is None:
            if self.day is not None:
                raise RuleBroken(
                    _("A day without a month says nothing: add the month or leave out the day."),
                    field="month",
                    code="partial_date.month",
                )
        elif not 1 <= self.month <= 12:
            raise RuleBroken(
                _("The month is a number from 1 to 12."), field="month", code="partial_date.month"
            )
        elif self.day is not None and not 1 <= self.day <= calendar.monthrange(self.year, self.month)[1]:
            raise RuleBroken(
                format_lazy(
                    _("There is no day {day} in {month}."),
                    day=self.day,
                    month=_named(PartialDate(self.year, self.month)),
                ),
                field="day",
                code="partial_date.day",
            )

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """A day of which everything is known."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read `1996`, `1996-04`, `1996-04-02`, `2.4.1996` or `4.1996`, with ~ before or after for a guess.

        Raises RuleBroken for anything else. `2/4/1996` is refused: offices disagree which is the month.
        """
        written = text.strip()
        approximate = written.startswith("~") or written.endswith("~")
        digits = written.removeprefix("~").removesuffix("~").strip()
        if match := _YEAR_FIRST.fullmatch(digits) if digits.isascii() else None:
            year, month, day = match[1], match[3], match[4]
        elif match := _DAY_FIRST.fullmatch(digits) if digits.isascii() else None:
            year, month, day = match[3], match[2], match[1]
        else:
            raise RuleBroken(
                format_lazy(_("“{text}” is not a date such as 1996, 1996-04 or 1996-04-02."), text=text),
                code="partial_date.unreadable",
            )
        return cls(int(year), int(month) if month else None, int(day) if day else None, approximate)

    @property
    def precision(self) -> Precision:
        """How much is known."""
        if self.month is None:
            return Precision.YEAR
        return Precision.MONTH if self.day is None else Precision.DAY

    @property
    def earliest(self) -> date:
        """The first day of what is written down."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day of what is written down."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def iso(self) -> str:
        """The date as it is stored: as much of ISO 8601 as is known, with ~ behind a guess."""
        parts = [f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts) + ("~" if self.approximate else "")

    def age_on(self, day: date) -> tuple[int, int]:
        """The least and the greatest age in full years that somebody born then can have on `day`.

        A guess may be wrong by one unit of what was guessed (a year, a month, a day) to either side, so the
        ages lie further apart. Before birth the age is 0.
        """
        first, last = self._around() if self.approximate else (self.earliest, self.latest)
        return _full_years(last, day), _full_years(first, day)

    def display(self, language: str | None = None) -> str:
        """The date in words, in the reader's language or the given one: “about April 1996”."""
        with translation.override(language or get_language() or "en"):
            spoken = (get_language() or "en").split("-")[0]
            month = str(MONTHS[self.month]) if self.month else ""
            values = {
                "day": self.day,
                "month": month.lower() if spoken in _SMALL_MONTHS else month,
                "year": self.year,
            }
            if self.precision is Precision.DAY:
                pattern = _DAY_PATTERNS.get(spoken, "{day} {month} {year}")
            elif self.precision is Precision.MONTH:
                pattern = _MONTH_PATTERNS.get(spoken, "{month} {year}")
            else:
                pattern = _YEAR_PATTERNS.get(spoken, "{year}")
            words = pattern.format(**values)
            return (
                pgettext("a guessed date", "about {date}").format(date=words) if self.approximate else words
            )

    def __str__(self) -> str:
        return self.display()

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, bool]:
        # A missing month counts as before the first: same order as the earliest day, and no two values tie.
        return self.year, self.month or 0, self.day or 0, self.approximate

    def _around(self) -> tuple[date, date]:
        """The first and the last day, one year, month or day further out: as far as a guess may be wrong."""
        first, last = self.earliest, self.latest
        if self.precision is Precision.YEAR:
            return first.replace(year=first.year - 1), last.replace(year=min(last.year + 1, 9999))
        slack = timedelta(days=1)
        before = first - slack
        after = last if last == date.max else last + slack
        if self.precision is Precision.DAY:
            return before, after
        days = calendar.monthrange(after.year, after.month)[1]
        return before.replace(day=1), after.replace(day=days)


def _full_years(born: date, day: date) -> int:
    return max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def _named(value: PartialDate) -> Any:
    """The words for a date, chosen when they are read."""
    return format_lazy("{}", value)


class PartialDateField(_TextColumn):
    """A column for a date of which perhaps only the year is known.

    Compared byte by byte (`C`), so that a search for a year is a search for a prefix and can use an index;
    the database itself refuses anything that is not such a date. `born__year=1996` and `born__year__lt=2000`
    work as with Django's own dates.
    """

    description = _("A date of which at least the year is known")
    empty_strings_allowed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", STORED_LENGTH)
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == STORED_LENGTH:
            del kwargs["max_length"]
        if kwargs.get("db_collation") == "C":
            del kwargs["db_collation"]
        return name, path, args, kwargs

    def db_check(self, connection: Any) -> str:
        """The rule the database itself holds every row to."""
        return f"{connection.ops.quote_name(self.column)} ~ '{STORED}'"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> PartialDate | None:
        return None if value is None else PartialDate.parse(value)

    def to_python(self, value: Any) -> PartialDate | None:
        try:
            return as_partial_date(value)
        except RuleBroken as broken:
            raise ValidationError(broken.message, code=broken.code) from broken

    def get_prep_value(self, value: Any) -> Any:
        known = as_partial_date(value)
        return None if known is None else known.iso

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else value.iso

    def formfield(self, **kwargs: Any) -> Any:
        # Past CharField, which would insist on a length of characters.
        return models.Field.formfield(self, **{"form_class": PartialDateFormField, **kwargs})

    def run_validators(self, value: Any) -> None:
        """The validators of a text ask for its length, and those of others may, too: give them the text."""
        super().run_validators(value.iso if isinstance(value, PartialDate) else value)


@PartialDateField.register_lookup
class Year(models.Transform):
    """The year of a partial date, for comparing."""

    lookup_name = "year"
    output_field = models.IntegerField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        sql, params = compiler.compile(self.lhs)
        return f"CAST(LEFT({sql}, 4) AS integer)", params


@Year.register_lookup
class YearIs(Exact):
    """Born in exactly this year: asked as a prefix, which an index answers."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not isinstance(self.rhs, int) or not isinstance(self.lhs, Year):
            return super().as_sql(compiler, connection)
        prefix = StartsWith(self.lhs.lhs, f"{self.rhs:04}")
        return prefix.as_sql(compiler, connection)


def as_partial_date(value: Any) -> PartialDate | None:
    """Whatever came as a date — a value, a day, a text, nothing — as a PartialDate or None."""
    if value is None or value == "":
        return None
    if isinstance(value, PartialDate):
        return value
    if isinstance(value, date):
        return PartialDate.of(value)
    return PartialDate.parse(str(value))


class PartialDateWidget(forms.MultiWidget):
    """Three boxes for day, month and year, and a tick for a guess."""

    template_name = "web/widgets/partial_date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            {
                "day": forms.TextInput({**number, "maxlength": "2"}),
                "month": forms.TextInput({**number, "maxlength": "2"}),
                "year": forms.TextInput({**number, "maxlength": "4"}),
                "approximate": forms.CheckboxInput(),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        try:
            known = as_partial_date(value)
        except RuleBroken:
            known = None
        if known is None:
            return [None, None, None, False]
        return [known.day, known.month, known.year, known.approximate]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        # An empty tick is never sent: only the three boxes can be missing.
        return all(f"{name}_{part}" not in data for part in ("day", "month", "year"))


class PartialDateFormField(forms.MultiValueField):
    """Asks for a date of which perhaps only the year is known; gives a PartialDate or None."""

    widget = PartialDateWidget
    default_error_messages = {
        "required": _("Give at least the year."),
        "number": _("Day, month and year are written with digits."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)
        kwargs.pop("require_all_fields", None)
        parts = (
            forms.CharField(label=_("Day"), required=False),
            forms.CharField(label=_("Month"), required=False),
            forms.CharField(label=_("Year"), required=False),
            forms.BooleanField(label=_("This date is a guess"), required=False),
        )
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> PartialDate | None:
        parts = value if isinstance(value, (list, tuple)) else PartialDateWidget().decompress(value)
        known = self.compress(parts)
        # Past MultiValueField, which leaves it to the boxes whether something must be given.
        forms.Field.validate(self, known)
        self.run_validators(known)
        return known

    def compress(self, data_list: Sequence[Any]) -> PartialDate | None:
        written = [str(part or "").strip() for part in data_list[:3]]
        if not any(written):
            return None
        if not all(part == "" or (part.isascii() and part.isdigit()) for part in written):
            raise ValidationError(self.error_messages["number"], code="number")
        day, month, year = (int(part) if part else None for part in written)
        try:
            return PartialDate(year or 0, month, day, approximate=bool(data_list[3]))
        except RuleBroken as broken:
            raise ValidationError(broken.message, code=broken.code) from broken

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(as_partial_date(initial) != self.compress(data or [None] * 4))
        except (ValidationError, RuleBroken):
            return True
