"""Two records of one person: who is asked, what is remembered, what the linkage desk does, and what the pages say."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.urls import reverse

from homeward.casework.people import actions, queries
from homeward.casework.people.actions import NewName
from homeward.casework.people.models import PersonTwin
from homeward.casework.people.rules import twins as rules
from homeward.casework.people.rules.linkage import SAME_FROM
from homeward.casework.people.rules.twins import Source, State, Verdict
from homeward.casework.people.tasks import look_for_twins
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken
from tests.factories.cases import a_case

pytestmark = pytest.mark.saved
ANA, OFFICER, BRUNO, CARLA = "dprrp-coordinator", "dprrp-officer", "kps-supervisor", "csw-mitrovica-south"
DESK = OFFICER


def text(response):
    body = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") :]).split())


def pair(country, one, other, **more):
    """The two as the nightly comparison leaves them."""
    run, keys = country.stage.superuser.execute, sorted(str(case.person_id) for case in (one, other))
    run("delete from app.person_twin where one_id = %s and other_id = %s", keys)
    evidence = (
        '[{"what": "names", "how": "same and different (woman)", "weight": 1.5}, {"what": "born", "how": "day", "weight": 9},'
        ' {"what": "born", "how": "day, one name", "weight": 1}, {"what": "place", "how": "different", "weight": -2},'
        ' {"what": "given rare", "how": "yes", "weight": 0.1}, {"what": "kin", "how": "2", "weight": 3}]'
    )
    run(
        "insert into app.person_twin (id, one_id, other_id, state, source, probability, evidence, found_at, reason, moved) "
        "values (gen_random_uuid(), %s, %s, 'open', 'register', 0.9, %s, now(), '', '[]')",
        [*keys, evidence],
    )
    return country.stage.one("select id from app.person_twin where one_id = %s and other_id = %s", keys)


@pytest.fixture(scope="module")
def cast(country):
    """One woman whom the division has twice, and whom probation has once more, without any of them knowing."""
    with country.acting(ANA) as ana:
        names = [NewName(family="Zylfiu", given="Vjollqa", father="Jusuf")]
        one = a_case(by=ana, names=names, sex="F", born=PartialDate(1992, 11, 2))
        two = a_case(
            by=ana,
            names=[NewName(family="Zylfiu", given="Vjollca", father="Jusuf")],
            sex="F",
            born=PartialDate(1992, 11, 2),
        )
    with country.acting(BRUNO) as bruno:
        theirs = a_case(
            by=bruno,
            names=[NewName(family="ZYLFIU", given="Vjollça", father="Jusuf")],
            sex="F",
            born=PartialDate(1992, 11, 2),
        )
    return SimpleNamespace(one=one, two=two, theirs=theirs)


def test_the_register_is_gone_through_and_nothing_is_merged(country, cast):
    found = actions.find_twins(by=Operator("clock"))
    assert found >= 2
    assert actions.find_twins(by=Operator("clock")) == 0
    look_for_twins(0)
    call_command("find_twins", "--json")
    with country.acting(ANA) as ana:
        [mine] = [
            one for one in queries.twins(to=ana) if one.one_id in (cast.one.person_id, cast.two.person_id)
        ]
        assert {mine.one_id, mine.other_id} == {cast.one.person_id, cast.two.person_id}
        assert mine.source == Source.REGISTER
        assert mine.evidence
        assert str(mine.pk) == str(mine)
    with country.acting(BRUNO) as bruno:
        assert not queries.twins(to=bruno).exists()
        with pytest.raises(Missing):
            queries.find_twin(mine.pk, to=bruno)
    with country.acting(DESK) as desk:
        waiting = {one.pk for one in queries.desk(to=desk)}
        assert mine.pk not in waiting
        assert len(waiting) == 2  # the one of probation beside each of the division's


def test_who_was_found_to_be_different_is_not_asked_again(country, cast):
    key = pair(country, cast.one, cast.two)
    with country.acting(OFFICER) as officer:
        twin = PersonTwin.objects.get(pk=key)
        said = actions.judge(twin, verdict=Verdict.DIFFERENT, reason="two passports", by=officer)
        assert (said.state, said.decided_by_id) == (State.DIFFERENT, officer.pk)
        assert history(said) == ["twin.different"]
        with pytest.raises(RuleBroken) as refused:
            actions.judge(twin, verdict=Verdict.DIFFERENT, reason="again", by=officer)
        assert refused.value.code == "twin.decided"
    assert actions.find_twins(by=Operator("clock")) == 0
    assert country.stage.one("select state from app.person_twin where id = %s", [key]) == "different"


def test_two_people_are_looked_at_again_and_somebody_else_decides(country, cast):
    key = pair(country, cast.one, cast.two)
    with country.acting(OFFICER) as officer:
        twin = PersonTwin.objects.get(pk=key)
        actions.judge(twin, verdict=Verdict.DIFFERENT, reason="two passports", by=officer)
        with pytest.raises(RuleBroken) as unfounded:
            actions.reopen(twin, reason=" ", by=officer)
        assert unfounded.value.code == "twin.reason"
        again = actions.reopen(twin, reason="one of them is forged", by=officer)
        assert again.is_open
        assert history(again) == ["twin.different", "twin.reopened"]
        with pytest.raises(RuleBroken) as twice:
            actions.judge(twin, verdict=Verdict.DIFFERENT, reason="still", by=officer)
        assert twice.value.code == "twin.said_before"
    with country.acting(ANA) as ana:
        with pytest.raises(RuleBroken) as open_already:
            actions.reopen(twin, reason="x", by=ana)
        assert open_already.value.code == "twin.decided"
        said = actions.judge(twin, verdict=Verdict.DIFFERENT, reason="both are hers to see", by=ana)
        assert said.is_told_apart
    actions.find_twins(by=Operator("clock"))
    assert country.stage.one("select state from app.person_twin where id = %s", [key]) == "different"


def test_what_was_said_alone_at_a_desk_is_asked_once_more_of_somebody_else(country, cast):
    """Whoever registers a relative twice on purpose says that they are two people."""
    key = pair(country, cast.one, cast.two)
    run = country.stage.superuser.execute
    run(
        "update app.person_twin set state = 'different', source = 'desk', decided_at = now(), probability = 0, "
        "decided_by_id = (select m.id from app.member m join app.app_account a on a.id = m.account_id where a.username = %s) where id = %s",
        [OFFICER, key],
    )
    assert actions.find_twins(by=Operator("clock")) == 1
    assert actions.find_twins(by=Operator("clock")) == 0
    with country.acting(OFFICER) as officer:
        twin = queries.find_twin(key, to=officer)
        assert (twin.state, twin.source) == (State.OPEN, Source.REGISTER)
        with pytest.raises(RuleBroken) as twice:
            actions.judge(twin, verdict=Verdict.DIFFERENT, reason="as I said", by=officer)
        assert twice.value.code == "twin.said_before"
    with country.acting(ANA) as ana:
        actions.judge(twin, verdict=Verdict.DIFFERENT, reason="cousins", by=ana)
    assert actions.find_twins(by=Operator("clock")) == 0


def test_who_only_helps_them_is_not_asked_and_does_not_read_why(country, cast):
    """A school that reads who both are leads neither: no pair, and nothing on the page of the one who is left."""
    key = pair(country, cast.one, cast.two)
    run = country.stage.superuser.execute
    for case in (cast.one, cast.two):
        run(
            "insert into app.case_access (institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at, opened_at) "
            "select m.institution_id, k.case_id, '00000000-0000-0000-0000-000000000000', k.person_id, 1, 1, 0, 'infinity', now() "
            "from app.case_anchor k, app.member m join app.app_account a on a.id = m.account_id where k.case_id = %s and a.username = %s",
            [case.pk, CARLA],
        )
    try:
        with country.acting(CARLA) as carla:
            assert queries.visible(to=carla).filter(pk=cast.one.person_id).exists()
            assert not queries.twins(to=carla).exists()
            with pytest.raises(Missing):
                queries.find_twin(key, to=carla)
            with pytest.raises(Missing):
                actions.judge(
                    PersonTwin(pk=key, one_id=cast.one.person_id),
                    verdict=Verdict.DIFFERENT,
                    reason="x",
                    by=carla,
                )
    finally:
        run(
            "delete from app.case_access where seen_mask = 1 and case_id in (%s, %s)",
            [cast.one.pk, cast.two.pk],
        )


def test_one_proposes_and_another_confirms(country, cast):
    key = pair(country, cast.one, cast.two)
    kept = cast.one.person_id
    with country.acting(ANA) as ana:
        twin = queries.find_twin(key, to=ana)
        assert twin.is_open
        with pytest.raises(RuleBroken) as unfounded:
            actions.judge(twin, verdict=Verdict.PROPOSE, kept=kept, reason=" ", by=ana)
        with pytest.raises(RuleBroken) as neither:
            actions.judge(twin, verdict=Verdict.PROPOSE, kept=cast.theirs.person_id, reason="x", by=ana)
        assert (unfounded.value.code, neither.value.code) == ("twin.reason", "twin.kept")
        with pytest.raises(RuleBroken) as early:
            actions.confirm_merge(twin, by=ana)
        assert early.value.code == "twin.not_proposed"
        twin = actions.judge(twin, verdict=Verdict.PROPOSE, kept=kept, reason="her passport", by=ana)
        assert twin.is_proposed
        with pytest.raises(RuleBroken) as alone:
            actions.confirm_merge(twin, by=ana)
        assert alone.value.code == "twin.same_person"
        assert queries.to_confirm(to=ana, limit=5) == []
        twin = actions.withdraw(twin, by=ana)
        assert twin.is_open
        twin = actions.judge(twin, verdict=Verdict.PROPOSE, kept=kept, reason="her passport", by=ana)
    with country.acting("dprrp-twice") as twice, pytest.raises(RuleBroken) as seats:
        actions.confirm_merge(twin, by=twice)
    assert seats.value.code == "twin.same_person"
    with country.acting(OFFICER) as officer, pytest.raises(NotPermitted):
        actions.confirm_merge(twin, by=officer)
    with country.acting("dprrp-second") as second:
        assert [one.pk for one in queries.to_confirm(to=second, limit=5)] == [key]
        twin = actions.confirm_merge(twin, by=second)
        assert twin.is_merged
        [known] = queries.sides(twin, to=second)
        assert known.person.pk == kept
        assert [one.pk for one in queries.merged(known.person, to=second)] == [key]
        twin = actions.take_apart(twin, reason="two passports", by=second)
        assert twin.state == State.APART
        assert len(queries.sides(twin, to=second)) == 2


def test_two_leads_are_not_merged(country, cast):
    """A case of probation into which the division is let sees it whole, and is still not the division's to merge."""
    key = pair(country, cast.one, cast.theirs)
    run = country.stage.superuser.execute
    with country.stage.superuser.transaction(force_rollback=False):
        run(
            "insert into app.case_access (institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at, opened_at) "
            "select i.id, k.case_id, '00000000-0000-0000-0000-000000000000', k.person_id, 1, 1, 0, 'infinity', now() "
            "from app.case_anchor k, app.institution i where k.case_id = %s and i.code = 'dprrp'",
            [cast.theirs.pk],
        )
    try:
        with country.acting(ANA) as ana:
            twin = queries.find_twin(key, to=ana)
        with country.acting(ANA) as ana, pytest.raises(RuleBroken) as refused:
            actions.judge(twin, verdict=Verdict.PROPOSE, kept=cast.one.person_id, reason="x", by=ana)
        assert refused.value.code == "twin.leads"
    finally:
        run("delete from app.case_access where case_id = %s and seen_mask = 1", [cast.theirs.pk])


def test_who_may_not_know_the_family_is_not_told_that_it_fits(country, cast):
    """A unit that reads who people are and not with whom they live."""
    key = pair(country, cast.one, cast.two)
    with country.acting(OFFICER) as officer:
        twin = queries.find_twin(key, to=officer)
        whole = [str(one.what) for one in queries.traits_of(twin, to=officer)]
        assert "Relatives" in whole
    run = country.stage.superuser.execute
    bit = 1 << Category.HOUSEHOLD
    people = [cast.one.person_id]
    run("update app.case_access set cat_mask = cat_mask & ~%s where person_id = any (%s)", [bit, people])
    try:
        with country.acting(OFFICER) as officer:
            told = [str(one.what) for one in queries.traits_of(twin, to=officer)]
    finally:
        run("update app.case_access set cat_mask = cat_mask | %s where person_id = any (%s)", [bit, people])
    assert set(whole) - set(told) == {"Relatives"}


class TestTheDesk:
    def test_it_sees_what_identifies_and_every_look_is_logged(self, country, cast):
        key = pair(country, cast.one, cast.theirs)
        with country.acting(DESK) as desk:
            before = country.stage.one("select count(*) from audit.event where verb = 'twin.looked'")
            known = queries.desk_pair(key, to=desk)
            assert {one.lead.code for one in known.known} == {"dprrp", "kps"}
            assert {str(one.born) for one in known.known} == {str(PartialDate(1992, 11, 2))}
        assert country.stage.one("select count(*) from audit.event where verb = 'twin.looked'") == before + 1

    def test_nobody_else_finds_it(self, country, cast):
        key = pair(country, cast.one, cast.theirs)
        for login in (ANA, BRUNO, CARLA, "auditor"):
            with country.acting(login) as member:
                assert queries.desk(to=member) == []
                with pytest.raises(Missing):
                    queries.desk_pair(key, to=member)
                with pytest.raises(Missing):
                    actions.desk_judge(PersonTwin(pk=key), verdict="contact", by=member)

    def test_two_institutions_are_put_in_contact_and_learn_nothing_else(self, country, cast):
        key = pair(country, cast.one, cast.theirs)
        for login in (ANA, BRUNO):
            with country.acting(login) as member:
                assert queries.contacts_asked(to=member) == []
        with country.acting(DESK) as desk:
            actions.desk_judge(PersonTwin(pk=key), verdict="contact", by=desk)
            with pytest.raises(RuleBroken) as twice:
                actions.desk_judge(PersonTwin(pk=key), verdict="contact", by=desk)
            assert twice.value.code == "desk.asked"
        with country.acting(ANA) as ana:
            assert [(ref, one.code) for ref, one in queries.contacts_asked(to=ana)] == [(cast.one.ref, "kps")]
        with country.acting(BRUNO) as bruno:
            assert [(ref, one.code) for ref, one in queries.contacts_asked(to=bruno)] == [
                (cast.theirs.ref, "dprrp")
            ]
        page = text(country.browser(BRUNO).get("/"))
        assert f"asks for contact about your case {cast.theirs.ref}" in page
        assert cast.one.ref not in page
        with country.acting(CARLA) as carla:
            assert queries.contacts_asked(to=carla) == []

    def test_of_a_sheltered_case_nobody_is_told(self, country, cast):
        key = pair(country, cast.two, cast.theirs)
        case, run = cast.theirs.pk, country.stage.superuser.execute
        run(
            "insert into app.case_note (id, case_id, institution_id, category, label, happened_on, written_at, author_id) "
            "select gen_random_uuid(), %s, m.institution_id, %s, 'fact', current_date, now(), m.id from app.member m limit 1",
            [case, Category.GENDER_VIOLENCE],
        )
        try:
            with country.acting(DESK) as desk:
                # The desk is answered as ever: it would learn what stands in one of the two files.
                actions.desk_judge(PersonTwin(pk=key), verdict="contact", by=desk)
            for login in (ANA, BRUNO):
                with country.acting(login) as member:
                    assert queries.contacts_asked(to=member) == []
            with country.acting(DESK) as desk:
                actions.desk_judge(PersonTwin(pk=key), verdict="different", reason="x", by=desk)
        finally:
            run(
                "delete from app.case_note where case_id = %s and category = %s",
                [case, Category.GENDER_VIOLENCE],
            )
        assert country.stage.one("select state from app.person_twin where id = %s", [key]) == "different"


class TestPages:
    def test_from_the_list_to_the_merge_and_back(self, country, cast):
        key = pair(country, cast.one, cast.two)
        officer, second = country.browser(OFFICER), country.browser("dprrp-second")
        listed = text(officer.get(reverse("people:twins")))
        assert "Vjollqa Zylfiu" in listed
        assert "Much of it fits" in listed
        shown = text(officer.get(reverse("people:twin", args=[key])))
        assert "given name: the same; family name: different" in shown
        assert "A machine compared them and decides nothing." in shown
        judge = reverse("people:judge", args=[key])
        assert "Keep Vjollqa Zylfiu" in text(officer.get(judge))
        assert officer.post(judge, {"verdict": "no such", "reason": "x"}).status_code == 422
        assert (
            officer.post(judge, {"verdict": str(cast.one.person_id), "reason": "her passport"}).status_code
            == 302
        )
        assert "Somebody else has to confirm" in text(officer.get(reverse("people:twin", args=[key])))
        for step in ("reopen", "take_apart"):
            assert "Not possible now" in text(second.get(reverse(f"people:{step}", args=[key])))
        assert officer.get(reverse("people:confirm_merge", args=[key])).status_code == 403
        assert "Merges that wait for a second person" in text(second.get("/"))
        confirm = reverse("people:confirm_merge", args=[key])
        assert "proposes to keep" in text(second.get(confirm))
        assert second.post(confirm).status_code == 302
        assert "Somebody has decided about these two in the meantime." in text(officer.get(judge))
        person = text(officer.get(reverse("people:person", args=[cast.one.ref])))
        assert "Two records of this person were merged on" in person
        assert officer.get(reverse("people:person", args=[cast.two.ref])).status_code == 404
        apart = reverse("people:take_apart", args=[key])
        assert second.get(apart).status_code == 200
        assert second.post(apart, {"reason": "two passports"}).status_code == 302
        assert officer.get(reverse("people:person", args=[cast.two.ref])).status_code == 200
        assert "taken apart again" in text(officer.get(reverse("people:twins") + "?state=apart"))
        # It was one person after all: they are looked at again.
        assert "Look at them again" in text(officer.get(reverse("people:twin", args=[key])))
        assert officer.post(reverse("people:reopen", args=[key]), {"reason": "her mother"}).status_code == 302
        assert "Keep Vjollqa Zylfiu" in text(officer.get(judge))

    def test_two_people_are_looked_at_again(self, country, cast):
        key = pair(country, cast.one, cast.two)
        officer = country.browser(OFFICER)
        officer.post(reverse("people:judge", args=[key]), {"verdict": "different", "reason": "x"})
        assert "Look at them again" in text(officer.get(reverse("people:twin", args=[key])))
        assert officer.post(reverse("people:reopen", args=[key]), {"reason": "her mother"}).status_code == 302
        assert "Said before to be two people by" in text(officer.get(reverse("people:twin", args=[key])))

    def test_the_proposal_is_withdrawn(self, country, cast):
        key = pair(country, cast.one, cast.two)
        officer = country.browser(OFFICER)
        officer.post(reverse("people:judge", args=[key]), {"verdict": str(cast.two.person_id), "reason": "x"})
        assert officer.post(reverse("people:withdraw", args=[key])).status_code == 302
        assert (
            officer.post(
                reverse("people:judge", args=[key]), {"verdict": "different", "reason": "x"}
            ).status_code
            == 302
        )
        assert "No two records wait" in text(officer.get(reverse("people:twins")))

    def test_the_desk(self, country, cast):
        key = pair(country, cast.one, cast.theirs)
        desk = country.browser(DESK)
        assert "Waits for you" in text(desk.get(reverse("people:desk")))
        assert "Linkage desk" in text(desk.get("/"))
        shown = text(desk.get(reverse("people:desk_judge", args=[key])))
        assert cast.theirs.ref not in shown
        assert (
            desk.post(reverse("people:desk_judge", args=[key]), {"verdict": "different"}).status_code == 302
        )
        other = country.browser(ANA)
        assert other.get(reverse("people:desk")).status_code == 403
        assert other.get(reverse("people:desk_judge", args=[key])).status_code == 404

    def test_who_works_with_nobody_has_no_list(self, country, cast):
        for login in ("auditor", "donor"):
            assert country.browser(login).get(reverse("people:twins")).status_code == 403
        assert (
            country.browser("auditor").get(reverse("people:judge", args=[cast.one.person_id])).status_code
            == 404
        )


def test_what_the_database_says_otherwise_is_no_refusal(country, cast, monkeypatch):
    """A fault of ours is never shown as if it were the member's."""
    key = pair(country, cast.one, cast.two)
    monkeypatch.setattr(rules, "REFUSED", {})
    with country.acting(OFFICER) as officer, pytest.raises(DatabaseError):
        actions.withdraw(PersonTwin.objects.get(pk=key), by=officer)


class TestRules:
    def test_bands_are_words(self):
        said = [str(rules.band_of(p, Source.REGISTER)) for p in (SAME_FROM, 0.6, 0.3)]
        assert len(set(said)) == 3
        assert str(rules.band_of(0, Source.DESK)) not in said

    def test_each_thing_is_told_once_and_says_what_it_speaks_for(self):
        told = rules.traits(
            [
                {"what": "names", "how": "same and close", "weight": 2},
                {"what": "turned", "how": "yes", "weight": 0.1},
                {"what": "born", "how": "year only", "weight": -1},
                {"what": "born", "how": "year only, both name", "weight": 3},
                {"what": "kin", "how": "1", "weight": 3},
            ]
        )
        assert [one.speaks for one in told] == ["for", "", "against", "for"]
        assert "given name: " in str(told[0].how)
