"""Mending what is known of a person, and adding the names under which other offices know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeward.casework.people import permissions
from homeward.casework.people.models import BirthPlace, Person, PersonName
from homeward.casework.people.queries import case_of
from homeward.casework.people.rules import FOLD_VERSION
from homeward.casework.people.rules.persons import (
    NameKind,
    Script,
    check_can_be_born,
    check_can_be_named,
    documents_status,
    script_of,
)
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator, action, operation, record, record_operation
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Stale

# A field that is not mentioned stays as it is; None would say that it is to be emptied.
KEEP: Any = object()
_NAME_FIELDS = ("family", "given", "father")
_AT_ONCE = 1000


@action
def correct_person(
    person: Person,
    *,
    by: Member,
    version: int,
    family: str = KEEP,
    given: str = KEEP,
    father: str = KEEP,
    sex: str = KEEP,
    born: PartialDate | None = KEEP,
    birth_place: str = KEEP,
    documents: Sequence[str] | None = KEEP,
    languages: Sequence[str] = KEEP,
    municipality: Any = KEEP,
) -> Person:
    """Corrects what is written about a person. A name that is corrected stays on record as another name.

    `version` is the one the member looked at. Raises `Stale`, with what stands now, if somebody else was faster.
    """
    require(by, permissions.correct_person, person)
    person = Person.objects.locked().get(pk=person.pk)
    if version != person.version:
        raise Stale(person.theirs())
    wanted = {
        "sex": sex,
        "born": born,
        "languages": languages,
        "municipality": municipality,
    }
    wanted |= {} if documents is KEEP else _documents(documents)
    changed = _set(person, wanted)
    check_can_be_born(person.born, today())
    moved = _correct_birth_place(person, birth_place)
    changed += _correct_name(person, {"family": family, "given": given, "father": father})

    person.version += 1
    person.save(update_fields=[*(field for field in changed if field not in _NAME_FIELDS), "version"])
    if {"born", *_NAME_FIELDS} & set(changed):
        _file_again(person)

    record(
        "person.corrected",
        person,
        by=by,
        case=case_of(person, to=by),
        category=Category.IDENTITY,
        fields=changed + moved,
    )
    return person


@action
def add_name(
    person: Person,
    *,
    by: Member,
    family: str = "",
    given: str = "",
    father: str = "",
    kind: str = NameKind.ALIAS,
    source: str = "",
    script: Script | None = None,
) -> PersonName:
    """Adds a name under which an office knows the person. The same name is not added twice: the one there is comes back."""
    require(by, permissions.add_name, person)
    person = Person.objects.locked().get(pk=person.pk)
    check_can_be_named(family, given)

    words = {"family": family.strip(), "given": given.strip(), "father": father.strip()}
    name = next((one for one in person.names.all() if _words(one) == words), None)
    if name is None:
        name = PersonName(
            person=person,
            kind=kind,
            source=source.strip(),
            script=script or script_of(family + given),
            **words,
        )
        name.file(person.name_in_use, person.born)
        name.save(force_insert=True)

    record(
        "person.name_added",
        person,
        by=by,
        case=case_of(person, to=by),
        category=Category.IDENTITY,
        kind=name.kind,
    )
    return name


@operation
def refold_names(*, by: Operator, at_most: int | None = None) -> int:
    """Files every name anew that was filed under older rules, or `at_most` so many. Returns how many there were.

    The rules of folding change with the program; names that were filed by older ones would no longer be found.
    """
    done = 0
    names = PersonName.objects.using("migrate")
    while stale := list(names.exclude(fold_version=FOLD_VERSION).order_by("pk")[: _next(at_most, done)]):
        whose = [name.person_id for name in stale]
        in_use = {name.person_id: name for name in names.filter(person__in=whose, is_primary=True)}
        people = Person.objects.using("migrate").only("pk", "born").in_bulk(whose)
        for name in stale:
            name.file(in_use.get(name.person_id), people[name.person_id].born)
        names.bulk_update(stale, ["folded", "skeletons", "keys", "fold_version"], batch_size=_AT_ONCE)
        done += len(stale)
    record_operation("names.refolded", "personname", by=by, version=FOLD_VERSION, names=done)
    return done


def _next(at_most: int | None, done: int) -> int:
    return _AT_ONCE if at_most is None else max(0, min(_AT_ONCE, at_most - done))


def _documents(documents: Sequence[str] | None) -> dict[str, Any]:
    return {"documents": list(documents or ()), "documents_status": documents_status(documents).value}


def _set(person: Person, wanted: Mapping[str, Any]) -> list[str]:
    """Sets what is wanted and differs; gives the names of those fields."""
    changed = [name for name, value in wanted.items() if value is not KEEP and getattr(person, name) != value]
    for name in changed:
        setattr(person, name, wanted[name])
    return changed


def _correct_birth_place(person: Person, place: str) -> list[str]:
    if place is KEEP or place.strip() == person.birth_place:
        return []
    place = place.strip()
    if not BirthPlace.objects.filter(person=person).update(place=place):
        BirthPlace(person=person, place=place).save(force_insert=True)
    person.birth = BirthPlace(person=person, place=place)
    return ["birth_place"]


def _correct_name(person: Person, wanted: Mapping[str, Any]) -> list[str]:
    name = next(name for name in person.names.all() if name.is_primary)
    before = _words(name)
    after = before | {part: value.strip() for part, value in wanted.items() if value is not KEEP}
    check_can_be_named(after["family"], after["given"])
    changed = [part for part in _NAME_FIELDS if before[part] != after[part]]
    if not changed:
        return []
    if not any(_words(one) == before for one in person.other_names):
        kept = PersonName(
            person=person, kind=NameKind.ALIAS, script=name.script, source=name.source, **before
        )
        kept.file(None, person.born)
        kept.save(force_insert=True)
    for part in changed:
        setattr(name, part, after[part])
    name.script = script_of(name.family + name.given)
    name.save(update_fields=[*changed, "script"])
    return changed


def _file_again(person: Person) -> None:
    """The name in use fills in where others are silent, and the year of birth is in every key: file all of them."""
    names = list(PersonName.objects.filter(person=person))
    in_use = next((name for name in names if name.is_primary), None)
    for name in names:
        name.file(in_use, person.born)
    PersonName.objects.bulk_update(names, ["folded", "skeletons", "keys", "fold_version"])


def _words(name: PersonName) -> dict[str, str]:
    return {part: getattr(name, part) for part in _NAME_FIELDS}
