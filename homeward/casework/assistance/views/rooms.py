"""What the ledger adds to the rest of the house: the menu, the page of a case, the home page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.assistance import permissions, queries
from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.queries.sums import Continuity
from homeward.casework.assistance.rules.entries import State
from homeward.casework.cases.queries import sight_of
from homeward.casework.cases.rules import closing_blockers
from homeward.foundation.access.permissions import may as may_do
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Text
from homeward.foundation.web import navigation
from homeward.foundation.web.panels import Panel
from homeward.foundation.web.panels import register as register_panel
from homeward.foundation.web.worklist import Item, Source
from homeward.foundation.web.worklist import register as register_source

SHOWN = 8


def register() -> None:
    """Called once, when the program starts."""
    navigation.register(
        navigation.Item(
            pgettext_lazy("support", "Support"), "assistance:index", permissions.see_ledger, order=50
        )
    )
    navigation.register_place("AS", lambda ref, *, to: queries.entry(ref, to=to).get_absolute_url())
    navigation.register_place("SG", lambda ref, *, to: queries.grant(ref, to=to).get_absolute_url())
    closing_blockers.register("assistance.open", _open)
    for one in PANELS:
        register_panel(one)
    for source in SOURCES:
        register_source(source)


def _open(case: Any, *, by: Member) -> Iterable[Text]:
    return queries.open_in(case, to=by)


def panel(case: Any, *, to: Member) -> Mapping[str, Any] | None:
    """What the person of this case was given, as far as the reader may know; nothing for whoever has nothing to do with it."""
    seen = sight_of(case, to=to)  # asked once for a page
    if not seen.summarises(Category.ASSISTANCE) and not seen.writes(Category.ASSISTANCE):
        return None
    support = queries.family_support(case, to=to)
    own = [one for one in support if one.case_id == case.pk]
    months = queries.continuity(support, to=to)
    return {
        "entries": sorted(own, key=lambda one: (one.starts_on, one.requested_at), reverse=True),
        "picture": drawn(months) if months else None,
        "sees_all": seen.summarises(Category.ASSISTANCE),
        "packages": queries.packages(case, support, to=to) if seen.summarises(Category.ASSISTANCE) else [],
        "grants": queries.grants_of(case, to=to),
        "may_request": may_do(to, permissions.request, case),
        "may_ask": navigation.may(to, permissions.ask),
        "own": to.institution_id,
    }


def family_panel(household: Any, *, to: Member) -> Mapping[str, Any] | None:
    """What the people of one household were given together, as far as the reader may know."""
    entries = queries.home_support(household, to=to)
    months = queries.continuity(entries, to=to)
    if not entries:
        return None
    picture = drawn(months) if months else None
    return {"entries": entries, "picture": picture, "sees_all": queries.sees_everybody(to=to)}


_SUPPORT = pgettext_lazy("support", "Support")
PANELS = (
    Panel("assistance", _SUPPORT, "assistance/panels/case.html", panel, order=45),
    Panel("assistance-family", _SUPPORT, "assistance/panels/family.html", family_panel, page="family"),
)

# --- the picture of months with and without support: drawn with figures alone, because no style may stand in a page

# The names stand in a picture of their own, so that they stay where they are when a narrow screen moves the months.
LEFT, STEP, HIGH, TOP = 150, 15, 26, 22


ROOM = 3  # a year with fewer months has no room for its figures


@dataclass(frozen=True)
class Box:
    """One month in the picture."""

    x: int
    month: date
    is_covered: bool


@dataclass(frozen=True)
class Strip:
    """One class of support in the picture: its name, its months, and the days between."""

    label: str
    y: int
    boxes: list[Box]
    covered: int
    gaps: list[Any]
    is_lasting: bool

    @property
    def text_y(self) -> int:
        """Where the name stands."""
        return self.y + 13


@dataclass(frozen=True)
class Picture:
    """Months from left to right, classes from top to bottom."""

    left: int
    width: int
    height: int
    years: list[tuple[int, int]]
    strips: list[Strip]
    months: int
    first: date
    last: date

    @property
    def shows_any(self) -> bool:
        """Is there a month with support among those that are shown?"""
        return any(strip.covered for strip in self.strips)


def drawn(found: Continuity) -> Picture:
    """Where everything stands in the picture."""
    years, at = [], 1
    for year, count in found.years:
        if count >= ROOM:
            years.append((at, year))
        at += STEP * count
    strips = [
        Strip(
            row.label,
            TOP + HIGH * place,
            [
                Box(1 + STEP * number, month, mark)
                for number, (month, mark) in enumerate(zip(found.months, row.marks, strict=True))
            ],
            row.covered,
            row.gaps,
            row.is_lasting,
        )
        for place, row in enumerate(found.rows)
    ]
    return Picture(
        LEFT,
        STEP * len(found.months) + 4,
        TOP + HIGH * len(strips),
        years,
        strips,
        len(found.months),
        found.months[0],
        found.months[-1],
    )


# --- the home page


def _who(entry: Entry) -> str:
    person = getattr(entry.case, "person", None)
    return person.full_name if person is not None else entry.case.ref


def _item(entry: Entry, detail: Text, due_on: date | None = None) -> Item:
    title = format_lazy("{who}: {kind}", who=_who(entry), kind=str(entry.kind))
    return Item(title, entry.get_absolute_url(), due_on, detail)


def _uses(to: Member) -> bool:
    return navigation.may(to, permissions.see_ledger)


def _overlapping(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.WORKING):
        return None
    words = (
        _(
            "Support of the same kind runs already. Look at both, then stop it, change its days or say why both are needed."
        )
        if permissions.is_asked(to)
        else _(
            "Support of the same kind runs already. Ask, then stop it, change its days or say why both are needed."
        )
    )
    return [_item(one, words) for one in queries.undecided(to=to)[:SHOWN]]


def _to_move(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.WORKING):
        return None
    words = {
        State.REQUESTED: _("Waits for approval"),
        State.APPROVED: _("Is approved and waits to be handed over"),
    }
    return _first(queries.to_move(to=to), lambda one: _item(one, words[State(one.state)], one.starts_on))


def _to_decide(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.WORKING):
        return None
    words = {"score": _("Score the plan"), "award": _("Two people have scored it: award or decline it")}
    return [
        Item(
            format_lazy("{who}: {what}", who=one.case.ref, what=Truncator(one.purpose).chars(60)),
            one.get_absolute_url(),
            None,
            words[step],
        )
        for one, step in queries.to_decide(to=to)
    ]


def _to_countersign(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.ANSWERING):
        return None
    return _first(queries.to_countersign(to=to), lambda one: _item(one, _("Waits for a second signature")))


def _to_confirm(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.ANSWERING):
        return None
    words = _("Was given at once and waits for approval")
    return _first(queries.to_confirm(to=to), lambda one: _item(one, words, one.starts_on))


def _first(entries: Sequence[Entry], item: Callable[[Entry], Item]) -> list[Item]:
    """The first of them, and the ways to the others, state by state."""
    others = list(dict.fromkeys(one.state for one in entries[SHOWN:]))
    return [item(one) for one in entries[:SHOWN]] + [
        Item(
            format_lazy("{all}: {state}", all=_("All of them"), state=State(state).label),
            f"{reverse('assistance:index')}?state={state}",
            leads_on=True,
        )
        for state in others
    ]


def _ending(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.WORKING):
        return None
    found = queries.ending_soon(to=to, most=SHOWN)
    return [
        _item(
            way.entry,
            _("Ends in less than two weeks, and nothing follows")
            if way.left <= queries.URGENT.days
            else _("Ends within a month, and nothing follows"),
            way.entry.ends_on,
        )
        for way in found
    ]


def _stations(*, to: Member) -> Iterable[Item] | None:
    if not _uses(to) or not to.has(*permissions.WORKING):
        return None
    return [
        Item(
            format_lazy("{kind}: {what}", kind=one.get_kind_display(), what=one.what),
            one.grant.get_absolute_url(),
            one.due_on,
            one.grant.case.ref,
        )
        for one in queries.stations_due(to=to)[:SHOWN]
    ]


def _to_settle(*, to: Member) -> Iterable[Item] | None:
    if not navigation.may(to, permissions.oversee):
        return None
    rows = queries.to_settle(to=to).order_by("-days", "pk")[: SHOWN + 1]
    shown = queries.found(rows, to=to)
    items = [
        Item(
            format_lazy("{kind}, {whose}", kind=one.overlap.first.kind.class_name, whose=one.whose),
            reverse("assistance:settle", args=[one.overlap.pk]),
            None,
            format_lazy(
                _("{one} and {other}, since {day}"),
                one=one.overlap.first.payer.abbreviation,
                other=one.overlap.second.payer.abbreviation,
                day=PartialDate.of(one.overlap.starts_on),
            ),
        )
        for one in shown[:SHOWN]
    ]
    if len(shown) > SHOWN:
        items.append(Item(_("All of them"), f"{reverse('assistance:overlaps')}?undecided=on", leads_on=True))
    return items


SOURCES = (
    Source(
        "assistance.overlapping",
        _("Support that overlaps"),
        _overlapping,
        order=21,
        empty=_("Nothing your institution gives overlaps without an answer."),
    ),
    Source(
        "assistance.to_move",
        _("Support to approve or hand over"),
        _to_move,
        order=24,
        empty=_("No support waits to be approved or handed over."),
    ),
    Source(
        "assistance.to_decide",
        _("Plans for small grants"),
        _to_decide,
        order=25,
        empty=_("No plan waits to be scored or decided on."),
    ),
    Source(
        "assistance.to_countersign",
        _("Support that waits for a second signature"),
        _to_countersign,
        order=22,
        empty=_("No support waits for your signature."),
    ),
    Source(
        "assistance.to_confirm",
        _("Emergency support to be approved"),
        _to_confirm,
        order=23,
        empty=_("Nothing was given at once that waits for approval."),
    ),
    Source(
        "assistance.ending",
        _("Support that ends soon"),
        _ending,
        order=35,
        empty=_("No support in your cases ends within a month without more to follow."),
    ),
    Source(
        "assistance.stations",
        _("Milestones and visits of small grants"),
        _stations,
        order=36,
        empty=_("No milestone and no visit is due this week."),
    ),
    Source(
        "assistance.to_settle",
        _("Overlaps to decide on"),
        _to_settle,
        order=45,
        empty=_("Every overlap you may know of has been decided on."),
        url_name="assistance:overlaps",
    ),
)
