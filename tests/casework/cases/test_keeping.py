"""The end of retention: kept longer by one, erased by two, and by nobody else, whichever way they try."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import Care, CareMove, Case
from homeward.casework.cases.rules import closing_blockers
from homeward.casework.cases.rules.care import State
from homeward.casework.cases.rules.checks import adult_on
from homeward.casework.people.actions import NewReturn, correct_person, link_guardian
from homeward.casework.people.models import Person
from homeward.foundation.access.actions import exclude
from homeward.foundation.access.queries import sight
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel import packs
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Stale
from tests.attacks.stage import attempt
from tests.factories.cases import a_case, let_in

pytestmark = pytest.mark.saved
ANA, OFFICER, SECOND = "dprrp-coordinator", "dprrp-officer", "dprrp-second"


def archived(country, **given):
    """Closed by two people and put away."""
    with country.acting(OFFICER) as officer:
        case = a_case(by=officer, state=State.CLOSURE_PROPOSED, **given)
    with country.acting(ANA) as ana:
        actions.confirm_closure(case, by=ana)
        actions.archive(case, by=ana)
    return case


@pytest.fixture
def case(country):
    """Archived so long ago that its retention has ended."""
    case = archived(country)
    country.retention_ends(case)
    return case


def care_of(country, case):
    with country.acting(ANA):
        return Care.objects.get(case=case)


def propose(country, case, login=OFFICER):
    with country.acting(login) as member:
        return actions.propose_erasure(case, by=member)


# --- how long -------------------------------------------------------------------------------------------------


def years_from_now(years):
    return today().replace(year=today().year + years)


@pytest.mark.parametrize(
    ("born", "until"),
    [
        (PartialDate(1990, 4, 2), years_from_now(5)),
        (PartialDate(today().year - 10, 3, 1), date(today().year + 11, 3, 1)),  # until 21
        (
            PartialDate(today().year - 10),
            date(today().year + 11, 12, 31),
        ),  # in doubt the latest day there could be
        (PartialDate(today().year - 20, 3, 1), years_from_now(5)),
        (None, years_from_now(5)),
    ],
)
def test_a_closed_case_is_kept_for_years_and_a_childs_until_it_is_grown_up(country, born, until):
    assert care_of(country, archived(country, born=born)).keep_until == until


def test_who_never_arrived_is_kept_for_a_year(country):
    with country.acting(ANA) as ana:
        gone = a_case(by=ana, state=State.WITHDRAWN, born=PartialDate(today().year - 3))
        care = actions.archive(gone, by=ana)
        assert care.keep_until == years_from_now(1)
        assert history(gone)[-1] == "case.archived"


def test_the_short_period_is_not_for_whoever_did_arrive_whatever_the_state_says(country):
    with country.acting(ANA) as ana:
        here = a_case(by=ana, state=State.WITHDRAWN, return_=NewReturn(arrived_on=date(2019, 4, 20)))
        assert actions.archive(here, by=ana).keep_until == years_from_now(5)


def test_the_periods_are_those_of_the_country_pack(country):
    kosovo, example = packs.load("kosovo"), packs.load("example")
    actions.load_retention(example, by=Operator("test"))
    try:
        assert care_of(country, archived(country)).keep_until == years_from_now(7)
    finally:
        actions.load_retention(kosovo, by=Operator("test"))
    assert country.stage.ask("select * from sec.retention") == [(True, 1, 5, 21, 5, 90)]


# --- kept longer ----------------------------------------------------------------------------------------------


def test_a_case_is_kept_longer_with_a_reason_and_a_proposal_falls(country, case):
    propose(country, case)
    with country.acting(ANA) as ana:
        care = actions.keep_longer(case, until=years_from_now(2), reason="a court asks for it", by=ana)

        assert (care.keep_until, care.erasure_proposed_by, care.state) == (
            years_from_now(2),
            None,
            State.ARCHIVED,
        )
        assert history(case)[-2:] == ["case.erasure_proposed", "case.kept_longer"]
        assert (
            CareMove.objects.filter(case=case, name="keep_longer", reason="a court asks for it").count() == 1
        )
        with pytest.raises(RuleBroken) as refused:
            actions.erase(case, by=ana)
        assert refused.value.code == "erasure.early"


@pytest.mark.parametrize(
    ("until", "reason", "code"),
    [
        (today(), "x", "retention.not_longer"),
        (years_from_now(5) + timedelta(days=1), "x", "retention.too_long"),
        (years_from_now(1), " ", "care.reason"),
    ],
)
def test_no_day_too_soon_or_too_late_and_none_without_a_reason(country, case, until, reason, code):
    with country.acting(ANA) as ana:
        with pytest.raises(RuleBroken) as refused:
            actions.keep_longer(case, until=until, reason=reason, by=ana)
        assert refused.value.code == code


def test_only_an_archived_case_is_kept_longer(country):
    with country.acting(ANA) as ana:
        case = a_case(by=ana)
        with pytest.raises(RuleBroken):
            actions.keep_longer(case, until=years_from_now(1), reason="x", by=ana)


# --- erased ---------------------------------------------------------------------------------------------------


def test_one_proposes_another_confirms_and_nothing_is_left(country, case):
    proposed = propose(country, case)
    assert proposed.erasure_proposed_by_id == country.stage.one(
        "select m.id from app.member m join app.app_account a on a.id = m.account_id where a.username = %s",
        [OFFICER],
    )
    with country.acting(ANA) as ana:
        assert [kind for kind, _number in queries.to_be_erased(case, to=ana)]
        actions.erase(case, by=ana)
    with country.acting(ANA) as ana:
        with pytest.raises(Missing):
            queries.one(case.ref, to=ana)
        assert not Person.objects.filter(pk=case.person_id).exists()
    (event,) = country.stage.ask(
        "select case_id, subject_id, detail from audit.event where verb = 'case.erased' and case_id = %s",
        [case.pk],
    )
    assert event[:2] == (case.pk, case.pk)
    assert event[2].keys() == {"proposed_by", "kept_until", "rows"}


def test_whoever_proposed_does_not_confirm(country, case):
    propose(country, case, ANA)
    with country.acting(ANA) as ana:
        for attempted in (actions.erase, actions.propose_erasure):
            with pytest.raises(RuleBroken) as refused:
                attempted(case, by=ana)
            assert refused.value.code in ("erasure.same_person", "erasure.proposed")
    with country.acting("dprrp-twice") as twice:  # another seat of the same person
        with pytest.raises(RuleBroken) as refused:
            actions.erase(case, by=twice)
        assert refused.value.code == "erasure.same_person"
    with country.acting(SECOND) as second:
        actions.erase(case, by=second)


def test_nobody_appoints_the_second_person_for_the_occasion(country, case):
    propose(country, case)
    run = country.stage.superuser.execute
    run("update app.member set starts_on = current_date - 3 where name = %s", [SECOND])
    try:
        with country.acting(SECOND) as second, pytest.raises(RuleBroken) as refused:
            actions.erase(case, by=second)
        assert refused.value.code == "erasure.newcomer"
    finally:
        run("update app.member set starts_on = '2020-01-01' where name = %s", [SECOND])


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        ("update app.member set ends_on = current_date", "update app.member set ends_on = null"),
        ("update app.member set roles = '{analyst}'", "update app.member set roles = '{caseworker}'"),
    ],
)
def test_a_proposal_does_not_outlive_the_right_of_whoever_made_it(country, case, gone, back):
    propose(country, case)
    officer = country.stage.one(
        "select m.id from app.member m join app.app_account c on c.id = m.account_id where c.username = %s",
        [OFFICER],
    )
    run = country.stage.superuser.execute
    run(f"{gone} where id = %s", [officer])
    try:
        with country.acting(ANA) as ana, pytest.raises(RuleBroken) as refused:
            actions.erase(case, by=ana)
        assert refused.value.code == "erasure.same_person"
    finally:
        run(f"{back} where id = %s", [officer])
        run("update sec.session set revoked_at = null where member_id = %s", [officer])


def test_before_the_day_nobody_counts_what_they_may_not_read(country):
    case = archived(country)
    with country.acting(ANA) as ana:
        assert queries.to_be_erased(case, to=ana) == []
    country.retention_ends(case)
    with country.acting(ANA) as ana:
        assert queries.to_be_erased(case, to=ana)


def test_a_corrected_birth_is_what_the_guard_goes_by(country):
    """A child that was registered as a grown-up: judgements of risk are shut at once, and its file is kept until 21."""
    grown = PartialDate(1990, 2, 28)
    case = archived(country, born=grown)
    country.retention_ends(case)
    child = PartialDate(today().year - 9, 2, 28)

    def sees_risk():
        with country.acting(ANA) as ana:
            return Category.RISK in sight(case.pk, to=ana).depths

    assert sees_risk()
    with country.acting(ANA) as ana:
        correct_person(Person.objects.get(pk=case.person_id), born=child, version=1, by=ana)

    assert not sees_risk()
    assert care_of(country, case).keep_until == date(child.year + 21, 2, 28)
    assert country.stage.one("select adult_on from app.case_anchor where case_id = %s", [case.pk]) == date(
        child.year + 18, 2, 28
    )


@pytest.mark.parametrize("born", ["2004-02-29", "1992", "1992-02~", "2000-02", "1988-11-02", "2008~"])
def test_the_database_counts_the_day_of_coming_of_age_as_we_do(country, born):
    assert country.stage.one("select sec.comes_of_age(%s)", [born]) == adult_on(
        PartialDate.parse(born).latest
    )


def test_a_colleague_kept_away_in_one_seat_is_kept_away_in_the_other(country, case):
    with country.acting(SECOND) as second:
        exclude(case.pk, member=Member.objects.get(name="dprrp-twice"), reason="a cousin", by=second)
    with country.acting(ANA) as ana, pytest.raises(Missing):
        queries.one(case.ref, to=ana)


def test_nothing_is_erased_that_nobody_proposed(country, case):
    with country.acting(ANA) as ana:
        with pytest.raises(RuleBroken) as refused:
            actions.erase(case, by=ana)
        assert refused.value.code == "erasure.not_proposed"


def test_nothing_is_erased_before_its_day_has_passed(country, case):
    country.keep_until(case, "today")
    for login, attempted in ((OFFICER, actions.propose_erasure), (ANA, actions.erase)):
        with country.acting(login) as member:
            with pytest.raises(RuleBroken) as refused:
                attempted(case, by=member)
            assert refused.value.code == "erasure.early"


def test_a_caseworker_proposes_and_neither_confirms_nor_keeps(country, case):
    propose(country, case, ANA)
    with country.acting(OFFICER) as officer:
        with pytest.raises(NotPermitted):
            actions.erase(case, by=officer)
        with pytest.raises(NotPermitted):
            actions.keep_longer(case, until=years_from_now(1), reason="x", by=officer)


def test_a_page_that_is_older_is_refused(country, case):
    version = care_of(country, case).version
    propose(country, case)
    with country.acting(ANA) as ana, pytest.raises(Stale):
        actions.erase(case, by=ana, version=version)


def test_what_another_room_needs_keeps_it(country, case):
    closing_blockers.register("test", lambda case, *, by: ["A court has asked for this file."])
    try:
        with country.acting(OFFICER) as officer:
            with pytest.raises(RuleBroken) as refused:
                actions.propose_erasure(case, by=officer)
            assert "A court has asked" in str(refused.value.message)
    finally:
        closing_blockers.unregister("test")


def test_who_answers_for_a_child_is_not_forgotten_while_they_do(country, case):
    with country.acting(ANA) as ana:
        child = a_case(by=ana, born=PartialDate(today().year - 6))
        link = link_guardian(child.person, guardian=case.person, kind="guardian", by=ana)
    with country.acting(OFFICER) as officer, pytest.raises(RuleBroken) as refused:
        actions.propose_erasure(case, by=officer)
    assert refused.value.code == "erasure.kept"
    country.stage.superuser.execute(
        "update app.guardianship set ends_on = current_date - 1 where id = %s", [link.pk]
    )
    propose(country, case)


def test_a_look_in_an_emergency_is_reviewed_first(country, case):
    country.stage.superuser.execute(
        "insert into app.break_glass (id, case_id, member_id, institution_id, lead_id, categories, reason, opened_at, "
        "expires_at, review_due_at, verdict) select gen_random_uuid(), k.case_id, m.id, m.institution_id, k.lead_id, "
        "'{0}', 'x', now(), now(), now(), '' from app.case_anchor k, app.member m where k.case_id = %s limit 1",
        [case.pk],
    )
    with country.acting(OFFICER) as officer:
        assert len(queries.kept_by(case, to=officer)) == 1
        with pytest.raises(RuleBroken):
            actions.propose_erasure(case, by=officer)


def test_it_waits_on_the_page_of_those_who_decide(country, case):
    def waiting(login):
        with country.acting(login) as member:
            ended, confirm = queries.to_end(to=member), queries.to_confirm_erasure(to=member)
            return tuple(
                rows is not None and case.pk in {row.case_id for row in rows} for rows in (ended, confirm)
            )

    assert [waiting(login) for login in (ANA, SECOND, OFFICER, "kps-supervisor")] == [
        (True, False),
        (False, False),
        (False, False),
        (False, False),
    ]
    propose(country, case, ANA)
    assert [waiting(login) for login in (ANA, SECOND, OFFICER)] == [
        (False, False),
        (False, True),
        (False, False),
    ]
    country.keep_until(case, "today")
    assert waiting(SECOND) == (False, False)


# --- on the pages ----------------------------------------------------------------------------------------------


def test_two_people_erase_a_case_on_their_pages(country, case):
    address = f"/cases/{case.ref}/"
    officer, ana = country.browser(OFFICER), country.browser(ANA)
    assert "Archived cases whose retention has ended" in ana.get("/").content.decode()
    shown = ana.get(address).content.decode()
    assert "The retention of this case has ended" in shown
    assert "Kept until" in shown

    form = officer.get(f"{address}propose-erasure/").content.decode()
    assert "What will be destroyed" in form
    assert "Names" in form
    assert officer.post(f"{address}propose-erasure/", {"remark": "nothing is open"}).status_code == 302
    assert "Somebody else has to confirm that" in officer.get(address).content.decode()
    assert officer.get(f"{address}erase/").status_code == 403

    assert "Erasures that wait for a second person" in ana.get("/").content.decode()
    assert "proposed to erase it" in ana.get(address).content.decode()
    assert "nothing is open" in ana.get(f"{address}erase/").content.decode()
    done = ana.post(f"{address}erase/", follow=True)
    assert "The case and everything about the person have been erased." in done.content.decode()
    assert done.redirect_chain[-1][0] == "/cases/"
    gone, unknown = ana.get(address), ana.get("/cases/HW-0000-0000-00/")
    assert (gone.status_code, gone.content) == (404, unknown.content)


def test_a_case_is_kept_longer_on_its_page(country, case):
    ana = country.browser(ANA)
    form = ana.get(f"/cases/{case.ref}/keep-longer/").content.decode()
    assert "At most 5 years from today." in form
    late = {"until": years_from_now(6).isoformat(), "reason": "x"}
    assert "5 years longer at a time" in ana.post(f"/cases/{case.ref}/keep-longer/", late).content.decode()
    good = late | {"until": years_from_now(1).isoformat()}
    shown = ana.post(f"/cases/{case.ref}/keep-longer/", good, follow=True).content.decode()
    assert "The case is kept longer." in shown
    assert "The retention of this case has ended" not in shown


def test_the_page_says_that_a_birth_is_not_known(country):
    case = archived(country, born=None)
    country.retention_ends(case)
    form = country.browser(OFFICER).get(f"/cases/{case.ref}/propose-erasure/").content.decode()
    assert "When this person was born is not known." in form


def test_the_page_says_what_keeps_the_case(country, case):
    closing_blockers.register("test", lambda case, *, by: ["A court has asked for this file."])
    try:
        form = country.browser(OFFICER).get(f"/cases/{case.ref}/propose-erasure/").content.decode()
        assert "A court has asked for this file." in form
    finally:
        closing_blockers.unregister("test")


# --- by statements of one's own --------------------------------------------------------------------------------


def tries(country, login, statement, params):
    with country.stage.as_member(login) as connection:
        return attempt(connection, statement, params)


def key(country, login):
    return country.stage.one(
        "select m.id from app.member m join app.app_account a on a.id = m.account_id where a.username = %s "
        "and m.name = case when %s = 'dprrp-twice' then 'dprrp-twice' else m.name end limit 1",
        [login, login],
    )


@pytest.mark.parametrize(
    "login", ["kps-supervisor", "csw-mitrovica-south", "atrc-counsellor", "auditor", OFFICER]
)
def test_nobody_else_erases_keeps_or_counts_by_a_statement(country, case, login):
    with country.acting(ANA) as ana:
        let_in(case, "kps", by=ana)
        let_in(case, "csw-mitrovica-south", by=ana)
    propose(country, case, ANA)
    me = key(country, login)
    for statement, params in (
        ("select sec.erase_case(%s, %s)", [me, case.pk]),
        ("select sec.keep_longer(%s, %s, %s)", [me, case.pk, years_from_now(1)]),
        ("select sec.propose_erasure(%s, %s)", [me, case.pk]),
    ):
        outcome = tries(country, login, statement, params)
        if login == OFFICER and "propose" in statement:
            continue  # a caseworker of the lead may
        assert "unavailable" in str(outcome.error), (login, statement)
    if login != OFFICER:
        assert tries(country, login, "select * from sec.to_be_erased(%s)", [case.pk]).rows == []
        assert tries(country, login, "select * from sec.erasure_kept_by(%s)", [case.pk]).rows == []


def test_nobody_acts_in_another_name(country, case):
    propose(country, case, ANA)
    for function in ("erase_case", "propose_erasure"):
        outcome = tries(country, ANA, f"select sec.{function}(%s, %s)", [key(country, SECOND), case.pk])
        assert "unavailable" in str(outcome.error)


@pytest.mark.parametrize(
    "change",
    [
        "keep_until = '2020-01-01'",
        "erasure_proposed_by_id = null, erasure_proposed_at = null",
        "state = 'erased'",
        "state = 'closed'",
        "state = 'active', setting = 'community'",
    ],
)
def test_an_archived_case_is_not_brought_there_by_hand(country, case, change):
    country.keep_until(case, years_from_now(1))
    outcome = tries(country, ANA, f"update app.case_care set {change} where case_id = %s", [case.pk])
    assert isinstance(outcome.error, psycopg.errors.InsufficientPrivilege)


def test_a_forged_state_begins_a_whole_period_and_ends_none(country):
    with country.acting(ANA) as ana:
        case = a_case(by=ana, state=State.ACTIVE)
    direct = "update app.case_care set state = 'archived', setting = null, due_on = null, escalates_to = '' where case_id = %s"
    assert "unavailable" in str(tries(country, ANA, direct, [case.pk]).error)
    with country.stage.as_member(ANA) as connection:
        connection.execute(
            "update app.case_care set state = 'withdrawn', setting = null, due_on = null, escalates_to = '' where case_id = %s",
            [case.pk],
        )
        connection.execute("update app.case_care set state = 'archived' where case_id = %s", [case.pk])
        (until,) = connection.execute(
            "select keep_until from app.case_care where case_id = %s", [case.pk]
        ).fetchone()
        assert until >= years_from_now(1)
        assert "early" in str(
            attempt(connection, "select sec.propose_erasure(%s, %s)", [key(country, ANA), case.pk]).error
        )


def test_no_case_is_born_archived(country, case):
    outcome = tries(
        country,
        ANA,
        "insert into app.case_care (id, case_id, lead_id, state, state_entered_on, escalates_to, closing_reason, version,"
        " keep_until) select gen_random_uuid(), case_id, lead_id, 'archived', now(), '', '', 1, '2020-01-01'"
        " from app.case_care where case_id = %s",
        [case.pk],
    )
    assert "retention.unavailable" in str(outcome.error)


def test_who_is_kept_away_from_a_case_does_not_end_it(country, case):
    propose(country, case, ANA)
    with country.acting(ANA) as ana:
        exclude(
            case.pk,
            member=Member.objects.get(pk=key(country, SECOND)),
            reason="A cousin of the family.",
            by=ana,
        )
    outcome = tries(country, SECOND, "select sec.erase_case(%s, %s)", [key(country, SECOND), case.pk])
    assert "unavailable" in str(outcome.error)


FROM_ELSEWHERE = (
    "erasure_proposed_by_id = (select m.id from app.member m join app.institution i "
    "on i.id = m.institution_id where i.code = 'kps' limit 1)"
)


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ("erasure_proposed_by_id = null, erasure_proposed_at = null", "not_proposed"),
        ("keep_until = current_date", "early"),
        (FROM_ELSEWHERE, "same_person"),
    ],
)
def test_the_database_asks_again_at_the_last_moment(country, case, forged, code):
    propose(country, case)
    country.stage.superuser.execute(f"update app.case_care set {forged} where case_id = %s", [case.pk])
    outcome = tries(country, ANA, "select sec.erase_case(%s, %s)", [key(country, ANA), case.pk])
    assert f"erasure.{code}" in str(outcome.error)


def test_what_still_refers_to_it_stops_the_whole(country, case):
    propose(country, case)
    run = country.stage.superuser.execute
    run(
        "create table app.forgotten_table (id int primary key, case_id uuid references app.case_file (id) deferrable initially deferred)"
    )
    try:
        run("insert into app.forgotten_table values (1, %s)", [case.pk])
        with country.acting(ANA) as ana:
            with pytest.raises(RuleBroken) as refused:
                actions.erase(case, by=ana)
            assert refused.value.code == "erasure.built_upon"
            assert Case.objects.filter(pk=case.pk).exists()
    finally:
        run("drop table app.forgotten_table")
