"""Protocols, responsibilities and emergency looks: who may see what, for everybody to read."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access import actions, permissions, queries
from homeward.foundation.access.models import BreakGlass, SharingProtocol
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.web import navigation, worklist
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, signed_in
from homeward.foundation.web.pages.doorway import member_of
from homeward.foundation.web.rooms import forms


def _protocols(*, to: Member, mine: bool = False) -> QuerySet[SharingProtocol]:
    found = queries.protocols(to=to)
    if mine:
        own = Q(receiver=to.institution_id) | Q(receiver_kind=to.institution.kind)
        own |= Q(provider=to.institution_id) | Q(provider_kind=to.institution.kind)
        found = found.filter(own)
    return found


def _parties(request: HttpRequest, found: SharingProtocol) -> dict[str, Any]:
    """Who the two sides are, in words."""
    member = member_of(request)
    kinds = institutions.kinds(to=member)
    return {
        "provider": found.provider.abbreviation
        if found.provider
        else kinds.get(found.provider_kind, found.provider_kind),
        "receiver": found.receiver.abbreviation
        if found.receiver
        else kinds.get(found.receiver_kind, found.receiver_kind),
    }


def _around(request: HttpRequest, found: SharingProtocol) -> dict[str, Any]:
    member = member_of(request)
    return {
        **_parties(request, found),
        "may_propose": navigation.may(member, permissions.propose),
        "proposals": queries.proposals(found.code, to=member),
    }


def _beside(request: HttpRequest, draft: SharingProtocol) -> dict[str, Any]:
    """The proposal beside what is in force, and what this member may do about it."""
    member = member_of(request)
    is_mandate = draft.is_proposed and queries.is_mandate(draft, to=member)
    red_line = queries.red_line(draft, to=member) if draft.is_proposed else ""
    may_sign = permissions.may(member, permissions.sign, draft)
    return {
        **_parties(request, draft),
        "differences": queries.differences(draft, to=member) if draft.is_proposed else [],
        "is_mandate": is_mandate,
        "red_line": red_line,
        "may_sign": may_sign and not is_mandate and not red_line,
        "may_decline": permissions.may(member, permissions.decline, draft),
        "may_withdraw": permissions.may(member, permissions.withdraw, draft),
    }


def _version_page(protocol: SharingProtocol) -> str:
    return reverse("protocol-version", args=[protocol.code, protocol.version])


protocols = ListPage(
    find=_protocols,
    order=("code", "-version", "pk"),
    title=_("Sharing protocols"),
    template="web/sharing/protocols.html",
    filters=forms.ProtocolFilters,
    extra=lambda request: {"knows_the_label": queries.knows_the_label(to=member_of(request))},
)

protocol = DetailPage(
    find=queries.protocol,
    title=lambda found: found.label,
    template="web/sharing/protocol.html",
    extra=_around,
)

propose = ActionPage(
    find=queries.protocol,
    permission=permissions.propose,
    form=forms.ProposalForm,
    action=actions.propose_change,
    title=lambda found: _("Propose a change: %(title)s") % {"title": found.label},
    submit=_("Send the proposal"),
    then=_version_page,
    done=_("The proposal has been sent. Nothing changes before both parties have signed."),
)

version = DetailPage(
    find=queries.version,
    title=lambda found: found.label,
    template="web/sharing/version.html",
    extra=_beside,
)

sign = ActionPage(
    find=queries.version,
    permission=permissions.sign,
    form=forms.SignForm,
    action=actions.sign_protocol,
    initial=lambda draft: {"digest": draft.digest},
    title=lambda draft: _("Sign: %(title)s") % {"title": draft.label},
    template="web/sharing/sign.html",
    submit=_("Sign"),
    then=_version_page,
    done=_("Your institution has signed."),
    extra=_beside,
)

decline = ActionPage(
    find=queries.version,
    permission=permissions.decline,
    form=forms.ClosingForm,
    action=actions.decline_proposal,
    title=lambda draft: _("Decline: %(title)s") % {"title": draft.label},
    submit=_("Decline"),
    then=_version_page,
    done=_("Declined. What is in force stays."),
)

withdraw = ActionPage(
    find=queries.version,
    permission=permissions.withdraw,
    form=forms.ClosingForm,
    action=actions.withdraw_proposal,
    title=lambda draft: _("Take back: %(title)s") % {"title": draft.label},
    submit=_("Take back"),
    then=_version_page,
    done=_("Taken back. What is in force stays."),
)


@signed_in
def responsibilities(request: HttpRequest) -> HttpResponse:
    """Which kind of institution answers for what: the responsibility matrix of the country."""
    matrix = queries.responsibilities(to=member_of(request))
    kinds = institutions.kinds(to=member_of(request))
    rows = [
        {"kind": kinds.get(code, code), "cells": [cells.get(category) for category in Category]}
        for code, cells in sorted(matrix.items(), key=lambda item: kinds.get(item[0], item[0]))
    ]
    context = {
        "title": _("Who is responsible for what"),
        "rows": rows,
        "categories": [c.label for c in Category],
    }
    return render(request, "web/sharing/responsibilities.html", context)


emergencies = ListPage(
    find=queries.emergency_looks,
    order=("-opened_at", "-id"),
    title=_("Emergency looks"),
    template="web/sharing/emergencies.html",
    extra=lambda request: {"may_open": navigation.may(member_of(request), permissions.break_glass)},
)

open_emergency = ActionPage(
    permission=permissions.break_glass,
    form=forms.EmergencyForm,
    action=actions.break_glass,
    title=_("Look in an emergency"),
    template="web/sharing/emergency.html",
    submit=_("Open for four hours"),
    then=lambda look: reverse("emergency", args=[look.pk]),
    done=_("Opened. The institution that leads the case and the data protection officer have been told."),
)

emergency = DetailPage(
    find=queries.emergency_look,
    title=_("Emergency look"),
    template="web/sharing/emergency_look.html",
    extra=lambda request, look: {
        "may_review": permissions.may(member_of(request), permissions.review_break_glass, look),
        "reference": queries.reference_of(look.case_id, to=member_of(request)) if look.is_open else "",
    },
)

review = ActionPage(
    find=queries.emergency_look,
    permission=permissions.review_break_glass,
    form=forms.ReviewForm,
    action=actions.review_break_glass,
    title=_("Review an emergency look"),
    template="web/sharing/review.html",
    submit=_("Save the judgement"),
    then=lambda look: reverse("emergency", args=[look.pk]),
    done=_("Your judgement has been saved."),
)

urlpatterns = [
    path("sharing/", protocols, name="protocols"),
    path("sharing/responsibilities/", responsibilities, name="responsibilities"),
    path("sharing/emergencies/", emergencies, name="emergencies"),
    path("sharing/emergencies/open/", open_emergency, name="open-emergency"),
    path("sharing/emergencies/<uuid:pk>/", emergency, name="emergency"),
    path("sharing/emergencies/<uuid:pk>/review/", review, name="review-emergency"),
    path("sharing/<slug:code>/", protocol, name="protocol"),
    path("sharing/<slug:code>/propose/", propose, name="propose-protocol"),
    path("sharing/<slug:code>/versions/<int:number>/", version, name="protocol-version"),
    path("sharing/<slug:code>/versions/<int:number>/sign/", sign, name="sign-protocol"),
    path("sharing/<slug:code>/versions/<int:number>/decline/", decline, name="decline-proposal"),
    path("sharing/<slug:code>/versions/<int:number>/withdraw/", withdraw, name="withdraw-proposal"),
]


def _to_sign(*, to: Member) -> list[worklist.Item] | None:
    if not navigation.may(to, permissions.sign):
        return None
    return [
        worklist.Item(title=draft.label, url=_version_page(draft), detail=draft.proposal[:120])
        for draft in queries.proposals_to_sign(to=to)
    ]


def _reviews(*, to: Member) -> list[worklist.Item] | None:
    if not navigation.may(to, permissions.review_break_glass):
        return None
    return [_item(look) for look in queries.reviews_waiting(to=to)]


def _item(look: BreakGlass) -> worklist.Item:
    title: Any = _("%(institution)s looked in an emergency") % {"institution": look.institution.abbreviation}
    return worklist.Item(
        title=title, url=reverse("emergency", args=[look.pk]), due_on=look.review_due_at.date()
    )


navigation.register(navigation.Item(title=_("Sharing"), url_name="protocols", order=60))
worklist.register(
    worklist.Source(
        name="emergencies",
        title=_("Emergency looks to review"),
        load=_reviews,
        order=20,
        empty=_("No emergency look waits for your judgement."),
    )
)
worklist.register(
    worklist.Source(
        name="protocols.to_sign",
        title=_("Proposals to sign"),
        load=_to_sign,
        order=25,
        empty=_("No proposal of a protocol waits for your institution."),
    )
)
