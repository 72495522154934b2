"""A case moves only along its table, whatever people try in whatever order."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from homeward.casework.cases.rules import care
from homeward.casework.cases.rules.care import (
    AT_REST,
    CARE,
    CLOSABLE,
    IN_WORK,
    REMEMBERING,
    Setting,
    State,
)
from homeward.foundation.kernel.errors import RuleBroken

MOVES = [move.name for move in CARE.moves]


def test_a_case_goes_from_expected_to_closed():
    state = CARE.initial
    for name in (
        "prepare",
        "receive",
        "begin_intake",
        "begin_assessment",
        "mark_planned",
        "activate",
        "propose_closure",
        "confirm_closure",
    ):
        CARE.check(name, state)
        state = CARE.target(name)
    assert state == State.CLOSED


def test_a_reopened_case_is_assessed_afresh():
    assert CARE.target("reopen") == State.REOPENED
    assert [
        move.name for move in CARE.moves_from(State.REOPENED) if move.name not in ("suspend", "transfer")
    ] == ["begin_assessment"]


def test_only_an_erased_case_is_at_its_end():
    assert CARE.terminal() == {State.ERASED}
    assert CARE.reachable() == set(State.values)


def test_one_who_was_given_up_can_still_arrive():
    CARE.check("receive", State.WITHDRAWN)


@pytest.mark.parametrize(
    "state", [State.CLOSED, State.ARCHIVED, State.WITHDRAWN, State.EXPECTED, State.RECEPTION]
)
def test_no_closure_without_an_assessment(state):
    with pytest.raises(RuleBroken):
        CARE.check("propose_closure", state)


def test_an_archived_case_is_kept_longer_or_erased_and_nothing_else():
    assert [name for name, _label in care.moves_by_hand(State.ARCHIVED)] == [
        "keep_longer",
        "propose_erasure",
        "erase",
    ]
    assert care.moves_by_hand(State.ERASED) == []
    assert "archive" in dict(care.moves_by_hand(State.CLOSED))


@pytest.mark.parametrize("state", State.values)
def test_a_case_begins_expected_or_in_reception(state):
    if state in (State.EXPECTED, State.RECEPTION):
        care.check_can_open(state)
    else:
        with pytest.raises(RuleBroken) as refused:
            care.check_can_open(state)
        assert refused.value.field == "state"


def test_an_active_case_moves_only_to_another_setting():
    care.check_can_activate(State.PLANNED, None, Setting.CUSTODY)
    care.check_can_activate(State.ACTIVE, Setting.CUSTODY, Setting.SUPERVISION)
    with pytest.raises(RuleBroken) as same:
        care.check_can_activate(State.ACTIVE, Setting.CUSTODY, Setting.CUSTODY)
    with pytest.raises(RuleBroken) as unknown:
        care.check_can_activate(State.PLANNED, None, "at home")
    with pytest.raises(RuleBroken) as early:
        care.check_can_activate(State.INTAKE, None, Setting.CUSTODY)
    assert (same.value.code, unknown.value.field, early.value.field) == ("care.activate", "setting", None)


@pytest.mark.parametrize(
    ("state", "previous", "kept"),
    [
        (State.ACTIVE, None, True),
        (State.SUSPENDED, State.ACTIVE, True),
        (State.CLOSURE_PROPOSED, State.ACTIVE, True),
        (State.SUSPENDED, State.PLANNED, False),
        (State.CLOSED, None, False),
        (State.REOPENED, None, False),
    ],
)
def test_a_setting_belongs_to_an_active_case(state, previous, kept):
    assert care.setting_after(state, previous, Setting.CUSTODY) == (Setting.CUSTODY if kept else None)


def test_a_case_goes_only_to_another_institution_that_knows_it():
    care.check_can_transfer(State.ACTIVE, leads="one", to="two", involved=True)
    with pytest.raises(RuleBroken):
        care.check_can_transfer(State.ACTIVE, leads="one", to="one", involved=True)
    with pytest.raises(RuleBroken):
        care.check_can_transfer(State.ACTIVE, leads="one", to="two", involved=False)
    with pytest.raises(RuleBroken):
        care.check_can_transfer(State.EXPECTED, leads="one", to="two", involved=True)


def test_a_reason_is_words():
    care.check_reason("ill")
    with pytest.raises(RuleBroken) as refused:
        care.check_reason("  ")
    assert refused.value.field == "reason"


def test_nothing_has_happened_tomorrow():
    care.check_not_in_the_future(None, date(2026, 11, 22), "on")
    care.check_not_in_the_future(date(2026, 11, 22), date(2026, 11, 22), "on")
    with pytest.raises(RuleBroken) as refused:
        care.check_not_in_the_future(date(2026, 11, 23), date(2026, 11, 22), "arrived_on")
    assert refused.value.field == "arrived_on"


def test_a_paused_case_knows_its_way_back():
    assert care.back_to(State.PLANNED) == State.PLANNED
    with pytest.raises(RuleBroken):
        care.back_to(None)


class AnyoneTriesAnything(RuleBasedStateMachine):
    """Whatever sequence of moves people try, a case is always somewhere it can be, and can always come back."""

    def __init__(self) -> None:
        super().__init__()
        self.state: str = CARE.initial
        self.previous: str | None = None
        self.been = {self.state}

    @rule(name=st.sampled_from(MOVES))
    def try_a_move(self, name: str) -> None:
        allowed = name in {move.name for move in CARE.moves_from(self.state)}
        try:
            CARE.check(name, self.state)
        except RuleBroken:
            assert not allowed
            return
        assert allowed
        back = name in ("resume", "take_over", "reject_closure")
        before, self.state = self.state, CARE.target(name, care.back_to(self.previous) if back else None)
        self.previous = before if self.state in REMEMBERING else None
        self.been.add(self.state)

    @precondition(lambda self: self.previous is not None)
    @rule()
    def what_it_remembers_is_a_place_it_was_at(self) -> None:
        assert self.previous in (CLOSABLE if self.state == State.CLOSURE_PROPOSED else IN_WORK)
        assert self.previous in self.been

    @invariant()
    def it_remembers_exactly_when_it_pauses(self) -> None:
        assert (self.previous is not None) == (self.state in REMEMBERING)

    @invariant()
    def closed_only_through_a_proposal(self) -> None:
        if self.state == State.CLOSED:
            assert State.CLOSURE_PROPOSED in self.been
            assert self.been & CLOSABLE

    @invariant()
    def never_stuck(self) -> None:
        assert self.state in AT_REST or CARE.moves_from(self.state)


TestAnyoneTriesAnything = AnyoneTriesAnything.TestCase


def test_every_move_has_its_words():
    assert set(care.WORDS) == set(MOVES)
    for move in CARE.moves:
        assert str(care.WORDS[move.name]) == str(move.label)
