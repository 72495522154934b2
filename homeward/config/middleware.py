"""Around every page: the member's context and its transaction, and a plain page when the database is away."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from homeward.foundation.access import context
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import NoContext

log = logging.getLogger("homeward")
TOKEN = "context_token"  # the name of a session entry, not a secret
Handler = Callable[[HttpRequest], HttpResponseBase]


class PlainWhenDown:
    """Database down: a plain page, 503, nothing half-done and nothing lost that was saved before."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers the request, or says in all languages that the system is being mended."""
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            if not is_down(error):
                raise
            return plain_503()

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The same for what goes wrong inside a page."""
        if isinstance(error, (OperationalError, InterfaceError)) and is_down(error):
            return plain_503()
        return None


def is_down(error: Exception) -> bool:
    """Whether the database itself is away, as against a query that it refused."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def plain_503() -> HttpResponse:
    """A page that needs nothing but itself."""
    log.error("the database does not answer")
    path = Path(settings.ROOT) / "homeward" / "foundation" / "web" / "templates" / "503.html"
    response = HttpResponse(path.read_text(encoding="utf-8"), status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store"
    return response


class MemberContext:
    """Every page of a signed-in member runs in one transaction under that member's signed context.

    `request.member` is the member, or None for visitors and for accounts that no institution has appointed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Opens the context, answers, closes it; undoes everything when the answer is an error of the server."""
        asking: Any = request
        asking.member = None
        asking.memberships = []
        if not request.user.is_authenticated or _is_sign_in(request):
            return self.get_response(request)
        token = self._token(request)
        if token is None:
            return self.get_response(request)
        with transaction.atomic():
            try:
                asking.member = context.enter(token)
            except NoContext:
                transaction.set_rollback(True)
                return self._signed_out(request)
            asking.memberships = self._memberships(request)
            if _needs_factor(request):
                return HttpResponseRedirect(reverse("mfa_index"))
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            if response.streaming:
                raise RuntimeError(
                    "a page under row-level security cannot stream: its transaction would be over"
                )
            if not transaction.get_rollback():
                context.leave()
        response["Cache-Control"] = "no-store"
        return response

    def _token(self, request: HttpRequest) -> str | None:
        """The token of this browser session; made at its first page, and told of a second factor when one was shown."""
        token: str | None = request.session.get(TOKEN)
        factor = _factor_at(request)
        if token is None:
            members = context.memberships(_account(request))
            if not members:
                return None
            wanted = request.session.get("member")
            member = UUID(wanted) if wanted and UUID(wanted) in members else members[0]
            token = context.open_session(
                _account(request), member, assurance=2 if factor else 1, factor_at=factor
            )
            request.session[TOKEN] = token
            request.session["factor"] = factor.timestamp() if factor else 0
        elif factor and factor.timestamp() > request.session.get("factor", 0):
            context.confirm_factor(token, factor)
            request.session["factor"] = factor.timestamp()
        return token

    def _memberships(self, request: HttpRequest) -> list[Member]:
        """The memberships among which the header lets one switch."""
        pks = context.memberships(_account(request))
        found = {m.pk: m for m in Member.objects.select_related("institution").filter(pk__in=pks)}
        return [found[pk] for pk in pks if pk in found]

    def _signed_out(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")


def _account(request: HttpRequest) -> UUID:
    """The key of the account that has signed in."""
    return UUID(str(request.user.pk))


def _is_sign_in(request: HttpRequest) -> bool:
    """Pages of the sign-in library touch only accounts and run without a member."""
    return request.path.startswith("/account/")


def _factor_at(request: HttpRequest) -> datetime | None:
    """When this session last showed a second factor."""
    shown = [
        m["at"] for m in request.session.get("account_authentication_methods", []) if m.get("method") == "mfa"
    ]
    return datetime.fromtimestamp(max(shown), tz=UTC) if shown else None


def _needs_factor(request: HttpRequest) -> bool:
    """Where a second factor is required, nothing opens before one has been set up and shown."""
    if settings.SECOND_FACTOR == "offered" or _factor_at(request) is not None:
        return False
    try:
        return resolve(request.path).url_name not in {"set-language", "switch-member"}
    except Resolver404:
        return True
