"""Lists, timelines and hints: each reader gets theirs, in a fixed number of queries."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import translation

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import Care, CaseInSight
from homeward.casework.cases.queries import panels
from homeward.casework.cases.rules import tracks
from homeward.casework.cases.rules.care import State
from homeward.casework.cases.rules.notes import Label
from homeward.casework.people import actions as people_actions
from homeward.casework.people.models import ReturnWave
from homeward.foundation.access import context
from homeward.foundation.access.actions import break_glass
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.rules import words
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from tests.factories.cases import a_case, a_family, let_in, open_cases, person


@pytest.fixture(autouse=True)
def in_english():
    """What is compared here is compared in the language it was written in."""
    with translation.override("en"):
        yield


def refs(rows):
    return {row.case.ref for row in rows}


@pytest.fixture
def cases(acting, ana):
    """A family of four whose eldest child is known to a school, and two others."""
    with acting(ana):
        mother, *children = a_family(by=ana)
        let_in(children[0], "school-demo-mitrovica-south", by=ana)
        return mother, children, a_case(by=ana, state=State.EXPECTED), a_case(by=ana, state=State.ACTIVE)


def test_a_list_has_three_queries_however_long(acting, ana, cases, django_assert_num_queries):
    with acting(ana):
        for _more in range(2):
            with django_assert_num_queries(2):
                for row in queries.in_sight(to=ana).order_by("-opened_at", "-case_id")[:50]:
                    assert row.person.full_name
                    assert row.case.standing.get_state_display()
                    assert row.person.municipality is None or row.person.municipality.label
            open_cases([person() for _ in range(20)], by=ana)


def test_the_newest_come_first_and_no_row_twice(acting, ana, cases):
    with acting(ana):
        rows = list(queries.in_sight(to=ana).order_by("-opened_at", "-case_id"))
        assert [row.opened_at for row in rows] == sorted((row.opened_at for row in rows), reverse=True)
        assert len({row.case_id for row in rows}) == len(rows)
        assert all(row.reads(Category.CASE, to=ana) and not row.by_emergency for row in rows)
        assert queries.in_sight(to=ana).reading(Category.HEALTH).count() == 0
        assert queries.in_sight(to=ana).reading(Category.CASE).count() == len(rows)


def test_filters_find_what_they_say(acting, ana, cases, members):
    mother, children, expected, active = cases
    with acting(ana):
        family = {mother.ref, *(child.ref for child in children)}
        wave = ReturnWave.objects.get(code="2019-04-20")
        household = mother.person.memberships.get().household.ref
        home = mother.person.municipality_id
        assert refs(queries.in_sight(to=ana, state=State.EXPECTED)) >= {expected.ref}
        assert active.ref not in refs(queries.in_sight(to=ana, state=State.EXPECTED))
        assert family <= refs(queries.in_sight(to=ana, wave=wave))
        assert active.ref not in refs(queries.in_sight(to=ana, wave=wave))
        assert refs(queries.in_sight(to=ana, household=household)) == family
        assert refs(queries.in_sight(to=ana, household="HH-0000-0000-00")) == set()
        assert family <= refs(queries.in_sight(to=ana, municipality=home))
        assert active.ref not in refs(queries.in_sight(to=ana, municipality=home))
        assert active.ref in refs(queries.in_sight(to=ana, lead=ana.institution_id))
        assert refs(queries.in_sight(to=ana, overdue=True)) & {active.ref} == set()
        assert refs(queries.in_sight(to=ana, mine=True)) == set()
        assert active.ref in refs(queries.overdue(today() + timedelta(days=200), to=ana))


def test_a_filter_on_what_is_hidden_finds_nothing(acting, members, cases):
    _mother, children, *_others = cases
    school = members["school-psychologist"]
    with acting(school):
        assert refs(queries.in_sight(to=school)) == {children[0].ref}
        assert refs(queries.in_sight(to=school, state=State.RECEPTION)) == set()
        assert refs(queries.in_sight(to=school, overdue=True)) == set()
        assert refs(queries.in_sight(to=school, wave=ReturnWave.objects.get(code="2019-04-20"))) == set()
        [row] = queries.in_sight(to=school)
        assert row.case.standing is None
        assert row.person.full_name


def test_a_case_whose_person_is_hidden_is_still_in_the_list(acting, ana, members, cases):
    mother, *_others = cases
    point = members["municipal-focal-point"]
    with acting(ana):
        let_in(mother, "municipality-mitrovica-south", by=ana)
    with acting(point):
        [row] = queries.in_sight(to=point)
        assert (row.case.ref, row.person) == (mother.ref, None)
        assert queries.one(mother.ref, to=point).known_person is None


@pytest.fixture
def bruno_in_an_emergency(bruno):
    """A token of Bruno with a second factor shown a moment ago, saved as the sign-in page would save it."""
    token = secrets.token_urlsafe(32)
    elsewhere = connections["auth"].copy()
    with elsewhere.cursor() as cursor:
        cursor.execute(
            "select sec.create_session(%s, %s, %s, 'operator', 2, now(), '1 hour')",
            [context.token_hash(token), bruno.account_id, bruno.pk],
        )
    elsewhere.close()
    return token


@pytest.mark.parametrize("takes_part", [True, False])
def test_an_emergency_look_shows_a_case_once(
    acting, ana, bruno, bruno_in_an_emergency, cases, takes_part, signed_in
):
    mother, children, *_others = cases
    with acting(ana):
        let_in(children[0], "kps", by=ana)
        if takes_part:
            let_in(mother, "kps", by=ana)
    with context.acting(bruno_in_an_emergency):
        break_glass(
            reference=mother.ref, categories=[Category.CASE], reason="a threat against the children", by=bruno
        )
        rows = {row.case.ref: row for row in queries.in_sight(to=bruno)}
        assert set(rows) == {mother.ref, children[0].ref}
        assert queries.in_sight(to=bruno).count() == 2
        assert rows[mother.ref].by_emergency
        assert not rows[children[0].ref].by_emergency
        seen = queries.one(mother.ref, to=bruno)
        assert (seen.sight.by_emergency, seen.sight.reads(Category.CASE)) == (not takes_part, True)
    if not takes_part:
        browser = signed_in(bruno)
        browser.cookies["homeward_language"] = "en"
        shown = browser.get(mother.get_absolute_url()).content.decode()
        assert "You are looking in an emergency" in shown


def test_the_timeline_tells_each_what_they_may_know(acting, ana, members, cases):
    _mother, children, *_others = cases
    case, school = children[0], members["school-psychologist"]
    with acting(ana):
        actions.begin_intake(case, by=ana)
        people_actions.add_name(case.person, by=ana, given="Beka")
        actions.suspend(case, reason="chickenpox", by=ana)
    with acting(school):
        actions.write_note(
            case,
            category=Category.EDUCATION,
            label=Label.FACT,
            happened_on=today(),
            text="second grade",
            by=school,
        )
        by_school = queries.timeline(queries.one(case.ref, to=school), to=school)
        assert [str(one.what) for one in by_school if one.category != Category.IDENTITY] == ["Note written"]
        assert by_school[0].who == school.name
        # What others did is told without them: the name of their office would say why the child is here.
        assert {one.who for one in by_school} <= {school.name, ""}
        assert {one.institution for one in by_school} == {school.institution.abbreviation, ""}
        assert not any(one.concerns for one in by_school)
    with acting(ana):
        by_ana = queries.timeline(queries.one(case.ref, to=ana), to=ana)
        told = [str(one.what) for one in by_ana]
        assert [told[0], told[1], told[3]] == ["Note written", "Suspended", "Intake began"]
        assert [one.why for one in by_ana][1] == "chickenpox"
        assert (by_ana[1].who, by_ana[1].institution) == (ana.name, "DPRRP")
        assert len(queries.timeline(queries.one(case.ref, to=ana), to=ana, limit=1)) == 1


def test_a_verb_without_words_is_not_left_out():
    assert words.of("referral.half_sent") == "referral: half sent"
    words.add({"test.done": "Tested"})
    assert words.of("test.done") == "Tested"


def test_a_hint_says_that_a_file_exists_and_whom_to_ask(acting, ana, members, cases):
    mother, *_others = cases
    clinic = members["health-psychologist"]
    with acting(ana):
        let_in(mother, "mental-health-mitrovica-south", by=ana)
        assert panels.hints(queries.one(mother.ref, to=ana), to=ana) is None
    with acting(clinic):
        actions.write_note(
            mother, category=Category.HEALTH, label=Label.FACT, happened_on=today(), text="asthma", by=clinic
        )
        assert panels.hints(queries.one(mother.ref, to=clinic), to=clinic) is None
    with acting(ana):
        [(category, keepers)] = panels.hints(queries.one(mother.ref, to=ana), to=ana)["closed"]
        assert (category, [one.code for one in keepers]) == (
            Category.HEALTH,
            ["mental-health-mitrovica-south"],
        )


def test_a_track_stands_in_the_head_of_a_case(acting, signed_in, ana, cases):
    mother, *_others = cases
    for category, shown in ((Category.CUSTODY, True), (Category.INTELLIGENCE, False)):
        tracks.register(tracks.Track("test", "Custody track", category, lambda case, *, to: "Dubrava"))
        try:
            body = signed_in(ana).get(mother.get_absolute_url()).content.decode()
        finally:
            tracks.unregister("test")
        assert ("Dubrava" in body) == shown


def test_a_family_shows_who_lives_there_and_whose_case_is_in_sight(acting, ana, carla, cases):
    mother, children, *_others = cases
    with acting(ana):
        household = mother.person.memberships.get().household.ref
        for case in (mother, children[0]):
            let_in(case, "csw-mitrovica-south", by=ana)
        [family] = queries.families_of(queries.one(mother.ref, to=ana), to=ana)
        assert [member.case for member in family.members] == [mother, *children]
        assert [member.is_this_one for member in family.members] == [True, False, False, False]
        assert queries.family(household, to=ana).members[0].case == mother
    with acting(carla):
        family = queries.family(household, to=carla)
        assert [member.case for member in family.members] == [mother, children[0]]
        with pytest.raises(Missing):
            queries.family("HH-0000-0000-00", to=carla)


def test_the_figures_count_returned_and_expected(acting, ana, members, cases):
    with acting(ana):
        figures = queries.figures(to=ana)
        wave = next(line for line in figures.by_wave if line.title == "2019-04-20")
        assert (wave.arrived, wave.expected) == (4, 0)
        assert figures.cases == CaseInSight.objects.of(ana).count()
        assert figures.arrived >= 4
        assert dict(figures.by_size)[4] >= 1
        assert sum(number for _state, _label, number in figures.by_state) == figures.cases
        assert sum(line.cases for line in figures.by_municipality) == figures.cases
        assert (figures.sees_returns, figures.sees_households, figures.sees_standing) == (True, True, True)
    school = members["school-psychologist"]
    with acting(school):
        figures = queries.figures(to=school)
        assert (figures.cases, figures.arrived, figures.households, figures.by_wave, figures.by_state) == (
            1,
            0,
            0,
            [],
            [],
        )
        assert (figures.sees_returns, figures.sees_households, figures.sees_standing) == (False, False, False)


def test_what_waits_for_whom(acting, ana, members, cases):
    mother, _children, expected, _active = cases
    officer, clinic, auditor = (members[name] for name in ("dprrp-officer", "health-psychologist", "auditor"))
    with acting(ana):
        let_in(mother, "mental-health-mitrovica-south", by=ana)
        assert mother.ref in refs(queries.due_soon(to=ana))
        assert expected.ref in refs(queries.to_prepare(to=ana))
        proposed = a_case(by=ana, state=State.CLOSURE_PROPOSED)
        assert proposed.ref not in refs(queries.to_confirm(to=ana))
        assert refs(queries.to_take_over(to=ana)) == set()
        assert refs(queries.late(to=ana)) == set()
        late = a_case(by=ana, state=State.EXPECTED)
        actions.receive(late, arrived_on=today() - timedelta(days=9), by=ana)
        assert refs(queries.late(to=ana)) == {late.ref}
        waiting = {row.case.ref: checks for row, checks in queries.to_check(to=ana, limit=20)}
        assert {"identity", "package"} <= {check.code for check in waiting[mother.ref]}
        actions.tick(mother, code="identity", by=ana)
        waiting = {row.case.ref: checks for row, checks in queries.to_check(to=ana, limit=20)}
        assert "identity" not in {check.code for check in waiting[mother.ref]}
        assert len(queries.to_check(to=ana, limit=1) or []) == 1
    with acting(officer):  # escalation asks the coordinator; the caseworker has what they work on
        assert refs(queries.late(to=officer)) == set()
        assert queries.to_confirm(to=officer) is None
        assert queries.to_take_over(to=officer) is None
        actions.name_contact(late, member=officer, by=officer)
        assert refs(queries.late(to=officer)) == {late.ref}
    with acting(clinic):
        [(row, checks)] = queries.to_check(to=clinic, limit=5) or []
        assert (row.case.ref, [check.code for check in checks]) == (
            mother.ref,
            ["medical_triage", "psychosocial_triage"],
        )
    with acting(auditor):
        assert (
            queries.late(to=auditor) is queries.due_soon(to=auditor) is queries.to_prepare(to=auditor) is None
        )
        assert queries.to_check(to=auditor, limit=5) is None


def test_a_closed_case_of_the_same_house_waits_for_the_second_person(acting, ana, members):
    officer = members["dprrp-officer"]
    with acting(officer):
        case = a_case(by=officer, state=State.CLOSURE_PROPOSED)
    with acting(ana):
        assert case.ref in refs(queries.to_confirm(to=ana))
        assert Care.objects.get(case=case).closure_proposed_by == officer
