"""What the clock does every night to those who are expected no longer, in every institution."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from homeward.casework.people.actions import expire_expected
from homeward.casework.people.models import Return
from homeward.casework.people.rules.returns import ReturnState
from homeward.casework.people.tasks import expire
from homeward.foundation.audit.actions import Operator
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from tests.attacks.stage import django_on
from tests.factories.cases import a_case

pytestmark = pytest.mark.saved


@pytest.fixture
def expected(country):
    """One whose time is over today in each of two institutions, and one who is still waited for."""
    found = []
    for login, days in (("dprrp-coordinator", 0), ("kps-supervisor", 0), ("dprrp-coordinator", 1)):
        with country.acting(login) as member:
            case = a_case(by=member, state="expected")
        key = uuid4()
        country.stage.superuser.execute(
            "insert into app.person_return (id, person_id, channel, origin, state, expires_on, version, entered_at, entered_by_id)"
            " values (%s, %s, 'unknown', '', 'expected', %s, 1, now(), %s)",
            [key, case.person_id, today() + timedelta(days=days), member.pk],
        )
        found.append(key)
    return found


def states(country, expected):
    stage = country.stage
    return [stage.one("select state from app.person_return where id = %s", [key]) for key in expected]


def test_they_expire_in_their_time_and_not_before_in_every_institution(country, expected):
    assert expire_expected(by=Operator("retention")) == 2
    assert expire_expected(by=Operator("retention")) == 0

    assert states(country, expected) == [ReturnState.EXPIRED, ReturnState.EXPIRED, ReturnState.EXPECTED]
    with country.acting("dprrp-coordinator"):
        one = Return.objects.get(pk=expected[0])
        assert one.version == 2
        assert history(one) == ["return.expired"]  # seen with the case, by those who may see its returns
    assert country.stage.ask(
        "select via, member_id, detail from audit.event where subject_id = %s and verb = 'return.expired'",
        [one.pk],
    ) == [("operator", None, {})]


def test_the_worker_does_it_every_night_as_itself(country, expected):
    with django_on(country.stage.database, role="homeward_job"):
        expire.func(0)

    assert states(country, expected)[0] == ReturnState.EXPIRED


def test_no_member_can_do_it(country):
    with country.stage.as_member("dprrp-coordinator") as connection, pytest.raises(Exception, match="denied"):
        connection.execute("select sec.expire_expected()")
