"""Opening a case, letting others in, ending it, passing the lead on, keeping somebody away."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from homeward.foundation.access import actions, queries
from homeward.foundation.access.models import (
    CaseAccess,
    CaseAnchor,
    Exclusion,
    Grant,
    Involvement,
    SharingProtocol,
)
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import now, start_of, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken
from homeward.foundation.kernel.refs import new_ref
from tests.oracle.pack import load

CSW = {name: what for name, what in load().protocols["dprrp-csw"].clauses.items() if what != (0, False)}


class TestOpening:
    def test_whoever_opens_a_case_leads_it_under_its_own_mandate(
        self, ana: Any, new_case: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)

        assert depths(ana, case) == load().protocols["mandate-dprrp"].clauses

    def test_nobody_else_knows_of_it(
        self, ana: Any, members: dict[str, Any], new_case: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)

        others = {name for name, member in members.items() if member.institution_id != ana.institution_id}
        assert {name for name in others if depths(members[name], case)} == set()

    def test_it_leaves_a_trace(self, ana: Any, acting: Any, new_case: Any) -> None:
        case = new_case(by=ana)
        with acting(ana):
            assert history(Involvement.objects.get(case_id=case)) == ["access.opened"]

    def test_without_a_mandate_nobody_leads(self, dora: Any, acting: Any) -> None:
        with acting(dora), pytest.raises(NotPermitted, match="no mandate"):
            actions.open_own([(uuid4(), new_ref("HW"), uuid4(), now())], by=dora)

    def test_the_database_says_so_too(self, dora: Any, acting: Any) -> None:
        anchor = CaseAnchor(
            case_id=uuid4(), ref=new_ref("HW"), person_id=uuid4(), lead=dora.institution, opened_at=now()
        )
        with acting(dora), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            anchor.save(force_insert=True)

    def test_a_mandate_for_grown_ups_covers_nobody_else(
        self, ana: Any, acting: Any, new_case: Any, operator_changes: Any, depths: Any
    ) -> None:
        with operator_changes("mandate-dprrp", from_age=18):
            for adult_on in (None, now().date() + timedelta(days=1)):
                with pytest.raises(NotPermitted) as refused:
                    new_case(by=ana, adult_on=adult_on)
                assert refused.value.code == "age"
            assert depths(ana, new_case(by=ana))

    def test_a_person_has_one_case(self, ana: Any, new_case: Any) -> None:
        person = uuid4()
        new_case(by=ana, person=person)
        with pytest.raises(DatabaseError, match="case_anchor_person_id"), transaction.atomic():
            new_case(by=ana, person=person)

    def test_of_many_opened_at_once_each_can_be_read(self, ana: Any, acting: Any) -> None:
        with acting(ana):
            rows = [actions.Opened(uuid4(), new_ref("HW"), uuid4(), now()) for _number in range(300)]
            assert actions.open_own(rows, by=ana) == 300
            seen = set(queries.cases_in_sight(to=ana).values_list("case_id", flat=True))
        assert {row.case_id for row in rows} <= seen


class TestInvolving:
    def test_a_guest_sees_what_the_protocol_says_and_nothing_more(
        self, ana: Any, carla: Any, new_case: Any, let_in: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)
        assert depths(carla, case) == {}

        let_in(case, carla, "dprrp-csw", by=ana, reason="The children's guardianship")

        assert depths(carla, case) == CSW

    def test_two_protocols_give_together_what_each_of_them_gives(
        self, members: dict[str, Any], bruno: Any, new_case: Any, let_in: Any, depths: Any
    ) -> None:
        custody = members["kcs-ve-unit"]
        case = new_case(by=custody)
        let_in(case, bruno, "kcs-kps-handover", by=custody)

        seen = depths(bruno, case)

        assert seen["case"] == (2, False)
        assert "supervision" not in seen

    def test_a_unit_sees_only_its_side_of_the_wall(
        self, ana: Any, members: dict[str, Any], new_case: Any, let_in: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, members["kcs-ve-unit"], "dprrp-kcs", by=ana)

        assert set(depths(members["kcs-ve-unit"], case)) == {
            "identity",
            "case",
            "legal",
            "custody",
            "risk",
            "needs",
        }
        assert depths(members["kcs-intelligence"], case) == {
            "identity": (3, False),
            "security": (0, True),
            "intelligence": (0, True),
        }

    def test_it_leaves_a_trace_that_names_the_protocols(
        self, ana: Any, carla: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        door = let_in(new_case(by=ana), carla, "dprrp-csw", by=ana)
        with acting(ana):
            assert history(door) == ["access.involved"]

    def test_until_a_day(self, ana: Any, carla: Any, acting: Any, new_case: Any, let_in: Any) -> None:
        until = now() + timedelta(days=3)
        door = let_in(new_case(by=ana), carla, "dprrp-csw", by=ana, until=until)
        with acting(ana):
            assert {grant.valid_until for grant in door.grants.all()} == {until}
        with acting(carla):
            assert queries.sight(door.case_id, to=carla).expires_at == until

    def test_once_at_a_time(self, ana: Any, carla: Any, new_case: Any, let_in: Any) -> None:
        case = new_case(by=ana)
        let_in(case, carla, "dprrp-csw", by=ana)
        with pytest.raises(RuleBroken, match="already takes part"):
            let_in(case, carla, "dprrp-csw", by=ana)

    def test_again_after_it_has_run_out(
        self, ana: Any, carla: Any, new_case: Any, let_in: Any, depths: Any, time_machine: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, carla, "dprrp-csw", by=ana, until=now() + timedelta(days=1))
        time_machine.move_to(now() + timedelta(days=2), tick=False)

        again = let_in(case, carla, "dprrp-csw", by=ana)

        assert again.is_running

    def test_only_by_the_one_who_leads(
        self, ana: Any, bruno: Any, carla: Any, new_case: Any, let_in: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, bruno, "dprrp-kps", by=ana)
        with pytest.raises(Missing):
            let_in(case, carla, "kps-csw", by=bruno)

    def test_only_by_those_who_work_on_cases(
        self, ana: Any, carla: Any, acting: Any, new_case: Any, protocol: Any
    ) -> None:
        case = new_case(by=ana)
        with acting(ana):
            chosen = [protocol("dprrp-csw")]
            ana_as_analyst = type(ana).objects.get(pk=ana.pk)
            ana_as_analyst.roles = ["analyst"]
            with pytest.raises(NotPermitted):
                actions.involve(case, carla.institution, protocols=chosen, by=ana_as_analyst)

    @pytest.mark.parametrize("codes", [[], ["dprrp-kps"]])
    def test_not_without_a_protocol_between_the_two(
        self, ana: Any, carla: Any, new_case: Any, let_in: Any, codes: list[str]
    ) -> None:
        with pytest.raises(RuleBroken, match="No protocol in force"):
            let_in(new_case(by=ana), carla, *codes, by=ana)

    def test_not_under_one_of_others_beside_a_right_one(
        self, ana: Any, carla: Any, new_case: Any, let_in: Any
    ) -> None:
        with pytest.raises(RuleBroken, match="not in force between"):
            let_in(new_case(by=ana), carla, "dprrp-csw", "dprrp-kps", by=ana)

    def test_no_child_is_shown_to_the_police(self, ana: Any, acting: Any, new_case: Any, let_in: Any) -> None:
        with acting(ana):
            police = Institution.objects.get(code="kosovo-police")
        guest = type("Guest", (), {"institution": police})
        for adult_on in (None, now().date() + timedelta(days=1)):
            with pytest.raises(RuleBroken, match="No protocol in force"):
                let_in(new_case(by=ana, adult_on=adult_on), guest, "dprrp-police", by=ana)
        assert let_in(new_case(by=ana), guest, "dprrp-police", by=ana).is_running
        with acting(ana):
            child, adult = new_case(by=ana, adult_on=None), new_case(by=ana)
            offered = {
                case: [
                    one.code
                    for one in queries.protocols_for(police, lead=ana.institution, to=ana, case_id=case)
                ]
                for case in (child, adult, None)
            }
        assert offered == {child: [], adult: ["dprrp-police"], None: ["dprrp-police"]}

    def test_a_school_learns_of_no_grown_up_and_probation_of_no_small_child(
        self, ana: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        with acting(ana):
            guests = {
                code: type("Guest", (), {"institution": Institution.objects.get(code=code)})
                for code in ("school-demo-mitrovica-south", "kps")
            }
        eleven, fifteen = (now().date() + timedelta(days=days) for days in (2500, 1000))
        for guest, protocol, never, may in (
            ("school-demo-mitrovica-south", "dprrp-school", date(2010, 1, 1), (None, eleven, fifteen)),
            ("kps", "dprrp-kps", eleven, (fifteen, date(2010, 1, 1))),
        ):
            with pytest.raises(RuleBroken, match="No protocol in force"):
                let_in(new_case(by=ana, adult_on=never), guests[guest], protocol, by=ana)
            for adult_on in may:
                assert let_in(new_case(by=ana, adult_on=adult_on), guests[guest], protocol, by=ana).is_running
        with pytest.raises(RuleBroken, match="No protocol in force"):
            let_in(new_case(by=ana, adult_on=None), guests["kps"], "dprrp-kps", by=ana)

    def test_what_a_school_sees_ends_with_the_years_of_school(
        self, ana: Any, acting: Any, new_case: Any, let_in: Any, members: Any
    ) -> None:
        school = members["school-psychologist"]
        with acting(ana):
            soon = today() + timedelta(days=10)
            case = new_case(by=ana, adult_on=soon.replace(year=soon.year - 2))
        let_in(case, school, "dprrp-school", by=ana)
        with acting(school):
            ends = set(CaseAccess.objects.filter(case_id=case).values_list("expires_at", flat=True))
        assert ends == {start_of(soon)}


class TestEnding:
    def test_nobody_there_sees_it_any_more(
        self, ana: Any, carla: Any, acting: Any, new_case: Any, let_in: Any, depths: Any
    ) -> None:
        door = let_in(new_case(by=ana), carla, "dprrp-csw", by=ana)
        with acting(ana):
            door = actions.end_involvement(door, reason="Moved away", by=ana)
            assert not door.is_running
            assert (door.ended_by, door.end_reason) == (ana, "Moved away")
            assert history(door) == ["access.involved", "access.ended"]
            assert not Grant.objects.filter(involvement=door, revoked_at=None).exists()

        assert depths(carla, door.case_id) == {}

    def test_only_once(self, ana: Any, carla: Any, acting: Any, new_case: Any, let_in: Any) -> None:
        door = let_in(new_case(by=ana), carla, "dprrp-csw", by=ana)
        with acting(ana):
            actions.end_involvement(door, reason="", by=ana)
            with pytest.raises(RuleBroken, match="no longer takes part"):
                actions.end_involvement(door, reason="", by=ana)

    def test_the_lead_cannot_leave(self, ana: Any, acting: Any, new_case: Any) -> None:
        case = new_case(by=ana)
        with acting(ana), pytest.raises(RuleBroken, match="cannot leave it"):
            actions.end_involvement(Involvement.objects.get(case_id=case), reason="", by=ana)

    def test_a_guest_ends_nothing(
        self, ana: Any, carla: Any, bruno: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, bruno, "dprrp-kps", by=ana)
        door = let_in(case, carla, "dprrp-csw", by=ana)
        with acting(bruno), pytest.raises(NotPermitted):
            actions.end_involvement(door, reason="", by=bruno)
        with acting(carla), pytest.raises(NotPermitted):
            actions.end_involvement(door, reason="", by=carla)

    def test_only_by_those_who_work_on_cases(
        self, ana: Any, carla: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        door = let_in(new_case(by=ana), carla, "dprrp-csw", by=ana)
        with acting(ana):
            analyst = type(ana).objects.get(pk=ana.pk)
            analyst.roles = ["analyst"]
            with pytest.raises(NotPermitted):
                actions.end_involvement(door, reason="", by=analyst)


class TestHandingOver:
    def test_the_new_lead_has_its_mandate_and_the_old_one_no_more(
        self, ana: Any, bruno: Any, acting: Any, new_case: Any, let_in: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, bruno, "dprrp-kps", by=ana)
        with acting(ana):
            anchor = actions.hand_over_lead(case, bruno.institution, by=ana)
            assert anchor.lead == bruno.institution

        assert depths(ana, case) == {}
        mandate, guest = load().protocols["mandate-kps"].clauses, load().protocols["dprrp-kps"].clauses
        assert depths(bruno, case) == {
            name: (
                max(mandate.get(name, (0, False))[0], guest.get(name, (0, False))[0]),
                mandate.get(name, (0, False))[1] or guest.get(name, (0, False))[1],
            )
            for name in mandate | guest
        }
        with acting(bruno):
            assert history(CaseAnchor.objects.get(case_id=case)) == ["access.lead_handed_over"]

    def test_the_old_lead_keeps_what_the_new_one_gives_it(
        self, ana: Any, bruno: Any, acting: Any, new_case: Any, let_in: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, bruno, "dprrp-kps", by=ana)
        with acting(ana):
            actions.hand_over_lead(case, bruno.institution, by=ana)
        with acting(bruno):
            old = Involvement.objects.get(case_id=case, institution=ana.institution)
            actions.end_involvement(old, reason="The lead was handed over", by=bruno)
        let_in(case, ana, "kps-dprrp", by=bruno)

        assert depths(ana, case) == load().protocols["kps-dprrp"].clauses

    def test_only_by_its_coordinator(
        self, ana: Any, bruno: Any, members: dict[str, Any], acting: Any, new_case: Any, let_in: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, bruno, "dprrp-kps", by=ana)
        officer = members["dprrp-officer"]
        with acting(officer), pytest.raises(NotPermitted):
            actions.hand_over_lead(case, bruno.institution, by=officer)
        with acting(bruno), pytest.raises(Missing):
            actions.hand_over_lead(case, bruno.institution, by=bruno)

    def test_not_to_somebody_outside(self, ana: Any, bruno: Any, acting: Any, new_case: Any) -> None:
        with acting(ana), pytest.raises(RuleBroken, match="Involve that institution first") as refused:
            actions.hand_over_lead(new_case(by=ana), bruno.institution, by=ana)
        assert refused.value.field == "institution"

    def test_not_to_somebody_without_a_mandate(
        self, ana: Any, dora: Any, acting: Any, new_case: Any, let_in: Any
    ) -> None:
        case = new_case(by=ana)
        let_in(case, dora, "dprrp-cso", by=ana)
        with acting(ana), pytest.raises(RuleBroken, match="no mandate"):
            actions.hand_over_lead(case, dora.institution, by=ana)

    def test_not_to_itself(self, ana: Any, acting: Any, new_case: Any) -> None:
        with acting(ana), pytest.raises(RuleBroken, match="nothing here"):
            actions.hand_over_lead(new_case(by=ana), ana.institution, by=ana)

    def test_what_the_database_did_not_say_itself_stays_an_error(
        self, ana: Any, acting: Any, new_case: Any
    ) -> None:
        nowhere = Institution(pk="not a key")
        with acting(ana), pytest.raises(DatabaseError), transaction.atomic():
            actions.hand_over_lead(new_case(by=ana), nowhere, by=ana)


class TestKeepingAway:
    def test_oneself(
        self, members: dict[str, Any], ana: Any, acting: Any, new_case: Any, depths: Any
    ) -> None:
        officer, case = members["dprrp-officer"], new_case(by=ana)
        assert depths(officer, case)
        with acting(officer):
            exclusion = actions.exclude(case, officer, reason=" My cousin ", by=officer)
            assert exclusion.reason == "My cousin"
            assert history(exclusion) == ["access.excluded"]

        assert depths(officer, case) == {}
        assert depths(ana, case)

    def test_a_colleague_by_the_coordinator(
        self, members: dict[str, Any], ana: Any, acting: Any, new_case: Any, depths: Any
    ) -> None:
        officer, case = members["dprrp-officer"], new_case(by=ana)
        with acting(ana):
            actions.exclude(case, officer, reason="Neighbours", by=ana)

        assert depths(officer, case) == {}

    def test_nobody_else(
        self, members: dict[str, Any], ana: Any, carla: Any, acting: Any, new_case: Any
    ) -> None:
        officer, case = members["dprrp-officer"], new_case(by=ana)
        for by, whom in ((officer, ana), (carla, ana), (ana, carla)):
            with acting(by), pytest.raises(NotPermitted):
                actions.exclude(case, whom, reason="x", by=by)

    def test_not_without_a_reason(self, ana: Any, acting: Any, new_case: Any) -> None:
        with acting(ana), pytest.raises(RuleBroken, match="Say why"):
            actions.exclude(new_case(by=ana), ana, reason="  ", by=ana)

    def test_why_is_not_for_all_colleagues(
        self, members: dict[str, Any], ana: Any, acting: Any, new_case: Any
    ) -> None:
        case = new_case(by=ana)
        with acting(ana):
            actions.exclude(case, ana, reason="My cousin", by=ana)
            assert Exclusion.objects.filter(case_id=case).exists()
        with acting(members["dprrp-officer"]):
            assert not Exclusion.objects.filter(case_id=case).exists()
        with acting(members["auditor"]):
            assert Exclusion.objects.filter(case_id=case).exists()

    def test_once_at_a_time(self, members: dict[str, Any], ana: Any, acting: Any, new_case: Any) -> None:
        officer, case = members["dprrp-officer"], new_case(by=ana)
        with acting(ana):
            first = actions.exclude(case, officer, reason="Neighbours", by=ana)
            with pytest.raises(RuleBroken) as refused:
                actions.exclude(case, officer, reason="Cousins", by=ana)
            assert refused.value.code == "excluded"
            actions.lift_exclusion(first, by=ana)
            assert actions.exclude(case, officer, reason="Cousins", by=ana).pk != first.pk

    def test_lifted_by_the_coordinator(
        self, members: dict[str, Any], ana: Any, acting: Any, new_case: Any, depths: Any
    ) -> None:
        officer, case = members["dprrp-officer"], new_case(by=ana)
        with acting(officer):
            exclusion = actions.exclude(case, officer, reason="My cousin", by=officer)
        with acting(ana):
            lifted = actions.lift_exclusion(exclusion, by=ana)
            assert lifted.lifted_at is not None
            assert history(lifted) == ["access.excluded", "access.exclusion_lifted"]
            with pytest.raises(NotPermitted):
                actions.lift_exclusion(lifted, by=ana)

        assert depths(officer, case)

    def test_lifted_by_nobody_for_themselves_and_by_no_stranger(
        self, members: dict[str, Any], ana: Any, bruno: Any, acting: Any, new_case: Any, depths: Any
    ) -> None:
        case = new_case(by=ana)
        with acting(ana):
            exclusion = actions.exclude(case, ana, reason="My cousin", by=ana)
            assert queries.exclusion(exclusion.pk, to=ana) == exclusion
            with pytest.raises(NotPermitted):
                actions.lift_exclusion(exclusion, by=ana)
            assert Exclusion.objects.filter(pk=exclusion.pk).update(lifted_at=now()) == 0
        for stranger in (bruno, members["dprrp-officer"]):
            with acting(stranger):
                with pytest.raises(Missing):
                    queries.exclusion(exclusion.pk, to=stranger)
                with pytest.raises(Missing):
                    actions.lift_exclusion(exclusion, by=stranger)
        assert depths(ana, case) == {}


class TestProposing:
    CLAUSES = ((int(Category.PLAN), 3, True),)

    def test_a_proposal_stands_beside_what_is_in_force(self, bruno: Any, acting: Any, protocol: Any) -> None:
        with acting(bruno):
            draft = actions.propose_change(
                protocol("dprrp-kps"), proposal=" Officers plan ", clauses=self.CLAUSES, by=bruno
            )
            again = actions.propose_change(protocol("dprrp-kps"), proposal="Still", clauses=(), by=bruno)
            assert (draft.version, draft.state, draft.proposal) == (2, "proposed", "Officers plan")
            assert [(c.category, c.depth, c.writes) for c in draft.clauses.all()] == [(9, 3, True)]
            assert again.version == 3
            assert history(draft) == ["protocol.proposed"]
            assert queries.protocol("dprrp-kps", to=bruno).version == 1
            assert not draft.is_in_force

    def test_it_opens_no_door(self, ana: Any, bruno: Any, acting: Any, new_case: Any, protocol: Any) -> None:
        with acting(bruno):
            draft = actions.propose_change(
                protocol("dprrp-kps"), proposal="More", clauses=self.CLAUSES, by=bruno
            )
        case = new_case(by=ana)
        with acting(ana), pytest.raises(RuleBroken, match="No protocol in force"):
            actions.involve(case, bruno.institution, protocols=[draft], by=ana)

    def test_only_by_those_who_answer_for_an_institution(
        self, members: dict[str, Any], acting: Any, protocol: Any
    ) -> None:
        officer = members["kps-officer"]
        with acting(officer), pytest.raises(NotPermitted):
            actions.propose_change(protocol("dprrp-kps"), proposal="More", clauses=(), by=officer)

    def test_not_without_saying_why(self, bruno: Any, acting: Any, protocol: Any) -> None:
        with acting(bruno), pytest.raises(RuleBroken, match="Say what should change"):
            actions.propose_change(protocol("dprrp-kps"), proposal=" ", clauses=(), by=bruno)

    def test_a_protocol_of_which_nothing_is_saved(self, bruno: Any, acting: Any, protocol: Any) -> None:
        with acting(bruno):
            known = protocol("dprrp-kps")
            fresh = SharingProtocol(
                code="fresh",
                version=1,
                provider_kind="cso",
                receiver_kind="cso",
                valid_from=known.valid_from,
                valid_until=known.valid_until,
            )
            assert actions.propose_change(fresh, proposal="New", clauses=(), by=bruno).version == 2
