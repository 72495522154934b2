"""The gallery: every component in every state on one page, for those who build pages and for the tests.

Nothing here comes from the database; every name on it is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate, PartialDateFormField
from homeward.foundation.web.pages import signed_in
from homeward.foundation.web.pages.shapes import Conflict

CHOICES = [("shelter", "Strehim"), ("legal", "Правна помоћ"), ("school", "Catch-up classes")]


class Everything(forms.Form):
    """One field of every kind that Django has."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("Leave out what the other institution does not need.")
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    amount = forms.DecimalField(label=_("Amount in euro"), max_digits=8, decimal_places=2)
    met_on = forms.DateField(label=_("Date of the meeting"), help_text=_("For example 27 3 2026"))
    born = PartialDateFormField(label=_("Date of birth"), required=False)
    at = forms.TimeField(label=_("Time"), required=False)
    service = forms.ChoiceField(label=_("Service"), choices=[("", ""), *CHOICES])
    urgency = forms.ChoiceField(
        label=_("When"),
        choices=[("now", _("Today")), ("week", _("This week")), ("later", _("Later"))],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label=_("Needs"), choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    document = forms.FileField(
        label=_("Document"), required=False, help_text=_("PDF or picture, at most 10 MB")
    )
    locked = forms.CharField(label=_("Reference"), disabled=True, required=False, initial="HW-7K3M-9TX0-C1")
    agreed = forms.BooleanField(label=_("The person agrees to this referral"))

    def clean(self) -> None:
        """One mistake that belongs to no single field."""
        if self.data.get("reason") == "":
            self.add_error(None, _("Nothing was sent: please fill in what is missing."))


class Filters(forms.Form):
    """Filters of a list."""

    name = forms.CharField(label=_("Name"), required=False)
    service = forms.ChoiceField(label=_("Service"), choices=[("", _("All")), *CHOICES], required=False)
    overdue = forms.BooleanField(label=_("Only overdue"), required=False)


@dataclass(frozen=True)
class Pages:
    """A place in the middle of a list."""

    next_url: str = "?after=x"
    previous_url: str = "?before=x"


@require_safe
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """Draw everything."""
    return render(request, "web/gallery.html", shown())


def shown() -> dict[str, object]:
    """What the gallery shows."""
    now = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    wrong = {
        "reason": "",
        "amount": "lots",
        "met_on_day": "31",
        "met_on_month": "2",
        "met_on_year": "2026",
        "service": "",
    }
    return {
        "title": _("Gallery"),
        "tones": [
            ("neutral", _("Closed")),
            ("info", _("In review")),
            ("good", _("Accepted")),
            ("waiting", _("Due in 3 days")),
            ("urgent", _("Overdue")),
            ("special", _("Restricted")),
            ("away", _("Transferred")),
        ],
        "alerts": ["information", "success", "warning", "error"],
        "day": date(1988, 3, 7),
        "now": now,
        "guess": PartialDate(1996, 4, approximate=True),
        "year": PartialDate(1996),
        "late": today() - timedelta(days=4),
        "today": today(),
        "soon": today() + timedelta(days=3),
        "later": today() + timedelta(days=40),
        "blank": Everything(prefix="blank"),
        "wrong": Everything(wrong, prefix=None),
        "filters": Filters(prefix="closed"),
        "filtered": Filters({"name": "Gërxhaliu"}),
        "pages": Pages(),
        "first": Pages(previous_url=""),
        "sight": [
            {
                "institution": "Qendra për Punë Sociale",
                "sees": _("Household: everything; Services: everything, and may write; Plan: summary"),
                "why": "Mbrojtja e fëmijës (Ligji nr. 06/L-084)",
                "until": date(2027, 6, 30),
            },
            {
                "institution": "Пробациона служба",
                "sees": [_("Plan: summary"), _("Referrals: only what it wrote itself")],
                "why": ["Закон бр. 03/L-191", "Protokoll 2"],
                "until": None,
            },
        ],
        "nobody": [],
        "stale": [Conflict(_("Reason"), "Këshillim", "Këshillim psikosocial")],
    }
