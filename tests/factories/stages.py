"""A country of its own for what only time and two people can do: really saved, by real members, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from homeward.config.middleware import TOKEN
from homeward.foundation.access import context
from homeward.foundation.institutions.models import Account
from tests.attacks.stage import Stage, django_on


class Country:
    """A database of its own, its members, and the time in it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        for login, member in stage.ask(
            "select c.username, m.id from app.member m join app.app_account c on c.id = m.account_id"
        ):
            stage.give_token(login, member)

    def acting(self, login: str) -> AbstractContextManager[Any]:
        """`with country.acting("dprrp-officer") as officer:` — one transaction, saved at its end."""
        return context.acting(self.stage.tokens[login])

    def seat(self, login: str, office: str, *roles: str, account_of: str = "") -> None:
        """One more member, with an account of their own or a second seat of somebody's."""
        run = self.stage.superuser.execute
        account, member = uuid4(), uuid4()
        if account_of:
            account = self.stage.one("select id from app.app_account where username = %s", [account_of])
        else:
            run(
                "insert into app.app_account (id, username, password, email, language, is_active, created_at) "
                "values (%s, %s, '!', '', 'sq', true, now())",
                [account, login],
            )
        run(
            "insert into app.member (id, account_id, institution_id, name, code, roles, starts_on, ends_on) "
            "select %s, %s, id, %s, '', %s, '2020-01-01', %s from app.institution where code = %s",
            [member, account, login, list(roles), date(2099, 1, 1) if account_of else None, office],
        )
        self.stage.give_token(login, member)

    def browser(self, login: str) -> Client:
        """A browser in which this member has signed in, and reads English."""
        client = Client()
        client.force_login(Account.objects.get(username=login))
        session = client.session
        session[TOKEN] = self.stage.tokens[login]
        session.save()
        client.cookies["homeward_language"] = "en"
        return client

    def keep_until(self, case: Any, day: date | str) -> None:
        """As if the case had been archived so long ago."""
        self.stage.superuser.execute(
            "update app.case_care set keep_until = %s::date where case_id = %s", [day, case.pk]
        )

    def retention_ends(self, case: Any) -> None:
        """The last day on which the case is kept was yesterday."""
        self.keep_until(case, "yesterday")


@contextmanager
def a_country(name: str, blocker: Any) -> Iterator[Country]:
    """Everything Django does goes there while it lasts."""
    stage = Stage(name)
    stage.build()
    try:
        with blocker.unblock(), django_on(stage.database):
            yield Country(stage)
    finally:
        stage.drop()


@pytest.fixture(scope="module")
def country(django_db_setup: None, django_db_blocker: Any) -> Iterator[Country]:
    """Its division has, beside the demonstration's members, a supervisor, and a second seat of its coordinator."""
    with a_country("alone", django_db_blocker) as made:
        made.seat("dprrp-second", "dprrp", "supervisor")
        made.seat("dprrp-twice", "dprrp", "coordinator", account_of="dprrp-coordinator")
        made.seat("dprrp-cousin", "dprrp", "caseworker")
        yield made
