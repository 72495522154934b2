"""The database itself refuses what cannot be, whoever asks."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from homeward.casework.people.models import (
    Guardianship,
    Household,
    HouseholdMembership,
    Person,
    PersonName,
    PublishedFigure,
    Return,
    ReturnWave,
)
from homeward.casework.people.rules.households import Relation
from homeward.casework.people.rules.returns import ReturnState

DAY = date(2020, 1, 1)


@pytest.fixture
def someone(acting, ana):
    """A person without a case: whoever registers may still write about them."""
    with acting(ana):
        person = Person(created_by=ana)
        person.save(force_insert=True)
        yield person


@pytest.fixture
def home(someone, ana):
    household = Household(created_by=ana)
    household.save(force_insert=True)
    return household


def refused(row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def test_a_sex_that_does_not_exist(someone, ana):
    refused(Person(created_by=ana, sex="Q"), "person_known_sex")


def test_papers_of_a_status_that_does_not_exist(someone, ana):
    refused(Person(created_by=ana, documents_status="lost"), "person_known_documents_status")


def test_a_version_below_one(someone, ana):
    refused(Person(created_by=ana, version=0), "person_version")


def test_a_date_that_is_none(someone, ana):
    with pytest.raises(IntegrityError, match="born"), transaction.atomic():
        Person.objects.bulk_create([_with_text(Person(created_by=ana), "born", "1992-13")])


def _with_text(row, field, text):
    """Past the field, as somebody with a database client would write it."""
    from homeward.foundation.kernel.dates import PartialDate

    class Wrong(PartialDate):
        iso = property(lambda self: text)

    setattr(row, field, Wrong(1992))
    return row


def test_two_names_in_use(someone):
    PersonName(person=someone, given="Ardita", is_primary=True).save(force_insert=True)
    refused(PersonName(person=someone, given="Besa", is_primary=True), "person_name_one_in_use")


def test_a_name_that_says_nothing(someone):
    refused(PersonName(person=someone, father="Jusuf"), "person_name_says_something")


def test_kinds_and_scripts_of_names(someone):
    refused(PersonName(person=someone, given="Ardita", kind="nick"), "person_name_known_kind")
    refused(PersonName(person=someone, given="Ardita", script="hebr"), "person_name_known_script")


def test_a_membership_that_ends_before_it_begins(someone, home):
    refused(
        HouseholdMembership(household=home, person=someone, starts_on=DAY, ends_on=DAY - timedelta(days=1)),
        "household_membership_period",
    )


def test_a_relation_that_does_not_exist(someone, home):
    refused(
        HouseholdMembership(household=home, person=someone, relation="boss"),
        "household_membership_known_relation",
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (None, None),
        (DAY, None),
        (DAY + timedelta(days=9), DAY + timedelta(days=20)),
        (None, DAY),
        (DAY + timedelta(days=10), None),
    ],
)
def test_two_memberships_in_one_household_at_once(someone, home, starts_on, ends_on):
    first = HouseholdMembership(
        household=home, person=someone, starts_on=DAY, ends_on=DAY + timedelta(days=10)
    )
    first.save(force_insert=True)

    refused(
        HouseholdMembership(household=home, person=someone, starts_on=starts_on, ends_on=ends_on),
        "household_membership_no_overlap",
    )


def test_leaving_and_coming_back_is_possible(someone, home):
    for starts_on, ends_on in (
        (None, DAY),
        (DAY + timedelta(days=1), DAY + timedelta(days=5)),
        (DAY + timedelta(days=6), None),
    ):
        HouseholdMembership(household=home, person=someone, starts_on=starts_on, ends_on=ends_on).save(
            force_insert=True
        )


def test_two_heads_of_one_household(someone, home, ana):
    other = Person(created_by=ana)
    other.save(force_insert=True)
    HouseholdMembership(household=home, person=someone, relation=Relation.HEAD).save(force_insert=True)

    refused(
        HouseholdMembership(household=home, person=other, relation=Relation.SINGLE),
        "household_membership_one_head",
    )
    HouseholdMembership(household=home, person=other, relation=Relation.HEAD, ends_on=DAY).save(
        force_insert=True
    )


def test_guardianships(someone, ana):
    other = Person(created_by=ana)
    other.save(force_insert=True)

    def guarding(**values):
        return Guardianship(**{"child": someone, "kind": "guardian", "linked_by": ana, **values})

    refused(guarding(), "guardianship_one_of_two")
    refused(guarding(guardian=other, institution_name="Centre"), "guardianship_one_of_two")
    refused(guarding(guardian=someone), "guardianship_not_self")
    refused(guarding(guardian=other, kind="friend"), "guardianship_known_kind")
    refused(guarding(guardian=other, starts_on=DAY, ends_on=DAY - timedelta(days=1)), "guardianship_period")
    guarding(institution_name="Centre").save(force_insert=True)


def test_returns(someone, ana):
    def coming(**values):
        return Return(**{"person": someone, "entered_by": ana, **values})

    refused(coming(state="lost"), "person_return_known_state")
    refused(coming(state=ReturnState.ARRIVED, channel="boat"), "person_return_known_channel")
    refused(coming(state=ReturnState.EXPECTED), "person_return_expected_expires")
    refused(
        coming(state=ReturnState.EXPECTED, expires_on=DAY, arrived_on=DAY), "person_return_expected_expires"
    )
    refused(coming(state=ReturnState.EXPIRED, arrived_on=DAY), "person_return_expired_never_arrived")
    coming(state=ReturnState.EXPECTED, expires_on=DAY).save(force_insert=True)
    refused(coming(state=ReturnState.EXPECTED, expires_on=DAY), "person_return_expected_once")


def test_nobody_arrives_twice_with_one_wave(someone, ana):
    wave = ReturnWave(code="test-wave", on=DAY)
    wave.save(force_insert=True)
    refused(ReturnWave(code="boat-wave", on=DAY, channel="boat"), "return_wave_known_channel")
    refused(ReturnWave(code="test-wave", on=DAY), "code")
    Return(person=someone, wave=wave, state=ReturnState.ARRIVED, entered_by=ana).save(force_insert=True)

    refused(
        Return(person=someone, wave=wave, state=ReturnState.ARRIVED, entered_by=ana),
        "person_return_once_per_wave",
    )
    Return(person=someone, wave=wave, state=ReturnState.CANCELLED, entered_by=ana).save(force_insert=True)


def test_figures(someone):
    def figure(**values):
        return PublishedFigure(
            **{"key": "travelled", "value": 403, "unit": "people", "source": "a report", **values}
        )

    refused(figure(value=-1), "published_figure_not_negative")
    refused(figure(source=""), "published_figure_has_source")
    itself = figure()
    itself.part_of = itself
    refused(itself, "published_figure_not_own_part")
    figure().save(force_insert=True)
    refused(figure(value=404), "published_figure_once_per_source")


def test_logs_show_references_and_keys_and_never_a_name(someone, home, ana):
    name = PersonName(person=someone, given="Ardita", family="Osmani")
    rows = [
        someone, name, home,
        HouseholdMembership(household=home, person=someone),
        Guardianship(child=someone, kind="guardian"),
        Return(person=someone),
    ]  # fmt: skip

    assert not [row for row in rows if "Ardita" in str(row) or "Osmani" in repr(row)]
    assert str(ReturnWave(code="2019")) == "2019"
    assert "a report" in str(PublishedFigure(key="travelled", source="a report"))
