"""What the cases add to the rest of the house: the menu, the panels of a case page, the work list of the home page."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions, queries
from homeward.casework.cases.models import CaseInSight, CaseInSightQuerySet
from homeward.casework.cases.queries import panels as shown
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text
from homeward.foundation.web import navigation
from homeward.foundation.web.panels import Panel
from homeward.foundation.web.panels import register as register_panel
from homeward.foundation.web.worklist import Item, Source
from homeward.foundation.web.worklist import register as register_source

# As many as one reads at a glance; one line more leads to the rest.
SHOWN = 8


def register() -> None:
    """Called once, when the program starts."""
    navigation.register(navigation.Item(_("Cases"), "cases:index", permissions.browse, order=10))
    navigation.register(navigation.Item(_("Overview"), "cases:overview", permissions.lead, order=20))
    for panel in PANELS:
        register_panel(panel)
    for source in SOURCES:
        register_source(source)


PANELS = (
    Panel("checks", _("First checks"), "cases/panels/checks.html", shown.checks, order=15),
    Panel(
        "family-cases",
        _("Family members and their cases"),
        "cases/panels/family.html",
        shown.family,
        order=20,
    ),
    Panel("notes", _("Notes"), "cases/panels/notes.html", shown.notes, order=50),
    Panel("documents", _("Documents"), "cases/panels/documents.html", shown.documents, order=60),
    Panel("hints", _("Other files"), "cases/panels/hints.html", shown.hints, order=5, aside=True),
    Panel("team", _("Team"), "cases/panels/team.html", shown.team, order=40, aside=True),
    Panel("timeline", _("What happened"), "cases/panels/timeline.html", shown.happened, order=80, aside=True),
    Panel(
        "who-can-see",
        _("Who can see this, and why?"),
        "cases/panels/who_can_see.html",
        shown.readers,
        order=90,
    ),
)


def _name(row: CaseInSight) -> str:
    return row.person.full_name if row.person is not None else row.case.ref


def _item(row: CaseInSight, detail: Text = "") -> Item:
    care = row.case.standing
    words = detail or (care.get_state_display() if care else "")
    return Item(_name(row), row.case.get_absolute_url(), care.due_on if care else None, words)


def _few(rows: CaseInSightQuerySet | None, *, more: str) -> list[Item] | None:
    """The first of them, and one line that leads to the others when there are others."""
    if rows is None:
        return None
    found = list(rows[: SHOWN + 1])
    items = [_item(row) for row in found[:SHOWN]]
    if len(found) > SHOWN:
        items.append(Item(_("All of them"), f"{reverse('cases:index')}?{more}", leads_on=True))
    return items


def _late(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.late(to=to), more="overdue=on")


def _due_soon(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.due_soon(to=to), more=f"lead={to.institution_id}")


def _to_prepare(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.to_prepare(to=to), more="state=expected")


def _to_confirm(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.to_confirm(to=to), more="state=closure_proposed")


def _to_take_over(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.to_take_over(to=to), more="state=transferred")


def _to_name_anew(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    return _few(queries.to_name_anew(to=to), more="")


def _to_end(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    rows = queries.to_end(to=to)
    return (
        rows
        if rows is None
        else [_ended(row, _("Keep it longer, or propose to erase it")) for row in rows[:SHOWN]]
    )


def _to_confirm_erasure(*, to: Member) -> Iterable[Item] | None:
    if not queries.tells_all(to=to):
        return None  # a school or a clinic leads no case
    rows = queries.to_confirm_erasure(to=to)
    return (
        rows
        if rows is None
        else [_ended(row, _("Confirm the erasure, or keep it longer")) for row in rows[:SHOWN]]
    )


def _ended(row: CaseInSight, what_to_do: Text) -> Item:
    care = row.case.standing
    return Item(_name(row), row.case.get_absolute_url(), care.keep_until if care else None, what_to_do)


def _to_check(*, to: Member) -> Iterable[Item] | None:
    found = queries.to_check(to=to, limit=SHOWN + 1)
    if found is None:
        return None
    items = [
        Item(
            _name(row),
            f"{row.case.get_absolute_url()}#panel-checks",
            None,
            format_lazy("{}", ", ".join(str(check.title) for check in waiting)),
        )
        for row, waiting in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        items.append(Item(_("Newest cases"), reverse("cases:index"), leads_on=True))
    return items


SOURCES = (
    Source(
        "cases.late", _("Overdue"), _late, order=10, empty=_("No case of yours should have moved on already.")
    ),
    Source(
        "cases.to_take_over",
        _("Cases to take over"),
        _to_take_over,
        order=15,
        empty=_("No institution hands you a case."),
    ),
    Source(
        "cases.to_name_anew",
        _("Cases without a contact"),
        _to_name_anew,
        order=17,
        empty=_("Every named contact still works here."),
    ),
    Source(
        "cases.to_confirm",
        _("Closures that wait for a second person"),
        _to_confirm,
        order=20,
        empty=_("No closure waits for you."),
    ),
    Source(
        "cases.due_soon", _("Due within a week"), _due_soon, order=30, empty=_("Nothing is due this week.")
    ),
    Source(
        "cases.to_prepare",
        _("Arrivals to prepare"),
        _to_prepare,
        order=40,
        empty=_("Nobody is waited for who is not prepared for."),
    ),
    Source(
        "cases.to_end",
        _("Archived cases whose retention has ended"),
        _to_end,
        order=60,
        empty=_("No archived case waits for a decision."),
    ),
    Source(
        "cases.to_confirm_erasure",
        _("Erasures that wait for a second person"),
        _to_confirm_erasure,
        order=25,
        empty=_("No erasure waits for you."),
    ),
    Source(
        "cases.to_check", _("First checks to do"), _to_check, order=50, empty=_("No check is open for you.")
    ),
)
