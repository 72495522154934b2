"""Every refusal carries words, a place and a code."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from homeward.foundation.kernel.errors import (
    Missing,
    NoContext,
    NotPermitted,
    Refusal,
    RuleBroken,
    Stale,
    Throttled,
    Unaudited,
)

KINDS: list[type[Refusal]] = [Refusal, RuleBroken, NotPermitted, Missing, NoContext, Unaudited, Throttled]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_words_of_its_own(kind):
    refusal = kind()

    assert isinstance(refusal, Refusal)
    assert str(refusal)
    assert refusal.field is None
    assert refusal.code == kind.default_code


def test_no_two_kinds_share_a_code_or_a_text():
    kinds: list[type[Refusal]] = [*KINDS, Stale]

    assert len({kind.default_code for kind in kinds}) == len(kinds)
    assert len({str(kind.default_message) for kind in kinds}) == len(kinds)


def test_a_refusal_says_what_where_and_why():
    refusal = RuleBroken("Choose a day after the referral.", field="on", code="referral.too_early")

    assert (refusal.message, refusal.field, refusal.code) == (
        "Choose a day after the referral.",
        "on",
        "referral.too_early",
    )
    assert repr(refusal) == (
        "RuleBroken('Choose a day after the referral.', field='on', code='referral.too_early')"
    )


def test_the_words_are_chosen_when_they_are_read():
    refusal = RuleBroken(gettext_lazy("Yes"))

    with translation.override("sq"):
        assert str(refusal) == "Po"
    with translation.override("en"):
        assert str(refusal) == "Yes"


def test_a_stale_edit_brings_the_values_that_stand_now():
    theirs = {"title": "Rent until May"}
    refusal = Stale(theirs, field="title")
    theirs["title"] = "changed afterwards"

    assert refusal.theirs == {"title": "Rent until May"}
    assert refusal.field == "title"
    assert str(refusal) == str(Stale.default_message)


def test_whoever_catches_refusals_catches_all_of_them():
    for kind in KINDS:
        with pytest.raises(Refusal):
            raise kind("No.")
    with pytest.raises(Refusal):
        raise Stale({})
