"""A case moves on by people who may move it, and leaves a trace each time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from homeward.casework.cases import actions
from homeward.casework.cases.models import Care, CareMove, Case
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.people import actions as people_actions
from homeward.casework.people import queries as people
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Stale
from tests.factories.cases import a_case, let_in


def test_from_the_list_to_the_plan(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.EXPECTED)
        actions.prepare(case, by=ana)
        actions.receive(case, by=ana)
        actions.begin_intake(case, by=ana)
        actions.begin_assessment(case, by=ana)
        actions.mark_planned(case, by=ana)
        care = actions.activate(case, setting=Setting.SUPERVISION, by=ana)

        assert (care.state, care.setting, care.version) == (State.ACTIVE, Setting.SUPERVISION, 7)
        assert care.due_on == today() + timedelta(days=90)
        assert care.escalates_to == "supervisor"
        assert history(case) == [
            "case.opened",
            "case.prepared",
            "case.received",
            "case.intake_begun",
            "case.assessment_begun",
            "case.planned",
            "case.activated",
        ]
        assert [move.to_state for move in CareMove.objects.filter(case=case).order_by("moved_at")][
            -1
        ] == State.ACTIVE


def test_one_who_is_not_coming_any_more_is_withdrawn_with_a_reason(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.EXPECTED)
        with pytest.raises(RuleBroken) as refused:
            actions.withdraw(case, reason=" ", by=ana)
        assert refused.value.field == "reason"

        care = actions.withdraw(case, reason="stays with relatives abroad", by=ana)
        assert (care.state, care.due_on, care.escalates_to) == (State.WITHDRAWN, None, "")
        assert CareMove.objects.get(case=case).reason == "stays with relatives abroad"

        actions.receive(case, by=ana)  # and came after all
        assert Care.objects.get(case=case).state == State.RECEPTION


def test_the_deadline_counts_from_the_day_of_arrival(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.EXPECTED)
        arrived = today() - timedelta(days=10)
        care = actions.receive(case, arrived_on=arrived, by=ana)
        assert (care.state_entered_on, care.due_on) == (arrived, arrived + timedelta(days=3))
        assert care.is_overdue(today())
        assert not care.is_overdue(arrived)

        other = a_case(by=ana, state=State.EXPECTED)
        with pytest.raises(RuleBroken) as refused:
            actions.receive(other, arrived_on=today() + timedelta(days=1), by=ana)
        assert refused.value.field == "arrived_on"


def test_who_is_received_is_expected_no_longer(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.EXPECTED)
        people_actions.expect_return(case.person, by=ana)
        arrived = today() - timedelta(days=2)
        actions.receive(case, arrived_on=arrived, by=ana)

        [back] = people.returns_of(case.person, to=ana)
        assert (back.state, back.arrived_on, back.expires_on) == (ReturnState.ARRIVED, arrived, None)
        assert "return.arrived" in history(back)


def test_a_suspended_case_goes_on_from_where_it_rested(acting, ana):
    with acting(ana):
        case = a_case(by=ana, state=State.ACTIVE, setting=Setting.CUSTODY)
        care = actions.suspend(case, reason="in hospital", by=ana)
        assert (care.state, care.previous_state, care.setting) == (
            State.SUSPENDED,
            State.ACTIVE,
            Setting.CUSTODY,
        )

        care = actions.resume(case, by=ana)
        assert (care.state, care.previous_state, care.setting) == (State.ACTIVE, None, Setting.CUSTODY)

        actions.activate(case, setting=Setting.SUPERVISION, by=ana)
        with pytest.raises(RuleBroken):
            actions.activate(case, setting=Setting.SUPERVISION, by=ana)


@pytest.mark.parametrize(
    ("state", "move", "more"),
    [
        (State.RECEPTION, "prepare", {}),
        (State.RECEPTION, "receive", {}),
        (State.RECEPTION, "withdraw", {"reason": "x"}),
        (State.EXPECTED, "begin_intake", {}),
        (State.RECEPTION, "begin_assessment", {}),
        (State.INTAKE, "mark_planned", {}),
        (State.INTAKE, "activate", {"setting": "custody"}),
        (State.EXPECTED, "suspend", {"reason": "x"}),
        (State.ACTIVE, "resume", {}),
        (State.ACTIVE, "take_over", {}),
        (State.ACTIVE, "reject_closure", {"reason": "x"}),
        (State.ACTIVE, "confirm_closure", {}),
        (State.INTAKE, "propose_closure", {"reason": "no_need"}),
        (State.ACTIVE, "reopen", {"reason": "x"}),
        (State.ACTIVE, "archive", {}),
    ],
)
def test_a_move_that_does_not_lead_on_from_here_is_refused_and_changes_nothing(
    acting, ana, state, move, more
):
    with acting(ana):
        case = a_case(by=ana, state=state)
        before = history(case)
        with pytest.raises(RuleBroken):
            getattr(actions, move)(case, by=ana, **more)
        assert Care.objects.get(case=case).state == state
        assert history(case) == before


def test_a_page_that_is_out_of_date_overwrites_nothing(acting, ana):
    with acting(ana):
        case = a_case(by=ana)
        version = Care.objects.get(case=case).version
        actions.begin_intake(case, by=ana, version=version)
        with pytest.raises(Stale) as refused:
            actions.suspend(case, reason="late", by=ana, version=version)
        assert refused.value.theirs["version"] == version + 1
        assert Care.objects.get(case=case).state == State.INTAKE
        actions.begin_assessment(case, by=ana, version=version + 1)


def test_whoever_may_not_move_a_case_is_told_so_and_strangers_see_nothing(acting, ana, carla, bruno, dora):
    with acting(ana):
        case = a_case(by=ana)
        let_in(case, "csw-mitrovica-south", by=ana)
        let_in(case, "kps", by=ana)
    for member in (
        carla,
        bruno,
    ):  # one knows nothing of where it stands, the other reads it and does not write
        with acting(member), pytest.raises(NotPermitted):
            actions.begin_intake(case, by=member)
    with acting(dora), pytest.raises(Missing):
        actions.begin_intake(case, by=dora)


def test_the_lead_passes_to_one_who_knows_the_case(acting, ana, bruno, carla):
    with acting(ana):
        case = a_case(by=ana, state=State.ACTIVE)
        kps = Institution.objects.get(code="kps")
        with pytest.raises(RuleBroken) as stranger:
            actions.transfer(case, institution=kps, reason="sentenced", by=ana)
        assert stranger.value.field == "institution"
        with time_machine.travel(
            now() - timedelta(minutes=1)
        ):  # in an earlier transaction than the handing over
            let_in(case, "kps", by=ana)
        with pytest.raises(RuleBroken):
            actions.transfer(case, institution=ana.institution, reason="sentenced", by=ana)
        with pytest.raises(RuleBroken):
            actions.transfer(case, institution=kps, reason="", by=ana)

        actions.name_contact(case, member=ana, by=ana)
        care = actions.transfer(case, institution=kps, reason="sentenced", by=ana)
        assert (care.state, care.previous_state, care.named_contact) == (
            State.TRANSFERRED,
            State.ACTIVE,
            None,
        )
        with pytest.raises(Missing):  # its mandate has passed on, and with it the sight of the case
            actions.take_over(case, by=ana)
    with acting(bruno):
        assert Case.objects.get(pk=case.pk).lead == bruno.institution
        care = actions.take_over(case, by=bruno)
        assert (care.state, care.setting) == (State.ACTIVE, Setting.COMMUNITY)
        assert "case.transferred" in history(case)
        assert history(case)[-1] == "case.taken_over"


def test_the_database_holds_the_case_to_its_anchor(acting, ana):
    """The lead in the case and the lead the guard believes in can differ only inside a transaction."""
    with acting(ana):
        case = a_case(by=ana)
        kps = Institution.objects.get(code="kps")

        def change_one_and_not_the_other():
            with transaction.atomic(), connection.cursor() as cursor:
                Care.objects.filter(case=case.pk).update(lead=kps)
                cursor.execute("set constraints all immediate")

        with pytest.raises(IntegrityError, match="case_care_is_led_as_its_anchor"):
            change_one_and_not_the_other()


def test_a_case_cannot_be_in_two_places_whatever_a_program_writes(acting, ana):
    with acting(ana):
        case = a_case(by=ana)
        for wrong in (
            {"state": "lost"},
            {"state": State.ACTIVE},
            {"setting": Setting.CUSTODY},
            {"state": State.SUSPENDED},
            {"previous_state": State.INTAKE},
            {"due_on": None},
            {"state": State.ARCHIVED},
            {"state": State.CLOSED},
            {"closed_by": ana},
            {"closing_reason": "no_need"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Care.objects.filter(case=case).update(**wrong)
