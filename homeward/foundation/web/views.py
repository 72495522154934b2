"""The pages that belong to no single room: the start page, the language, and what is shown when something fails."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Refusal
from homeward.foundation.web import worklist
from homeward.foundation.web.pages import signed_in
from homeward.foundation.web.pages.doorway import member_of


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What needs me today."""
    waiting = worklist.waiting(to=member_of(request))
    context = {
        "today": today(),
        "waiting": [kind for kind in waiting if kind.items],
        "quiet": [kind for kind in waiting if not kind.items],
        "overdue": sum(kind.overdue for kind in waiting),
    }
    return render(request, "web/home.html", context)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages and stay where one was."""
    return django_set_language(request)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the browser sent something that cannot be meant."""
    return _plain("400.html", 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: seen, but not this member's to do. Says why when an action said why."""
    cause = getattr(exception, "__cause__", None)
    reason = cause.message if isinstance(cause, Refusal) else ""
    return _plain("403.html", 403, reason=reason)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long, or came from another site."""
    return _plain(
        "403.html",
        403,
        reason=_("This form was open for too long. Go back, load the page again and send it once more."),
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: the same bytes whether the thing is hidden or does not exist.

    That is why nothing of the request, of the member or of the exception reaches the template.
    """
    return _plain("404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Plain, in all languages, without the database."""
    return _plain("500.html", 500)


def unavailable(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """503: the database cannot be reached; nothing that was sent has been half done."""
    response = _plain("503.html", 503)
    response.headers["Retry-After"] = "30"
    return response


def _plain(template: str, status: int, **context: Any) -> HttpResponse:
    response = HttpResponse(render_to_string(template, context), status=status)
    response.headers["Cache-Control"] = "no-store, private"
    return response
