"""What can be true of a person, a family, a return and a figure."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from homeward.casework.people.rules import figures, households, persons, returns
from homeward.casework.people.rules.households import Kin, Relation
from homeward.casework.people.rules.persons import DocumentsStatus, Script
from homeward.casework.people.rules.returns import RETURN, Channel, ReturnState
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken

TODAY = date(2026, 11, 22)


# --- persons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "status"),
    [
        (None, DocumentsStatus.UNKNOWN),
        ([], DocumentsStatus.NONE),
        (["birth_certificate"], DocumentsStatus.PARTIAL),
        (["passport_expired", "birth_certificate"], DocumentsStatus.EXPIRED),
        (["passport"], DocumentsStatus.VALID),
        (["identity_card", "passport_expired"], DocumentsStatus.VALID),
    ],
)
def test_what_papers_amount_to(held, status):
    assert persons.documents_status(held) == status


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Ardita", Script.LATIN),
        ("Ђорђе", Script.CYRILLIC),
        ("محمد", Script.ARABIC),
        ("Γιώργος", Script.OTHER),
        ("12", Script.LATIN),
        ("(Ђ)", Script.CYRILLIC),
    ],
)
def test_script_of_a_name(text, script):
    assert persons.script_of(text) == script


def test_a_name_says_something():
    persons.check_can_be_named("", "Ardita")
    with pytest.raises(RuleBroken) as refused:
        persons.check_can_be_named(" ", "")
    assert (refused.value.code, refused.value.field) == ("person.name", "given")


@pytest.mark.parametrize(
    ("born", "code"),
    [
        (PartialDate(2027), "person.born_in_future"),
        (PartialDate(2026, 12), "person.born_in_future"),
        (PartialDate(1900), "person.born_too_long_ago"),
    ],
)
def test_dates_of_birth_that_cannot_be(born, code):
    with pytest.raises(RuleBroken) as refused:
        persons.check_can_be_born(born, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "born", [None, PartialDate(2026), PartialDate(2026, 11, 22), PartialDate(1930), PartialDate(1907)]
)
def test_dates_of_birth_that_can_be(born):
    persons.check_can_be_born(born, TODAY)


def test_a_parent_is_older_than_the_child():
    with pytest.raises(RuleBroken) as refused:
        persons.check_can_be_parent(PartialDate(2010), PartialDate(2015))
    assert refused.value.code == "person.parent_too_young"
    assert "2010" in str(refused.value)
    persons.check_can_be_parent(PartialDate(1990), PartialDate(2015))
    persons.check_can_be_parent(PartialDate(2003), PartialDate(2015))
    persons.check_can_be_parent(None, PartialDate(2015))
    persons.check_can_be_parent(PartialDate(2015), None)


def test_in_doubt_somebody_is_a_child():
    assert persons.is_child(None, TODAY)
    assert persons.is_child(PartialDate(2008), TODAY), "perhaps not yet 18"
    assert not persons.is_child(PartialDate(2007), TODAY)


def test_what_is_odd_about_a_date_of_birth():
    assert persons.implausible(None, TODAY) == []
    assert persons.implausible(PartialDate(1990, 5), TODAY) == []
    assert len(persons.implausible(PartialDate(1990, 1, 1), TODAY)) == 1
    assert len(persons.implausible(PartialDate(2020), TODAY, arrived_on=date(2019, 4, 20))) == 1
    assert len(persons.implausible(PartialDate(1920), TODAY)) == 1


# --- households -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        (Relation.HEAD, Relation.CHILD, Kin.CHILD),
        (Relation.CHILD, Relation.HEAD, Kin.PARENT),
        (Relation.CHILD, Relation.CHILD, Kin.SIBLING),
        (Relation.CHILD, Relation.SPOUSE, Kin.PARENT_OR_PARTNER),
        (Relation.SPOUSE, Relation.CHILD, Kin.CHILD_OR_OF_PARTNER),
        (Relation.SPOUSE, Relation.HEAD, Kin.SPOUSE),
        (Relation.GRANDCHILD, Relation.HEAD, Kin.GRANDPARENT),
        (Relation.CHILD, Relation.SIBLING, Kin.AUNT_OR_UNCLE),
        (Relation.SIBLING, Relation.CHILD, Kin.NIECE_OR_NEPHEW),
        (Relation.SINGLE, Relation.WARD, Kin.WARD),
        (Relation.WARD, Relation.HEAD, Kin.CARER),
        (Relation.UNKNOWN, Relation.HEAD, Kin.SAME_HOUSEHOLD),
        (Relation.UNKNOWN, Relation.UNKNOWN, Kin.SAME_HOUSEHOLD),
    ],
)
def test_what_two_people_of_a_household_are_to_each_other(one, other, kin):
    assert households.kinship(one, other) == kin


def test_kinship_reads_the_same_from_both_ends():
    opposite: dict[Kin, Kin] = {}
    for one in Relation:
        for other in Relation:
            there, back = households.kinship(one, other), households.kinship(other, one)
            assert opposite.setdefault(there, back) == back, (one, other)
            assert opposite.setdefault(back, there) == there, (one, other)


def test_a_household_has_one_head():
    households.check_can_head(Relation.CHILD, [Relation.HEAD])
    households.check_can_head(Relation.HEAD, [Relation.CHILD])
    with pytest.raises(RuleBroken) as refused:
        households.check_can_head(Relation.SINGLE, [Relation.HEAD])
    assert refused.value.code == "household.two_heads"


def test_nothing_ends_before_it_begins():
    households.check_period(None, date(2020, 1, 1))
    households.check_period(date(2020, 1, 1), date(2020, 1, 1))
    with pytest.raises(RuleBroken):
        households.check_period(date(2020, 1, 2), date(2020, 1, 1))


def test_nobody_leaves_before_they_came():
    households.check_can_move(None, TODAY)
    households.check_can_move(TODAY, TODAY)
    with pytest.raises(RuleBroken):
        households.check_can_move(TODAY, date(2026, 11, 21))


def test_a_person_or_an_institution_answers_for_a_child():
    households.check_can_guard("child", "aunt", "")
    households.check_can_guard("child", None, "Centre for Social Work")
    for guardian, institution in ((None, ""), ("aunt", "Centre"), ("child", "")):
        with pytest.raises(RuleBroken):
            households.check_can_guard("child", guardian, institution)


# --- returns --------------------------------------------------------------------------------------------------


def test_the_way_home():
    assert RETURN.initial == ReturnState.EXPECTED
    assert {move.name for move in RETURN.moves_from(ReturnState.EXPECTED)} == {"arrive", "expire", "cancel"}
    assert {move.name for move in RETURN.moves_from(ReturnState.EXPIRED)} == {"expect_again", "cancel"}
    assert RETURN.terminal() == {ReturnState.CANCELLED}
    assert "expected --> arrived" in RETURN.mermaid()


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("organised", Channel.FORMAL),
        ("Individual ", Channel.INFORMAL),
        ("formal", Channel.FORMAL),
        ("", Channel.UNKNOWN),
    ],
)
def test_what_offices_call_the_two_ways(word, channel):
    assert returns.channel_of(word) == channel


def test_an_unknown_way_is_refused():
    with pytest.raises(RuleBroken):
        returns.channel_of("by magic")


def test_expected_returns_expire():
    assert returns.expires_on(date(2020, 1, 1), None) == date(2021, 12, 31)
    assert returns.expires_on(date(2020, 1, 1), date(2021, 1, 1)) == date(2023, 1, 1)


def test_nobody_arrives_twice_or_tomorrow():
    returns.check_can_arrive(ReturnState.EXPECTED, TODAY, TODAY)
    returns.check_can_arrive(ReturnState.EXPECTED, None, TODAY)
    with pytest.raises(RuleBroken):
        returns.check_can_arrive(ReturnState.ARRIVED, TODAY, TODAY)
    with pytest.raises(RuleBroken) as refused:
        returns.check_can_arrive(ReturnState.EXPECTED, date(2026, 11, 23), TODAY)
    assert refused.value.field == "arrived_on"


# --- figures --------------------------------------------------------------------------------------------------


def test_403_is_not_425():
    parts = [Decimal(255), Decimal(52), Decimal(118)]

    with translation.override("en"):
        assert (
            str(figures.sum_conflict(Decimal(403), parts))
            == "The parts do not add up: 403 ≠ 255 + 52 + 118 = 425."
        )
    assert figures.sum_conflict(Decimal(425), parts) is None
    assert figures.sum_conflict(Decimal(403), parts[:1]) is None, "one part alone need not be the whole"


def test_two_sources_may_differ():
    one = figures.Figure("returned", Decimal(250), "people", "citizens", "2021", "A")

    assert figures.differs(one, figures.Figure("returned", Decimal(253), "people", "citizens", "2021", "B"))
    assert not figures.differs(
        one, figures.Figure("returned", Decimal(250), "people", "citizens", "2021", "B")
    )
    assert not figures.differs(
        one, figures.Figure("returned", Decimal(253), "people", "citizens", "2022", "B")
    )


def test_numbers_carry_no_zeros_that_say_nothing():
    assert [figures.plain(Decimal(text)) for text in ("403.00", "12.50", "100", "0")] == [
        "403",
        "12.5",
        "100",
        "0",
    ]


def test_a_figure_has_a_source_and_a_unit():
    figures.check_can_publish("travelled", Decimal(403), "people", "a report")
    for key, value, unit, source in (
        ("", 1, "people", "a report"),
        ("travelled", 1, " ", "a report"),
        ("travelled", 1, "people", ""),
        ("travelled", -1, "people", "a report"),
    ):
        with pytest.raises(RuleBroken):
            figures.check_can_publish(key, Decimal(value), unit, source)


def test_a_part_counts_what_the_whole_counts():
    figures.check_can_be_part("travelled", "travelled-men", "people", "people")
    for whole, part, whole_unit, part_unit in (("a", "a", "x", "x"), ("a", "b", "x", "y")):
        with pytest.raises(RuleBroken):
            figures.check_can_be_part(whole, part, whole_unit, part_unit)
