"""What a list can be about, and which fields such a list may have.

The engine (opening, finding headings, reading cells, reporting) knows nothing of people. A shape names the
fields, how each is read when a mapping says nothing else, and the rules that hold across one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from homeward.casework.people.rules.persons import LONGEST_LIFE
from homeward.doors.intake.rules.faults import Fault, warning
from homeward.foundation.access.rules import OF_AGE
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Text

# How a person came: with a flight the state arranged, on their own, or not yet.
ORGANISED, INDIVIDUAL = "organised", "individual"
ARRIVED, EXPECTED = "arrived", "expected"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a row can say: its name, what people call it, and how it is usually read."""

    name: str
    label: Text
    kind: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """Something that is wrong between two cells of a row; shown at the first of them."""

    field: str
    fault: Fault


RowRule = Callable[[Mapping[str, Any], date], Iterable[RowFault]]


@dataclass(frozen=True)
class Shape:
    """A kind of list."""

    name: str
    fields: Mapping[str, Field]
    constants: frozenset[str]
    rule: RowRule
    # Fields that only one row of a group may fill with the same value: (group, field, values, code of the fault).
    once: tuple[tuple[str, str, frozenset[str], str], ...] = ()

    def label(self, field: str) -> Text:
        """What people call a field."""
        return self.fields[field].label if field in self.fields else field


def plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if isinstance(value, PartialDate):
        return value.iso
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


# ── people who came back or are awaited ──────────────────────────────────────────────────────────────────


def _people_rule(row: Mapping[str, Any], today: date) -> Iterable[RowFault]:
    if not row.get("surname") and not row.get("given"):
        yield RowFault("surname", Fault("name_missing"))
    arrived: date | None = row.get("arrived_on")
    born: PartialDate | None = row.get("born")
    if born and born.age_on(today)[0] > LONGEST_LIFE:
        yield RowFault("born", Fault("born_too_long_ago"))
    if arrived and born and born.earliest > arrived:
        # Lists are written in a hurry; a child born "after" the flight is looked into, not turned away.
        yield RowFault("born", warning("born_after", other=PartialDate.of(arrived)))
    category, sex = row.get("category"), row.get("sex")
    if (category, sex) in (("man", "F"), ("woman", "M")):
        yield RowFault("category", warning("category_and_sex", category=category))
    if category == "child" and born:
        youngest = born.age_on(arrived or today)[0]
        if youngest >= OF_AGE:
            yield RowFault("born", warning("child_of_age", age=youngest))


PEOPLE = Shape(
    "people",
    fields={
        field.name: field
        for field in (
            Field("number", _("Number in the list"), "integer"),
            Field("family_no", _("Family number"), "code"),
            Field("full_name", _("Full name"), "full_name"),
            Field("surname", _("Surname"), "name"),
            Field("given", _("First name"), "name"),
            Field("father", _("Father's name"), "name"),
            Field("mother", _("Mother's name"), "name"),
            Field("birth_surname", _("Surname at birth"), "name"),
            Field("sex", _("Sex"), "sex"),
            Field("born", _("Date of birth"), "partial_date"),
            Field("birthplace", _("Place of birth"), "text"),
            Field("relation", _("Relation within the family"), "choice"),
            Field("municipality", _("Municipality"), "place"),
            Field("category", _("Category"), "choice"),
            Field("arrived_on", _("Date of arrival"), "date"),
            Field("whereabouts", _("Present whereabouts"), "text"),
            Field("documents", _("Documents held"), "list"),
            Field("medical", _("Medical remarks"), "list"),
            Field("package", _("Humanitarian package"), "list"),
            Field("emergency_aid", _("Emergency assistance received"), "yes_no"),
            Field("unaccompanied", _("Unaccompanied minor"), "yes_no"),
            Field("handed_to_police", _("Handed to the police"), "yes_no"),
        )
    },
    constants=frozenset({"channel", "status", "surname_kind", "documents_known"}),
    rule=_people_rule,
    once=(("family_no", "relation", frozenset({"head", "single"}), "two_heads"),),
)

SHAPES: Mapping[str, Shape] = {PEOPLE.name: PEOPLE}
