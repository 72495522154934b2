"""A case is closed by two people, and can be opened again."""

from __future__ import annotations

import pytest

from homeward.casework.cases import actions
from homeward.casework.cases.models import Care
from homeward.casework.cases.rules import closing_blockers
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from tests.factories.cases import a_case


@pytest.fixture
def officer(members):
    """Works for the same division as Ana, as a caseworker."""
    return members["dprrp-officer"]


def test_whoever_proposed_cannot_confirm(acting, ana, officer):
    with acting(officer):
        case = a_case(by=officer, state=State.ACTIVE)
        actions.propose_closure(case, reason=ClosingReason.GOALS_REACHED, remark="all five goals", by=officer)
        with pytest.raises(NotPermitted):  # a caseworker confirms nobody's closure
            actions.confirm_closure(case, by=officer)
    with acting(ana):
        care = actions.confirm_closure(case, by=ana)
        assert (care.state, care.closure_proposed_by, care.closed_by) == (State.CLOSED, officer, ana)
        assert care.setting is None
        assert history(case)[-2:] == ["case.closure_proposed", "case.closed"]


def test_a_coordinator_who_proposed_cannot_confirm_either(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.CLOSURE_PROPOSED)
        with pytest.raises(RuleBroken) as refused:
            actions.confirm_closure(case, by=ana)
        assert refused.value.code == "closing.same_person"
        assert Care.objects.get(case=case).state == State.CLOSURE_PROPOSED


def test_a_rejected_closure_goes_on_where_it_was(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.CLOSURE_PROPOSED, setting=Setting.SUPERVISION)
        with pytest.raises(RuleBroken):
            actions.reject_closure(case, reason="", by=ana)
        care = actions.reject_closure(case, reason="the rent is not settled", by=ana)
        assert (care.state, care.setting) == (State.ACTIVE, Setting.SUPERVISION)
        assert (care.closure_proposed_by, care.closing_reason) == (None, "")


def test_what_another_room_has_open_keeps_the_case_open(acting, ana, officer):
    open_things = ["One referral is still open."]
    closing_blockers.register("test", lambda case, *, by: open_things)
    try:
        with acting(officer):
            case = a_case(by=officer, state=State.ACTIVE)
            with pytest.raises(RuleBroken) as refused:
                actions.propose_closure(case, reason=ClosingReason.NO_NEED, by=officer)
            assert "One referral is still open." in str(refused.value.message)
            open_things.clear()
            actions.propose_closure(case, reason=ClosingReason.NO_NEED, by=officer)
        with acting(ana):
            open_things.append("A new referral was sent.")
            with pytest.raises(RuleBroken):
                actions.confirm_closure(case, by=ana)
            open_things.clear()
            actions.confirm_closure(case, by=ana)
    finally:
        closing_blockers.unregister("test")


def test_a_closed_case_is_reopened_and_assessed_afresh(acting, ana, officer):
    with acting(officer):
        case = a_case(by=officer, state=State.CLOSURE_PROPOSED)
    with acting(ana):
        actions.confirm_closure(case, by=ana)
        care = actions.reopen(case, reason="came back with a new worry", by=ana)
        assert (care.state, care.closed_by, care.closed_at) == (State.REOPENED, None, None)
        with pytest.raises(RuleBroken):
            actions.mark_planned(case, by=ana)
        assert actions.begin_assessment(case, by=ana).state == State.ASSESSMENT


def test_a_finished_case_is_put_away(acting, ana, officer):
    with acting(officer):
        case = a_case(by=officer, state=State.CLOSURE_PROPOSED)
    with acting(ana):
        actions.confirm_closure(case, by=ana)
        care = actions.archive(case, by=ana)
        assert (care.state, care.due_on) == (State.ARCHIVED, None)
        gone = a_case(by=ana, state=State.WITHDRAWN)
        assert actions.archive(gone, by=ana).state == State.ARCHIVED
    with acting(officer):
        other = a_case(by=officer, state=State.WITHDRAWN)
        with pytest.raises(NotPermitted):
            actions.archive(other, by=officer)
