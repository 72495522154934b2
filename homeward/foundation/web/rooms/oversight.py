"""The log for those who watch over the use of data: who did and saw what, never the content."""

from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access import permissions
from homeward.foundation.access import queries as access
from homeward.foundation.access.rules import Category
from homeward.foundation.audit import queries
from homeward.foundation.audit.models import Event
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import start_of
from homeward.foundation.web import navigation
from homeward.foundation.web.pages import ListPage
from homeward.foundation.web.pages.doorway import member_of
from homeward.foundation.web.rooms import forms


def _events(*, to: Member, verb: str = "", case: str = "", on: date | None = None) -> QuerySet[Event]:
    found = queries.events(to=to)
    if verb:
        found = found.filter(verb__startswith=verb.strip().lower())
    if case:
        found = found.filter(case_id__in=access.case_key(case, to=to).values("case_id"))
    if on:
        found = found.filter(at__gte=start_of(on), at__lt=start_of(on + timedelta(days=1)))
    return found


def _names(request: HttpRequest) -> dict[str, object]:
    member = member_of(request)
    return {
        "institutions": institutions.institutions_by_key(to=member),
        "categories": {c.value: c.label for c in Category},
        "seal": queries.seals(to=member).first(),
    }


log = ListPage(
    find=_events,
    order=("-id",),
    title=_("Who did and saw what"),
    template="web/oversight/log.html",
    filters=forms.EventFilters,
    permission=permissions.oversee,
    extra=_names,
)

urlpatterns = [path("oversight/", log, name="oversight")]
navigation.register(
    navigation.Item(title=_("Oversight"), url_name="oversight", permission=permissions.oversee, order=80)
)
