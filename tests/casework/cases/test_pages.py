"""The pages: each reader meets their part of a case, in words that mark nobody, and can do what is theirs to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import Care, CaseNote, Document
from homeward.casework.cases.rules.care import State
from homeward.casework.cases.rules.notes import Label
from homeward.casework.people import actions as people
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import today
from tests.casework.cases.test_documents_rules import PDF, PNG
from tests.factories.cases import a_case, a_family, let_in, youth

MARKING = re.compile(
    r"return|reception|terror|extremis|radicali|rehabilit|reintegr|Division|Al-Hol"
    r"|kthim|rikthim|terror|ekstrem|povrat|prihvat|ekstremi|поврат|прихват|терор|екстрем|радикал|рехабил|реинтегр",
    re.IGNORECASE,
)
SCHOOL = "school-demo-mitrovica-south"
ALL = ("csw-mitrovica-south", SCHOOL, "mental-health-mitrovica-south", "kps", "atrc")


@pytest.fixture
def cases(acting, ana):
    """A mother with three children; everybody who may takes part in her case and in the eldest's, the school in his alone."""
    with acting(ana):
        cases = a_family(by=ana)
        for case in cases[:2]:
            for code in ALL:
                if case is not cases[0] or code != SCHOOL:
                    let_in(case, code, by=ana)
        actions.write_note(
            cases[0],
            category=Category.CASE,
            label=Label.FACT,
            happened_on=today(),
            text="the reception went well",
            by=ana,
        )
        return cases


@pytest.fixture
def mother(cases):
    return cases[0]


@pytest.fixture
def eldest(cases):
    """The eldest of her children, who goes to school."""
    return cases[1]


@pytest.fixture
def signed_in(signed_in):
    """A browser of somebody who reads English."""

    def browser(member):
        client = signed_in(member)
        client.cookies["homeward_language"] = "en"
        return client

    return browser


def page(client, case, name="case", **more):
    return client.get(reverse(f"cases:{name}", kwargs={"ref": case.ref, **more}))


def text(response):
    """What a reader reads: without the tags and the addresses."""
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.mark.parametrize("language", ["en", "sq", "sr", "sr-latn"])
@pytest.mark.parametrize("login", ["school-psychologist", "health-psychologist"])
def test_a_school_and_a_clinic_meet_no_word_that_marks_a_family(signed_in, members, eldest, login, language):
    browser = signed_in(members[login])
    browser.cookies["homeward_language"] = language
    for address in (
        reverse("cases:index"),
        reverse("cases:overview"),
        reverse("cases:case", args=[eldest.ref]),
        reverse("cases:write_note", args=[eldest.ref]),
        reverse("cases:add_document", args=[eldest.ref]),
        reverse("home"),
    ):
        response = browser.get(address)
        assert response.status_code == 200, address
        assert not MARKING.search(response.content.decode()), (
            address,
            MARKING.search(response.content.decode()),
        )


def test_a_school_sees_the_name_and_its_own_part(signed_in, members, eldest):
    shown = text(page(signed_in(members["school-psychologist"]), eldest))
    assert "Driton Demo" in shown
    assert "Education" in shown
    for hidden in ("Where the case stands", "Overdue", "What the second", "Guardian", "Medical"):
        assert hidden not in shown


def test_each_reader_sees_their_part(signed_in, ana, bruno, carla, members, mother):
    by_ana, by_bruno, by_carla, by_clinic = (
        text(page(signed_in(member), mother))
        for member in (ana, bruno, carla, members["health-psychologist"])
    )
    assert "Begin intake" in by_ana
    assert "the reception went well" in by_ana
    assert "the reception went well" in by_bruno
    assert "Begin intake" not in by_bruno
    for reader in (by_carla, by_clinic):
        assert "the reception went well" not in reader
        assert "Where the case stands" not in reader
    assert "Family members and their cases" in by_carla
    assert "Medical triage" in by_clinic
    assert "Medical triage" not in by_ana


def test_whoever_lives_together_stands_on_the_page_once_and_says_what_they_are_to_the_person(
    signed_in, acting, ana, cases, eldest
):
    with acting(ana):
        names = [queries.one(one.ref, to=ana).known_person.full_name for one in cases]
    shown = text(page(signed_in(ana), eldest))
    assert [shown.count(name) for name in names] == [1, 2, 1, 1], (
        "the person themselves stands at the top too"
    )
    assert f"{names[0]} Parent" in shown
    assert f"{names[1]} (this case) Child of the head" in shown
    assert f"{names[2]} Brother or sister" in shown
    assert f"{names[1]} Child" in text(page(signed_in(ana), cases[0]))


def test_whoever_moves_next_week_is_at_home_until_then(signed_in, acting, ana, cases, eldest):
    with acting(ana):
        brother = queries.one(cases[2].ref, to=ana).known_person
        assert brother is not None
        people.move_household(brother, by=ana, on=today() + timedelta(days=7))
    assert f"{brother.full_name} Brother or sister" in text(page(signed_in(ana), eldest))
    assert "Parent" in text(page(signed_in(ana), cases[2])), "and lives with his mother"


def test_lists_families_and_forms_leave_a_trace(signed_in, acting, ana, edu, mother):
    browser = signed_in(ana)
    with acting(ana):
        [home] = queries.families_of(queries.one(mother.ref, to=ana), to=ana)
        note = CaseNote.objects.get(case_id=mother.pk)
    assert browser.get(reverse("cases:index")).status_code == 200
    assert browser.get(reverse("cases:family", args=[home.household.ref])).status_code == 200
    assert page(browser, mother, "correct_note", pk=note.pk).status_code == 200
    with acting(edu):
        seen = Event.objects.filter(member_id=ana.pk, is_read=True)
        assert seen.filter(verb="cases.listed", subject_id=ana.pk).latest("at").detail["rows"] >= 4
        assert seen.filter(verb="family.viewed", subject_id=home.household.pk).count() == 1
        assert seen.filter(verb="note.viewed", subject_id=note.pk, case_id=mother.pk).count() == 1


def test_looking_is_recorded_and_strangers_find_nothing(signed_in, acting, ana, edu, members, mother):
    page(signed_in(ana), mother)
    with acting(edu):
        assert Event.objects.filter(case_id=mother.pk, verb="case.viewed", member_id=ana.pk).exists()
    stranger = signed_in(members["municipal-focal-point"])
    hidden, missing = (
        stranger.get(reverse("cases:case", args=[ref])) for ref in (mother.ref, "HW-0000-0000-00")
    )
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.content == missing.content


def test_seen_but_not_theirs_to_do(signed_in, bruno, carla, mother):
    for member, name in (
        (bruno, "begin_intake"),
        (carla, "name_contact"),
        (bruno, "openings"),
        (carla, "transfer"),
    ):
        assert page(signed_in(member), mother, name).status_code == 403


def test_a_case_is_moved_with_buttons(signed_in, acting, ana, mother):
    browser = signed_in(ana)
    assert "Begin intake" in text(page(browser, mother))
    for name, fields in (
        ("begin_intake", {}),
        ("begin_assessment", {}),
        ("mark_planned", {}),
        ("activate", {"setting": "custody"}),
        ("suspend", {"reason": "in hospital"}),
        ("resume", {}),
        ("propose_closure", {"reason": "goals_reached"}),
        ("reject_closure", {"reason": "the rent is open"}),
    ):
        form = page(browser, mother, name)
        version = re.search(r'name="version" value="(\d+)"', form.content.decode())[1]
        answer = browser.post(reverse(f"cases:{name}", args=[mother.ref]), {"version": version, **fields})
        assert (answer.status_code, answer.url) == (302, mother.get_absolute_url()), text(answer)
    shown = text(page(browser, mother))
    assert "In custody" in shown
    assert "the rent is open" in shown  # the reason stands in the timeline


def test_a_mistake_in_a_form_loses_nothing(signed_in, acting, ana, mother):
    browser = signed_in(ana)
    address = reverse("cases:suspend", args=[mother.ref])
    refused = browser.post(address, {"reason": ""})
    assert refused.status_code == 422
    with acting(ana):
        version = Care.objects.get(case=mother).version
        actions.begin_intake(mother, by=ana)
    stale = browser.post(address, {"version": version, "reason": "in hospital"})
    assert stale.status_code == 409
    assert "in hospital" in stale.content.decode()
    assert f'name="version" value="{version + 1}"' in stale.content.decode()
    again = browser.post(address, {"version": version + 1, "reason": "in hospital"})
    assert again.status_code == 302


def test_every_form_of_a_case_can_be_opened(signed_in, acting, ana, mother):
    browser = signed_in(ana)
    for name in (
        "suspend", "transfer", "name_contact", "assign", "write_note", "add_document", "openings",
    ):  # fmt: skip
        assert page(browser, mother, name).status_code == 200, name
    assert page(browser, mother, "tick", code="identity").status_code == 200
    assert page(browser, mother, "tick", code="medical_triage").status_code == 403
    assert page(browser, mother, "tick", code="nonsense").status_code == 404


def test_notes_documents_and_checks_through_the_pages(signed_in, acting, ana, mother, tmp_path):
    browser = signed_in(ana)

    def post(name, fields, **more):
        return browser.post(reverse(f"cases:{name}", kwargs={"ref": mother.ref, **more}), fields)

    day = {"happened_on_day": "2", "happened_on_month": "3", "happened_on_year": "2026"}
    note = {"category": int(Category.NEEDS), "label": "opinion", "text": "needs a cot", **day}
    assert post("write_note", note).status_code == 302
    with acting(ana):
        written = CaseNote.objects.get(case=mother, category=Category.NEEDS)
    right = {"label": "fact", "text": "has a cot", **day}
    assert post("correct_note", right, pk=written.pk).status_code == 302

    wrong = SimpleUploadedFile("birth.pdf", PNG)
    refused = post(
        "add_document", {"file": wrong, "title": "Birth certificate", "category": int(Category.IDENTITY)}
    )
    assert refused.status_code == 422
    assert "Birth certificate" in refused.content.decode()
    file = SimpleUploadedFile("birth.pdf", PDF)
    added = post(
        "add_document", {"file": file, "title": "Birth certificate", "category": int(Category.IDENTITY)}
    )
    assert added.status_code == 302
    with acting(ana):
        document = Document.objects.get(case=mother)
    copy = page(browser, mother, "download_document", pk=document.pk)
    assert copy.content == PDF
    assert copy["Content-Disposition"] == 'attachment; filename="birth.pdf"'
    assert (copy["Content-Type"], copy["X-Content-Type-Options"]) == ("application/pdf", "nosniff")

    assert post("tick", {"result": "not_needed", "why": ""}, code="identity").status_code == 422
    assert post("tick", {"result": "done"}, code="identity").status_code == 302
    shown = text(page(browser, mother))
    assert "has a cot" in shown
    assert "Replaced by a newer note" in shown
    assert "Birth certificate" in shown


def test_a_colleague_is_named_and_taken_off_again(signed_in, acting, ana, bruno, members, mother):
    browser = signed_in(ana)
    officer = members["dprrp-officer"]
    address = reverse("cases:assign", args=[mother.ref])
    assert (
        browser.post(address, {"member": bruno.pk, "part": "support"}).status_code == 422
    )  # of another house
    assert browser.post(address, {"member": officer.pk, "part": "support"}).url == mother.get_absolute_url()
    shown = page(browser, mother).content.decode()
    off = re.search(r'href="(/cases/[^"]+/team/[^"]+/remove/)"', shown)[1]
    assert signed_in(bruno).get(off).status_code == 403
    assert browser.get(off).status_code == 200
    assert browser.post(off).url == mother.get_absolute_url()
    assert "/team/" not in page(browser, mother).content.decode()
    contact = reverse("cases:name_contact", args=[mother.ref])
    assert browser.post(contact, {"member": officer.pk, "version": 1}).url == mother.get_absolute_url()
    assert officer.name in text(page(browser, mother))


def test_a_damaged_document_is_not_handed_out(signed_in, acting, ana, mother, monkeypatch):
    with acting(ana):
        document = actions.add_document(
            mother, category=Category.NEEDS, title="List", file_name="list.pdf", content=PDF, by=ana
        )
    monkeypatch.setattr(Document, "unseal", lambda self, stored: None)
    answer = page(signed_in(ana), mother, "download_document", pk=document.pk)
    assert (answer.status_code, answer.url) == (302, mother.get_absolute_url())


def test_what_an_institution_will_see_stands_there_before_it_is_let_in(signed_in, acting, ana):
    with acting(ana):
        case = a_case(by=ana, born=youth())
    browser = signed_in(ana)
    assert "school-demo-mitrovica-south" in page(browser, case, "openings").content.decode()
    form = page(browser, case, "involve", code="school-demo-mitrovica-south")
    shown = text(form)
    assert "What it will see" in shown
    assert "Education" in shown
    keys = re.findall(r'name="protocols" value="([^"]+)"', form.content.decode())
    assert len(keys) == 1
    address = reverse("cases:involve", args=[case.ref, "school-demo-mitrovica-south"])
    assert browser.post(address, {"protocols": keys, "reason": ""}).status_code == 422
    past = {"until_day": "1", "until_month": "1", "until_year": "2020"}
    assert browser.post(address, {"protocols": keys, "reason": "catch up", **past}).status_code == 422
    assert browser.post(address, {"protocols": keys, "reason": "catch up"}).url == case.get_absolute_url()
    assert browser.post(address, {"protocols": keys, "reason": "again"}).status_code == 422
    page_now = page(browser, case).content.decode()
    end = re.search(r'href="(/cases/[^"]+/involvements/[^"]+/end/)"', page_now)[1]
    assert browser.get(end).status_code == 200
    assert browser.post(end, {"reason": "moved to another school"}).url == case.get_absolute_url()
    assert page(browser, case, "involve", code="nobody").status_code == 404


def test_the_family_stands_on_one_page(signed_in, acting, ana, carla, members, mother):
    with acting(ana):
        ref = mother.person.memberships.get().household.ref
    address = reverse("cases:family", args=[ref])
    by_ana = text(signed_in(ana).get(address))
    assert by_ana.count("Reception") == 4
    by_carla = signed_in(carla).get(address)
    assert text(by_carla).count("Reception") == 0
    assert (
        by_carla.content.decode().count("/cases/HW-") == 2
    )  # the mother and the eldest, whose cases she sees
    assert signed_in(members["school-psychologist"]).get(address).status_code == 404
    assert signed_in(ana).get(reverse("cases:family", args=["HH-0000-0000-00"])).status_code == 404


def test_the_list_is_narrowed_by_what_the_reader_may_know(signed_in, ana, carla, members, mother):
    address = reverse("cases:index")
    by_ana = signed_in(ana)
    everything = text(by_ana.get(address))
    assert everything.count("Ardita Demo") == 1
    assert "Only what is overdue" in everything
    assert "Ardita Demo" in text(by_ana.get(address, {"state": "reception"}))
    nothing = text(by_ana.get(address, {"state": "active"}))
    assert "Nothing matches the filter" in nothing
    wrong = text(
        by_ana.get(address, {"state": "nonsense"})
    )  # a filter filled in wrongly shows nothing, not everything
    assert "Ardita Demo" not in wrong
    centre = text(
        signed_in(carla).get(address)
    )  # may lead cases of its own, and so has standings to filter by
    assert "Only what is overdue" in centre
    assert "Wave" not in centre
    for member in (members["school-psychologist"], members["municipal-focal-point"]):
        shown = text(signed_in(member).get(address))
        assert "Only what is overdue" not in shown
        assert "Wave" not in shown


def test_the_overview_counts_what_the_reader_sees(signed_in, acting, ana, members, mother):
    with acting(ana):
        a_case(by=ana, state=State.EXPECTED)
    shown = text(signed_in(ana).get(reverse("cases:overview")))
    assert "Arrived 4" in shown
    assert "By wave" in shown
    assert "By size of the family" in shown
    assert signed_in(members["auditor"]).get(reverse("cases:overview")).status_code == 403
    school = text(signed_in(members["school-psychologist"]).get(reverse("cases:overview")))
    assert "Cases in sight 1" in school
    assert "Arrived" not in school


def test_the_home_page_says_what_waits(signed_in, acting, ana, members, mother):
    with acting(ana):
        late = a_case(by=ana, state=State.EXPECTED)
        actions.receive(late, arrived_on=today() - timedelta(days=30), by=ana)
        a_case(by=ana, state=State.EXPECTED)
    with acting(members["dprrp-officer"]):
        a_case(by=members["dprrp-officer"], state=State.CLOSURE_PROPOSED)
    shown = text(signed_in(ana).get("/"))
    for words in (
        "Overdue",
        "Due within a week",
        "Arrivals to prepare",
        "Closures that wait for a second person",
    ):
        assert words in shown
    assert "Medical triage" in text(signed_in(members["health-psychologist"]).get("/"))


def test_what_is_not_possible_now_asks_nothing(signed_in, ana, mother):
    browser = signed_in(ana)
    closed = page(browser, mother, "activate")
    assert "Not possible now" in text(closed)
    assert "Go back" in text(closed)
    assert '<button type="submit" class="govuk-button"' not in closed.content.decode().split("<main")[1]
    assert "Not possible now" not in text(page(browser, mother, "begin_intake"))
    assert "Not possible now" not in text(page(browser, mother, "name_contact"))
