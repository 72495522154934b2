"""The log for those who watch over the use of data: who did and saw what, never the content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access import permissions
from homeward.foundation.access import queries as access
from homeward.foundation.access.rules import Category
from homeward.foundation.audit import queries
from homeward.foundation.audit.models import Event
from homeward.foundation.audit.rules import words
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import start_of
from homeward.foundation.kernel.errors import Text
from homeward.foundation.web import navigation
from homeward.foundation.web.pages import ListPage
from homeward.foundation.web.pages.doorway import member_of
from homeward.foundation.web.pages.keyset import Page
from homeward.foundation.web.rooms import forms

# How a member came in, as the log keeps it.
VIA: Mapping[str, Text] = {
    "web": _("On a page"),
    "job": _("Background work"),
    "operator": _("A command"),
}


def _events(
    *,
    to: Member,
    verb: str = "",
    case: str = "",
    member: UUID | None = None,
    on: date | None = None,
    looks_only: bool = False,
) -> QuerySet[Event]:
    found = queries.events(to=to, verb=verb, member=member, looks_only=looks_only)
    if case:
        found = found.filter(case_id__in=access.case_key(case, to=to).values("case_id"))
    if on:
        found = found.filter(at__gte=start_of(on), at__lt=start_of(on + timedelta(days=1)))
    return found


@dataclass(frozen=True)
class Line:
    """One event in words: what, by whom, about which case. A person in care is never named here."""

    event: Event
    what: Text
    who: str
    institution: str
    reference: str
    category: Text
    via: Text


def lines(events: Sequence[Event], *, to: Member) -> list[Line]:
    """Events as oversight reads them, in two queries for the whole page."""
    people = institutions.names({event.member_id for event in events if event.member_id}, to=to)
    references = access.references({event.case_id for event in events if event.case_id}, to=to)
    offices = institutions.institutions_by_key(to=to)
    categories: dict[int | None, Text] = {c.value: c.label for c in Category}
    return [
        Line(
            event,
            what=words.of(event.verb),
            who=people.get(event.member_id, ""),
            institution=offices[event.institution_id].abbreviation if event.institution_id in offices else "",
            reference=references.get(event.case_id, ""),
            category=categories.get(event.category, ""),
            via=VIA.get(event.via, event.via),
        )
        for event in events
    ]


def _in_words(request: HttpRequest, page: Page) -> dict[str, object]:
    member = member_of(request)
    return {"lines": lines(page.rows, to=member), "seal": queries.seals(to=member).first()}


log = ListPage(
    find=_events,
    order=("-id",),
    title=_("Who did and saw what"),
    template="web/oversight/log.html",
    filters=forms.EventFilters,
    permission=permissions.oversee,
    extra_of_page=_in_words,
)

urlpatterns = [path("oversight/", log, name="oversight")]
navigation.register(
    navigation.Item(title=_("Oversight"), url_name="oversight", permission=permissions.oversee, order=80)
)
