"""What the pages of the ledger ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.assistance import queries
from homeward.casework.assistance.models import AssistanceKind, Entry
from homeward.casework.assistance.models.overlaps import Outcome
from homeward.casework.assistance.rules.entries import Reason, State, Why
from homeward.casework.assistance.rules.grants import POINTS, Criterion, Ending, Result, Station
from homeward.casework.assistance.rules.kinds import Measure
from homeward.casework.cases import queries as cases
from homeward.casework.cases.models import Case
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing

_ANY = ("", _("Any"))


class MoneyField(forms.CharField):
    """An amount as people write it: 1.250,50 or 1250.50. Never a float."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            max_length=20,
            **more,
        )

    def clean(self, value: Any) -> Decimal | None:
        """The amount as decimal, or nothing."""
        text = super().clean(value).replace(" ", "").replace("\u00a0", "")
        return decimal_of(text) if text else None


def decimal_of(text: str) -> Decimal:
    """Reads an amount. A dot or comma before one or two last figures divides off the cents, every other one thousands."""
    cents = max(text.rfind(","), text.rfind("."))
    whole, part = (text, "") if cents < 0 or len(text) - cents - 1 > 2 else (text[:cents], text[cents + 1 :])
    figures = whole.replace(".", "").replace(",", "")
    sign = figures.removeprefix("-")
    if (
        not sign.isascii()
        or not sign.isdigit()
        or (part and not (part.isascii() and part.isdigit()))
        or len(sign) > 10
    ):
        raise ValidationError(_("Write an amount such as 150,00."))
    return Decimal(f"{figures}.{part or '0'}")


class RequestForm(forms.Form):
    """What is asked for, for which days, out of which funds."""

    kind: forms.ModelChoiceField[AssistanceKind] = forms.ModelChoiceField(
        label=pgettext_lazy("support", "Kind"), queryset=None, empty_label=None
    )
    amount = MoneyField(
        label=_("Amount"),
        help_text=_(
            "In euro, for all the days together. For things too, what they cost: without an amount two people sign where the "
            "country has set a limit, and nothing is given at once."
        ),
        required=False,
    )
    quantity = forms.IntegerField(
        label=_("How many"), help_text=_("For things, such as packages."), required=False
    )
    starts_on = forms.DateField(label=_("First day"), initial=today)
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("The same day for something handed over once. Empty if no end is known."),
        required=False,
    )
    source = forms.CharField(
        label=_("Funding source"),
        help_text=_("Out of which budget or project, always written in the same way."),
        max_length=80,
        required=False,
    )
    reference = forms.CharField(
        label=_("Your own reference"),
        help_text=_("For example the number of the voucher. Each is used once."),
        max_length=60,
        required=False,
    )
    reason = forms.ChoiceField(
        label=_("If support of this kind runs already: why are both needed?"),
        help_text=_("Leave empty if you do not know of any. You are told if there is one."),
        choices=[("", _("I know of none")), *Reason.choices],
        required=False,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Only your institution reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = queries.kinds_to_request(to=member)  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A remark for one's own institution."""

    note = forms.CharField(
        label=_("Note"),
        help_text=_("Only your institution reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )


class WhyForm(NoteForm):
    """Why it is not given, or came back."""

    why = forms.ChoiceField(label=_("Why?"), choices=Why.choices, widget=forms.RadioSelect)
    field_order = ("why", "note")


class JustifyForm(NoteForm):
    """Why both are needed."""

    reason = forms.ChoiceField(
        label=_("Why are both needed?"), choices=Reason.choices, widget=forms.RadioSelect
    )
    field_order = ("reason", "note")


class AdjustForm(forms.Form):
    """Other days, and what is given for all of them together."""

    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"), help_text=_("Empty if no end is known."), required=False)
    amount = MoneyField(
        label=_("Amount"),
        help_text=_(
            "In euro, for all the days together. Here stands the amount so far: change it if it is another one for the new days."
        ),
        required=False,
    )
    quantity = forms.IntegerField(
        label=_("How many"),
        help_text=_("For things, such as packages. Here stands the number so far."),
        required=False,
    )

    def __init__(self, *args: Any, subject: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if subject.kind.measure != Measure.GOODS and subject.quantity is None:
            del self.fields["quantity"]
        if subject.kind.measure == Measure.AWARD:  # decided on when the plan was read
            del self.fields["amount"]

    def clean(self) -> dict[str, Any]:
        """What was not asked at all stays as it is; what was left empty is nothing."""
        said = super().clean() or {}
        return {name: value for name, value in said.items() if self.add_prefix(name) in self.data}


class SettleForm(forms.Form):
    """What was done about an overlap."""

    outcome = forms.ChoiceField(label=_("What was done?"), choices=Outcome.choices, widget=forms.RadioSelect)


class CheckForm(forms.Form):
    """For whom, what, and for which days. Posted: what was asked stands in no address."""

    case = forms.CharField(
        label=_("Reference of the person"), help_text=_("For example HW-7K3M-9TX0-C1"), max_length=24
    )
    kind: forms.ModelChoiceField[AssistanceKind] = forms.ModelChoiceField(
        label=pgettext_lazy("support", "Kind"), queryset=None, empty_label=None
    )
    starts_on = forms.DateField(
        label=_("First day"), help_text=_("Not longer ago than one year."), initial=today
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Not later than in one year. Empty: all days until then."),
        required=False,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader = member
        self.fields["kind"].queryset = queries.kinds(to=member)  # type: ignore[attr-defined]

    def clean_case(self) -> Case:
        """The case of that reference. Hidden and missing are told in the same words."""
        try:
            return cases.one(self.cleaned_data["case"], to=self._reader)
        except Missing as missing:
            raise ValidationError(_("There is no person with this reference.")) from missing


class LedgerFilters(forms.Form):
    """Narrows the ledger."""

    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    kind: forms.ModelChoiceField[AssistanceKind] = forms.ModelChoiceField(
        label=pgettext_lazy("support", "Kind"), queryset=None, required=False, empty_label=_("Any")
    )
    state = forms.ChoiceField(label=_("State"), choices=[_ANY, *State.choices], required=False)
    source = forms.ChoiceField(label=_("Funding source"), required=False)
    running = forms.BooleanField(label=_("Only what runs today or later"), required=False)
    everybody = forms.BooleanField(label=_("Also of other payers"), required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = queries.kinds(to=member)  # type: ignore[attr-defined]
        found = [(source, source) for source in queries.sources(to=member)]
        self.fields["source"].choices = [_ANY, *found]  # type: ignore[attr-defined]
        if not queries.sees_everybody(to=member):
            del self.fields["everybody"]


class OverlapFilters(forms.Form):
    """Narrows the overlaps, and says which come first."""

    order = forms.ChoiceField(
        label=_("Which come first"),
        choices=[("", _("The longest")), ("money", _("The dearest"))],
        required=False,
    )
    undecided = forms.BooleanField(label=_("Only those nobody has decided on"), required=False)
    kind = forms.TypedChoiceField(
        label=pgettext_lazy("support", "Kind"), coerce=int, empty_value="", required=False
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = {kind.number: kind.class_name for kind in queries.kinds(to=member)}
        self.fields["kind"].choices = [_ANY, *numbers.items()]  # type: ignore[attr-defined]


class ApplyForm(forms.Form):
    """What somebody wants to begin, and how much is asked for."""

    purpose = forms.CharField(
        label=_("What is the grant for?"),
        help_text=_("The plan, in a few sentences. Only your institution reads this."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
    )
    asked = MoneyField(label=_("Amount asked for"), help_text=_("In euro."))


class ScoreForm(forms.Form):
    """One to five points in each criterion."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for criterion in Criterion:
            self.fields[criterion.value] = forms.TypedChoiceField(
                label=criterion.label,
                help_text=_("One point: hardly. Five points: certainly."),
                choices=[(points, str(points)) for points in POINTS],
                coerce=int,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        """The points as the action wants them."""
        return {"points": super().clean() or {}}


class AwardForm(forms.Form):
    """How much, for which days, out of which funds."""

    kind: forms.ModelChoiceField[AssistanceKind] = forms.ModelChoiceField(
        label=pgettext_lazy("support", "Kind"), queryset=None, empty_label=None
    )
    amount = MoneyField(label=_("Amount"))
    starts_on = forms.DateField(label=_("First day"), initial=today)
    ends_on = forms.DateField(label=_("Last day"), help_text=_("Empty if no end is known."), required=False)
    source = forms.CharField(label=_("Funding source"), max_length=80, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [kind.pk for kind in queries.grant_kinds(to=member)]
        self.fields["kind"].queryset = queries.kinds(to=member).filter(pk__in=keys)  # type: ignore[attr-defined]


class StationForm(forms.Form):
    """What is agreed on, and for which day."""

    kind = forms.ChoiceField(
        label=_("Milestone or visit?"), choices=Station.choices, widget=forms.RadioSelect
    )
    what = forms.CharField(label=_("What is agreed on?"), max_length=200)
    due_on = forms.DateField(label=_("Day"))


class RecordForm(forms.Form):
    """What was found."""

    on = forms.DateField(label=_("Day"), initial=today)
    result = forms.ChoiceField(label=_("What was found?"), choices=Result.choices, widget=forms.RadioSelect)
    found = forms.CharField(
        label=_("Note"),
        help_text=_("Only your institution reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )


class EndingForm(forms.Form):
    """How it ended."""

    ending = forms.ChoiceField(label=_("How did it end?"), choices=Ending.choices, widget=forms.RadioSelect)


class AccountsForm(forms.Form):
    """From which day to which."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)


def days_of(entry: Entry) -> dict[str, Any]:
    """What stands there now, for the form that changes it."""
    return {
        "starts_on": entry.starts_on,
        "ends_on": entry.ends_on,
        "amount": entry.amount,
        "quantity": entry.quantity,
    }
