"""Coming home: expected, arrived, expected no longer; counted, and shown to those it concerns."""

from datetime import date, timedelta

import pytest
import time_machine

from homeward.casework.people import actions, queries
from homeward.casework.people.models import Return
from homeward.casework.people.rules.returns import Channel, ReturnState
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken


@pytest.fixture
def wave(acting, ana):
    with acting(ana):
        return actions.open_wave(by=ana, code="2021-07-17-test", on=date(2021, 7, 17), channel="organised")


def only(person, to):
    [found] = queries.returns_of(person, to=to)
    return found


def test_a_wave_is_opened_once(acting, ana, wave):
    with acting(ana):
        again = actions.open_wave(by=ana, code=wave.code, on=date(2020, 1, 1))

        assert again == wave
        assert again.on == date(2021, 7, 17)
        assert wave.channel == Channel.FORMAL
        assert history(wave) == ["wave.opened", "wave.opened"]


def test_who_may_not_open_a_wave(acting, carla, edu):
    for member in (carla, edu):
        with acting(member), pytest.raises(NotPermitted):
            actions.open_wave(by=member, code="another", on=date(2021, 7, 17))


def test_somebody_expected_arrives(acting, ana, family, wave):
    with acting(ana):
        expected = only(family["ymer"], ana)
        arrived = actions.record_arrival(expected, by=ana, wave=wave)

        assert (arrived.state, arrived.arrived_on, arrived.wave) == (
            ReturnState.ARRIVED,
            date(2021, 7, 17),
            wave,
        )
        assert (arrived.expires_on, arrived.version, arrived.channel) == (None, 2, Channel.FORMAL)
        assert history(arrived) == ["return.expected", "return.arrived"]
        with pytest.raises(RuleBroken):
            actions.record_arrival(arrived, by=ana)


def test_an_arrival_today_on_their_own(acting, ana, family):
    with acting(ana):
        arrived = actions.record_arrival(only(family["ymer"], ana), by=ana, channel="individual")

        assert (arrived.arrived_on, arrived.channel, arrived.wave) == (today(), Channel.INFORMAL, None)


def test_nobody_arrives_tomorrow(acting, ana, family):
    with acting(ana), pytest.raises(RuleBroken):
        actions.record_arrival(only(family["ymer"], ana), by=ana, arrived_on=today() + timedelta(days=1))


def test_somebody_who_has_arrived_can_be_expected_once_more(acting, ana, family):
    with acting(ana):
        expected = actions.expect_return(
            family["ardita"], by=ana, origin="Al-Roj", channel="individual", expected_on=date(2027, 1, 1)
        )

        assert expected.expires_on == date(2028, 12, 31)
        assert [one.state for one in queries.returns_of(family["ardita"], to=ana)] == ["expected", "arrived"]
        with pytest.raises(RuleBroken) as refused:
            actions.expect_return(family["ardita"], by=ana)
        assert refused.value.code == "return.already_expected"


def test_a_mistake_is_struck_out_and_counts_no_longer(acting, ana, family):
    with acting(ana):
        struck = actions.cancel_return(only(family["ymer"], ana), by=ana)

        assert struck.state == ReturnState.CANCELLED
        assert queries.overview(to=ana).total.expected == 0
        assert struck not in queries.returns(to=ana)
        assert list(queries.returns(to=ana, state="cancelled")) == [struck]
        assert queries.find_return(struck.pk, to=ana) == struck
        for move in (actions.cancel_return, actions.record_arrival, actions.expect_again):
            with pytest.raises(RuleBroken):
                move(struck, by=ana)


def test_who_is_expected_no_longer_can_be_expected_again(acting, ana, family):
    """What the clock does at night is tried on a database of its own (test_clock.py)."""
    with acting(ana):
        due = only(family["ymer"], ana)
        Return.objects.filter(pk=due.pk).update(state=ReturnState.EXPIRED, expires_on=today())

        again = actions.expect_again(due, by=ana, expected_on=None)
        assert (again.state, again.expires_on) == (ReturnState.EXPECTED, today() + timedelta(days=730))


def test_time_passes(acting, ana, family):
    with acting(ana):
        expected = only(family["ymer"], ana)
        with time_machine.travel(now() + timedelta(days=731), tick=False):
            assert list(Return.objects.overdue(today())) == [expected]
        assert not Return.objects.overdue(today()).exists()
        assert Return.objects.arrived().count() == 3


def test_who_only_reads_returns_changes_none(acting, ana, bruno, carla, family, let_in):
    with acting(ana):
        let_in(bruno, family["ymer"], by=ana)
        let_in(carla, family["ymer"], by=ana)
        expected = only(family["ymer"], ana)
    with acting(bruno):
        assert only(family["ymer"], bruno) == expected
        with pytest.raises(NotPermitted):
            actions.record_arrival(expected, by=bruno)
        with pytest.raises(NotPermitted):
            actions.expect_return(family["ymer"], by=bruno)
    with acting(carla):
        assert queries.returns_of(family["ymer"], to=carla) == []
        assert queries.find_person(family["ymer"].ref, to=carla) == family["ymer"]
        with pytest.raises(Missing):
            queries.find_return(expected.pk, to=carla)


def test_everybody_is_counted_once(acting, ana, family, wave, django_assert_num_queries):
    with acting(ana):
        actions.record_arrival(only(family["ymer"], ana), by=ana, wave=wave)
    with acting(ana), django_assert_num_queries(4):
        seen = queries.overview(to=ana)

        assert (seen.total.arrived, seen.total.expected, seen.total.people) == (4, 0, 4)
        assert seen.total.households == 1
        assert [(one.wave, one.arrived) for one in seen.by_wave] == [(wave, 1), (None, 3)]
        assert [(one.municipality, one.arrived) for one in seen.by_municipality] == [(None, 4)]


def test_an_overview_of_nothing(acting, dora):
    with acting(dora):
        seen = queries.overview(to=dora)

        assert (seen.total.people, seen.by_wave, seen.by_municipality) == (0, [], [])


def test_returns_by_wave_state_and_municipality(acting, ana, family, wave, django_assert_max_num_queries):
    with acting(ana):
        actions.record_arrival(only(family["ymer"], ana), by=ana, wave=wave)
        assert [one.person for one in queries.returns(to=ana, wave=wave)] == [family["ymer"]]
        assert queries.returns(to=ana, state="arrived").count() == 4
        assert queries.returns(to=ana, municipality=None).count() == 4
        assert list(queries.waves(to=ana)) == [wave]
    with acting(ana), django_assert_max_num_queries(2):
        assert {one.person.full_name for one in queries.returns(to=ana)} >= {"Ymer Osmani"}
