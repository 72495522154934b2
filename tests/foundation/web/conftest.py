"""The stage of the page tests: a shelf of books to leaf through, a reader who asks, and a real site for a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.apps.registry import Apps
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connections, models
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from homeward.foundation.web import navigation, panels, worklist
from tools import devdb


class Shelf(models.Model):
    """A room for books; it may have lost its name."""

    name = models.TextField(null=True)

    class Meta:
        apps = Apps()
        app_label = "library"
        managed = False
        db_table = "shelf"


class Book(models.Model):
    """A row of a list, with everything that makes turning pages hard: ties, gaps, related rows."""

    title = models.TextField()
    printed_on = models.DateField(null=True)
    pages = models.IntegerField()
    shelf = models.ForeignKey(Shelf, models.DO_NOTHING, null=True)
    entered_at = models.DateTimeField(null=True)

    class Meta:
        apps = Shelf._meta.apps
        app_label = "library"
        managed = False
        db_table = "book"


@pytest.fixture(scope="session")
def library(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[..., models.QuerySet[Book]]]:
    """`library(shelves, books)` fills the shelves and gives the books; they live in one connection only."""
    cluster = devdb.describe()
    connections.databases["library"] = {
        **connections["sealer"].settings_dict,
        "USER": cluster.superuser,
        "PASSWORD": cluster.superuser_password,
        "OPTIONS": {},
    }
    with django_db_blocker.unblock():
        with connections["library"].cursor() as cursor:
            cursor.execute("create temp table shelf (id int primary key, name text)")
            cursor.execute(
                "create temp table book (id int primary key, title text not null, printed_on date,"
                " pages int not null, shelf_id int, entered_at timestamptz)"
            )

        def fill(shelves: list[Any], books: list[tuple[Any, ...]]) -> models.QuerySet[Book]:
            with connections["library"].cursor() as cursor:
                cursor.execute("truncate shelf, book")
                cursor.executemany("insert into shelf values (%s, %s)", list(enumerate(shelves, 1)))
                cursor.executemany(
                    "insert into book values (%s, %s, %s, %s, %s, %s)",
                    [(n, *b, *[None] * (5 - len(b))) for n, b in enumerate(books, 1)],
                )
            return Book._default_manager.using("library").select_related("shelf")

        yield fill
        connections["library"].close()
    del connections["library"]
    del connections.databases["library"]


@pytest.fixture
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Menu, panels and work list without what the rooms of the house bring."""
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_searches", [])
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(worklist, "_sources", {})


@pytest.fixture
def ask(nothing_registered: None) -> Iterator[Callable[..., HttpRequest]]:
    """`ask("/x/?q=1")` is a request of a member; `post={…}` sends a form; `member=None` has no institution.

    The pages answer in English, in which the tests read them.
    """

    def request(
        path: str = "/", *, post: Any = None, member: Any = "Ana", signed_in: bool = True
    ) -> HttpRequest:
        factory = RequestFactory()
        made: Any = factory.get(path) if post is None else factory.post(path, post)
        made.user = SimpleNamespace(is_authenticated=signed_in, username="ana")
        made.member = None
        if member:
            made.member = SimpleNamespace(
                pk=1, name=member, institution="QPS", unit=None, has=lambda *roles: False
            )
        made.memberships = [made.member] if member else []
        made.session = {}
        made._messages = CookieStorage(made)
        asked: HttpRequest = made
        return asked

    with translation.override("en"):
        yield request


class Silent(WSGIRequestHandler):
    """No line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of the whole site, served as in a real installation: policy, static files, database roles."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIServer

    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    with django_db_blocker.unblock():
        server = make_server(
            "127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Silent
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join()
