"""The pages of the intake: lists, one list on its way, its faults, decisions, how a sender is read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from homeward.doors.intake import actions, forms, permissions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeRow
from homeward.doors.intake.rules.annotating import annotate
from homeward.doors.intake.rules.batch import BATCH, BatchState, check_is_latest, check_is_open
from homeward.doors.intake.rules.faults import FileRefused, Weight
from homeward.doors.intake.rules.mapping import find_layout
from homeward.doors.intake.rules.shapes import SUPPORT
from homeward.doors.intake.rules.tables import open_table
from homeward.foundation.audit.actions import record_view
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing, NotPermitted, Text, objection
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, signed_in
from homeward.foundation.web.pages.keyset import Page
from homeward.foundation.web.worklist import Item

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A page shows so many faults; the workbook has them all.
SHOWN_FAULTS = 100


index = ListPage(
    find=queries.batches,
    order=("-uploaded_at", "-id"),
    title=_("Lists"),
    template="intake/index.html",
    filters=forms.ListFilter,
    permission=permissions.use,
)

send = ActionPage(
    action=actions.send,
    form=forms.SendForm,
    permission=permissions.use,
    template="intake/send.html",
    title=_("Take in a list"),
    submit=_("Check this list"),
    extra=lambda request, _found: {"senders": queries.senders(to=_member(request))},
)


def _registers(request: HttpRequest, batch: IntakeBatch) -> bool:
    """Do the rows of this list become people, or are they about people known already?"""
    return queries.sender(batch.sender, to=_member(request)).mapping.shape.registers


def _importing(request: HttpRequest, batch: IntakeBatch) -> Mapping[str, Any]:
    return {"result": queries.coming(batch, to=_member(request)), "registers": _registers(request, batch)}


def _about(request: HttpRequest, batch: IntakeBatch) -> Mapping[str, Any]:
    """Everything the page of one list shows, whatever its state."""
    member = _member(request)
    faults = batch.fault_list
    refused = [fault for fault in faults if fault.weight is Weight.REFUSED]
    warned = [fault for fault in faults if fault.weight is Weight.WARNED]
    return {
        "result": queries.result(batch, to=member),
        "registers": _registers(request, batch),
        "is_support": queries.sender(batch.sender, to=member).mapping.shape is SUPPORT,
        # Of a file with more in it than this institution keeps, no copy is handed out.
        "may_annotate": not queries.holds_more(batch.sender, to=member),
        "first_waiting": queries.first_waiting(batch, to=member),
        "refused": refused[:SHOWN_FAULTS],
        # What is wrong with the file as a whole, and not with a cell of it.
        "unreadable": [fault for fault in refused if not fault.cell],
        "warned": warned[:SHOWN_FAULTS],
        "more_refused": batch.refused_cells - len(refused[:SHOWN_FAULTS]),
        "more_warned": batch.warned_cells - len(warned[:SHOWN_FAULTS]),
        "stations": _stations(batch),
        "sent_before": None if batch.imported_at else queries.sent_before(batch, to=member),
        "sent_after": queries.sent_after(batch, to=member),
    }


def _stations(batch: IntakeBatch) -> list[tuple[Any, str]]:
    """The four steps of a list and where it stands."""
    here = {
        BatchState.UPLOADED: 1,
        BatchState.REFUSED: 1,
        BatchState.CHECKED: 2,
        BatchState.REVIEWING: 2,
        BatchState.IMPORTING: 3,
        BatchState.FAILED: 3,
        BatchState.IMPORTED: 4,
    }.get(BatchState(batch.state), 4)
    if here > 2 and batch.waiting_rows and batch.state in (BatchState.IMPORTED, BatchState.FAILED):
        here = 2  # what is decided is imported; what waits is not
    names = (_("Upload"), _("Check"), _("Decide"), _("Import"))
    return [
        (name, "done" if place < here else "current" if place == here else "ahead")
        for place, name in enumerate(names)
    ]


batch = DetailPage(
    find=queries.batch,
    template="intake/batch.html",
    title=lambda found: found.file_name,
    recorded="intake.viewed",
    extra=_about,
)


def _rows(*, to: Member, batch: UUID, verdict: str = "") -> Any:
    queries.batch(batch, to=to)  # an unknown list and an empty one are not the same
    return queries.rows(to=to, batch=batch, verdict=verdict)


def _list_of_rows(request: HttpRequest) -> Mapping[str, Any]:
    where = request.resolver_match
    return {"batch": queries.batch(where.kwargs["batch"], to=_member(request))} if where else {}


def _whose_they_are(request: HttpRequest, page: Page) -> Mapping[str, Any]:
    """Lets each row of the page say whose it is, as far as the member may still know."""
    known = queries.people_of(page.rows, to=_member(request))
    for row in page.rows:
        row.known_person = known.get(row.person_id)
    return {}


rows = ListPage(
    find=_rows,
    order=("position", "id"),
    title=_("Rows of the list"),
    template="intake/rows.html",
    filters=forms.RowFilter,
    permission=permissions.use,
    extra=_list_of_rows,
    extra_of_page=_whose_they_are,
)


def _beside(request: HttpRequest, row: IntakeRow) -> Mapping[str, Any]:
    member = _member(request)
    return {
        "facts": queries.facts(row, to=member),
        "compared": queries.compared(row, to=member),
        "batch": row.batch,
        "decisions": queries.decisions(row.batch, to=member),
    }


def _next_decision(row: IntakeRow) -> str:
    """The next row that waits, or the list when none does."""
    position = queries.next_waiting(row, to=row.decided_by) if row.decided_by else None
    if position is None:
        return str(row.batch.get_absolute_url())
    return reverse("intake:decide", args=[row.batch_id, position])


def _not_open(request: HttpRequest, row: IntakeRow) -> Text:
    """Why nothing can be decided about this row any more."""
    return objection(
        check_is_open,
        row.batch.state,
        row.verdict,
        is_imported=row.is_imported,
        is_overtaken=queries.sent_after(row.batch, to=_member(request)) is not None,
    )


def _unless_possible(move: str) -> Callable[[HttpRequest, IntakeBatch], Text]:
    """Why this step is not possible with a list in its present state."""
    return lambda _request, found: objection(BATCH.check, move, found.state)


def _cannot_import(request: HttpRequest, found: IntakeBatch) -> Text:
    """Why this list cannot be imported as it stands."""
    if why := objection(BATCH.check, "begin_import", found.state):
        return why
    member = _member(request)
    is_latest = {
        "is_overtaken": queries.sent_after(found, to=member) is not None,
        "is_behind": queries.is_behind(found, to=member),
    }
    return objection(check_is_latest, **is_latest) if _registers(request, found) else ""


decide = ActionPage(
    find=queries.row,
    action=actions.decide,
    impossible=_not_open,
    form=forms.DecideForm,
    template="intake/decide.html",
    title=lambda row: _("Row {row}: who is this?").format(row=row.position),
    submit=_("Decide"),
    then=_next_decision,
    extra=_beside,
)

start_import = ActionPage(
    find=queries.batch,
    permission=permissions.take_in,
    action=actions.start_import,
    impossible=_cannot_import,
    template="intake/start_import.html",
    title=_("Import this list"),
    submit=_("Import"),
    extra=_importing,
)

discard = ActionPage(
    find=queries.batch,
    permission=permissions.take_in,
    action=actions.discard,
    impossible=_unless_possible("discard"),
    template="intake/discard.html",
    title=_("Discard this list"),
    submit=_("Discard"),
    then="intake:index",
    done=_("The list has been put away. Nothing of it was imported."),
)

undo = ActionPage(
    find=queries.batch,
    permission=permissions.take_in,
    action=actions.undo,
    impossible=_unless_possible("undo"),
    template="intake/undo.html",
    title=_("Undo the whole import"),
    submit=_("Undo the import"),
    extra=lambda request, found: {
        "result": queries.result(found, to=_member(request)),
        "registers": _registers(request, found),
    },
    done=_("The import has been undone. Nobody it brought in is on record any more."),
)


@require_safe
@signed_in
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far the work on a list is, for a page that asks again and again; when it is done the page is drawn anew."""
    found = queries.batch(pk, to=_member(request))
    response = render(request, "intake/progress.html", {"batch": found})
    if not found.is_running:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@signed_in
def annotated(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The list as it was sent, with every fault marked in its cell, as a workbook."""
    member = _member(request)
    found = queries.batch(pk, to=member)
    if found.destroyed_at is not None or queries.holds_more(found.sender, to=member):
        raise Missing
    out = io.BytesIO()
    table = layout = None
    try:
        table = open_table(queries.file_of(found, to=member))
        layout = find_layout(
            table, queries.sender(found.sender, to=member).mapping, queries.surroundings(to=member)
        )
    except FileRefused:
        pass  # the list of faults says why
    annotate(table, layout, found.fault_list, out, only=queries.copied(found.sender, to=member))
    record_view("intake.downloaded", found, to=member)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    name = _("%(list)s with errors.xlsx") % {"list": PurePath(found.file_name).stem}
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _covered(*, to: Member) -> list[queries.Coverage]:
    if not may(to, permissions.use):
        raise NotPermitted
    return queries.coverage(to=to)


coverage = DetailPage(
    find=_covered,
    template="intake/coverage.html",
    title=_("What is known of each list"),
)


# ── senders ──────────────────────────────────────────────────────────────────────────────────────────────

mapping = DetailPage(
    find=lambda code, *, to: queries.sender(code, to=to),
    template="intake/mapping.html",
    title=lambda found: found.label,
)

change_mapping = ActionPage(
    find=lambda code, *, to: queries.sender(code, to=to),
    action=actions.change_mapping,
    form=forms.MappingForm,
    template="intake/change_mapping.html",
    title=lambda found: found.label,
    done=_("Lists of this sender are read in this way from now on."),
)

restore_mapping = ActionPage(
    find=lambda code, *, to: queries.sender(code, to=to),
    action=actions.restore_mapping,
    title=_("Read these lists as the country pack says"),
    submit=_("Restore"),
    done=_("Lists of this sender are read as the country pack says."),
)


def waiting(*, to: Member) -> Iterable[Item] | None:
    """Lists in which a decision is waited for, for the home page; None for whoever takes in no lists."""
    if not may(to, permissions.use):
        return None
    return [
        Item(
            ngettext(
                "{file}: {n} row waits for a decision",
                "{file}: {n} rows wait for a decision",
                found.waiting_rows,
            ).format(file=found.file_name, n=found.waiting_rows),
            found.get_absolute_url(),
            detail=found.sender_label,
        )
        for found in queries.waiting_batches(to=to)
    ]


def _member(request: HttpRequest) -> Member:
    member: Member = request.member  # type: ignore[attr-defined]
    return member
