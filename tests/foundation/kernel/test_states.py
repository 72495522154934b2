"""A state table allows exactly the moves that are written in it, and says why not to all others."""

from __future__ import annotations

import re

import pytest
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.states import Move, StateTable

LETTER = StateTable(
    "letter",
    initial="sent",
    states={
        "sent": "Sent",
        "accepted": "Accepted",
        "declined": "Declined",
        "waiting": "On hold",
        "done": "Done",
    },
    moves=[
        Move("accept", {"sent", "declined"}, "accepted"),
        Move("decline", {"sent"}, "declined"),
        Move("suspend", {"sent", "accepted"}, "waiting"),
        Move("resume", {"waiting"}, {"sent", "accepted"}, "Take up again"),
        Move("conclude", {"accepted"}, "done"),
    ],
)


@st.composite
def tables(draw):
    """Any well-formed table: every state but the first is the target of a move from an earlier one."""
    count = draw(st.integers(1, 7))
    states = [f"s{number}" for number in range(count)]
    moves = [
        Move(f"to_{state}", {states[draw(st.integers(0, number - 1))]}, state)
        for number, state in enumerate(states)
        if number
    ]
    anywhere = st.sets(st.sampled_from(states), min_size=1)
    moves += [Move(f"m{number}", draw(anywhere), draw(anywhere)) for number in range(draw(st.integers(0, 5)))]
    return StateTable("any", initial="s0", states={state: state.upper() for state in states}, moves=moves)


@given(tables())
def test_a_move_is_allowed_exactly_from_the_states_it_is_written_for(table):
    for move in table.moves:
        for state in table.states:
            if state in move.sources:
                table.check(move.name, state)
            else:
                with pytest.raises(RuleBroken):
                    table.check(move.name, state)


@given(tables())
def test_the_offered_moves_are_the_allowed_ones(table):
    for state in table.states:
        offered = table.moves_from(state)

        assert [move for move in table.moves if state in move.sources] == list(offered)
        for move in offered:
            for target in move.targets:
                assert table.target(move.name, target) == target
                table.check(move.name, state, target)


@given(tables())
def test_whatever_happens_one_stays_among_the_reachable_states(table):
    for start in table.states:
        inside = table.reachable(start)
        assert start in inside
        for state in inside:
            for move in table.moves_from(state):
                assert move.targets <= inside


@given(tables())
def test_an_end_is_where_nothing_leads_on(table):
    for state in table.states:
        assert (state in table.terminal()) == table.is_terminal(state) == (not table.moves_from(state))
        if table.is_terminal(state):
            assert table.reachable(state) == {state}


@given(tables())
def test_the_diagram_shows_every_state_and_every_step_once(table):
    lines = table.mermaid().splitlines()

    assert lines[0] == "stateDiagram-v2"
    assert lines[1] == "    [*] --> s0"
    for state in table.states:
        assert lines.count(f"    {state} : {state.upper()}") == 1
        assert (f"    {state} --> [*]" in lines) == table.is_terminal(state)
    drawn = sorted(line.strip() for line in lines if re.search(r"--> s\d+ :", line))
    assert drawn == sorted(
        f"{source} --> {target} : {move.label}"
        for move in table.moves
        for source in move.sources
        for target in move.targets
    )


def test_the_refusal_names_the_state_and_the_move():
    with pytest.raises(RuleBroken) as refused:
        LETTER.check("conclude", "sent")

    assert str(refused.value) == "“Conclude” is not possible while the state is “Sent”."
    assert refused.value.code == "letter.conclude"


def test_the_refusal_speaks_the_language_of_its_reader():
    table = StateTable(
        "answer",
        initial="yes",
        states={"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")},
        moves=[Move("refuse", {"yes"}, "no", gettext_lazy("No"))],
    )
    with pytest.raises(RuleBroken) as refused:
        table.check("refuse", "no")

    with translation.override("sq"):
        assert "“Jo”" in str(refused.value)
    with translation.override("en"):
        assert "“No”" in str(refused.value)


def test_a_move_with_several_ends_asks_which():
    LETTER.check("resume", "waiting", "accepted")
    assert LETTER.target("resume", "accepted") == "accepted"

    with pytest.raises(ValueError, match="say which"):
        LETTER.target("resume")
    with pytest.raises(ValueError, match="does not lead to"):
        LETTER.target("resume", "done")
    with pytest.raises(RuleBroken, match="“Take up again” does not lead to the state “Done”"):
        LETTER.check("resume", "waiting", "done")


def test_a_move_with_one_end_needs_no_word():
    assert LETTER.target("accept") == "accepted"
    assert LETTER.terminal() == {"done"}
    assert LETTER.reachable("accepted") == {"accepted", "waiting", "sent", "declined", "done"}
    assert LETTER.label("waiting") == "On hold"


def test_states_may_come_from_the_choices_of_a_column():
    class Status(TextChoices):
        OPEN = "open", "Open"
        SHUT = "shut", "Shut"

    table = StateTable(
        "door", initial=Status.OPEN, states=Status.choices, moves=[Move("shut", {Status.OPEN}, Status.SHUT)]
    )
    table.check("shut", Status.OPEN)

    assert table.target("shut") == Status.SHUT
    assert type(table.target("shut")) is str
    with pytest.raises(RuleBroken, match="Shut"):
        table.check("shut", Status.SHUT)


def test_a_table_cannot_be_changed():
    with pytest.raises(TypeError):
        LETTER.states["new"] = "New"  # type: ignore[index]
    with pytest.raises(AttributeError):
        LETTER.initial = "done"  # type: ignore[misc]


@pytest.mark.parametrize("ask", [LETTER.label, LETTER.moves_from, LETTER.reachable, LETTER.is_terminal])
def test_an_unknown_state_is_a_fault_of_the_program(ask):
    with pytest.raises(ValueError, match="no state 'burnt'"):
        ask("burnt")


def test_an_unknown_move_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="no move 'burn'"):
        LETTER.check("burn", "sent")


@pytest.mark.parametrize(
    ("initial", "moves", "why"),
    [
        ("c", [Move("go", {"a"}, "b")], "no state 'c'"),
        ("a", [Move("go", {"a"}, "c")], "no state 'c'"),
        ("a", [Move("go", {"c"}, "b")], "no state 'c'"),
        ("a", [], "no move leads to"),
        ("a", [Move("go", {"b"}, "a")], "no move leads to"),
        ("a", [Move("go", {"a"}, "b"), Move("go", {"b"}, "a")], "same name"),
        ("a", [Move("go", set(), "b")], "from nowhere"),
        ("a", [Move("go", {"a"}, set())], "to nowhere"),
    ],
)
def test_a_table_with_a_hole_is_refused_when_the_program_starts(initial, moves, why):
    with pytest.raises(ValueError, match=why):
        StateTable("faulty", initial=initial, states={"a": "A", "b": "B"}, moves=moves)


def test_the_states_a_move_starts_from_are_a_set():
    with pytest.raises(ValueError, match="as a set"):
        Move("go", "ab", "c")


def test_labels_cannot_break_the_diagram():
    table = StateTable("odd", initial="to-do", states={"to-do": "To do: now;\nor later"}, moves=[])

    assert table.mermaid() == (
        "stateDiagram-v2\n    [*] --> to_do\n    to_do : To do now or later\n    to_do --> [*]\n"
    )


def test_the_diagram_is_in_english_whoever_draws_it():
    table = StateTable("answer", initial="yes", states={"yes": gettext_lazy("Yes")}, moves=[])

    with translation.override("sq"):
        assert "yes : Yes" in table.mermaid()
