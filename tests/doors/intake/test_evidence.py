"""Who can be the same person, and who cannot: names by their sound, births as far as they are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.doors.intake.rules.batch import (
    BATCH,
    check_can_import,
    check_can_undo,
    check_decision,
    check_is_open,
)
from homeward.doors.intake.rules.evidence import (
    Evidence,
    Likeness,
    births_alike,
    changes,
    content,
    family_key,
    list_key,
    names_alike,
)
from homeward.doors.intake.rules.shapes import PEOPLE, plain
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken

EQUAL, CLOSE, UNKNOWN, DIFFERENT = Likeness.EQUAL, Likeness.CLOSE, Likeness.UNKNOWN, Likeness.DIFFERENT


def someone(name, born="", sex="", father=""):
    """“Given Surname”, a date, a sex, a father's name."""
    given, _space, surname = name.partition(" ")
    return Evidence(surname, given, father, PartialDate.parse(born) if born else None, sex)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Xhafa", "Jafa", EQUAL),
        ("Hatixhe", "Khadija", EQUAL),
        ("Ђорђе", "Gjorgje", EQUAL),
        ("Ardita", "Aridta", CLOSE),
        ("Osmani", "Omsani", CLOSE),
        ("Mentor", "Mnetor", CLOSE),
        ("Osmani", "Osmanni", EQUAL),
        ("Kaltrina", "Kaltrna", CLOSE),
        ("Kaltrna", "Kaltrina", CLOSE),
        ("Valbona", "Velbona", CLOSE),
        ("Besarta", "Besalta", CLOSE),
        ("Ana Maria", "Maria", CLOSE),
        ("Ana Maria", "Vera", DIFFERENT),
        ("Besa", "Drita", DIFFERENT),
        ("Ali", "Ari", DIFFERENT),
        ("", "Besa", UNKNOWN),
    ],
)
def test_names_are_compared_by_sound_and_slip(one, other, alike):
    assert names_alike(one, other) is alike
    assert names_alike(other, one) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("1992-11-02", "1992-11-02", EQUAL),
        ("1992-11-02", "1992", CLOSE),
        ("1992-11", "1992-11-02", CLOSE),
        ("1992", "1992", CLOSE),
        ("1992-01-01", "1992-01-01", CLOSE),
        ("1992-01-01", "1992-07-03", CLOSE),
        ("1992-02-11", "1992-11-02", CLOSE),
        ("1993~", "1992-11-02", CLOSE),
        ("1992-11-02", "1992-11-03", DIFFERENT),
        ("1991", "1992-11-02", DIFFERENT),
        ("", "1992", UNKNOWN),
    ],
)
def test_births_are_compared_as_far_as_they_are_known(one, other, alike):
    first, second = (PartialDate.parse(text) if text else None for text in (one, other))
    assert births_alike(first, second) is alike
    assert births_alike(second, first) is alike


@pytest.mark.parametrize(
    ("one", "other", "can_be"),
    [
        (someone("Ardita Osmani", "1992-11-02", "F"), someone("Ardita Osmani", "1992", "F"), True),
        (someone("Ardita Osmani", "1992-11-02", "F"), someone("Ardita Osmani", "1992", "M"), False),
        (someone("Ardita Osmani", "1992-11-02", "F"), someone("Ardita Osmani", "1992", "X"), True),
        (someone("Ardita Osmani", "1992"), someone("Ardita Osmani", "1994"), False),
        (someone("Ardita Osmani", "1992"), someone("Besa Osmani", "1992"), False),
        # Cousins share both names: something else has to agree as well.
        (someone("Ardita Osmani"), someone("Ardita Osmani"), False),
        (someone("Ardita Osmani", "", "F", "Jusuf"), someone("Ardita Osmani", "", "F", "Jusuf"), True),
        (
            someone("Ardita Osmani", "1992", "F", "Jusuf"),
            someone("Ardita Osmani", "1992", "F", "Agim"),
            False,
        ),
        # The same day of birth outweighs another father's name, which may be a slip.
        (
            someone("Ardita Osmani", "1992-11-02", "F", "Jusuf"),
            someone("Ardita Osmani", "1992-11-02", "F", "Agim"),
            True,
        ),
        # A woman under the name she was born with: then all the rest must agree.
        (
            someone("Ardita Osmani", "1992-11-02", "F", "Jusuf"),
            someone("Ardita Dervishi", "1992-11-02", "F", "Jusuf"),
            True,
        ),
        (
            someone("Ardita Osmani", "1992", "F", "Jusuf"),
            someone("Ardita Dervishi", "1992", "F", "Jusuf"),
            False,
        ),
        (
            someone("Ardita Osmani", "1992-11-02", "F", "Agim"),
            someone("Ardita Dervishi", "1992-11-02", "F", "Jusuf"),
            False,
        ),
    ],
)
def test_who_can_be_the_same_person(one, other, can_be):
    assert one.can_be(other) is can_be
    assert other.can_be(one) is can_be


def test_twins_are_two_people():
    one = someone("Valon Osmani", "2015-03-04", "M", "Jusuf")
    assert not one.can_be(someone("Drin Osmani", "2015-03-04", "M", "Jusuf"))


def test_the_same_words_give_the_same_identity_and_others_do_not():
    one = Evidence.of_row({"surname": "GASHI", "given": "Ali", "born": "1990-01-06", "sex": "M"})
    assert (
        one.identity
        == Evidence.of_row(
            {"surname": "Gashi", "given": "Ali", "born": PartialDate(1990, 1, 6), "sex": "M"}
        ).identity
    )
    assert (
        one.identity
        != Evidence.of_row({"surname": "Gashi", "given": "Ali", "born": "1990-01-07", "sex": "M"}).identity
    )
    assert one.identity != Evidence.of_row({"surname": "Gashi", "given": "Ali", "sex": "M"}).identity
    assert "gas" not in one.identity


def test_a_corrected_row_agrees_with_itself_and_another_person_does_not():
    one = someone("Ali Gashi", "1990-01-06", "M", "Jeton")
    assert one.agreeing(someone("Ali Gashi", "1991-01-06", "M", "Jeton")) == 3
    assert one.agreeing(someone("Sami Elshani", "1997", "M", "Zeqir")) == 0


def test_what_a_row_says_without_its_place_and_its_gaps():
    said = content(
        {
            "number": 1,
            "given": "Ali",
            "father": None,
            "surname": "",
            "documents": (),
            "born": PartialDate(1990),
        }
    )
    assert said == {"given": "Ali", "documents": [], "born": "1990"}
    assert changes({"given": "Ali", "sex": "M"}, {"given": "Alia", "father": "Jeton", "sex": "M"}) == [
        "father",
        "given",
    ]


def test_keys_of_lists_and_families():
    assert list_key("iom", None) == "iom"
    assert list_key("iom", "2019-04-20") == "iom:2019-04-20"
    assert family_key("list", "iom", "iom:2019", "00001") == "iom:2019/00001"
    assert family_key("sender", "iom", "iom:2019", "00001") == "iom/00001"
    assert family_key("list", "iom", "iom:2019", None) == ""


def test_values_as_they_are_stored():
    from datetime import date
    from decimal import Decimal

    assert [plain(value) for value in (date(2020, 1, 2), Decimal("1.5"), (PartialDate(1990),), "x")] == [
        "2020-01-02",
        "1.5",
        ["1990"],
        "x",
    ]
    assert PEOPLE.label("aura") == "aura"


def test_a_list_goes_its_way_and_no_other():
    assert BATCH.initial == "uploaded"
    assert BATCH.is_terminal("undone")
    assert BATCH.is_terminal("discarded")
    for move, state in (
        ("begin_import", "refused"),
        ("undo", "reviewing"),
        ("discard", "imported"),
        ("match", "uploaded"),
    ):
        with pytest.raises(RuleBroken):
            BATCH.check(move, state)


@pytest.mark.parametrize(
    ("state", "verdict", "options"),
    [
        ("uploaded", "review", {}),
        ("reviewing", "unchanged", {}),
        ("reviewing", "review", {"is_imported": True}),
        ("reviewing", "review", {"is_overtaken": True}),
    ],
)
def test_rows_about_which_nothing_can_be_decided(state, verdict, options):
    check_is_open("reviewing", "review", is_imported=False, is_overtaken=False)
    with pytest.raises(RuleBroken):
        check_is_open(state, verdict, **({"is_imported": False, "is_overtaken": False} | options))


@pytest.mark.parametrize(
    ("wanted", "has_person", "registers"),
    [("unchanged", True, True), ("same", False, True), ("new", False, False)],
)
def test_decisions_that_cannot_be_taken(wanted, has_person, registers):
    check_decision("new", has_person=False)
    check_decision("same", has_person=True, registers=False)
    with pytest.raises(RuleBroken):
        check_decision(wanted, has_person=has_person, registers=registers)


def test_what_stands_in_the_way_of_an_import_and_of_its_undoing():
    check_can_import(3, 1)
    for arguments, says in (
        ((3, 0), "wait for a decision"),
        ((0, 0), "imported already"),
        ((0, 5, [7]), "Row 7"),
    ):
        with pytest.raises(RuleBroken, match=says):
            check_can_import(*arguments)
    check_can_undo([])
    with pytest.raises(RuleBroken, match=r"HW-1.*…"):
        check_can_undo([f"HW-1{n:02}" for n in range(12)])


@pytest.mark.parametrize(
    ("born", "years"),
    [("", None), ("1990", (1990, 1990)), ("1990-05-02", (1990, 1990)), ("1990~", (1988, 1992))],
)
def test_between_which_years_somebody_must_be_born(born, years):
    assert someone("Ardita Osmani", born).years == years


BIRTHS = st.builds(
    PartialDate, st.integers(1950, 1955), st.integers(1, 12), st.none() | st.integers(1, 28), st.booleans()
)


@given(one=BIRTHS, other=BIRTHS)
def test_nobody_who_can_be_meant_is_outside_of_these_years(one, other):
    years = Evidence(born=one).years

    assert years is not None
    assert births_alike(one, other) is DIFFERENT or other.approximate or years[0] <= other.year <= years[1]
