"""A case does not close over support that is still open; what others have open is not approved any more afterwards."""

from decimal import Decimal

import pytest
from django.urls import reverse

from homeward.casework.assistance import actions
from homeward.casework.cases import actions as cases
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.foundation.kernel.clock import today
from tests.casework.assistance.conftest import give, given, text
from tests.factories.cases import a_case, let_in


@pytest.fixture
def case(acting, ana):
    """Somebody whose plan is carried out; the Centre may give them something."""
    with acting(ana):
        case = a_case(by=ana, state=State.ACTIVE, setting=Setting.COMMUNITY)
        let_in(case, "csw-mitrovica-south", by=ana)
    return case


def close(case, by):
    return cases.propose_closure(case, reason=ClosingReason.GOALS_REACHED, by=by)


def test_open_support_keeps_a_case_open_until_it_is_handed_over_or_stopped(
    acting, browser, ana, officer, case, refuses
):
    with acting(officer):
        entry = give(case, by=officer, code="medicines", amount=Decimal(50))
        paid = given(case, by=officer, code="school-supplies", reference="A/7")
        grant = actions.apply(case, by=officer, purpose="A bakery", asked=Decimal(900))
        with pytest.raises(Exception, match=entry.ref) as refused:
            close(case, officer)
        assert grant.ref in str(refused.value)
        assert paid.ref not in str(refused.value)
    said = text(browser(officer).get(reverse("cases:propose_closure", args=[case.ref])))
    assert f"Support still waits here: {entry.ref}." in said
    with acting(officer):
        actions.stop(entry, by=officer, why="no_need")
    with acting(ana):
        actions.decline(grant, by=ana)
    with acting(officer):
        assert close(case, officer).state == State.CLOSURE_PROPOSED


def test_what_was_given_at_once_keeps_nobody_waiting(acting, officer, case):
    with acting(officer):
        entry = give(
            case, by=officer, code="medicines", amount=Decimal(50), starts_on=today(), ends_on=today()
        )
        actions.relieve(entry, by=officer)
        assert close(case, officer).state == State.CLOSURE_PROPOSED


def test_what_another_payer_has_open_is_not_approved_after_the_end(
    acting, ana, officer, carla, case, refuses
):
    with acting(carla):
        waiting = give(case, by=carla, code="medicines", amount=Decimal(50))
        promised = actions.approve(give(case, by=carla, code="school-supplies"), by=carla)
    with acting(officer):
        close(case, officer)
    with acting(ana):
        assert cases.confirm_closure(case, by=ana).state == State.CLOSED
    with acting(carla):
        for step in (actions.approve, actions.relieve):
            with refuses("assistance.ended"):
                step(waiting, by=carla)
        assert actions.stop(waiting, by=carla, why="no_need").state == "stopped"
        # What everybody had signed for is a promise, and kept.
        assert actions.release(promised, by=carla).state == "released"
