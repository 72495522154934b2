"""Rows that are stored all at once are the rows that would have been stored one by one."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from homeward.casework.people.models import Person, PersonName
from homeward.casework.people.rules.persons import Sex
from homeward.foundation.access.actions import Opened, open_own
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.refs import new_id, new_ref
from homeward.foundation.kernel.rows import insert_many, update_many

MOMENT = datetime(2019, 4, 20, 8, 15, 0, 123456, tzinfo=UTC)
NASTY = 'Ђorđe "O\'Neil" \\ {a,b} null %s\n\t😀'


def somebody(by, **more):
    return Person(created_by=by, created_at=MOMENT, **more)


def names_of(person, **more):
    name = PersonName(
        person=person, kind="primary", script="latn", is_primary=True, family=NASTY, fold_version=1, **more
    )
    name.folded, name.skeletons, name.keys = [NASTY, "{}", "null"], [], [2**63 - 1, -(2**63), 0]
    return name


def seen(person, by):
    """The same person, read by whoever just opened the door."""
    open_own([Opened(new_id(), new_ref(), person.pk, MOMENT)], by=by)
    return Person.objects.get(pk=person.pk)


def said(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_every_kind_of_value_comes_back_as_it_went_in(acting, ana):
    with acting(ana):
        person = somebody(
            ana,
            sex=Sex.FEMALE,
            born=PartialDate(1992, 11, approximate=True),
            documents=["a,b", '"', "{}"],
        )
        insert_many([person])
        name = names_of(person)
        insert_many([name])

        assert said(seen(person, ana)) == said(person)
        assert said(PersonName.objects.get(pk=name.pk)) == said(name)


def test_what_is_to_be_translated_is_stored_as_it_reads_now(acting, ana):
    with acting(ana):
        person = somebody(ana)
        insert_many([person])
        insert_many([names_of(person, source=_("Unknown"))])

        assert seen(person, ana).names.get().source == "Unknown"


def test_a_stored_row_is_known_to_be_stored(acting, ana):
    with acting(ana):
        person = somebody(ana)
        insert_many(iter([person]))

        assert not person._state.adding


def test_without_rows_nothing_happens(acting, ana):
    with acting(ana):
        insert_many([])
        update_many([], "sex")


def test_a_text_that_is_too_long_is_refused_and_not_cut(acting, ana):
    with acting(ana):
        person = somebody(ana)
        insert_many([person])
        with pytest.raises(DatabaseError), transaction.atomic():
            insert_many([names_of(person, source="x" * 121)])


def test_the_policies_of_the_table_are_asked(acting, ana, dora):
    with acting(ana):
        theirs = somebody(ana)
        insert_many([theirs])
        seen(theirs, ana)
    with acting(dora), pytest.raises(DatabaseError), transaction.atomic():
        insert_many([names_of(theirs)])


def test_some_fields_of_many_rows_are_saved(acting, ana):
    with acting(ana):
        people = [somebody(ana), somebody(ana)]
        insert_many(people)
        names = [
            names_of(person, source=place) for person, place in zip(people, ("Peja", "Deçan"), strict=True)
        ]
        insert_many(names)
        for name in names:
            seen(name.person, ana)
            name.source, name.father, name.folded = NASTY, "Selim", ["none"]
        update_many(names, "source", "folded")

        kept = [PersonName.objects.get(pk=name.pk) for name in names]
        assert {name.source for name in kept} == {NASTY}
        assert [name.folded for name in kept] == [["none"], ["none"]]
        assert {name.father for name in kept} == {""}, "other fields stay as they were"
