"""Overlaps for whoever sees both sides, the payer's accounts, and how support is spread."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from homeward.casework.assistance import actions, forms, permissions, queries
from homeward.casework.assistance.models import Overlap, catalogue
from homeward.casework.assistance.rules.entries import State
from homeward.casework.assistance.views.entries import NOBODY_ELSE
from homeward.foundation.audit.actions import record_view
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, Text
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import ActionPage, ListPage, signed_in
from homeward.foundation.web.pages.keyset import Page
from homeward.foundation.web.pages.shapes import SAVE

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _with_households(request: HttpRequest, page: Page) -> Mapping[str, Any]:
    member: Member = request.member  # type: ignore[attr-defined]
    found = queries.found(page.rows, to=member)
    stuck = any(one.is_own and not one.overlap.outcome for one in found)
    return {"found": found, "nobody_else": nobody_decides(member) if stuck else ""}


def _together(request: HttpRequest, rows: QuerySet[Overlap]) -> Mapping[str, Any]:
    member: Member = request.member  # type: ignore[attr-defined]
    return {"together": queries.summed(rows, to=member), "currency": catalogue().currency}


def nobody_decides(member: Member) -> Text:
    """The sentence that nobody else of the institution could decide about an overlap, where that is so."""
    return "" if queries.colleagues_who(*permissions.ANSWERING, to=member) else NOBODY_ELSE


def _settled_before(request: HttpRequest, found: Overlap) -> Mapping[str, Any]:
    """That it was decided already, by whom and when."""
    return {
        "submit": gettext_lazy("Change the decision") if found.outcome else SAVE,
        "back_url": reverse("assistance:overlaps"),
    }


def _own_hand(request: HttpRequest, found: Overlap) -> Text:
    """Whoever had a hand in one of the two does not decide, and is told if nobody else is there to do it."""
    member: Member = request.member  # type: ignore[attr-defined]
    if member.account_id not in queries.hands_in(found, to=member):
        return ""
    nobody = nobody_decides(member)
    return format_lazy("{} {}", OWN_HAND, nobody) if nobody else OWN_HAND


OWN_HAND = gettext_lazy(
    "You have asked for one of these two, signed for it, paid it or taken it in yourself. Somebody else of your institution "
    "has to decide about this overlap."
)


overlaps = ListPage(
    find=queries.overlaps,
    order=("-days", "pk"),
    orders={"money": ("-money", "pk")},
    totals=_together,
    title=gettext_lazy("Overlapping support"),
    template="assistance/overlaps.html",
    filters=forms.OverlapFilters,
    permission=permissions.oversee,
    recorded="assistance.overlaps_listed",
    extra_of_page=_with_households,
)

settle = ActionPage(
    find=queries.overlap,
    permission=permissions.settle,
    form=forms.SettleForm,
    action=actions.settle,
    impossible=_own_hand,
    initial=lambda found: {"outcome": found.outcome},
    template="assistance/settle.html",
    extra=_settled_before,
    title=gettext_lazy("What was done about this overlap?"),
    then="assistance:overlaps",
    done=gettext_lazy("Saved."),
)


@require_safe
@signed_in
def accounts(request: HttpRequest) -> HttpResponse:
    """What one's own institution has paid, by source and kind, to the cent."""
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.account):
        raise NotPermitted
    form = forms.AccountsForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    lines = [] if form.errors else queries.totals(to=member, **asked)
    record_view("assistance.totals_read", member, to=member, lines=len(lines))
    sums: dict[str, list[Decimal]] = {}
    for line in lines:
        found = sums.get(line.currency, [Decimal("0.00")] * 3)
        sums[line.currency] = [
            had + more for had, more in zip(found, (line.paid, line.back, line.amount), strict=True)
        ]
    context = {
        "title": _("Accounts of support"),
        "filters": form,
        "lines": lines,
        "sums": [(currency, *found) for currency, found in sums.items()],
        "out_of_sight": queries.out_of_sight(to=member, **asked) if lines else 0,
        "query": request.GET.urlencode(),
    }
    return render(request, "assistance/accounts.html", context, status=422 if form.errors else 200)


@require_safe
@signed_in
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Every entry for the accountant: references and amounts, and nobody in it. What came back stands there with its counter-line,
    so that the column of amounts adds up to what counts."""
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.account):
        raise NotPermitted
    asked = forms.AccountsForm(request.GET or None)
    if form not in MEDIA or (asked.is_bound and not asked.is_valid()):
        raise Missing
    rows = queries.accounts(to=member, **(asked.cleaned_data if asked.is_bound else {}))
    record_view("assistance.exported", member, to=member, rows=len(rows), form=form)
    head = [
        _("Reference in Homeward"), _("Your own reference"), _("Funding source"), _("Kind"), _("Amount"), _("Currency"),
        _("How many"), _("First day"), _("Last day"), _("State"), _("Line"), _("Recorded on"), _("Code of the kind"),
    ]  # fmt: skip
    kinds = queries.words_of_kinds(to=member)
    lines = [
        [
            one.ref,
            one.reference,
            one.source,
            kinds.get(one.kind, one.kind),
            one.amount,
            one.currency,
            one.quantity,
            one.starts_on,
            one.ends_on,
            str(State(one.state).label),
            _("Returned or reversed") if one.turned else _("Paid"),
            one.recorded_on,
            one.kind,
        ]
        for one in rows
    ]
    content = _as_csv(head, lines) if form == "csv" else _as_xlsx(head, lines)
    response = HttpResponse(content, content_type=MEDIA[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{today().isoformat()}-support.{form}"'
    return response


def _as_csv(head: list[str], lines: Iterable[list[Any]]) -> bytes:
    out = StringIO()
    written = csv.writer(out, delimiter=";")
    written.writerow(head)
    for line in lines:
        written.writerow([_harmless(cell) for cell in line])
    return out.getvalue().encode("utf-8-sig")


def _as_xlsx(head: list[str], lines: Iterable[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(head)
    for line in lines:
        sheet.append([_harmless(cell) if isinstance(cell, str) else cell for cell in line])
    for row in sheet.iter_rows(min_row=2, min_col=5, max_col=5):
        row[0].number_format = "#,##0.00"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula stays a text; cents stand behind a comma, as offices here write."""
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


@require_safe
@signed_in
def spread(request: HttpRequest) -> HttpResponse:
    """Whether support reaches women and men, districts and families of every size alike. For the inside only."""
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.oversee):
        raise NotPermitted
    record_view("assistance.totals_read", member, to=member, lines=0)
    context = {"title": _("How support is spread"), "groups": queries.spread(to=member)}
    return render(request, "assistance/spread.html", context)
