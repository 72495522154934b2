"""One row in words, beside everybody it could be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.people import queries as people
from homeward.casework.people.models import Person
from homeward.casework.people.rules.households import Relation
from homeward.casework.people.rules.persons import DOCUMENTS, Sex
from homeward.doors.intake.models import (
    IntakeRow,
)
from homeward.doors.intake.rules.evidence import (
    Evidence,
    Likeness,
    births_a_slip_apart,
    births_alike,
    names_alike,
    perhaps_a_slip,
)
from homeward.doors.intake.rules.shapes import LABELS
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Fact:
    """One thing a row says, and what is known of somebody it could be."""

    label: Text
    here: Text
    there: Text = ""
    fits: bool = False  # two spellings of one name, a year and a day in it
    is_slip: bool = False  # one of the two, mistyped

    @property
    def agrees(self) -> str:
        """same, fits, slip, differs, or nothing when one side says nothing."""
        if not self.here or not self.there:
            return ""
        if str(self.here) == str(self.there):
            return "same"
        if self.fits:
            return "fits"
        return "slip" if self.is_slip else "differs"


@dataclass(frozen=True)
class Compared:
    """Somebody a row could be: the value that says so, what they are called, why they were found, fact by fact."""

    value: str
    title: Text
    why: Text
    facts: list[Fact]
    url: str = ""
    kin: tuple[str, ...] = ()  # those around them, as “Ardita Osmani (mother)”

    @property
    def anchor(self) -> str:
        """A name for its table on the page."""
        return f"beside-{self.value.replace(':', '-')}"


WHY_FOUND: Mapping[str, Text] = {
    "alike": _("Name and birth can be the same."),
    "sure": _("Name, birth and what else is known fit, and fit nobody else."),
    "maybe": _("Something of it fits. Look closely: relatives and namesakes fit, too."),
    "twice": _("This list has somebody like that in another row."),
    "number": _("This row of the earlier list spoke of this person."),
    "head": _("This family has this head already."),
}
_DAYS = frozenset({"arrived_on", "starts_on", "ends_on", "admitted_on", "sentence_ends_on", "held_on"})
_SHOWN = ("surname", "given", "father", "sex", "born", "birthplace", "municipality", "relation", "arrived_on")


def in_words(values: Mapping[str, Any], *, to: Member) -> dict[str, Text]:
    """What a stored row says, by field, as people read it."""
    places = {place.code: place.label for place in institutions.municipalities(to=to)}
    return {
        name: _in_words(name, value, places) for name, value in values.items() if value not in (None, "", [])
    }


def _in_words(name: str, value: Any, places: Mapping[str, str]) -> Text:
    if name == "born":
        return str(PartialDate.parse(value))
    if name in _DAYS:
        return str(PartialDate.parse(value))
    if name == "municipality":
        return str(places.get(value, value))
    if name == "sex" and value in Sex.values:
        return Sex(value).label
    if name == "relation" and value in Relation.values:
        return Relation(value).label
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(DOCUMENTS.get(item, item)) for item in value)
    return str(value)


def facts(row: IntakeRow, *, to: Member) -> list[Fact]:
    """Everything a row says, in the order of the fields."""
    said = in_words(row.values, to=to)
    return [Fact(label, said[name]) for name, label in LABELS.items() if name in said]


def compared(row: IntakeRow, *, to: Member) -> list[Compared]:
    """Everybody a row could be, each beside what the row says. Those out of sight by now are left out."""
    said, ours = in_words(row.values, to=to), Evidence.of_row(row.values)
    known = {
        str(person.pk): person
        for person in people.visible(to=to).filter(pk__in=row.candidate_people).with_names()
    }
    places = [one["row"] for one in row.candidates if "row" in one]
    rows = {
        other.position: other for other in IntakeRow.objects.filter(batch=row.batch_id, position__in=places)
    }
    found = []
    for one in row.candidates:
        why = WHY_FOUND[one["why"]]
        if one.get("person") in known:
            person = known[one["person"]]
            beside = _facts(said, _of_person(person), ours, evidence_of(person)[0])
            around = tuple(
                f"{kin.person.full_name} ({kin.kin.label})" for kin in people.kin_of(person, to=to)
            )
            found.append(
                Compared(one["person"], person.full_name, why, beside, person.get_absolute_url(), around)
            )
        elif one.get("row") in rows:
            other = rows[one["row"]].values
            beside = _facts(said, in_words(other, to=to), ours, Evidence.of_row(other))
            title = format_lazy(_("Row {row} of this list"), row=one["row"])
            found.append(Compared(f"row:{one['row']}", title, why, beside))
    return found


def evidence_of(person: Person) -> list[Evidence]:
    """What somebody known is recognised by, under each of their names; the one in use first."""
    return [
        Evidence(name.family, name.given, name.father, person.born, person.sex) for name in person.names.all()
    ] or [Evidence(born=person.born, sex=person.sex)]


def _of_person(person: Person) -> dict[str, Text]:
    name = person.name_in_use
    theirs: dict[str, Text] = {"sex": person.get_sex_display(), "birthplace": person.birth_place}
    if name is not None:
        theirs |= {"surname": name.family, "given": name.given, "father": name.father}
    if person.born is not None:
        theirs["born"] = str(person.born)
    if person.municipality is not None:
        theirs["municipality"] = person.municipality.label
    return theirs


def _facts(
    here: Mapping[str, Text], there: Mapping[str, Text], ours: Evidence, theirs: Evidence
) -> list[Fact]:
    fits = {
        "surname": names_alike(ours.surname, theirs.surname),
        "given": names_alike(ours.given, theirs.given),
        "father": names_alike(ours.father, theirs.father),
        "born": births_alike(ours.born, theirs.born),
    }
    slips = {
        "surname": perhaps_a_slip(ours.surname, theirs.surname),
        "given": perhaps_a_slip(ours.given, theirs.given),
        "father": perhaps_a_slip(ours.father, theirs.father),
        "born": births_a_slip_apart(ours.born, theirs.born),
    }
    return [
        Fact(
            LABELS[name],
            here.get(name, ""),
            there.get(name, ""),
            fits.get(name, Likeness.DIFFERENT) >= Likeness.CLOSE,
            slips.get(name, False),
        )
        for name in _SHOWN
        if here.get(name) or there.get(name)
    ]
