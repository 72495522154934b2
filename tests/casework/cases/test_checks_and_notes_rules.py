"""Which first checks a person needs, and what a note has to say about itself."""

from __future__ import annotations

from datetime import date

import pytest

from homeward.casework.cases.rules import checks, notes, tracks
from homeward.casework.cases.rules.notes import Label
from homeward.casework.cases.rules.tracks import Track
from homeward.foundation.access.rules import Category
from homeward.foundation.kernel.errors import RuleBroken

DAY = date(2026, 11, 22)


def test_an_adult_with_certain_age_has_no_guardian_and_no_age_to_check():
    assert checks.checks_for(minor=False, age_certain=True, first_of_family=False) == [
        "identity",
        "documents",
        "medical_triage",
        "psychosocial_triage",
    ]


def test_the_first_of_a_family_carries_the_familys_checks():
    extra = set(checks.checks_for(minor=False, age_certain=True, first_of_family=True)) - set(
        checks.checks_for(minor=False, age_certain=True, first_of_family=False)
    )
    assert extra == {"package", "family_unity", "accommodation"}


def test_a_child_of_uncertain_age_needs_every_check_of_a_person():
    assert {"age", "guardian"} <= set(checks.checks_for(minor=True, age_certain=False, first_of_family=False))


@pytest.mark.parametrize(
    ("born", "day"),
    [
        (None, None),
        (date(2010, 12, 31), date(2028, 12, 31)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2002, 2, 28), date(2020, 2, 28)),
    ],
)
def test_of_age_is_who_certainly_is(born, day):
    assert checks.adult_on(born) == day


def test_a_doctor_sees_the_doctors_check_and_no_other():
    everything = [check.code for check in checks.CHECKS]
    assert [check.code for check in checks.known(everything, {Category.HEALTH})] == ["medical_triage"]
    assert checks.known(["identity"], {Category.HEALTH}) == []


def test_no_check_has_a_word_that_marks_a_family():
    words = " ".join(f"{check.title} {check.hint}" for check in checks.CHECKS).lower()
    for word in ("return", "reception", "terror", "extremis", "rehabilit", "reintegr"):
        assert word not in words


def test_leaving_a_check_out_needs_a_reason():
    assert (
        checks.check_can_tick(["guardian"], "guardian", "not_needed", "comes with her mother").code
        == "guardian"
    )
    assert checks.check_can_tick(["guardian"], "guardian", "done", "").category == Category.CHILD_PROTECTION
    with pytest.raises(RuleBroken) as refused:
        checks.check_can_tick(["guardian"], "guardian", "not_needed", " ")
    assert refused.value.field == "why"


@pytest.mark.parametrize(
    ("codes", "code", "result", "field"),
    [
        ([], "identity", "done", "code"),
        (["x"], "x", "done", "code"),
        (["identity"], "identity", "perhaps", "result"),
    ],
)
def test_only_a_check_of_the_case_can_be_done(codes, code, result, field):
    with pytest.raises(RuleBroken) as refused:
        checks.check_can_tick(codes, code, result, "")
    assert refused.value.field == field


def write(**changes):
    notes.check_can_write(
        **{
            "category": Category.CASE,
            "label": Label.FACT,
            "happened_on": DAY,
            "text": "seen",
            "today": DAY,
            **changes,
        }
    )


def test_a_note_with_everything_is_accepted():
    write()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": Category.IDENTITY}, "category"),
        ({"category": 77}, "category"),
        ({"label": "rumour"}, "label"),
        ({"happened_on": date(2026, 11, 23)}, "happened_on"),
        ({"text": " \n"}, "text"),
        ({"text": "x" * (notes.MAX_LENGTH + 1)}, "text"),
    ],
)
def test_a_note_that_lacks_something_says_what(changes, field):
    with pytest.raises(RuleBroken) as refused:
        write(**changes)
    assert refused.value.field == field


def test_only_the_newest_version_is_corrected():
    notes.check_can_correct(superseded=False)
    with pytest.raises(RuleBroken):
        notes.check_can_correct(superseded=True)


@pytest.fixture
def a_track():
    track = Track(
        "test.custody", "Custody", Category.CUSTODY, lambda case, *, to: "Dubrava" if case else None
    )
    tracks.register(track)
    yield track
    tracks.unregister("test.custody")


def test_a_track_is_shown_only_with_its_category_and_when_it_has_something_to_say(a_track):
    assert [line.summary for line in tracks.lines("case", to="Ana", categories={Category.CUSTODY})] == [
        "Dubrava"
    ]
    assert tracks.lines("case", to="Ana", categories={Category.CASE}) == []
    assert tracks.lines("", to="Ana", categories={Category.CUSTODY}) == []


def test_a_track_may_register_twice_but_not_take_anothers_name(a_track):
    tracks.register(a_track)
    with pytest.raises(ValueError, match="registered already"):
        tracks.register(Track("test.custody", "Other", Category.LEGAL, lambda case, *, to: None))
