"""A browser without a network: asks the application as the web server does, and says how long the server took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client, RequestFactory

from homeward.foundation.institutions.models import Account

CSRF = "a" * 32


@dataclass(frozen=True)
class Answer:
    """A page, how long the whole server took for it, how long of that the database took, in milliseconds."""

    body: bytes
    took: float
    database: float
    queries: int


class Browser:
    """Somebody's browser, signed in. The first page opens the member's session with the database."""

    def __init__(self, username: str) -> None:
        self.application = get_wsgi_application()
        client = Client()
        client.force_login(Account.objects.get(username=username))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.session = session
        self.cookies = (
            f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={CSRF}; {settings.LANGUAGE_COOKIE_NAME}=en"
        )
        self.make = RequestFactory()

    def get(self, address: str) -> Answer:
        """Open a page."""
        return self._ask(self.make.get(address, HTTP_COOKIE=self.cookies, HTTP_HOST="localhost").environ)

    def post(self, address: str, **fields: str) -> Answer:
        """Send a form."""
        data = {"csrfmiddlewaretoken": CSRF, **fields}
        return self._ask(
            self.make.post(address, data, HTTP_COOKIE=self.cookies, HTTP_HOST="localhost").environ
        )

    def _ask(self, environ: dict[str, Any]) -> Answer:
        heard: list[str] = []

        def start(
            status: str, headers: list[tuple[str, str]], problem: Any = None, /
        ) -> Callable[[bytes], object]:
            heard.append(status)
            return lambda body: None

        with _watched() as spent:
            began = time.perf_counter()
            response = self.application(environ, start)
            body = b"".join(response)
            response.close()
            took = time.perf_counter() - began
        if not heard[0].startswith("200"):
            raise AssertionError(f"{environ['PATH_INFO']} answered {heard[0]}")
        return Answer(body, took * 1000, sum(spent) * 1000, len(spent))


@contextmanager
def _watched() -> Iterator[list[float]]:
    """How long each statement took, on whichever connection."""
    spent: list[float] = []

    def watch(execute: Any, statement: str, params: Any, many: bool, about: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(statement, params, many, about)
        finally:
            spent.append(time.perf_counter() - began)

    with connections["default"].execute_wrapper(watch), connections["auth"].execute_wrapper(watch):
        yield spent
