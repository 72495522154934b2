"""Who works here: appointing colleagues, what each may do, and what happens when one of them leaves."""

from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from homeward.foundation.access.permissions import may, require
from homeward.foundation.institutions import actions, permissions, queries
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from homeward.foundation.web import navigation
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, signed_in
from homeward.foundation.web.pages.doorway import member_of
from homeward.foundation.web.rooms import forms


def _colleagues(*, to: Member) -> QuerySet[Member]:
    return queries.colleagues(to=to).annotate(
        is_open=ExpressionWrapper(permissions.dismiss(to), output_field=BooleanField())
    )


def _colleague(pk: UUID, *, to: Member) -> Member:
    if not navigation.may(to, permissions.browse_colleagues):
        raise NotPermitted
    return queries.colleague(pk, to=to)


def _what_may_change(request: HttpRequest, found: Member) -> dict[str, object]:
    """Which doors of a colleague's page open: each is asked of the database, as the page behind it will ask."""
    by = member_of(request)
    return {
        "may_change": may(by, permissions.change_roles, found),
        "may_dismiss": not found.has_left and may(by, permissions.dismiss, found),
        "has_units": queries.units(to=by).exists(),
        "is_newcomer": found.pk in (newcomers := queries.newcomers(to=by)),
        "link_works_until": newcomers.get(found.pk),
    }


def _own_page(member: Member) -> str:
    return reverse("colleague", args=[member.pk])


colleagues = ListPage(
    find=_colleagues,
    order=("name", "pk"),
    title=_("Who works here"),
    template="web/directory/colleagues.html",
    permission=permissions.browse_colleagues,
    extra=lambda request: {"newcomers": queries.newcomers(to=member_of(request))},
)

colleague = DetailPage(
    find=_colleague,
    title=lambda member: member.name,
    template="web/directory/colleague.html",
    extra=_what_may_change,
)

appoint_newcomer = ActionPage(
    permission=permissions.appoint,
    form=forms.NewcomerForm,
    action=actions.appoint_newcomer,
    title=_("Appoint somebody new"),
    template="web/directory/appoint.html",
    submit=_("Appoint"),
    then=lambda member: reverse("invite-member", args=[member.pk]),
    done=_("Appointed. Now make the link with which the new colleague chooses a password."),
    extra=lambda request, found: {"elsewhere": reverse("appoint-member")},
)

appoint = ActionPage(
    permission=permissions.appoint,
    form=forms.AppointForm,
    action=actions.appoint,
    title=_("Appoint somebody who signs in already"),
    submit=_("Appoint"),
    then=_own_page,
    done=_("Appointed. This institution can be chosen from the next sign-in on."),
)


@require_http_methods(["GET", "POST"])
@signed_in
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The link for a new colleague: shown once, to whoever made it, and kept nowhere."""
    by = member_of(request)
    found = _colleague(pk, to=by)
    require(by, permissions.invite, found)
    link, refusal = "", None
    if request.method == "POST":
        try:
            secret = actions.invite(found, by=by)
        except RuleBroken as broken:
            refusal = broken.message
        else:
            address = {"uidb36": found.account_id.hex, "key": secret}
            link = request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=address))
    context = {
        "title": _("A link for %(name)s") % {"name": found.name},
        "object": found,
        "link": link,
        "refusal": refusal,
        "works_until": queries.newcomers(to=by).get(found.pk),
    }
    return render(request, "web/directory/invitation.html", context, status=422 if refusal else 200)


change_roles = ActionPage(
    find=_colleague,
    permission=permissions.change_roles,
    form=forms.RolesForm,
    action=actions.change_roles,
    initial=lambda member: {"roles": member.roles},
    title=lambda member: _("Roles of %(name)s") % {"name": member.name},
    then=_own_page,
    done=_("The roles have been changed."),
)

move = ActionPage(
    find=_colleague,
    permission=permissions.move,
    form=forms.UnitForm,
    action=actions.move,
    initial=lambda member: {"unit": member.unit_id},
    title=lambda member: _("Unit of %(name)s") % {"name": member.name},
    then=_own_page,
    done=_("The unit has been changed."),
)

dismiss = ActionPage(
    find=_colleague,
    permission=permissions.dismiss,
    form=forms.DismissForm,
    action=actions.dismiss,
    title=lambda member: _("%(name)s leaves") % {"name": member.name},
    template="web/directory/dismiss.html",
    submit=_("End the membership"),
    then=_own_page,
    done=_("The end of the membership has been saved."),
)

urlpatterns = [
    path("directory/colleagues/", colleagues, name="colleagues"),
    path("directory/colleagues/appoint/", appoint, name="appoint-member"),
    path("directory/colleagues/appoint-newcomer/", appoint_newcomer, name="appoint-newcomer"),
    path("directory/colleagues/<uuid:pk>/", colleague, name="colleague"),
    path("directory/colleagues/<uuid:pk>/invite/", invite, name="invite-member"),
    path("directory/colleagues/<uuid:pk>/roles/", change_roles, name="change-roles"),
    path("directory/colleagues/<uuid:pk>/move/", move, name="move-member"),
    path("directory/colleagues/<uuid:pk>/dismiss/", dismiss, name="dismiss-member"),
]
