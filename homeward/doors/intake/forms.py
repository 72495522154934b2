"""What the intake asks for: a file and whose it is, a decision, the headings of a sender."""

from __future__ import annotations

import copy
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from homeward.doors.intake.models import IntakeRow
from homeward.doors.intake.queries import Sender, compared, saying_the_same, sender, senders
from homeward.doors.intake.rules.batch import BatchState, Verdict
from homeward.doors.intake.rules.shapes import SHAPES
from homeward.foundation.institutions.models import Member

_DATES = ("date", "partial_date", "year")


class SendForm(forms.Form):
    """A list and its sender."""

    sender = forms.ChoiceField(label=_("Whose list is it?"))
    file = forms.FileField(
        label=_("The list"),
        help_text=_("An Excel file (.xlsx) or CSV. Nothing is imported before you say so."),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].choices = [("", _("Choose"))] + [  # type: ignore[attr-defined]
            (one.code, one.label) for one in senders(to=member)
        ]


class ListFilter(forms.Form):
    """Which lists to show."""

    sender = forms.ChoiceField(label=_("Sender"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *BatchState.choices])

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].choices = [("", _("All"))] + [  # type: ignore[attr-defined]
            (one.code, one.label) for one in senders(to=member)
        ]


class RowFilter(forms.Form):
    """Which rows of a list to show."""

    verdict = forms.ChoiceField(
        label=_("What becomes of it"), required=False, choices=[("", _("All")), *Verdict.choices]
    )


class DecideForm(forms.Form):
    """Who this row speaks of: one of those it was compared with, somebody new, or it stays out."""

    choice = forms.ChoiceField(label=_("Who is this?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, member: Member, subject: IntakeRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same = [
            (f"same:{one.value}", _("The same as {name}").format(name=one.title))
            for one in compared(subject, to=member)
        ]
        registers = sender(subject.batch.sender, to=member).mapping.shape.registers
        new = [("new", _("Somebody else: a new person"))] if registers else []
        out = _("Leave this row out") if registers else _("None of them: leave this row out")
        self.fields["choice"].choices = [*same, *new, ("left_out", out)]  # type: ignore[attr-defined]
        others = saying_the_same(subject, to=member).count()
        if others:
            self.fields["also"] = forms.BooleanField(
                label=ngettext(
                    "Also the other row of this list that says the same of the same person",
                    "Also the other {n} rows of this list that say the same of the same person",
                    others,
                ).format(n=others),
                required=False,
                initial=True,
            )

    def clean(self) -> dict[str, Any]:
        """The verdict and the one chosen, as the action takes them."""
        given = super().clean() or {}
        choice = str(given.get("choice", ""))
        verdict, _colon, candidate = choice.partition(":")
        also = bool(given.get("also", False))
        return {"verdict": verdict, "candidate": candidate, "also": also} if choice else {}


class MappingForm(forms.Form):
    """The headings and date styles of one sender, field by field; everything else of the mapping stays as it is."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    sheet = forms.CharField(
        label=_("Name of the sheet"), required=False, help_text=_("Empty: wherever the headings are found.")
    )

    def __init__(self, *args: Any, subject: Sender, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.fields["version"].initial = subject.version
        self.fields["sheet"].initial = subject.data.get("sheet", "")
        shape = SHAPES[subject.data["shape"]]
        self.names = [str(column["field"]) for column in subject.data["columns"]]
        for column in subject.data["columns"]:
            name = str(column["field"])
            label = shape.label(name)
            self.fields[f"headings_{name}"] = forms.CharField(
                label=label,
                required=False,
                initial="; ".join(column.get("headings", ())),
                help_text=_("Headings of this column, separated by semicolons."),
            )
            if column.get("as", shape.fields[name].kind) in _DATES:
                self.fields[f"order_{name}"] = forms.ChoiceField(
                    label=_("{field}: 2/11/1992 is").format(field=label),
                    required=False,
                    initial=column.get("order", ""),
                    choices=[
                        ("", _("unclear, and refused")),
                        ("dmy", _("2 November 1992")),
                        ("mdy", _("11 February 1992")),
                    ],
                )
                self.fields[f"pivot_{name}"] = forms.IntegerField(
                    label=_("{field}: years with two digits up to this one are after 2000").format(
                        field=label
                    ),
                    required=False,
                    initial=column.get("two_digit_years"),
                    min_value=0,
                    max_value=99,
                    help_text=_("With 30, “17” is 2017 and “92” is 1992. Empty: such years are refused."),
                )

    def clean(self) -> dict[str, Any]:
        """The mapping as data, with what was changed here."""
        given = super().clean() or {}
        data = copy.deepcopy(dict(self.subject.data))
        data["sheet"] = given.get("sheet", "")
        for column in data["columns"]:
            name = column["field"]
            column["headings"] = [
                part.strip() for part in re.split(r"[;\n]", given.get(f"headings_{name}", "")) if part.strip()
            ]
            for key, field in (("order", f"order_{name}"), ("two_digit_years", f"pivot_{name}")):
                if field in self.fields:
                    column.pop(key, None)
                    if given.get(field) not in (None, ""):
                        column[key] = given[field]
        return {"data": data, "version": given.get("version")}
