"""Whom to call, who works here, who answers in each municipality, and for whom one works today."""

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
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.web import navigation
from homeward.foundation.web.pages import ActionPage, ListPage, signed_in
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


def _focal_points(*, to: Member) -> QuerySet[FocalPoint]:
    found = queries.focal_points(to=to)
    return found if knows_the_label(to=to) else found.filter(institution=to.institution_id)


def _focal_point(pk: UUID, *, to: Member) -> FocalPoint:
    found = queries.focal_points(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def _manages(member: Member) -> Q:
    return permissions.holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)


directory = ListPage(
    find=_directory,
    order=("institution__code", "name", "pk"),
    title=_("Whom to call"),
    template="web/directory/directory.html",
    filters=forms.DirectoryFilters,
)

colleagues = ListPage(
    find=queries.colleagues,
    order=("name", "pk"),
    title=_("Who works here"),
    template="web/directory/colleagues.html",
    permission=_manages,
)

change_roles = ActionPage(
    find=queries.colleague,
    permission=permissions.change_roles,
    form=forms.RolesForm,
    action=actions.change_roles,
    initial=lambda member: {"roles": member.roles},
    title=lambda member: _("Roles of %(name)s") % {"name": member.name},
    then="colleagues",
    done=_("The roles have been changed."),
)

dismiss = ActionPage(
    find=queries.colleague,
    permission=permissions.dismiss,
    form=forms.DismissForm,
    action=actions.dismiss,
    title=lambda member: _("%(name)s leaves") % {"name": member.name},
    submit=_("End the membership"),
    then="colleagues",
    done=_("The membership has ended. Nothing opens for this person any more."),
)

focal_points = ListPage(
    find=_focal_points,
    order=("municipality__code", "pk"),
    title=_("Focal points in the municipalities"),
    template="web/directory/focal_points.html",
)

fill_focal_point = ActionPage(
    find=_focal_point,
    permission=permissions.fill_focal_point,
    form=forms.FocalPointForm,
    action=actions.fill_focal_point,
    initial=lambda point: {"member": point.member_id},
    title=_("Focal point"),
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
    path("directory/colleagues/", colleagues, name="colleagues"),
    path("directory/colleagues/<uuid:pk>/roles/", change_roles, name="change-roles"),
    path("directory/colleagues/<uuid:pk>/dismiss/", dismiss, name="dismiss-member"),
    path("directory/focal-points/", focal_points, name="focal-points"),
    path("directory/focal-points/<uuid:pk>/", fill_focal_point, name="fill-focal-point"),
    path("switch/", switch_member, name="switch-member"),
]
navigation.register(navigation.Item(title=_("Directory"), url_name="directory", order=70))
