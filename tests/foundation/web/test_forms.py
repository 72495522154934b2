"""Any form of any room comes out accessible, says what is wrong where it is wrong, and forgets nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from homeward.foundation.kernel.dates import PartialDate, PartialDateFormField
from homeward.foundation.web.components import mistakes


class Meeting(forms.Form):
    on = forms.DateField(label="Held on", help_text="Day, month, year")
    born = PartialDateFormField(label="Born", required=False)


def days(name: str, day: str, month: str, year: str) -> dict[str, str]:
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


class TestADateInThreeBoxes:
    @pytest.mark.parametrize("parts", [("7", "3", "1988"), ("07", "03", "1988"), (" 7", "3 ", "1988")])
    def test_is_read(self, parts: tuple[str, str, str]) -> None:
        form = Meeting(days("on", *parts))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["on"] == date(1988, 3, 7)

    def test_is_read_whole_as_programs_send_it(self) -> None:
        form = Meeting({"on": "1988-03-07"})
        assert form.is_valid()
        assert form.cleaned_data["on"] == date(1988, 3, 7)

    @pytest.mark.parametrize(
        "parts", [("31", "2", "2026"), ("7", "", "1988"), ("", "", "1988"), ("a", "b", "c"), ("7", "3", "88")]
    )
    def test_comes_back_as_it_was_typed_when_it_is_wrong(self, parts: tuple[str, str, str]) -> None:
        form = Meeting(days("on", *parts))
        assert not form.is_valid()
        shown = str(form["on"])
        for part, typed in zip(("day", "month", "year"), parts, strict=True):
            assert f'id="id_on_{part}" name="on_{part}"' in shown
            assert f'value="{typed}"' in shown
        assert shown.count('aria-invalid="true"') == 3

    def test_is_required(self) -> None:
        assert Meeting(days("on", "", "", "")).errors["on"].as_data()[0].code == "required"

    def test_shows_what_stands(self) -> None:
        shown = str(Meeting(initial={"on": date(1988, 3, 7)})["on"])
        assert [f'value="{part}"' in shown for part in ("7", "3", "1988")] == [True] * 3
        assert 'value="7"' in str(Meeting(initial={"on": "1988-03-07"})["on"])

    def test_knows_whether_it_changed(self) -> None:
        form = Meeting(days("on", "7", "3", "1988"), initial={"on": date(1988, 3, 7)})
        assert form.changed_data == []

    def test_a_form_that_chose_its_own_box_keeps_it(self) -> None:
        class Own(forms.Form):
            on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
            other = forms.DateField(widget=forms.HiddenInput)

        form = Own()
        assert "on_day" in str(form["on"])  # the plain box with attributes is still the default one
        assert 'type="hidden"' in str(form["other"])

    def test_a_half_known_date(self) -> None:
        form = Meeting(
            {**days("on", "1", "1", "2026"), **days("born", "", "4", "1996"), "born_approximate": "on"}
        )
        assert form.is_valid(), form.errors
        assert form.cleaned_data["born"] == PartialDate(1996, 4, approximate=True)
        shown = str(form["born"])
        assert 'value="1996"' in shown
        assert "checked" in shown


class Every(forms.Form):
    text = forms.CharField(label="Text", help_text="A <hint>")
    count = forms.IntegerField(label="Count")
    money = forms.DecimalField(label="Money", decimal_places=2)
    choice = forms.ChoiceField(label="Choice", choices=[("a", "A")])
    radio = forms.ChoiceField(label="Radio", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(
        label="Boxes", choices=[("Group", [("a", "A"), ("b", "B")])], widget=forms.CheckboxSelectMultiple
    )
    tick = forms.BooleanField(label="Tick", help_text="Tick hint")
    file = forms.FileField(label="File")
    long = forms.CharField(label="Long", widget=forms.Textarea, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput)


@pytest.fixture
def wrong() -> str:
    with translation.override("en"):
        return str(Every({"count": "lots"}))


@pytest.mark.parametrize("name", ["text", "count", "money", "choice", "radio_0", "boxes_0_0", "tick", "file"])
def test_the_summary_leads_to_every_mistake(wrong: str, name: str) -> None:
    assert f'href="#id_{name}"' in wrong
    assert f'id="id_{name}"' in wrong


@pytest.mark.parametrize("name", ["text", "count", "money", "choice", "radio", "boxes", "tick", "file"])
def test_every_mistake_is_read_out_with_its_field(wrong: str, name: str) -> None:
    assert f'id="id_{name}_error"' in wrong
    assert f'id_{name}_error"' in "".join(part.split(">")[0] for part in wrong.split("aria-describedby")[1:])


@pytest.mark.parametrize(
    "classes",
    [
        "govuk-input govuk-input--error",
        "govuk-input govuk-input--width-5 govuk-input--error",
        "govuk-select govuk-select--error",
        "govuk-file-upload govuk-file-upload--error",
        "govuk-textarea",
        "govuk-radios__input",
        "govuk-checkboxes__input",
        "govuk-fieldset",
    ],
)
def test_widgets_wear_their_classes(wrong: str, classes: str) -> None:
    assert f'class="{classes}"' in wrong


def test_what_cannot_be_read_is_given_back(wrong: str) -> None:
    assert 'value="lots"' in wrong
    assert 'type="number"' not in wrong
    assert 'inputmode="numeric"' in wrong
    assert 'inputmode="decimal"' in wrong


def test_a_mistake_names_its_field() -> None:
    with translation.override("en"):
        found = mistakes(Every({"count": "lots"}))
    assert ("id_text", "Text: This field is required.") in found
    assert ("id_radio_0", "Radio: This field is required.") in found
    assert ("", "This field is required.") in found, "a hidden field has no place to lead to"


def test_hints_are_text(wrong: str) -> None:
    assert '<div class="govuk-hint" id="id_text_helptext">A &lt;hint&gt;</div>' in wrong


def test_only_what_may_stay_empty_says_so(wrong: str) -> None:
    assert wrong.count("hw-optional") == 1


@pytest.mark.parametrize(
    ("language", "typed"), [("sq", "12,50"), ("sr", "12,50"), ("sq", "12.50"), ("en", "12.50")]
)
def test_money_as_it_is_written(language: str, typed: str) -> None:
    class Money(forms.Form):
        sum = forms.DecimalField()

    with translation.override(language):
        form = Money({"sum": typed})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["sum"] == Decimal("12.50")


def test_a_comma_is_no_thousand_in_english() -> None:
    class Money(forms.Form):
        sum = forms.DecimalField()

    with translation.override("en"):
        assert not Money({"sum": "12,50"}).is_valid()


def test_a_file_that_stands_already_can_be_taken_away() -> None:
    class Paper(forms.Form):
        scan = forms.FileField(required=False)

    stands: Any = SimpleUploadedFile("a.pdf", b"x")
    stands.url = "/files/a/"
    shown = str(Paper(initial={"scan": stands})["scan"])
    assert 'href="/files/a/"' in shown
    assert 'name="scan-clear"' in shown
