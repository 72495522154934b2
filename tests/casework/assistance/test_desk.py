"""What a desk reads before it acts: what an amount is for, what was decided about an overlap, and who can do the rest."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.models import Entry, EntryStep
from homeward.casework.assistance.queries.sums import Continuity, Row
from homeward.casework.assistance.rules.entries import State
from homeward.casework.assistance.rules.grants import Criterion
from homeward.casework.assistance.views import rooms
from homeward.casework.cases import actions as cases
from homeward.foundation.access import queries as access
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import now, today
from tests.casework.assistance.conftest import JANUARY, JUNE, give, given, kind, text

MISSING = "its second person is missing"


def page_of(client, entry):
    return client.get(reverse("assistance:entry", args=[entry.ref]))


def adjust(client, entry, **fields):
    return client.post(reverse("assistance:adjust", args=[entry.ref]), fields, follow=True)


def buttons(response):
    """The addresses of what a page offers to do."""
    return set(
        re.findall(
            r"/([a-z-]+)/\"", "".join(re.findall(r"<a [^>]*govuk-button[^>]*>", response.content.decode()))
        )
    )


# --- other days, another amount


def test_who_changes_the_days_says_what_the_new_days_cost(acting, browser, carla, home):
    with acting(carla):
        rent = give(
            home.mother,
            by=carla,
            amount=Decimal("1200.50"),
            starts_on=date(2025, 12, 1),
            ends_on=date(2026, 5, 31),
        )
    client = browser(carla)
    form = client.get(reverse("assistance:adjust", args=[rent.ref]))
    assert 'value="1200.50"' in form.content.decode()
    assert "How many" not in text(form)
    assert "not divided by itself" in text(form)
    wanted = {"starts_on": "17.02.2026", "ends_on": "31.05.2026"}
    assert "Enter the amount." in text(adjust(client, rent, **wanted, amount=""))
    assert "An amount is more than zero" in text(adjust(client, rent, **wanted, amount="-3"))
    done = adjust(client, rent, **wanted, amount="686,00")
    assert "686.00 EUR" in text(done)
    with acting(carla):
        fresh = Entry.objects.get(replaces=rent)
        assert (fresh.amount, fresh.starts_on, fresh.state) == (
            Decimal("686.00"),
            date(2026, 2, 17),
            "requested",
        )
        assert Entry.objects.get(pk=rent.pk).amount == Decimal("1200.50")


def test_the_number_of_things_changes_too_and_a_price_may_go(acting, browser, carla, home):
    with acting(carla):
        wood = give(home.mother, by=carla, code="wood", quantity=4, amount=Decimal("300.00"))
    client = browser(carla)
    assert 'value="4"' in client.get(reverse("assistance:adjust", args=[wood.ref])).content.decode()
    wanted = {"starts_on": "01.01.2026", "ends_on": "30.06.2026"}
    assert "Enter how many." in text(adjust(client, wood, **wanted, quantity="", amount="300"))
    adjust(client, wood, **wanted, quantity="2", amount="")
    with acting(carla):
        fresh = Entry.objects.get(replaces=wood)
        assert (fresh.quantity, fresh.amount) == (2, None)


def test_what_nothing_is_said_about_stays(acting, browser, carla, home):
    with acting(carla):
        rent = give(home.mother, by=carla)
    done = adjust(browser(carla), rent, starts_on="01.03.2026")
    assert "150.00 EUR" in text(done)
    with acting(carla):
        rent = Entry.objects.get(replaces=rent)
        assert rent.ends_on is None
        assert actions.adjust(rent, by=carla, starts_on=JUNE).amount == Decimal("150.00")


def test_what_was_awarded_keeps_its_amount(acting, browser, ana, officer, home, refuses):
    grant = scored(acting, home.mother, officer, ana)
    with acting(ana):
        entry = actions.award(
            grant, by=ana, kind=kind("small-grant"), amount=Decimal(900), starts_on=today()
        ).entry
        assert entry is not None
        with refuses("assistance.awarded_amount", "amount"):
            actions.adjust(entry, by=ana, starts_on=today(), amount=Decimal(800))
    client = browser(ana)
    assert "Amount" not in text(client.get(reverse("assistance:adjust", args=[entry.ref])))
    assert "900.00 EUR" in text(adjust(client, entry, starts_on="2026-01-01"))


# --- an overlap that was settled


@pytest.fixture
def two(acting, ana, carla, officer, home):
    """Rent of the Centre, and rent the officer of the division asks for, over the same days."""
    with acting(carla):
        theirs = give(home.mother, by=carla)
    with acting(officer):
        ours = give(home.mother, by=officer)
    with acting(ana):
        overlap = queries.overlaps(to=ana).get()
    return theirs, ours, overlap


def test_what_was_settled_as_right_is_answered_for_both(
    acting, browser, ana, supervisor, officer, carla, two
):
    theirs, ours, overlap = two
    for member in (officer, carla):
        with acting(member):
            assert len(queries.undecided(to=member)) == 1
    browser(supervisor).post(reverse("assistance:settle", args=[overlap.pk]), {"outcome": "accepted"})
    for member, entry in ((officer, ours), (carla, theirs)):
        page = page_of(browser(member), entry)
        assert "runs already" not in text(page)
        assert "and both are right" in text(page)
        assert "justify" not in buttons(page)
        assert {"approve", "stop", "adjust"} <= buttons(page)
        with acting(member):
            assert list(rooms._overlapping(to=member) or []) == []
        done = browser(member).post(reverse("assistance:approve", args=[entry.ref]), follow=True)
        assert "The support is approved." in text(done)


@pytest.mark.parametrize("outcome", ["stopped", "paid_back", "mistake"])
def test_that_one_has_to_stop_is_no_answer(acting, browser, supervisor, officer, two, outcome):
    _theirs, ours, overlap = two
    client = browser(officer)
    browser(supervisor).post(reverse("assistance:settle", args=[overlap.pk]), {"outcome": outcome})
    assert "runs already" in text(page_of(client, ours))
    assert client.post(reverse("assistance:approve", args=[ours.ref])).status_code == 422
    with acting(officer):
        assert [one.pk for one in queries.undecided(to=officer)] == [ours.pk]


def test_one_of_two_that_was_settled_leaves_the_other_open(
    acting, browser, supervisor, officer, dora, home, two
):
    _theirs, ours, overlap = two
    with acting(dora):
        give(home.mother, by=dora)
    browser(supervisor).post(reverse("assistance:settle", args=[overlap.pk]), {"outcome": "accepted"})
    assert "runs already" in text(page_of(browser(officer), ours))
    assert browser(officer).post(reverse("assistance:approve", args=[ours.ref])).status_code == 422


def test_who_said_why_may_sign_once_somebody_outside_has_settled_it(acting, supervisor, carla, two):
    theirs, _ours, overlap = two
    with acting(carla):
        actions.justify(theirs, by=carla, reason="co_funded")
    with acting(supervisor):
        actions.settle(overlap, by=supervisor, outcome="accepted")
    with acting(carla):
        assert actions.approve(theirs, by=carla).state == State.APPROVED


def test_who_settled_it_does_not_sign_for_one_of_them(acting, browser, supervisor, ana, two, refuses):
    _theirs, ours, overlap = two
    with acting(supervisor):
        actions.settle(overlap, by=supervisor, outcome="accepted")
        with refuses("assistance.settled_by_you"):
            actions.approve(ours, by=supervisor)
        step = EntryStep(entry_id=ours.pk, case_id=ours.case_id, payer_id=ours.payer_id, move="approve", taken_by=supervisor, taken_at=now())  # fmt: skip
        with pytest.raises(DatabaseError, match="settled_by_you"), transaction.atomic():
            step.save(force_insert=True)
    page = page_of(browser(supervisor), ours)
    assert "approve" not in buttons(page)
    assert (
        "You have decided that both are right. Somebody else of your institution has to sign for it."
        in text(page)
    )
    assert "approve" in buttons(page_of(browser(ana), ours))


def test_what_was_decided_is_told_before_it_is_decided_again(acting, browser, ana, supervisor, two):
    *_entries, overlap = two
    address = reverse("assistance:settle", args=[overlap.pk])
    first = text(browser(supervisor).get(address))
    assert "decided already" not in first
    browser(supervisor).post(address, {"outcome": "accepted"})
    again = browser(ana).get(address)
    for said in (
        "This was decided already",
        "Both are right",
        supervisor.name,
        "You can change it",
        "Change the decision",
    ):
        assert said in text(again)
    assert re.search(r'value="accepted"[^>]*checked', again.content.decode())
    assert "Change the decision" in text(browser(ana).get(reverse("assistance:overlaps")))
    browser(ana).post(address, {"outcome": "stopped"})
    with acting(ana):
        overlap.refresh_from_db()
        assert (overlap.outcome, overlap.settled_by_id) == ("stopped", ana.pk)
        assert Event.objects.filter(verb="assistance.settled", subject_id=overlap.pk).count() == 2


# --- who can do the rest


def test_the_first_signer_is_told_who_signs_second(
    acting, browser, ana, officer, supervisor, carla, home, monkeypatch
):
    with acting(ana):
        entry = actions.approve(give(home.mother, by=ana, amount=Decimal("5000.00")), by=ana)
    page = page_of(browser(ana), entry)
    assert "countersign" not in buttons(page)
    assert "You have signed this. Somebody else of your institution has to sign as the second person" in text(
        page
    )
    assert MISSING not in text(page)
    assert "countersign" not in buttons(page_of(browser(officer), entry))
    assert "Somebody else of your institution has to sign as the second person" in text(
        page_of(browser(officer), entry)
    )
    opened = text(browser(ana).get(reverse("assistance:countersign", args=[entry.ref])))
    assert "Not possible now" in opened
    assert "You have signed this." in opened
    assert "Go back" in opened
    approved = text(browser(officer).get(reverse("assistance:approve", args=[entry.ref])))
    assert "“Approve” is not possible while the state is “Signed once”." in approved
    there = page_of(browser(supervisor), entry)
    assert "countersign" in buttons(there)
    assert "Somebody else" not in text(there)
    with acting(carla):
        alone = actions.approve(give(home.other, by=carla, amount=Decimal("5000.00")), by=carla)
    monkeypatch.setattr(queries, "colleagues_who", lambda *_, **__: set())  # nobody else works there
    assert MISSING in text(page_of(browser(carla), alone))


def test_who_paid_it_is_told_who_records_that_it_came_back(
    acting, browser, ana, officer, carla, home, monkeypatch
):
    with acting(ana):
        entry = given(home.mother, by=ana)
    page = page_of(browser(ana), entry)
    assert not buttons(page) & {"take-back", "reverse"}
    assert "You have paid this or handed it over." in text(page)
    assert "take-back" in buttons(page_of(browser(officer), entry))
    with acting(carla):
        alone = given(home.other, by=carla)
    monkeypatch.setattr(queries, "colleagues_who", lambda *_, **__: set())  # nobody else works there
    assert MISSING in text(page_of(browser(carla), alone))


def test_who_gave_it_at_once_is_told_who_approves_it(acting, browser, ana, officer, supervisor, home):
    with acting(ana):
        entry = give(home.mother, by=ana, code="cash", amount=Decimal(50), starts_on=today(), ends_on=today())
        actions.relieve(entry, by=ana)
    page = page_of(browser(ana), entry)
    assert not buttons(page) & {"confirm", "reverse"}
    assert "You have given this at once." in text(page)
    assert "has to approve this afterwards" in text(page_of(browser(officer), entry))
    assert "confirm" in buttons(page_of(browser(supervisor), entry))


def test_who_said_why_is_told_who_decides(acting, browser, officer, ana, carla, two, monkeypatch):
    theirs, ours, _overlap = two
    with acting(officer):
        actions.justify(ours, by=officer, reason="co_funded")
    page = page_of(browser(officer), ours)
    assert "approve" not in buttons(page)
    assert "You said why both are needed. Somebody else of your institution has to decide" in text(page)
    assert MISSING not in text(page)
    approve = reverse("assistance:approve", args=[ours.ref])
    assert "You said why both are needed." in text(browser(officer).get(approve))
    assert "Not possible now" not in text(browser(ana).get(approve))
    assert "approve" in buttons(page_of(browser(ana), ours))
    with acting(carla):
        actions.justify(theirs, by=carla, reason="co_funded")
    monkeypatch.setattr(queries, "colleagues_who", lambda *_, **__: set())  # nobody else works there
    assert MISSING in text(page_of(browser(carla), theirs))


def test_who_is_in_one_of_two_gifts_is_not_asked_to_decide(acting, browser, ana, supervisor, two):
    _theirs, ours, overlap = two
    with acting(ana):
        actions.justify(ours, by=ana, reason="co_funded")
    address = reverse("assistance:overlaps")
    assert "Somebody else of your institution has to decide." in text(browser(ana).get(address))
    settle = reverse("assistance:settle", args=[overlap.pk])
    assert settle not in browser(ana).get(address).content.decode()
    assert settle in browser(supervisor).get(address).content.decode()
    page = browser(ana).get(settle)
    assert "Somebody else of your institution has to decide about this overlap" in text(page)
    assert "What was done?" not in text(page)
    assert MISSING not in text(page)


def test_where_the_division_has_nobody_else_the_list_says_so(acting, browser, ana, two, monkeypatch):
    _theirs, ours, overlap = two
    with acting(ana):
        actions.justify(ours, by=ana, reason="co_funded")
    monkeypatch.setattr(queries, "colleagues_who", lambda *_, **__: set())
    for address in (reverse("assistance:overlaps"), reverse("assistance:settle", args=[overlap.pk])):
        assert MISSING in text(browser(ana).get(address))


def scored(acting, case, *members):
    with acting(members[0]):
        grant = actions.apply(case, by=members[0], purpose="x", asked=Decimal(1000))
    for member in members:
        with acting(member):
            actions.score(grant, by=member, points=dict.fromkeys(Criterion.values, 3))
    return grant


def test_a_plan_is_awarded_after_two_have_read_it_and_the_page_says_so(
    acting, browser, ana, officer, carla, home, monkeypatch
):
    with acting(officer):
        fresh = actions.apply(home.mother, by=officer, purpose="x", asked=Decimal(1000))
    page = browser(ana).get(fresh.get_absolute_url())
    assert "award" not in buttons(page)
    assert {"score", "decline"} <= buttons(page)
    assert "Two people of your institution have to score this plan" in text(page)
    once = scored(acting, home.mother, ana)
    page = browser(ana).get(once.get_absolute_url())
    assert not buttons(page) & {"award", "score"}
    assert "You have scored this plan. Somebody else of your institution has to score it too" in text(page)
    for step, why in (
        ("score", "You have scored this plan already."),
        ("award", "Two people score a plan before it is awarded."),
        ("finish", "“Record the outcome” is not possible while the state is"),
    ):
        assert why in text(browser(ana).get(reverse(f"assistance:{step}", args=[once.ref])))
    twice = scored(acting, home.mother, officer, ana)
    page = browser(ana).get(twice.get_absolute_url())
    assert "award" in buttons(page)
    assert "Somebody else" not in text(page)
    alone = scored(acting, home.mother, carla)
    monkeypatch.setattr(queries, "colleagues_who", lambda *_, **__: set())  # nobody else works there
    assert MISSING in text(browser(carla).get(alone.get_absolute_url()))


# --- whom to ask


def test_whom_to_ask_is_said_without_contradiction(acting, browser, ana, officer, carla, two):
    theirs, ours, _overlap = two
    words = text(page_of(browser(carla), theirs))
    assert "Ask DPRRP: this institution knows more. How much is given is not shown." in words
    assert "who it is" not in words
    asked = {"case": "", "kind": str(theirs.kind_id), "starts_on": today().isoformat()}
    with acting(carla):
        asked["case"] = theirs.case.ref
    told = text(browser(carla).post(reverse("assistance:check"), asked | {"starts_on": "2026-06-01"}))
    assert "Ask DPRRP: this institution knows more. How much is given is not shown." in told
    page = page_of(browser(ana), ours)
    assert "Ask " not in text(page)
    assert f"{reverse('assistance:overlaps')}?kind={ours.kind.number}" in page.content.decode()
    assert "Ask a coordinator or supervisor of your institution" in text(page_of(browser(officer), ours))
    assert "Look at both first" in text(browser(ana).get(reverse("assistance:justify", args=[ours.ref])))
    assert "Ask first" in text(browser(carla).get(reverse("assistance:justify", args=[theirs.ref])))
    with acting(officer):
        assert "Look at both" in str(next(iter(rooms._overlapping(to=officer) or [])).detail)


def test_doubles_of_ones_own_institution_are_named(acting, browser, ana, carla, home):
    with acting(carla):
        first = give(home.mother, by=carla)
        second = give(home.child, by=carla)
        apart = give(home.mother, by=carla, starts_on=date(2027, 1, 1), ends_on=None)
    with acting(ana):
        foreign = give(home.mother, by=ana)
    words = page_of(browser(carla), second)
    assert "Your own institution gives this too:" in text(words)
    assert first.ref in text(words)
    assert apart.ref not in text(words)
    assert foreign.ref not in text(words)
    assert second.ref not in text(page_of(browser(ana), foreign))


# --- what happened


def test_who_asked_for_it_stands_in_the_history(acting, browser, officer, ana, home):
    with acting(officer):
        entry = give(home.mother, by=officer)
    page = text(page_of(browser(ana), entry))
    assert officer.name in page[page.index("What happened") :]


def test_after_signing_one_knows_whether_a_second_person_has_to(acting, browser, officer, home):
    with acting(officer):
        small = give(home.mother, by=officer)
        large = give(home.other, by=officer, amount=Decimal("5000.00"))
    client = browser(officer)
    done = text(client.post(reverse("assistance:approve", args=[small.ref]), follow=True))
    assert "The support is approved." in done
    done = text(client.post(reverse("assistance:approve", args=[large.ref]), follow=True))
    assert "Signed. The support now waits for a second signature" in done
    assert client.post(reverse("assistance:approve", args=[large.ref])).status_code == 422


# --- months and accounts


def test_months_hold_what_was_approved_and_nothing_else(acting, browser, ana, carla, home):
    with acting(carla):
        give(home.mother, by=carla)
        actions.approve(give(home.mother, by=carla, code="furniture", amount=Decimal(5000)), by=carla)
    address = reverse("cases:case", args=[home.mother.ref])
    with acting(ana):
        assert queries.continuity(queries.family_support(home.mother, to=ana), to=ana) is None
    assert "Months with support" not in text(browser(ana).get(address))
    with acting(carla):
        actions.approve(give(home.child, by=carla, code="wood", amount=Decimal(5)), by=carla)
        given(home.mother, by=carla, code="food-package", starts_on=JANUARY, ends_on=JANUARY)
    with acting(ana):
        months = queries.continuity(queries.family_support(home.mother, to=ana), to=ana)
        assert {row.label: row.is_lasting for row in months.rows}["Food"] is False
        assert "Rent" not in {row.label for row in months.rows}
    page = browser(ana).get(address)
    assert 'class="hw-months"' in page.content.decode()  # laid out from the recent end (homeward.css)
    page = text(page)
    assert "Given once and used up later: days are not counted" in page
    assert "What was asked for and is not approved is not shown." in page


def test_what_begins_or_ends_years_ahead_does_not_push_out_today(acting, browser, ana, carla, home):
    far = today() + timedelta(days=900)
    with acting(carla):
        actions.approve(give(home.other, by=carla, starts_on=far, ends_on=far), by=carla)
    assert browser(ana).get(reverse("cases:case", args=[home.other.ref])).status_code == 200
    with acting(carla):
        actions.approve(
            give(home.mother, by=carla, starts_on=today(), ends_on=today() + timedelta(days=3000)), by=carla
        )
    with acting(ana):
        months = queries.continuity(queries.family_support(home.mother, to=ana), to=ana)
        assert today().replace(day=1) in months.months


def test_a_form_that_comes_back_keeps_what_was_typed(acting, browser, ana, officer, home):
    with acting(ana):
        entry = give(home.mother, by=ana)
    client, address = browser(officer), reverse("assistance:approve", args=[entry.ref])
    assert "Not possible now" not in text(client.get(address))
    with acting(ana):
        actions.approve(entry, by=ana)
    answer = client.post(address, {"note": "seen the lease"})
    assert answer.status_code == 422
    assert "seen the lease" in answer.content.decode()


def test_a_year_of_few_months_has_no_figures_over_the_next():
    shown = [date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 7))]
    picture = rooms.drawn(Continuity(shown, [Row("Rent", [False] * 7, [], is_lasting=True)]))
    assert [year for _x, year in picture.years] == [2026]
    assert [box.x for box in picture.strips[0].boxes][:2] == [1, 16]


def test_entries_of_people_one_sees_no_longer_are_counted_out_loud(acting, browser, ana, carla, home):
    with acting(carla):
        given(home.mother, by=carla, amount=Decimal("10.10"))
        given(home.other, by=carla, amount=Decimal("20.20"))
        address = reverse("assistance:accounts")
    assert "sees no longer" not in text(browser(carla).get(address))
    with acting(ana):
        [door] = [
            one
            for one in access.involvements(home.other.pk, to=ana)
            if one.institution_id == carla.institution_id
        ]
        cases.end_involvement(door, reason="moved", by=ana)
    page = text(browser(carla).get(address))
    assert "30.30 EUR" in page
    assert "1 of these entries is for a person whose case your institution sees no longer" in page
    assert "colspan" not in browser(carla).get(address).content.decode()


@pytest.mark.parametrize(("language", "word"), [("en", "Rent"), ("sq", "Qira"), ("sr", "Кирија")])
def test_the_accountant_reads_kinds_in_words_and_codes_beside(acting, browser, carla, home, language, word):
    with acting(carla):
        given(home.mother, by=carla)
    table = (
        browser(carla, language).get(reverse("assistance:export", args=["csv"])).content.decode("utf-8-sig")
    )
    head, line = [row.split(";") for row in table.splitlines()]
    assert (line[3], line[-1]) == (word, "rent")
    assert len(head) == len(line)
