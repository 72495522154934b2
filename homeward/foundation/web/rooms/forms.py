"""What the foundation's pages ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access.models import SharingProtocol
from homeward.foundation.access.rules import BREAK_GLASS_CATEGORIES, Category, Depth, Verdict
from homeward.foundation.audit.rules import words
from homeward.foundation.institutions import queries
from homeward.foundation.institutions.models import Account, FocalPoint, Member, Unit
from homeward.foundation.institutions.rules import EVERYTHING
from homeward.foundation.web.languages import LANGUAGES

CLAUSE = "clause_"


class EmergencyForm(forms.Form):
    """Which case, which data, and why."""

    reference = forms.CharField(
        label=_("Reference of the case"), max_length=24, help_text=_("For example HW-7K3M-9TX0-C1")
    )
    categories = forms.TypedMultipleChoiceField(
        label=_("What do you need to see?"),
        choices=[(category.value, category.label) for category in sorted(BREAK_GLASS_CATEGORIES)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Why can it not wait?"),
        help_text=_("Another institution reads this and judges it within 72 hours."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )


class ReviewForm(forms.Form):
    """The judgement on an emergency look."""

    verdict = forms.ChoiceField(label=_("Your judgement"), choices=Verdict.choices, widget=forms.RadioSelect)


class ProtocolFilters(forms.Form):
    """Narrows the list of protocols to those one's own institution is a party of."""

    mine = forms.BooleanField(label=_("Only those that concern my institution"), required=False)


class ProposalForm(forms.Form):
    """What should change in a protocol: one choice per category, and the reason."""

    proposal = forms.CharField(
        label=_("What should change, and why?"),
        help_text=_("The parties, the data protection officer and the ministry read this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )

    def __init__(self, *args: Any, subject: SharingProtocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = {clause.category: clause for clause in subject.clauses.all()}
        choices = [("", _("Nothing"))] + [
            (f"{depth.value}{mark}", f"{depth.label}{more}")
            for depth in Depth
            for mark, more in (("", ""), ("w", _(", and may write")))
            if depth or mark
        ]
        for category in Category:
            clause = present.get(category.value)
            now = f"{clause.depth}{'w' if clause.writes else ''}" if clause else ""
            self.fields[f"{CLAUSE}{category.value}"] = forms.ChoiceField(
                label=category.label, choices=choices, required=False, initial=now
            )

    def clean(self) -> dict[str, Any]:
        """The clauses as the action wants them: (category, depth, writes)."""
        given = super().clean() or {}
        clauses = []
        for name, value in given.items():
            if name.startswith(CLAUSE) and value:
                clauses.append((int(name.removeprefix(CLAUSE)), int(value[0]), value.endswith("w")))
        return {"proposal": given.get("proposal", ""), "clauses": clauses}


class SignForm(forms.Form):
    """Which text was read: signing another one is refused."""

    digest = forms.CharField(widget=forms.HiddenInput)


class ClosingForm(forms.Form):
    """Why a proposal does not come into force."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everybody who may read the protocol reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class EventFilters(forms.Form):
    """Narrows the log."""

    verb = forms.ChoiceField(label=_("What was done"), required=False)
    case = forms.CharField(label=_("Reference of the case"), required=False)
    on = forms.DateField(label=_("Day"), required=False)
    looks_only = forms.BooleanField(label=_("Only looks"), required=False)
    member = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        verbs = sorted(words.known().items(), key=lambda verb: str(verb[1]).casefold())
        self.fields["verb"].choices = [("", _("Everything")), *verbs]  # type: ignore[attr-defined]


def _unit() -> "forms.ModelChoiceField[Unit]":
    return forms.ModelChoiceField(
        label=_("Unit"),
        queryset=Unit.objects.none(),
        required=False,
        help_text=_("A member sees no more than the unit may see."),
        empty_label=_("No unit"),
    )


def _roles() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)


def _offer_seats(fields: dict[str, Any], member: Member) -> None:
    """The roles and units that this member can give to others; no unit at all where there is none to choose."""
    if "roles" in fields:
        fields["roles"].choices = [(role.value, role.label) for role in queries.roles_to_give(to=member)]
    if "unit" in fields:
        fields["unit"].queryset = queries.units_to_give(to=member)
        if member.view != EVERYTHING:  # outside of every unit one would see more than the member does
            fields["unit"].required, fields["unit"].empty_label = True, None
        elif not fields["unit"].queryset.exists():
            del fields["unit"]


class RolesForm(forms.Form):
    """The roles of a colleague: those the institution can have."""

    roles = _roles()

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_seats(self.fields, member)


class UnitForm(forms.Form):
    """The part of the institution in which a colleague works."""

    unit = _unit()

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_seats(self.fields, member)

    def clean(self) -> dict[str, Any]:
        """No unit, where the institution has none."""
        return {"unit": None} | (super().clean() or {})


class SeatForm(forms.Form):
    """What every new seat needs: a name, roles, perhaps a unit, a first day."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As colleagues and other institutions are to read it.")
    )
    roles = _roles()
    unit = _unit()
    starts_on = forms.DateField(label=_("First day"), help_text=_("Leave empty for today."), required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_seats(self.fields, member)


class NewcomerForm(SeatForm):
    """A colleague who has no account yet."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("Small letters, figures, dots and dashes, for example a.krasniqi"),
    )
    email = forms.EmailField(
        label=_("E-mail address at work"),
        required=False,
        help_text=_("For a new password, if this one is forgotten."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    field_order = ("name", "username", "email", "language", "roles", "unit", "starts_on")


class AppointForm(SeatForm):
    """A colleague who signs in already, for another institution or formerly for this one."""

    account = forms.CharField(
        label=_("User name"), max_length=80, help_text=_("Ask the person: it is not looked up.")
    )
    field_order = ("name", "account", "roles", "unit", "starts_on")

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, member=member, **kwargs)
        self._reader = member

    def clean_account(self) -> Account:
        """The account of exactly this name."""
        found = queries.account(self.cleaned_data["account"], to=self._reader)
        if found is None:
            raise forms.ValidationError(_("Nobody signs in with this name."))
        return found


class DismissForm(forms.Form):
    """The day from which a colleague no longer works here."""

    ends_on = forms.DateField(
        label=_("Ends on"),
        help_text=_("From this day on nothing opens. Leave empty for today: open sessions end at once."),
        required=False,
    )


class FocalPointForm(forms.Form):
    """Who answers for this work in the municipality."""

    member = forms.ModelChoiceField(
        label=_("Focal point"), queryset=Member.objects.none(), required=False, empty_label=_("Vacant")
    )

    def __init__(self, *args: Any, member: Member, subject: FocalPoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = queries.colleagues_today(to=member)


class FocalPointFilters(forms.Form):
    """Narrows the focal points."""

    vacant = forms.BooleanField(label=_("Only vacant posts"), required=False)


class DirectoryFilters(forms.Form):
    """Narrows the directory."""

    name = forms.CharField(label=_("Name or institution"), required=False)
