"""Saying who is asking. Without it the database answers no question about a person, and says so loudly.

A token (from a signed-in browser, from an operator's command, from a job's ticket) is handed to the database, which
knows only its hash, checks the membership behind it, and signs the context of this one transaction.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, connections, transaction

from homeward.foundation.institutions.models import Account, Member
from homeward.foundation.kernel.errors import Missing, NoContext

NO_CONTEXT = "28000"


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def enter(token: str) -> Member:
    """The rest of this transaction is asked by the member behind the token. Raises `NoContext`.

    Must run inside a transaction: the context ends with it, so nothing leaks to whoever uses the connection next.
    """
    if not connection.in_atomic_block:
        raise NoContext()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select sec.enter(%s)", [token])
            member_id = cursor.fetchone()[0]
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == NO_CONTEXT:
            raise NoContext() from error
        raise
    return Member.objects.select_related("institution", "unit").get(pk=member_id)


def leave() -> None:
    """Nobody is asking any more, for the rest of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.ctx', '', true)")


@contextmanager
def acting(token: str) -> Iterator[Member]:
    """A transaction asked by the member behind the token: `with acting(token) as member: …`."""
    with transaction.atomic():
        member = enter(token)
        try:
            yield member
        finally:
            if not connection.needs_rollback:
                leave()


# --- sign-in: these run as the role that may make sessions and can read no data of persons ----------------------


def memberships(account_id: UUID) -> list[UUID]:
    """The memberships of an account that run today, oldest first."""
    return [UUID(str(row[0])) for row in _auth("select member_id from sec.memberships(%s)", [account_id])]


def works_for_one(account_id: UUID) -> bool:
    """Whether everything the account may enter belongs to one institution."""
    rows = _auth("select count(distinct institution_id) from sec.memberships(%s)", [account_id])
    return bool(rows[0][0] == 1)


def open_session(
    account_id: UUID,
    member_id: UUID,
    *,
    kind: str = "web",
    assurance: int = 1,
    factor_at: datetime | None = None,
    lasting: timedelta = timedelta(hours=12),
) -> str:
    """A new token with which the account acts as one of its memberships. Raises `NoContext` if it has no such one."""
    token = secrets.token_urlsafe(32)
    rows = _auth(
        "select sec.create_session(%s, %s, %s, %s, %s, %s, %s)",
        [token_hash(token), account_id, member_id, kind, assurance, factor_at, lasting],
    )
    if not rows[0][0]:
        raise NoContext()
    return token


def choose_member(token: str, member_id: UUID) -> bool:
    """From the next request on the session acts as another membership of the same account."""
    return bool(_auth("select sec.choose_member(%s, %s)", [token_hash(token), member_id])[0][0])


def confirm_factor(token: str, at: datetime) -> None:
    """The member has just shown a second factor."""
    _auth("select sec.confirm_factor(%s, %s)", [token_hash(token), at])


def close_session(token: str) -> None:
    """The token is worth nothing from now on."""
    _auth("select sec.revoke_session(%s)", [token_hash(token)])


def close_sessions(account_id: UUID) -> None:
    """Every token of this account is worth nothing from now on."""
    _auth("select sec.revoke_account(%s)", [account_id])


def may_choose_password(account_id: UUID, secret: str) -> bool:
    """Whether this is the secret part of the link with which this newcomer chooses the first password."""
    return bool(_auth("select sec.may_choose_password(%s, %s)", [account_id, token_hash(secret)])[0][0])


def has_chosen_password(account_id: UUID) -> None:
    """The account has a password of its owner's: no link of an institution works for it any more."""
    _auth("select sec.has_chosen_password(%s)", [account_id])


@contextmanager
def operating_as(username: str, *, lasting: timedelta = timedelta(hours=6)) -> Iterator[Member]:
    """An operator's command runs as a member, who is named in the log together with the word "operator".

    Raises `Missing` if nobody of that sign-in name serves today. The member's rights apply, never more.
    """
    account = Account.objects.filter(username__iexact=username, is_active=True).first()
    found = memberships(account.pk) if account else []
    if account is None or not found:
        raise Missing()
    token = open_session(account.pk, found[0], kind="operator", lasting=lasting)
    try:
        with acting(token) as member:
            yield member
    finally:
        close_session(token)


def delegate(lasting: timedelta = timedelta(hours=2)) -> str:
    """A ticket with which the worker goes on as the present member; nobody else can use it."""
    ticket = secrets.token_urlsafe(32)
    wanted: list[Any] = [token_hash(ticket), lasting]
    with connection.cursor() as cursor:
        cursor.execute("select sec.delegate(%s, %s)", wanted)
    return ticket


def _auth(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connections["auth"].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
