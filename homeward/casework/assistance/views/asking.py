"""Does support run already? One page with one question, and the same as JSON behind the same sign-in.

Whoever asks learns one sentence. The answer has the same length of time whatever it is: it leaves when the clock strikes.
"""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeward.casework.assistance import actions, forms, permissions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Missing, NotPermitted, Refusal, Throttled
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import signed_in

# Answers leave at the next of these, counted from when the question came: many times what any of them needs.
STROKE = 0.25


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def check(request: HttpRequest) -> HttpResponse:
    """Yes or no, and whom to ask. What was asked is posted, and stands in no address."""
    began = time.monotonic()
    member: Member = request.member  # type: ignore[attr-defined]
    if not may(member, permissions.ask):
        raise NotPermitted
    form = forms.CheckForm(request.POST or None, member=member)
    context: dict[str, Any] = {"form": form, "title": _("Does support run already?"), "answer": None}
    context["is_asked"] = permissions.is_asked(member)
    context["may_oversee"] = may(member, permissions.oversee)
    status = 200
    if form.is_bound:
        status = _answered(form, member, context)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response: HttpResponse = _told(form, context, status)
    else:
        response = render(request, "assistance/check.html", context, status=status)
    if form.is_bound:
        _wait(began)
    return response


def _answered(form: forms.CheckForm, member: Member, context: dict[str, Any]) -> int:
    if not form.is_valid():
        return 422
    asked = form.cleaned_data
    try:
        context["answer"] = actions.check_support(
            asked["case"],
            by=member,
            kind=asked["kind"],
            starts_on=asked["starts_on"],
            ends_on=asked["ends_on"],
        )
    except (Missing, NotPermitted):
        form.add_error("case", _("There is no person with this reference."))
        return 422
    except Throttled as throttled:
        form.add_error(None, str(throttled.message))
        return 429
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal.message))
        return 422
    return 200


def _told(form: forms.CheckForm, context: dict[str, Any], status: int) -> JsonResponse:
    answer = context["answer"]
    if answer is not None:
        return JsonResponse({"runs": answer.runs, "ask": answer.ask.code if answer.ask else None})
    return JsonResponse(
        {"errors": {name: [str(one) for one in found] for name, found in form.errors.items()}}, status=status
    )


def _wait(began: float) -> None:
    """Until the next stroke. A stroke is missed only by a machine that is far too busy, for yes and no alike."""
    gone = time.monotonic() - began
    time.sleep(STROKE - gone % STROKE)
