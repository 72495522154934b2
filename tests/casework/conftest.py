"""A country of its own, in which years can pass and nothing is undone."""

from __future__ import annotations

import pytest

from tests.factories.stages import a_country


@pytest.fixture(scope="module")
def country(django_db_setup, django_db_blocker):
    """Its division has, beside the demonstration's members, a supervisor, and a second seat of its coordinator."""
    with a_country("casework", django_db_blocker) as made:
        made.seat("dprrp-second", "dprrp", "supervisor")
        made.seat("dprrp-twice", "dprrp", "coordinator", account_of="dprrp-coordinator")
        yield made
