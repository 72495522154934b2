"""What the foundation's pages ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access.models import SharingProtocol
from homeward.foundation.access.rules import BREAK_GLASS_CATEGORIES, Category, Depth, Verdict
from homeward.foundation.audit.rules import words
from homeward.foundation.institutions import queries
from homeward.foundation.institutions.models import FocalPoint, Member
from homeward.foundation.institutions.rules import Role

CLAUSE = "clause_"


class EmergencyForm(forms.Form):
    """Which case, which data, and why."""

    reference = forms.CharField(
        label=_("Reference of the case"), max_length=24, help_text=_("For example HW-7K3M-Q9TD-X")
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


class RolesForm(forms.Form):
    """The roles of a colleague."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )


class DismissForm(forms.Form):
    """The day a colleague leaves."""

    ends_on = forms.DateField(
        label=_("Last day"), help_text=_("Leave empty for today: open sessions end at once."), required=False
    )


class FocalPointForm(forms.Form):
    """Who answers for this work in the municipality."""

    member = forms.ModelChoiceField(
        label=_("Focal point"), queryset=Member.objects.none(), required=False, empty_label=_("Vacant")
    )

    def __init__(self, *args: Any, member: Member, subject: FocalPoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = queries.colleagues(to=member).filter(ends_on=None)


class DirectoryFilters(forms.Form):
    """Narrows the directory."""

    name = forms.CharField(label=_("Name or institution"), required=False)
