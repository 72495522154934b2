"""A case ends by two people, for a reason, with nothing left open."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from homeward.casework.cases.rules import closing, closing_blockers
from homeward.casework.cases.rules.care import State
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.foundation.kernel.errors import RuleBroken

ONE, OTHER = uuid4(), uuid4()


def test_a_closure_needs_a_reason_from_the_list():
    closing.check_can_propose(State.ACTIVE, ClosingReason.GOALS_REACHED, [])
    with pytest.raises(RuleBroken) as refused:
        closing.check_can_propose(State.ACTIVE, "tired of it", [])
    assert refused.value.field == "reason"


def test_a_closure_is_proposed_from_the_assessment_on():
    with pytest.raises(RuleBroken):
        closing.check_can_propose(State.INTAKE, ClosingReason.GOALS_REACHED, [])


def test_the_proposer_cannot_confirm():
    closing.check_can_confirm(State.CLOSURE_PROPOSED, proposed_by=ONE, confirmed_by=OTHER, blockers=[])
    with pytest.raises(RuleBroken) as refused:
        closing.check_can_confirm(State.CLOSURE_PROPOSED, proposed_by=ONE, confirmed_by=ONE, blockers=[])
    assert refused.value.code == "closing.same_person"
    with pytest.raises(RuleBroken):
        closing.check_can_confirm(State.ACTIVE, proposed_by=ONE, confirmed_by=OTHER, blockers=[])


def test_what_is_open_keeps_a_case_open_and_says_so_in_the_readers_language():
    with pytest.raises(RuleBroken) as refused:
        closing.check_can_propose(State.ACTIVE, ClosingReason.NO_NEED, ["One referral is open.", _("No")])
    with translation.override("en"):
        assert str(refused.value.message).endswith("One referral is open. No")
    with pytest.raises(RuleBroken):
        closing.check_can_confirm(
            State.CLOSURE_PROPOSED, proposed_by=ONE, confirmed_by=OTHER, blockers=["One referral is open."]
        )


@pytest.fixture
def a_blocker():
    def blocker(case, *, by):
        return [f"{case} is open for {by}"]

    closing_blockers.register("test.blocker", blocker)
    yield blocker
    closing_blockers.unregister("test.blocker")


def test_every_room_is_asked(a_blocker, monkeypatch):
    # No room of the program, which would want a real case.
    with monkeypatch.context() as alone:
        alone.setattr(closing_blockers, "_registered", {"test.blocker": a_blocker})
        found = closing_blockers.of("a case", by="Ana")
    assert found == ["a case is open for Ana"]


def test_a_room_may_start_twice_but_not_take_anothers_name(a_blocker):
    closing_blockers.register("test.blocker", a_blocker)
    with pytest.raises(ValueError, match="registered already"):
        closing_blockers.register("test.blocker", lambda case, *, by: [])
