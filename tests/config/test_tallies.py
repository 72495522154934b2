"""Attempts to sign in are counted once, whichever web process they come to, and nobody can read whose they were."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from homeward.config.tallies import Tallies
from homeward.foundation.institutions.models import Account
from tests.attacks.stage import connected

kept_for_a_test = pytest.mark.django_db(databases=["default", "auth"])


@pytest.fixture
def other_process() -> Tallies:
    """The same tallies as another process opens them: nothing is shared but the database."""
    return Tallies("", {})


@kept_for_a_test
def test_what_one_process_keeps_another_finds(other_process: Tallies) -> None:
    cache.set("rl:login", [3.5, 2.25], 60)

    assert other_process.get("rl:login") == [3.5, 2.25]
    assert other_process.get("rl:other", []) == []
    assert other_process.delete("rl:login")
    assert not other_process.delete("rl:login")
    assert cache.get("rl:login") is None


@kept_for_a_test
def test_of_two_who_add_one_does(other_process: Tallies) -> None:
    assert cache.add("code", "y", 30)
    assert not other_process.add("code", "y", 30)


@kept_for_a_test
def test_what_has_run_out_is_gone_and_can_be_added_again() -> None:
    cache.set("short", 1, 0)
    assert cache.get("short") is None
    assert cache.add("short", 2, 30)
    assert cache.get("short") == 2
    assert cache.touch("short", -1)
    assert not cache.touch("short", 30)


@kept_for_a_test
def test_something_may_be_kept_for_ever() -> None:
    cache.set("always", {"a": None}, None)
    assert cache.get("always") == {"a": None}


@kept_for_a_test
def test_only_plain_values_are_kept() -> None:
    with pytest.raises(TypeError):
        cache.set("object", object(), 30)


@kept_for_a_test
def test_nobody_forgets_all_attempts_at_once() -> None:
    with pytest.raises(NotImplementedError):
        cache.clear()


@kept_for_a_test
def test_what_has_run_out_is_swept_away_by_those_who_come_later() -> None:
    cache.set("old", 1, -1)
    cache.set("new", 1, 60)
    with connections["auth"].cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute(
            "select count(*) from sec.tally"
        )  # not even the role that counts may read whom it counted


@pytest.mark.saved
def test_names_and_addresses_stand_in_no_key(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        from django.conf import settings

        try:
            cache.set("allauth:rl:login:203.0.113.7", [1], 60)
            with connected(settings.DATABASES["default"]["NAME"]) as superuser:
                kept = superuser.execute("select t::text from sec.tally t").fetchall()
        finally:
            cache.delete("allauth:rl:login:203.0.113.7")
    assert kept
    assert not any("203.0.113.7" in row[0] or "login" in row[0] for row in kept)


def test_a_guessed_password_is_not_tried_without_end(members: dict[str, Any]) -> None:
    answers = [
        Client(headers={"accept-language": "en"})
        .post("/account/login/", {"login": "dprrp-coordinator", "password": f"guess number {number}"})
        .content.decode()
        for number in range(7)
    ]
    right = Client().post("/account/login/", {"login": "dprrp-coordinator", "password": "came-home-together"})

    assert "Too many failed login attempts" in answers[-1]
    assert right.status_code == 200  # not even the right one opens now
    assert Account.objects.filter(username="dprrp-coordinator").exists()
