"""One named contact, a team from several institutions, and doors that open and close."""

from __future__ import annotations

from datetime import timedelta

import pytest

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import Care, Case, CaseInSight, TeamMember
from homeward.casework.cases.models.team import Part
from homeward.casework.cases.rules.care import State
from homeward.foundation.access.models import Involvement
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Stale
from tests.factories.cases import a_case, a_family, let_in, youth


@pytest.fixture
def case(acting, ana):
    with acting(ana):
        return a_case(by=ana)


def test_the_family_can_call_one_person_of_the_leading_institution(case, acting, ana, bruno, members):
    officer = members["dprrp-officer"]
    with acting(ana):
        care = actions.name_contact(case, member=officer, version=1, by=ana)
        assert (care.named_contact, care.version) == (officer, 2)
        assert history(case)[-1] == "case.contact_named"
        with pytest.raises(Stale):
            actions.name_contact(case, member=ana, version=1, by=ana)
        with pytest.raises(RuleBroken) as refused:
            actions.name_contact(case, member=bruno, by=ana)
        assert refused.value.field == "member"
    with acting(officer):
        assert [row.case for row in queries.in_sight(to=officer, mine=True)] == [case]


def test_each_institution_names_its_own_people(case, acting, ana, bruno, members):
    officer = members["dprrp-officer"]
    with acting(ana):
        let_in(case, "kps", by=ana)
        place = actions.assign(case, member=officer, part=Part.RESPONSIBLE, by=ana)
        assert history(place) == ["team.assigned"]
        for wrong in (
            {"member": bruno, "part": Part.SUPPORT},
            {"member": officer, "part": "king"},
            {"member": officer, "part": Part.RESPONSIBLE},
        ):
            with pytest.raises(RuleBroken):
                actions.assign(case, by=ana, **wrong)
    with acting(bruno):  # reads the coordination of the case, and does not write it
        assert TeamMember.objects.filter(pk=place.pk).exists()
        with pytest.raises(NotPermitted):
            actions.assign(case, member=bruno, part=Part.SUPERVISION, by=bruno)
        with pytest.raises(NotPermitted):
            actions.remove_from_team(place, by=bruno)
    with acting(officer):
        gone = actions.remove_from_team(place, by=officer)
        assert gone.ends_on == today()
        assert not TeamMember.objects.current(today()).filter(case=case).exists()
        with pytest.raises(RuleBroken):
            actions.remove_from_team(place, by=officer)


def test_one_who_has_left_is_named_no_more(case, acting, ana, members, monkeypatch):
    officer = members["dprrp-officer"]
    with acting(ana):
        monkeypatch.setattr(
            type(officer).objects, "serving", lambda: type(officer).objects.none(), raising=False
        )
        with pytest.raises(RuleBroken) as refused:
            actions.assign(case, member=officer, part=Part.SUPPORT, by=ana)
        assert refused.value.code == "team.left"


def test_an_institution_is_let_in_and_out_again(case, acting, ana, carla):
    with acting(carla):
        assert not CaseInSight.objects.of(carla).filter(case=case.pk).exists()
        with pytest.raises(Missing):
            queries.one(case.ref, to=carla)
    with acting(ana):
        opening = queries.opening(case.ref, "csw-mitrovica-south", to=ana)
        assert [protocol.code for protocol in opening.protocols] == ["dprrp-csw"]
        with pytest.raises(RuleBroken) as refused:
            actions.involve(
                case, institution=opening.institution, protocols=opening.protocols, reason=" ", by=ana
            )
        assert refused.value.field == "reason"
        with pytest.raises(RuleBroken) as past:
            actions.involve(
                case, institution=opening.institution, protocols=opening.protocols, reason="children",
                until=today() - timedelta(days=1), by=ana,
            )  # fmt: skip
        assert past.value.field == "until"
        door = actions.involve(
            case, institution=opening.institution, protocols=opening.protocols, reason="children",
            until=today() + timedelta(days=10), by=ana,
        )  # fmt: skip
    with acting(carla):
        seen = queries.one(case.ref, to=carla)
        assert {c for c, depth, _writes in opening.preview if depth} <= set(seen.sight.depths)
        assert seen.standing is None
        with pytest.raises(NotPermitted):
            actions.involve(case, institution=ana.institution, protocols=[], reason="x", by=carla)
        with pytest.raises(NotPermitted):
            actions.end_involvement(door, reason="enough", by=carla)
    with acting(ana):
        assert carla.institution_id in {
            one.institution_id for one in Involvement.objects.filter(case_id=case.pk)
        }
        with pytest.raises(RuleBroken):
            actions.end_involvement(door, reason="", by=ana)
        actions.end_involvement(
            queries.ending(case.ref, door.pk, to=ana).involvement, reason="moved away", by=ana
        )
    with acting(carla), pytest.raises(Missing):
        queries.one(case.ref, to=carla)


def test_only_those_whom_a_protocol_lets_in_can_be_chosen(acting, ana):
    with acting(ana):
        case = a_case(by=ana, born=youth())
        offered = {opening.institution.code for opening in queries.openings(case.ref, to=ana)}
        assert {"kps", "csw-mitrovica-south", "school-demo-mitrovica-south"} <= offered
        assert not {"dprrp", "gcerf", "nao"} & offered
        let_in(case, "kps", by=ana)
        assert "kps" not in {opening.institution.code for opening in queries.openings(case.ref, to=ana)}
        assert [one.code for one in queries.partners(case, to=ana)] == ["kps"]
        for code in ("nao", "nobody"):
            with pytest.raises(Missing):
                queries.opening(case.ref, code, to=ana)


def test_the_offices_of_the_persons_own_municipality_come_first(acting, ana):
    with acting(ana):
        mother, *_children = a_family(by=ana, children=0)
        homes = [opening.institution.municipality_id for opening in queries.openings(mother.ref, to=ana)]
        own = mother.person.municipality_id
        assert own in homes
        places = [0 if home == own else 1 if home is None else 2 for home in homes]
        assert places == sorted(places)


def test_what_is_offered_is_what_the_database_accepts(acting, ana):
    """The page offers an institution exactly when a protocol may be used in this case, child or adult."""
    with acting(ana):
        for born in (PartialDate(1990, 1, 1), PartialDate(2015), None):
            case, tried = a_case(by=ana, born=born), set()
            for opening in queries.openings(case.ref, to=ana):
                single = queries.opening(case.ref, opening.institution.code, to=ana)
                offered = tuple(one.code for one in opening.protocols)
                assert tuple(one.code for one in single.protocols) == offered
                if (opening.institution.kind, offered) in tried:
                    continue  # of thirty-eight Centres for Social Work one stands for all
                tried.add((opening.institution.kind, offered))
                actions.involve(
                    case, institution=opening.institution, protocols=opening.protocols, reason="x", by=ana
                )


def test_whoever_is_asked_when_a_case_is_late(case, acting, ana, carla, members):
    with acting(ana):
        assert [one.name for one in queries.escalation_owners(queries.one(case.ref, to=ana), to=ana)] == [
            ana.name
        ]
        gone = a_case(by=ana, state=State.WITHDRAWN)
        assert queries.escalation_owners(queries.one(gone.ref, to=ana), to=ana) == []
        let_in(case, "csw-mitrovica-south", by=ana)
    with acting(carla):
        assert queries.escalation_owners(queries.one(case.ref, to=carla), to=carla) == []


def test_a_case_has_one_standing(case, acting, ana):
    with acting(ana):
        assert Case.objects.led_by(ana.institution_id).filter(pk=case.pk).exists()
        assert (
            Case.objects.in_state(State.RECEPTION)
            .overdue(today() + timedelta(days=9))
            .filter(pk=case.pk)
            .exists()
        )
        assert Care.objects.get(case=case).closed_by is None
        assert Institution.objects.filter(pk=case.lead.pk).exists()
