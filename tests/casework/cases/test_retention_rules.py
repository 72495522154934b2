"""The periods of a country, and what may be done with an archived case on which day."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError

from homeward.casework.cases.actions import keeping
from homeward.casework.cases.models.retention import retention, retention_in
from homeward.casework.cases.rules import retention as rules
from homeward.casework.cases.rules.care import State
from homeward.foundation.kernel import packs
from homeward.foundation.kernel.errors import RuleBroken

TODAY = date(2026, 2, 28)
ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_pack_sets_what_it_wants_and_the_rest_stays():
    assert rules.retention_of({}) == rules.Retention()
    assert rules.retention_of({"closed": {"years": 7}, "uploaded_lists": {"days": 30}}) == rules.Retention(
        closed_years=7, list_days=30
    )
    assert retention() == rules.Retention()
    assert retention_in(packs.load("example")).child_until_age == 25


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ({"closed": {"years": 0}}, "whole number from 1"),
        ({"closed": {"years": True}}, "whole number"),
        ({"closed": {"years": "5"}}, "whole number"),
        ({"closed": {"months": 5}}, "no period"),
        ({"closed": 5}, "no period"),
        ({"opened": {"years": 5}}, "no period"),
        ({"children": {"until_age": 17}}, "from 18"),
    ],
)
def test_a_pack_with_a_mistake_does_not_start(section, why):
    with pytest.raises(ValueError, match=why):
        rules.retention_of(section)


def test_a_pack_that_says_nothing_has_the_usual_periods():
    pack: Any = SimpleNamespace(others=())

    assert retention_in(pack) == rules.Retention()


def test_years_are_counted_by_the_calendar():
    assert rules.years_after(TODAY, 5) == date(2031, 2, 28)
    assert rules.years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_the_last_day_itself_still_counts():
    assert not rules.has_ended(None, TODAY)
    assert not rules.has_ended(TODAY, TODAY)
    assert rules.has_ended(date(2026, 2, 27), TODAY)


@pytest.mark.parametrize(
    ("state", "kept", "until", "code"),
    [
        (State.ARCHIVED, date(2026, 2, 1), date(2031, 2, 28), None),
        (State.ARCHIVED, date(2027, 1, 1), date(2027, 1, 2), None),
        (State.ARCHIVED, date(2027, 1, 1), date(2027, 1, 1), "retention.not_longer"),
        (State.ARCHIVED, None, TODAY, "retention.not_longer"),
        (State.ARCHIVED, date(2026, 2, 1), date(2031, 3, 1), "retention.too_long"),
        (State.CLOSED, None, date(2027, 1, 1), "care.keep_longer"),
    ],
)
def test_how_long_a_case_can_be_kept(state, kept, until, code):
    if code is None:
        rules.check_can_keep_longer(state, kept, until, TODAY, rules.Retention())
        return
    with pytest.raises(RuleBroken) as refused:
        rules.check_can_keep_longer(state, kept, until, TODAY, rules.Retention())
    assert str(refused.value.message)
    assert refused.value.code == code


ENDED, NOT_YET = date(2026, 2, 27), date(2026, 2, 28)


@pytest.mark.parametrize(
    ("check", "state", "kept_until", "proposed_by", "kept", "code"),
    [
        ("propose_erasure", State.ARCHIVED, ENDED, None, [], None),
        ("propose_erasure", State.ARCHIVED, ENDED, OTHER, [], None),
        ("propose_erasure", State.ARCHIVED, ENDED, ONE, [], "erasure.proposed"),
        ("propose_erasure", State.ARCHIVED, NOT_YET, None, [], "erasure.early"),
        ("propose_erasure", State.ARCHIVED, None, None, [], "erasure.early"),
        ("propose_erasure", State.ARCHIVED, ENDED, None, ["A court.", "A school."], "erasure.kept"),
        ("propose_erasure", State.CLOSED, None, None, [], "care.propose_erasure"),
        ("erase", State.ARCHIVED, ENDED, OTHER, [], None),
        ("erase", State.ARCHIVED, ENDED, ONE, [], "erasure.same_person"),
        ("erase", State.ARCHIVED, ENDED, None, [], "erasure.not_proposed"),
        ("erase", State.ARCHIVED, NOT_YET, OTHER, [], "erasure.early"),
        ("erase", State.ARCHIVED, ENDED, OTHER, ["A court."], "erasure.kept"),
        ("erase", State.CLOSED, None, OTHER, [], "care.erase"),
    ],
)
def test_what_two_people_may_do(check, state, kept_until, proposed_by, kept, code):
    function = getattr(rules, f"check_can_{check}")
    if code is None:
        function(state, kept_until, TODAY, proposed_by=proposed_by, by=ONE, kept=kept)
        return
    with pytest.raises(RuleBroken) as refused:
        function(state, kept_until, TODAY, proposed_by=proposed_by, by=ONE, kept=kept)
    assert all(sentence in str(refused.value.message) for sentence in kept)
    assert refused.value.code == code


def test_kinds_are_counted_once_and_unknown_tables_are_not_hidden():
    rules.add_kinds({"plan": "Plans"})
    found = {
        str(kind): number
        for kind, number in rules.in_kinds(
            {
                "case_note": 3,
                "case_note_text": 3,
                "person": 1,
                "case_team_member": 0,
                "plan": 2,
                "orchard": 4,
                "pear": 1,
            }
        )
    }
    assert found == {"The person's own details": 1, "Notes": 3, "Plans": 2, "Other records": 5}


@pytest.mark.parametrize(("code", "field"), [("retention.too_long", "until"), ("erasure.early", None)])
def test_the_databases_refusal_is_said_in_words(code, field):
    refused = keeping._refused(DatabaseError(f"{code}\nCONTEXT: …"))
    assert (refused.code, refused.field) == (code, field)


def test_what_the_database_did_not_say_itself_stays_an_error():
    with pytest.raises(DatabaseError):
        keeping._refused(DatabaseError("disk full"))
