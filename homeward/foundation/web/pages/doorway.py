"""What stands before every page: who are you, for which institution, and what happens when the answer is no.

Hidden and missing things leave through the same door: the page for an unknown address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from homeward.foundation.kernel.errors import Missing, NotPermitted, Throttled

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Guard a plain view as the three page shapes are guarded: sign-in, a member, refusals in plain words."""

    @wraps(view)
    def guarded(request: HttpRequest, **address: Any) -> HttpResponse:
        return admit(request, lambda: view(request, **address))

    return guarded


def admit(request: HttpRequest, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """Let a member in and draw the page; send everybody else where they belong."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if member_of(request) is None:
        return private(render(request, "web/no_membership.html", status=403))
    try:
        return private(draw())
    except Missing as missing:
        raise Http404 from missing
    except NotPermitted as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Throttled as refusal:
        return private(render(request, "web/throttled.html", {"refusal": refusal}, status=429))


def member_of(request: HttpRequest) -> Any:
    """The member in whose name the request comes, or None."""
    return getattr(request, "member", None)


def private(response: HttpResponse) -> HttpResponse:
    """Keep the page out of every cache: the next person at this computer is somebody else."""
    response.headers.setdefault("Cache-Control", "no-store, private")
    patch_vary_headers(response, ["Cookie"])
    return response
