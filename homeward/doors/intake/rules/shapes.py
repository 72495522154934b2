"""What a list can be about, and which fields such a list may have.

The engine (opening, finding headings, reading cells, reporting) knows nothing of people. A shape names the
fields, how each is read when a mapping says nothing else, and the rules that hold across one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.rules.history import begins_later, is_unsigned
from homeward.casework.people.rules.persons import LONGEST_LIFE
from homeward.doors.intake.rules.faults import Fault, warning
from homeward.foundation.access.rules import OF_AGE, Category
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
    # What kind of data it is: whoever takes in the list keeps it only if they may write such data. None: about who it is.
    category: Category | None = None


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
    # Do its rows become people? Of other lists only those known already are recognised, and nobody is registered.
    registers: bool = True
    # Does each list tell of something new, as a list of sessions does? Then only a file of the same name,
    # or the same file, takes the place of an earlier one.
    goes_on: bool = False
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


# ── records that offices keep about people known already ─────────────────────────────────────────────────

# Who somebody is, in whatever parts an office writes it.
_WHO = tuple(
    PEOPLE.fields[name]
    for name in ("number", "full_name", "surname", "given", "father", "sex", "born", "municipality")
)


def _who_rule(row: Mapping[str, Any], today: date) -> Iterable[RowFault]:
    if not row.get("surname") and not row.get("given"):
        yield RowFault("full_name", Fault("name_missing"))
    born: PartialDate | None = row.get("born")
    if born and born.age_on(today)[0] > LONGEST_LIFE:
        yield RowFault("born", Fault("born_too_long_ago"))


def _support_rule(row: Mapping[str, Any], today: date) -> Iterable[RowFault]:
    yield from _who_rule(row, today)
    first, last = row.get("starts_on"), row.get("ends_on")
    if first and begins_later(first, today):
        yield RowFault("starts_on", Fault("begins_later"))
    if first and last and last < first:
        yield RowFault("ends_on", Fault("ends_before_start", {"start": PartialDate.of(first)}))


def unsigned(row: Mapping[str, Any], second_above: Mapping[str, Decimal], today: date) -> Iterable[RowFault]:
    """Support that two people still have to sign for is refused here already, so that it does not stop the others later."""
    first = row.get("starts_on")
    if first and is_unsigned(first, row.get("amount"), second_above.get(row.get("kind", "")), today):
        yield RowFault("amount", Fault("unsigned"))


def _records(
    name: str,
    category: Category,
    *fields: Field,
    rule: RowRule = _who_rule,
    constants: frozenset[str] = frozenset(),
    goes_on: bool = False,
) -> Shape:
    own = (replace(field, category=field.category or category) for field in fields)
    known = {field.name: field for field in (*_WHO, *own)}
    return Shape(name, known, constants, rule, registers=False, goes_on=goes_on)


CUSTODY = _records(
    "custody",
    Category.CUSTODY,
    Field("security_category", _("Security category"), "text", Category.SECURITY),
    Field("facility", _("Facility"), "text"),
    Field("admitted_on", _("Admitted"), "date"),
    Field("sentence_ends_on", _("End of the sentence"), "date"),
    Field("programme", _("Programme"), "text"),
)
SUPERVISION = _records(
    "supervision",
    Category.SUPERVISION,
    Field("measure", _("Measure"), "text"),
    Field("starts_on", _("Begins"), "date"),
    Field("months", _("Duration in months"), "integer"),
    Field("officer", _("Officer"), "code"),
    Field("reporting", _("Reporting"), "text"),
    Field("conditions", _("Conditions"), "list"),
)
ENROLMENT = _records(
    "enrolment",
    Category.EDUCATION,
    Field("school", _("School"), "text"),
    Field("grade", _("Grade"), "integer"),
    Field("catch_up", _("Catch-up class"), "yes_no"),
    Field("remark", _("Remark"), "text"),
)
SUPPORT = _records(
    "support",
    Category.ASSISTANCE,
    Field("kind", _("Kind of support"), "choice"),
    Field("starts_on", _("Begins"), "date"),
    Field("ends_on", _("Ends"), "date"),
    Field("amount", _("Amount in euro"), "decimal"),
    rule=_support_rule,
    constants=frozenset({"payer", "payer_kind", "source"}),
)
SESSIONS = _records(
    "sessions",
    Category.SERVICE,
    Field("activity", _("Activity"), "text"),
    Field("held_on", _("Day"), "date"),
    Field("minutes", _("Minutes"), "integer"),
    Field("attendance", _("Attendance"), "choice"),
    Field("others_present", _("Others of the community present"), "integer"),
    goes_on=True,
)

SHAPES: Mapping[str, Shape] = {
    shape.name: shape for shape in (PEOPLE, CUSTODY, SUPERVISION, ENROLMENT, SUPPORT, SESSIONS)
}
LABELS: Mapping[str, Text] = {
    name: field.label for shape in SHAPES.values() for name, field in shape.fields.items()
}
