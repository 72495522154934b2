"""Handing work to the background. It runs as the member who asked, with their rights and for a limited time.

The ticket in the queue opens nothing for anybody but the worker, so reading the queue makes nobody somebody else.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Protocol

from django.db import connections, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from homeward.foundation.access import context
from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.models import Member


class Work(Protocol):
    """Something that can be put off: `work.later(by=member, batch="…")`."""

    def later(self, *, by: Member, **arguments: Any) -> None:
        """Puts it into the queue when the present transaction has been saved."""

    def now(self, *, by: Member, **arguments: Any) -> Any:
        """Does it here and now, under the context that is already open."""


class _Work:
    def __init__(self, function: Callable[..., Any], name: str, lasting: timedelta, attempts: int) -> None:
        self.function = function
        self.lasting = lasting

        def run(ticket: str, **arguments: Any) -> None:
            # The work opens and closes its own transactions: a long import shows its progress while it runs.
            function(Ticket(ticket), **arguments)

        self.task = app.task(name=name, retry=RetryStrategy(max_attempts=attempts, exponential_wait=5))(run)

    def later(self, *, by: Member, **arguments: Any) -> None:
        ticket = context.delegate(self.lasting)
        transaction.on_commit(lambda: self.task.defer(ticket=ticket, **arguments) and None)

    def now(self, *, by: Member, **arguments: Any) -> Any:
        return self.function(Here(by), **arguments)


class Ticket:
    """The right to go on as a member: `with ticket.acting() as member:` opens one transaction under its context."""

    def __init__(self, token: str) -> None:
        self._token = token

    def acting(self) -> Any:
        """One transaction as the member."""
        return context.acting(self._token)


class Here:
    """The same for work done in the foreground by a command: the open context serves, in one savepoint after another."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def acting(self) -> Any:
        """One savepoint as the member."""
        return _Savepoint(self._member)


class _Savepoint:
    def __init__(self, member: Member) -> None:
        self._member = member
        self._atomic = transaction.atomic()

    def __enter__(self) -> Member:
        self._atomic.__enter__()
        return self._member

    def __exit__(self, *error: Any) -> None:
        self._atomic.__exit__(*error)


def clockwork(function: Callable[..., int]) -> Callable[..., int]:
    """Something the clock does by itself at night, in every institution, or an operator's command at once: no member acts.

    The function is given a cursor and a keyword-only `by`, and calls one function of the database, which only the
    worker's and the deploying role may call and which writes the log itself. Returns what that returns: how many.
    """

    @wraps(function)
    def wrapper(*, by: Operator) -> int:
        is_worker = connections["default"].settings_dict["USER"] == "homeward_job"
        using = "default" if is_worker else "migrate"
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            if not is_worker:
                cursor.execute("set local role none")
            return function(cursor, by=by)

    return wrapper


def work(
    name: str, *, lasting: timedelta = timedelta(hours=2), attempts: int = 3
) -> Callable[[Callable[..., Any]], Work]:
    """Declares work for the background. The function takes a ticket first, and then plain arguments (codes, keys).

    `@work("intake.import")` / `def import_batch(ticket, batch): with ticket.acting() as member: …`.
    """

    def declare(function: Callable[..., Any]) -> Work:
        return _Work(function, name, lasting, attempts)

    return declare
