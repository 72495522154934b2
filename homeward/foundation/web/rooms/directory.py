"""Whom to call, who answers in each municipality, and for whom one works today."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from homeward.foundation.access import context
from homeward.foundation.access.queries import knows_the_label
from homeward.foundation.institutions import actions, permissions, queries
from homeward.foundation.institutions.models import FocalPoint, Member
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.web import navigation
from homeward.foundation.web.pages import ActionPage, ListPage, signed_in
from homeward.foundation.web.pages.doorway import member_of
from homeward.foundation.web.rooms import forms

TOKEN = "context_token"


def _directory(*, to: Member, name: str = "") -> QuerySet[Member]:
    found = queries.directory(to=to)
    if not knows_the_label(to=to):
        found = found.filter(institution=to.institution_id)
    if name:
        found = found.filter(
            Q(name__icontains=name)
            | Q(institution__code__icontains=name)
            | Q(institution__name__icontains=name)
        )
    return found


def _focal_points(*, to: Member, vacant: bool = False) -> QuerySet[FocalPoint]:
    found = queries.focal_points(to=to, vacant=vacant)
    return found if knows_the_label(to=to) else found.filter(institution=to.institution_id)


def _focal_point(pk: UUID, *, to: Member) -> FocalPoint:
    found = queries.focal_points(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


directory = ListPage(
    find=_directory,
    order=("institution__code", "name", "pk"),
    title=_("Whom to call"),
    template="web/directory/directory.html",
    filters=forms.DirectoryFilters,
    extra=lambda request: {"may_manage": navigation.may(member_of(request), permissions.browse_colleagues)},
)

focal_points = ListPage(
    find=_focal_points,
    order=("municipality__code", "pk"),
    title=_("Focal points in the municipalities"),
    template="web/directory/focal_points.html",
    filters=forms.FocalPointFilters,
    extra=lambda request: {"may_fill": navigation.may(member_of(request), permissions.fill_focal_point)},
)

fill_focal_point = ActionPage(
    find=_focal_point,
    permission=permissions.fill_focal_point,
    form=forms.FocalPointForm,
    action=actions.fill_focal_point,
    initial=lambda point: {"member": point.member_id},
    title=lambda point: _("Focal point: %(municipality)s") % {"municipality": point.municipality.label},
    then="focal-points",
    done=_("Saved."),
)


@require_POST
@signed_in
def switch_member(request: HttpRequest) -> HttpResponse:
    """From here on the member works for another of their institutions."""
    try:
        wanted = UUID(request.POST.get("member", ""))
    except ValueError as error:
        raise Missing() from error
    if not context.choose_member(request.session[TOKEN], wanted):
        raise Missing()
    request.session["member"] = str(wanted)
    return HttpResponseRedirect(reverse("home"))


urlpatterns = [
    path("directory/", directory, name="directory"),
    path("directory/focal-points/", focal_points, name="focal-points"),
    path("directory/focal-points/<uuid:pk>/", fill_focal_point, name="fill-focal-point"),
    path("switch/", switch_member, name="switch-member"),
]
navigation.register(navigation.Item(title=_("Directory"), url_name="directory", order=70))
