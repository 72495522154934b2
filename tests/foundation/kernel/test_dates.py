"""A date that is only partly known stays exactly as known, from the page to the column and back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.dates import (
    STORED,
    STORED_LENGTH,
    PartialDate,
    PartialDateField,
    PartialDateFormField,
    PartialDateWidget,
    Precision,
    as_partial_date,
)
from homeward.foundation.kernel.errors import RuleBroken

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@st.composite
def partial_dates(draw):
    """Any date of which at least the year is known."""
    day = draw(DAYS)
    known = draw(st.sampled_from(Precision))
    return PartialDate(
        day.year,
        None if known is Precision.YEAR else day.month,
        day.day if known is Precision.DAY else None,
        approximate=draw(st.booleans()),
    )


# --- the value ----------------------------------------------------------------------------------------------


@given(partial_dates())
def test_writing_and_reading_give_the_same_date(value):
    assert PartialDate.parse(value.iso) == value
    assert re.fullmatch(STORED, value.iso)
    assert len(value.iso) <= STORED_LENGTH


@given(partial_dates())
def test_equal_dates_are_one_in_a_set(value):
    again = PartialDate(value.year, value.month, value.day, value.approximate)

    assert again == value
    assert len({again, value}) == 1
    assert value != PartialDate(value.year, value.month, value.day, not value.approximate)


@given(partial_dates())
def test_the_days_it_can_be_are_those_of_what_is_known(value):
    days = (value.latest - value.earliest).days + 1

    if value.precision is Precision.DAY:
        assert days == 1
    elif value.precision is Precision.MONTH:
        assert 28 <= days <= 31
        assert value.earliest.day == 1
        assert value.latest.month == value.earliest.month
        assert value.latest == date.max or (value.latest + timedelta(days=1)).day == 1
    else:
        assert (value.earliest, value.latest) == (date(value.year, 1, 1), date(value.year, 12, 31))


@given(st.lists(partial_dates(), max_size=8))
def test_the_order_is_total_and_follows_the_earliest_day(values):
    ordered = sorted(values)

    assert [value.earliest for value in ordered] == sorted(value.earliest for value in values)
    for one in values:
        for other in values:
            assert (one < other) + (one == other) + (one > other) == 1


def test_of_dates_that_begin_alike_the_vaguer_comes_first():
    spellings = ["1996", "1996~", "1996-01", "1996-01~", "1996-01-01", "1996-01-01~", "1996-02"]
    dates = [PartialDate.parse(text) for text in spellings]

    backwards = dates[::-1]

    assert sorted(backwards) == dates


def test_a_partial_date_does_not_compare_with_anything_else():
    with pytest.raises(TypeError):
        assert PartialDate(1996) < date(1996, 1, 1)
    assert PartialDate(1996) != "1996"  # type: ignore[comparison-overlap]


@given(partial_dates(), DAYS)
def test_the_ages_contain_the_age_of_every_day_it_can_be(value, on):
    least, greatest = value.age_on(on)

    for born in (value.earliest, value.latest):
        assert least <= PartialDate.of(born).age_on(on)[0] <= greatest
    assert 0 <= least <= greatest <= least + (3 if value.approximate else 1)


@given(DAYS, DAYS)
def test_the_age_of_a_known_day_is_the_number_of_birthdays_since(born, on):
    least, greatest = PartialDate.of(born).age_on(on)
    birthdays = on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    assert least == greatest == max(0, birthdays)


@pytest.mark.parametrize(
    ("born", "on", "ages"),
    [
        ("2012-02-29", date(2030, 2, 28), (17, 17)),
        ("2012-02-29", date(2030, 3, 1), (18, 18)),
        ("2012", date(2019, 4, 20), (6, 7)),
        ("2012~", date(2019, 4, 20), (5, 8)),
        ("2012-04", date(2019, 4, 20), (6, 7)),
        ("2012-04", date(2019, 5, 1), (7, 7)),
        ("2012-04~", date(2019, 5, 1), (6, 7)),
        ("2012-04-20~", date(2019, 4, 20), (6, 7)),
        ("2020", date(2019, 4, 20), (0, 0)),
    ],
)
def test_ages_of_children_in_a_reception_list(born, on, ages):
    assert PartialDate.parse(born).age_on(on) == ages


@pytest.mark.parametrize("last", ["9999~", "9999-12~", "9999-12-31~"])
def test_the_last_day_there_is_does_not_break_a_guess(last):
    assert PartialDate.parse(last).age_on(date.max) == (0, 1 if last == "9999~" else 0)


def test_the_first_day_there_is_does_not_break_a_guess():
    for first in ("1000~", "1000-01~", "1000-01-01~"):
        assert PartialDate.parse(first).age_on(date(1000, 1, 1))[0] == 0


@given(partial_dates(), DAYS)
def test_a_guess_may_be_wrong_by_one_unit_of_what_was_guessed(value, on):
    guess = PartialDate(value.year, value.month, value.day, approximate=True)
    known = PartialDate(value.year, value.month, value.day)

    assert guess.age_on(on)[0] <= known.age_on(on)[0]
    assert guess.age_on(on)[1] >= known.age_on(on)[1]
    if value.precision is Precision.YEAR and guess.age_on(on)[0] > 0 and value.year < 9999:
        assert guess.age_on(on) == (known.age_on(on)[0] - 1, known.age_on(on)[1] + 1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" 1996 ", PartialDate(1996)),
        ("~1996", PartialDate(1996, approximate=True)),
        ("1996 ~", PartialDate(1996, approximate=True)),
        ("1996-4", PartialDate(1996, 4)),
        ("1996/04/2", PartialDate(1996, 4, 2)),
        ("1996.04.02", PartialDate(1996, 4, 2)),
        ("2.4.1996", PartialDate(1996, 4, 2)),
        ("02. 04. 1996.", PartialDate(1996, 4, 2)),
        ("4.1996", PartialDate(1996, 4)),
    ],
)
def test_usual_spellings_are_understood(written, meant):
    assert PartialDate.parse(written) == meant


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "unreadable"),
        ("about 1996", "unreadable"),
        ("96", "unreadable"),
        ("2/4/1996", "unreadable"),
        ("1996-04/02", "unreadable"),
        ("1996-04-02T00:00", "unreadable"),
        ("1996-004", "unreadable"),
        ("١٩٩٦", "unreadable"),
        ("٢.٤.١٩٩٦", "unreadable"),
        ("~~1996~~", "unreadable"),
        ("0196", "year"),
        ("1996-00", "month"),
        ("1996-13", "month"),
        ("1996-04-31", "day"),
        ("2023-02-29", "day"),
        ("1996-04-00", "day"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(written, code):
    with pytest.raises(RuleBroken) as refused:
        PartialDate.parse(written)

    assert refused.value.code == f"partial_date.{code}"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ((96,), "year"),
        ((10000,), "year"),
        ((1996, None, 2), "month"),
        ((1996, 13), "month"),
        ((1996, 4, 31), "day"),
    ],
)
def test_a_wrong_part_is_named(parts, field):
    with pytest.raises(RuleBroken) as refused:
        PartialDate(*parts)

    assert refused.value.field == field


def test_the_reason_names_the_month_in_the_language_of_the_reader():
    with pytest.raises(RuleBroken) as refused:
        PartialDate(2023, 2, 29)

    with translation.override("en"):
        assert str(refused.value) == "There is no day 29 in February 2023."
    with translation.override("sq"):
        assert "shkurt 2023" in str(refused.value)


def read_or_refused(text):
    """The date that was read, or the code of the refusal."""
    try:
        return PartialDate.parse(text)
    except RuleBroken as refusal:
        return refusal.code


@given(st.text(max_size=30) | st.text("0123456789-/.~ ", max_size=12))
def test_any_text_is_read_or_refused(text):
    result = read_or_refused(text)

    if isinstance(result, PartialDate):
        assert read_or_refused(result.iso) == result
    else:
        assert result.startswith("partial_date.")


@pytest.mark.parametrize(
    ("language", "day", "month", "year"),
    [
        ("sq", "2 prill 1996", "prill 1996", "1996"),
        ("sr", "2. април 1996.", "април 1996.", "1996."),
        ("sr-latn", "2. april 1996.", "april 1996.", "1996."),
        ("en", "2 April 1996", "April 1996", "1996"),
    ],
)
def test_people_read_it_in_their_language(language, day, month, year):
    values = PartialDate(1996, 4, 2), PartialDate(1996, 4), PartialDate(1996)

    assert [value.display(language) for value in values] == [day, month, year]
    with translation.override(language):
        assert [str(value) for value in values] == [day, month, year]


def test_a_guess_says_so():
    with translation.override("en"):
        assert str(PartialDate(1996, 4, approximate=True)) == "about April 1996"
    for language in ("sq", "sr", "sr-latn"):
        guess, known = PartialDate(1996, 4, approximate=True), PartialDate(1996, 4)
        assert guess.display(language) != known.display(language)
        assert known.display(language) in guess.display(language)


def test_without_a_language_it_is_english():
    with translation.override(None, deactivate=True):
        assert PartialDate(1996, 4).display("en") == "April 1996"
    with translation.override(None):
        assert str(PartialDate(1996, 4)) == "April 1996"


@given(DAYS)
def test_a_known_day_becomes_a_partial_date_and_back(day):
    assert as_partial_date(day) == PartialDate.of(day)
    assert PartialDate.of(day).earliest == day == PartialDate.of(day).latest


def test_nothing_stays_nothing():
    assert as_partial_date(None) is None
    assert as_partial_date("") is None


# --- the column ---------------------------------------------------------------------------------------------


def test_the_column_keeps_the_text_and_gives_the_value():
    field = PartialDateField(null=True)

    assert field.get_prep_value(PartialDate(1996, 4, approximate=True)) == "1996-04~"
    assert field.get_prep_value("1996-4") == "1996-04"
    assert field.get_prep_value(date(1996, 4, 2)) == "1996-04-02"
    assert field.get_prep_value(None) is None
    assert field.get_prep_value("") is None
    assert field.from_db_value("1996-04~", None, None) == PartialDate(1996, 4, approximate=True)
    assert field.from_db_value(None, None, None) is None


def test_cleaning_a_model_refuses_what_is_no_date():
    field = PartialDateField(null=True, blank=True)

    assert field.clean(PartialDate(1996, 4), None) == PartialDate(1996, 4)
    assert field.clean("1996", None) == PartialDate(1996)
    with pytest.raises(ValidationError) as refused:
        field.clean("1996-13", None)
    assert refused.value.code == "partial_date.month"


def test_a_migration_writes_only_what_was_chosen():
    plain = PartialDateField(null=True).deconstruct()
    other = PartialDateField(max_length=20, db_collation="sq-x-icu").deconstruct()

    assert plain[1:] == ("homeward.foundation.kernel.dates.PartialDateField", [], {"null": True})
    assert other[3] == {"max_length": 20, "db_collation": "sq-x-icu"}


@given(st.from_regex(STORED, fullmatch=True).map(str.strip))
def test_what_the_database_accepts_is_a_date_or_a_day_its_month_does_not_have(text):
    result = read_or_refused(text)

    assert result == "partial_date.day" or result.iso == text


# --- the page -----------------------------------------------------------------------------------------------


class BornForm(forms.Form):
    born = PartialDateFormField(label="Born", required=False)


class MustForm(forms.Form):
    born = PartialDateFormField(label="Born")


def sent(day="", month="", year="", approximate=""):
    """What a browser sends: an empty tick is not sent at all."""
    data = {"born_day": day, "born_month": month, "born_year": year}
    return {**data, "born_approximate": approximate} if approximate else data


@given(partial_dates())
def test_what_the_page_shows_comes_back_as_the_same_date(value):
    widget = PartialDateWidget()
    day, month, year, approximate = widget.decompress(value)
    form = MustForm(sent(str(day or ""), str(month or ""), str(year), "on" if approximate else ""))

    assert form.is_valid()
    assert form.cleaned_data["born"] == value
    assert not MustForm(form.data, initial={"born": value}).has_changed()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (sent(day="2", year="1996"), "A day without a month"),
        (sent(day="2", month="4"), "four digits"),
        (sent(month="4", year="96"), "four digits"),
        (sent(month="April", year="1996"), "written with digits"),
        (sent(month="٤", year="1996"), "written with digits"),
        (sent(day="31", month="4", year="1996"), "There is no day 31 in April 1996."),
        (sent(month="13", year="1996"), "from 1 to 12"),
    ],
)
def test_a_wrong_entry_gets_its_reason_and_stays_in_the_boxes(data, message):
    form = BornForm(data)

    with translation.override("en"):
        assert not form.is_valid()
        assert message in form.errors["born"][0]
    context = form["born"].field.widget.get_context("born", form["born"].value(), {"id": "id_born"})
    shown = [part["value"] or "" for part in context["widget"]["subwidgets"][:3]]
    assert shown == [data["born_day"], data["born_month"], data["born_year"]]


def test_left_empty_it_is_nothing_or_asked_for():
    assert BornForm(sent()).is_valid()
    form = BornForm(sent(approximate="on"))
    assert form.is_valid()
    assert form.cleaned_data["born"] is None

    asked = MustForm(sent(approximate="on"))
    with translation.override("en"):
        assert not asked.is_valid()
        assert asked.errors["born"] == ["Give at least the year."]


def test_spaces_around_digits_do_no_harm():
    form = BornForm(sent(day=" 02", month="04 ", year=" 1996 "))

    assert form.is_valid()
    assert form.cleaned_data["born"] == PartialDate(1996, 4, 2)


def test_a_change_is_noticed_and_a_leading_zero_is_none():
    born = {"born": PartialDate(1996, 4, 2)}

    assert not BornForm(sent("02", "04", "1996"), initial=born).has_changed()
    assert BornForm(sent("02", "04", "1996", "on"), initial=born).has_changed()
    assert BornForm(sent("x", "04", "1996"), initial=born).has_changed()
    assert BornForm(sent(), initial=born).has_changed()
    assert not BornForm(sent(), initial={"born": None}).has_changed()


def test_the_boxes_have_names_and_ids_that_a_label_can_point_to():
    widget = PartialDateWidget()
    context = widget.get_context("born", "1996-04~", {"id": "id_born"})["widget"]

    assert context["template_name"] == "web/widgets/partial_date.html"
    assert [part["name"] for part in context["subwidgets"]] == [
        "born_day",
        "born_month",
        "born_year",
        "born_approximate",
    ]
    assert [part["attrs"]["id"] for part in context["subwidgets"]] == [
        "id_born_0",
        "id_born_1",
        "id_born_2",
        "id_born_3",
    ]
    assert [part["value"] for part in context["subwidgets"][:3]] == [None, "4", "1996"]
    assert context["subwidgets"][3]["attrs"]["checked"] is True
    assert widget.id_for_label("id_born") == "id_born_0"
    assert widget.id_for_label("") == ""
    assert widget.use_fieldset


def test_a_text_that_is_no_date_leaves_the_boxes_empty():
    assert PartialDateWidget().decompress("never") == [None, None, None, False]


def test_a_page_without_the_boxes_left_the_date_out():
    widget = PartialDateWidget()

    assert widget.value_omitted_from_data({"born_approximate": "on"}, {}, "born")
    assert not widget.value_omitted_from_data({"born_year": ""}, {}, "born")


def test_the_column_brings_its_own_boxes():
    field = PartialDateField(null=True, blank=True, verbose_name="born").formfield()

    assert isinstance(field, PartialDateFormField)
    assert field.required is False
    assert field.clean(["", "", "1996", True]) == PartialDate(1996, approximate=True)


def test_a_value_given_by_the_program_is_cleaned_too():
    assert PartialDateFormField().clean(PartialDate(1996)) == PartialDate(1996)
    assert PartialDateFormField(disabled=True).clean("1996-04") == PartialDate(1996, 4)


def test_it_is_a_column_of_text():
    assert issubclass(PartialDateField, models.CharField)
    assert PartialDateField().max_length == STORED_LENGTH
