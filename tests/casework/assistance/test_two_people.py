"""What one person alone must not bring about, and what nobody finds out by asking often: through the actions, and past them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from homeward.casework.assistance import actions, forms, queries
from homeward.casework.assistance.actions import asking
from homeward.casework.assistance.models import Entry, EntryStep, Overlap, SmallGrant
from homeward.casework.assistance.rules.entries import State, check_asked
from homeward.casework.assistance.rules.grants import Criterion
from homeward.foundation.access import queries as access
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import RuleBroken, Throttled
from tests.casework.assistance.conftest import JANUARY, JUNE, give, given, kind
from tests.factories.cases import a_case, a_family, let_in

MUCH = Decimal("99999.00")


def step(entry: Any, by: Any, move: str) -> None:
    """The step as a session of the web could add it past every action."""
    with transaction.atomic():
        EntryStep(entry_id=entry.pk, case_id=entry.case_id, payer_id=entry.payer_id, move=move, taken_by=by, taken_at=now()).save(force_insert=True)  # fmt: skip


@pytest.fixture
def past_python(monkeypatch):
    """The rules of the program say yes to everything; what is left is the database."""
    for name in ("check_second", "check_relief", "check_back", "check_can_settle", "check_requested"):
        monkeypatch.setattr(f"homeward.casework.assistance.rules.entries.{name}", lambda *_, **__: None)


# --- amounts


@pytest.mark.parametrize(
    "wanted",
    [
        {"code": "wood", "quantity": 500},
        {"code": "furniture", "quantity": 1},
        {"code": "wood", "quantity": 1, "amount": Decimal("500.01")},
    ],
)
def test_what_has_no_amount_counts_as_much(acting, officer, home, wanted):
    with acting(officer):
        entry = actions.approve(give(home.mother, by=officer, **wanted), by=officer)
        assert entry.state == State.SIGNED


def test_a_small_amount_is_approved_by_one_and_a_kind_without_a_limit_too(acting, officer, home):
    with acting(officer):
        wood = give(home.mother, by=officer, code="wood", amount=Decimal("500.00"))
        things = give(home.mother, by=officer, code="school-supplies", quantity=90)
        for entry in (wood, things):
            assert actions.approve(entry, by=officer).state == State.APPROVED


@pytest.mark.parametrize("code", ["food-package", "blankets"])
def test_relief_needs_an_amount(acting, officer, home, refuses, past_python, code, monkeypatch):
    with acting(officer):
        entry = give(home.mother, by=officer, code=code, quantity=10000, starts_on=today(), ends_on=today())
        with refuses("assistance.relief"):
            actions.relieve(entry, by=officer)
        monkeypatch.undo()
        with refuses("assistance.relief_no_amount"):
            actions.relieve(entry, by=officer)


@pytest.mark.parametrize(
    ("code", "amount", "days", "apart"),
    [("medicines", "500.00", 0, 0), ("cash", "300.00", 0, 1), ("rent", "1000.00", 29, 30)],
)
def test_a_large_gift_is_not_cut_into_small_ones(acting, officer, home, code, amount, days, apart):
    with acting(officer):
        states = []
        for number in range(2):
            first = JANUARY + timedelta(days=apart * number)
            entry = give(
                home.mother,
                by=officer,
                code=code,
                amount=Decimal(amount),
                starts_on=first,
                ends_on=first + timedelta(days=days),
            )
            if code == "medicines":
                assert queries.counted_with(entry, to=officer) == list(Entry.objects.exclude(pk=entry.pk))
            states.append(actions.approve(entry, by=officer).state)
    assert states == [State.APPROVED, State.SIGNED]


def test_what_counts_together(acting, ana, officer, carla, home):
    """Of one payer, one kind, one household, thirty days; not what was stopped, nor lists of the past."""

    def approved(case, by=officer, **more):
        wanted: dict[str, Any] = {
            "code": "cash",
            "amount": Decimal("200.00"),
            "starts_on": JANUARY,
            "ends_on": JANUARY,
        }
        return give(case, by=by, **(wanted | more))

    with acting(carla):
        approved(home.mother, by=carla, starts_on=JUNE, ends_on=JUNE)
    with acting(ana):
        rows = [
            actions.HistoryRow(case=home.mother.pk, kind="cash", starts_on=JANUARY + timedelta(days=3), ends_on=JANUARY + timedelta(days=3), amount=MUCH, file="l", row=1)
        ]  # fmt: skip
        actions.record_history(rows, by=ana)
    with acting(officer):
        actions.stop(approved(home.mother), by=officer, why="wrong")
        approved(home.mother, starts_on=JANUARY + timedelta(days=32), ends_on=JANUARY + timedelta(days=32))
        approved(home.other, starts_on=JANUARY + timedelta(days=1), ends_on=JANUARY + timedelta(days=1))
        alone = approved(
            home.mother, starts_on=JANUARY + timedelta(days=1), ends_on=JANUARY + timedelta(days=1)
        )
        assert queries.counted_with(alone, to=officer) == []
        assert actions.approve(alone, by=officer).state == State.APPROVED
        # The child lives in the same household.
        with_child = approved(
            home.child, starts_on=JANUARY + timedelta(days=5), ends_on=JANUARY + timedelta(days=5)
        )
        assert set(queries.counted_with(with_child, to=officer)) >= {alone}
        assert actions.approve(with_child, by=officer).state == State.SIGNED


def test_relief_is_not_cut_into_small_ones_either(
    acting, ana, officer, home, refuses, past_python, monkeypatch
):
    def little(case):
        return give(
            case, by=officer, code="blankets", amount=Decimal("60.00"), starts_on=today(), ends_on=today()
        )

    with acting(officer):
        first = actions.relieve(little(home.mother), by=officer)
        second = little(home.child)
        with refuses("assistance.relief"):
            actions.relieve(second, by=officer)
        monkeypatch.undo()
        with refuses("assistance.relief_too_much"):
            actions.relieve(second, by=officer)
    with acting(ana):
        actions.confirm(first, by=ana)
    with acting(officer):
        assert actions.relieve(second, by=officer).state == State.RELIEVED


def test_who_approves_is_told_that_somebody_else_signs_too(acting, signed_in, officer, home):
    client = signed_in(officer)
    client.cookies["homeward_language"] = "en"
    with acting(officer):
        small = give(home.mother, by=officer, code="medicines", amount=Decimal("400.00"))
    page = client.get(reverse("assistance:approve", args=[small.ref])).content.decode()
    assert "Somebody else signs after you" not in page
    with acting(officer):
        give(home.mother, by=officer, code="medicines", amount=Decimal("400.00"))
    page = client.get(reverse("assistance:approve", args=[small.ref])).content.decode()
    assert "Somebody else signs after you" in page


# --- overlaps


def test_what_was_given_at_once_is_confirmed_as_a_release_is(
    acting, ana, supervisor, officer, carla, home, refuses
):
    with acting(carla):
        given(home.mother, by=carla, code="cash", starts_on=today(), ends_on=today())
    with acting(officer):
        entry = give(
            home.mother, by=officer, code="cash", amount=Decimal("80.00"), starts_on=today(), ends_on=today()
        )
        actions.relieve(entry, by=officer)  # an emergency does not wait
    with acting(ana):
        with refuses("assistance.overlap"):
            actions.confirm(entry, by=ana)
        actions.justify(entry, by=ana, reason="not_enough")
        with refuses("assistance.justified_by_you"):
            actions.confirm(entry, by=ana)
    with acting(supervisor):
        assert actions.confirm(entry, by=supervisor).state == State.RELEASED


def test_who_had_a_hand_in_a_gift_does_not_settle_its_overlap(
    acting, ana, supervisor, officer, carla, home, refuses, past_python, monkeypatch
):
    with acting(carla):
        given(home.mother, by=carla)
    with acting(officer):
        mine = give(home.mother, by=officer, reason="co_funded")
    with acting(ana):
        overlap = queries.overlaps(to=ana).get()
        assert list(queries.to_settle(to=ana)) == [overlap]
        actions.approve(mine, by=ana)
        assert list(queries.to_settle(to=ana)) == []
        with refuses("assistance.own_hand"):
            actions.settle(overlap, by=ana, outcome="accepted")
        monkeypatch.undo()
        with refuses("assistance.own_hand"):
            actions.settle(overlap, by=ana, outcome="accepted")
        with pytest.raises(DatabaseError, match="unavailable"), transaction.atomic():
            Overlap.objects.filter(pk=overlap.pk).update(
                outcome="accepted", settled_by=supervisor, settled_at=now()
            )
    with acting(supervisor):
        assert actions.settle(overlap, by=supervisor, outcome="accepted").settled_by == supervisor


def test_who_took_in_a_list_does_not_settle_what_stands_in_it(acting, ana, supervisor, home, refuses):
    with acting(ana):
        rows = [
            actions.HistoryRow(case=home.mother.pk, kind="rent", starts_on=JANUARY, ends_on=JUNE, amount=Decimal(9), file=name, row=1)
            for name in ("a", "b")
        ]  # fmt: skip
        actions.record_history(rows, by=ana)
        overlap = queries.overlaps(to=ana).get()
        with refuses("assistance.own_hand"):
            actions.settle(overlap, by=ana, outcome="accepted")
    with acting(supervisor):
        actions.settle(overlap, by=supervisor, outcome="accepted")


# --- what was paid


def test_who_paid_it_does_not_say_alone_that_it_came_back(
    acting, ana, officer, home, refuses, past_python, monkeypatch
):
    with acting(ana):
        entry = given(home.mother, by=ana)
        handed = give(
            home.other, by=ana, code="cash", amount=Decimal("80.00"), starts_on=today(), ends_on=today()
        )
        actions.relieve(handed, by=ana)
        for take in (actions.take_back, actions.reverse):
            with refuses("assistance.paid_by_you"):
                take(entry, by=ana, why="wrong")
        with refuses("assistance.paid_by_you"):
            actions.reverse(handed, by=ana, why="wrong")
        monkeypatch.undo()
        for take in (actions.take_back, actions.reverse):
            with refuses("assistance.paid_by_you"):
                take(entry, by=ana, why="wrong")
    with acting(officer):
        assert actions.take_back(entry, by=officer, why="not_used").state == State.RETURNED
    with acting(ana), refuses("assistance.paid_by_you"):
        actions.reverse(entry, by=ana, why="wrong")


def test_what_came_back_stays_in_the_accounts_with_its_counter_line(acting, signed_in, ana, officer, home):
    with acting(officer):
        kept = given(home.mother, by=officer, amount=Decimal("100.10"))
        back = given(home.other, by=officer, amount=Decimal("40.20"))
        wrong = given(home.mother, by=officer, code="wood", quantity=3, amount=Decimal("7.07"))
        actions.stop(give(home.mother, by=officer, code="medicines"), by=officer, why="wrong")
    with acting(ana):
        actions.take_back(back, by=ana, why="not_used")
        actions.reverse(wrong, by=ana, why="wrong")
        lines = {
            (one.ref, one.amount, one.quantity, one.state, one.turned) for one in queries.accounts(to=ana)
        }
        assert lines == {
            (kept.ref, Decimal("100.10"), None, "released", False),
            (back.ref, Decimal("40.20"), None, "returned", False),
            (back.ref, Decimal("-40.20"), None, "returned", True),
            (wrong.ref, Decimal("7.07"), 3, "reversed", False),
            (wrong.ref, Decimal("-7.07"), -3, "reversed", True),
        }
        assert {one.recorded_on for one in queries.accounts(to=ana)} == {today()}
        totals = {
            one.kind: (one.entries, one.paid, one.back, one.amount, one.quantity)
            for one in queries.totals(to=ana)
        }
        assert totals == {
            "Rent": (1, Decimal("140.30"), Decimal("40.20"), Decimal("100.10"), 0),
            "Wood": (0, Decimal("7.07"), Decimal("7.07"), Decimal("0.00"), 0),
        }
    client = signed_in(ana)
    client.cookies["homeward_language"] = "en"
    page = client.get(reverse("assistance:accounts")).content.decode()
    assert "−47.27 EUR" in page
    assert "<strong>100.10 EUR</strong>" in page
    table = client.get(reverse("assistance:export", args=["csv"])).content.decode("utf-8-sig")
    assert table.count("Returned or reversed") == 2
    assert sum(Decimal(line.split(";")[4].replace(",", ".")) for line in table.splitlines()[1:]) == Decimal(
        "100.10"
    )


# --- grants


def test_a_small_grant_is_awarded_and_never_requested(
    acting, officer, home, refuses, past_python, monkeypatch
):
    with acting(officer):
        entry = give(home.mother, by=officer, code="small-grant", amount=Decimal("900.00"))
        for move in ("approve", "relieve"):
            with pytest.raises(DatabaseError, match="assistance"):
                step(entry, officer, move)
        with refuses("assistance.awarded", "kind"):
            actions.approve(entry, by=officer)
        monkeypatch.undo()
        with refuses("assistance.awarded", "kind"):
            give(home.mother, by=officer, code="small-grant")
        offered = forms.RequestForm(member=officer).fields["kind"].queryset  # type: ignore[attr-defined]
        assert "small-grant" not in {one.code for one in offered}
        assert [one.code for one in queries.grant_kinds(to=officer)] == ["small-grant"]


def scored(acting, case, *members):
    with acting(members[0]):
        grant = actions.apply(case, by=members[0], purpose="x", asked=Decimal(1000))
    for member in members:
        with acting(member):
            actions.score(grant, by=member, points=dict.fromkeys(Criterion.values, 3))
    return grant


def test_a_grant_is_paid_as_a_grant_and_keeps_its_entry_when_days_change(acting, ana, officer, home, refuses):
    grant = scored(acting, home.mother, officer, ana)
    with acting(ana):
        with refuses("grant.kind", "kind"):
            actions.award(grant, by=ana, kind=kind("cash"), amount=Decimal(100), starts_on=today())
        grant = actions.award(grant, by=ana, kind=kind("small-grant"), amount=Decimal(900), starts_on=today())
        assert grant.entry is not None
        fresh = actions.adjust(grant.entry, by=ana, starts_on=today() + timedelta(days=9))
        grant.refresh_from_db()
        assert grant.entry == fresh
        assert actions.approve(fresh, by=ana).state == State.APPROVED


def test_the_database_asks_who_decides_on_a_grant(acting, ana, supervisor, officer, home):
    """Past every action: one seat that scores in two names, decides in another's, or awards what nobody scored."""

    def refused(statement, *given_):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, given_)

    grant = scored(acting, home.mother, officer)
    with acting(ana):
        once = "insert into app.assistance_score (id, grant_id, case_id, payer_id, criterion, points, scored_by_id, scored_at) values (gen_random_uuid(), %s, %s, %s, 'market', 5, %s, now())"
        refused(once, grant.pk, grant.case_id, grant.payer_id, supervisor.pk)
        entry = actions.enter(
            home.mother, by=ana, kind=kind("small-grant"), amount=Decimal(900), starts_on=today()
        )
        award = "update app.assistance_grant set state = 'awarded', entry_id = %s, decided_by_id = %s, decided_at = now() where id = %s"
        refused(award, entry.pk, ana.pk, grant.pk)
        actions.score(grant, by=ana, points=dict.fromkeys(Criterion.values, 3))
        much = actions.enter(home.mother, by=ana, kind=kind("small-grant"), amount=MUCH, starts_on=today())
        rent = actions.enter(home.mother, by=ana, kind=kind("rent"), amount=Decimal(1), starts_on=today())
        for wrong in (much.pk, rent.pk, None):
            refused(award, wrong, ana.pk, grant.pk)
        refused(award, entry.pk, supervisor.pk, grant.pk)
        refused(
            "update app.assistance_grant set state = 'finished', decided_by_id = %s where id = %s",
            ana.pk,
            grant.pk,
        )
        refused("update app.assistance_grant set decided_by_id = %s where id = %s", ana.pk, grant.pk)
        for column, value in (("state", "awarded"), ("applied_by_id", str(officer.pk))):
            row = SmallGrant(
                case=home.mother,
                payer_id=ana.institution_id,
                purpose="x",
                asked=1,
                currency="EUR",
                applied_by=ana,
                applied_at=now(),
            )
            setattr(row, column, value)
            with pytest.raises(DatabaseError), transaction.atomic():
                row.save(force_insert=True)
    with acting(officer):
        refused(award, entry.pk, officer.pk, grant.pk)
    with acting(ana):
        with connection.cursor() as cursor:
            cursor.execute(award, [entry.pk, ana.pk, grant.pk])
        refused("update app.assistance_grant set entry_id = %s where id = %s", much.pk, grant.pk)
        station = actions.plan_milestone(grant, by=ana, kind="visit", what="x", due_on=today())
        refused(
            "update app.assistance_grant set state = 'finished', decided_by_id = %s where id = %s",
            ana.pk,
            grant.pk,
        )
        found = "update app.assistance_station set done_on = %s, result = 'reached', recorded_by_id = %s where id = %s"
        refused(found, today(), officer.pk, station.pk)
        refused(found, today() + timedelta(days=1), ana.pk, station.pk)
        actions.record_milestone(station, by=ana, on=today(), result="reached")
        refused(found, today(), ana.pk, station.pk)
    other = scored(acting, home.mother, officer, supervisor)
    with acting(ana):
        refused(award, entry.pk, ana.pk, other.pk)  # one entry pays one grant


# --- who asks past the program


def test_the_database_asks_for_the_role(acting, ana, officer, supervisor, home):
    with acting(officer):
        entry = give(home.mother, by=officer, amount=MUCH)
        step(entry, officer, "approve")
        with pytest.raises(DatabaseError, match="unavailable"):
            step(entry, officer, "countersign")
        with pytest.raises(DatabaseError, match="unavailable"):
            step(entry, ana, "stop")
        note = (
            "insert into app.assistance_note (id, entry_id, case_id, payer_id, body, written_by_id, written_at) "
            "values (gen_random_uuid(), %s, %s, %s, 'x', %s, now())"
        )
        with (
            pytest.raises(DatabaseError, match="unavailable"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(note, [entry.pk, entry.case_id, entry.payer_id, ana.pk])
    with acting(ana):
        step(entry, ana, "countersign")
        step(entry, ana, "release")
        for move in ("take_back", "reverse"):
            with pytest.raises(DatabaseError, match="paid_by_you"):
                step(entry, ana, move)
        own = give(home.other, by=ana, code="cash", amount=Decimal(9), starts_on=today(), ends_on=today())
        step(own, ana, "relieve")
        with pytest.raises(DatabaseError, match="same_person"):
            step(own, ana, "confirm")
    with acting(officer):
        for move, one in (("confirm", own), ("reverse", entry)):
            with pytest.raises(DatabaseError, match="unavailable"):
                step(one, officer, move)
        step(entry, officer, "take_back")


# --- questions


def test_all_questions_are_counted_together_for_an_institution_and_a_case(
    acting, ana, officer, home, monkeypatch
):
    monkeypatch.setattr(asking, "PER_CASE", 4)
    with acting(ana):
        actions.check_support(home.mother, by=ana, kind=kind("rent"), starts_on=today())
        entry = give(home.mother, by=ana)
        actions.adjust(entry, by=ana, starts_on=JUNE, ends_on=JUNE)
    with acting(officer):
        actions.check_support(home.mother, by=officer, kind=kind("rent"), starts_on=JUNE)
        for ask in (
            lambda: actions.check_support(home.mother, by=officer, kind=kind("rent"), starts_on=today()),
            lambda: give(home.mother, by=officer),
            lambda: give(home.mother, by=officer, code="medicines"),
            lambda: actions.adjust(Entry.objects.get(state="requested"), by=officer, starts_on=JANUARY),
        ):
            with pytest.raises(Throttled):
                ask()
        give(home.other, by=officer)


def test_a_desk_enters_as_much_in_an_hour_as_there_is_to_give(acting, ana, home, monkeypatch):
    """After an arrival a hundred families are given something on one day."""
    monkeypatch.setattr(asking, "PER_HOUR", 0)
    with acting(ana):
        assert give(home.mother, by=ana).state == "requested"
        with pytest.raises(Throttled):
            actions.check_support(home.mother, by=ana, kind=kind("rent"), starts_on=today())


def test_that_there_is_no_household_is_counted_and_stays_in_the_log(
    acting, signed_in, ana, carla, refuses, monkeypatch
):
    monkeypatch.setattr(asking, "PER_CASE", 2)
    with acting(ana):
        alone = a_case(by=ana)
        let_in(alone, "csw-mitrovica-south", by=ana)
    with acting(carla):
        for _time in range(2):
            with refuses("assistance.no_household", "kind"):
                give(alone, by=carla)
        with pytest.raises(Throttled):
            give(alone, by=carla)
        asked = Event.objects.filter(verb="assistance.home_asked", case_id=alone.pk, member_id=carla.pk)
        assert asked.count() == 2
        assert all(one.is_read for one in asked)
        key = str(kind("rent").pk)
    monkeypatch.setattr(asking, "PER_CASE", 3)
    wanted = {"kind": key, "amount": "9", "starts_on": "2026-01-01", "ends_on": ""}
    address = reverse("assistance:request", args=[alone.ref])
    assert [signed_in(carla).post(address, wanted).status_code for _time in range(2)] == [422, 429]
    with acting(carla):
        assert asked.all().count() == 3


def test_one_asks_about_the_present(acting, dora, home, refuses):
    year = timedelta(days=365)
    with acting(dora):
        for days, field in (
            ((today() - year - timedelta(days=1), today()), "starts_on"),
            ((today(), today() + year + timedelta(days=1)), "ends_on"),
            ((today() + year + timedelta(days=1), None), "starts_on"),
        ):
            with refuses("assistance.days", field):
                actions.check_support(
                    home.mother, by=dora, kind=kind("rent"), starts_on=days[0], ends_on=days[1]
                )
        for far in ((today() - year * 2, today()), (today(), date(9999, 12, 31))):
            with connection.cursor() as cursor:
                cursor.execute(
                    "select * from sec.check_support(%s, %s, %s, %s)", [home.mother.pk, kind("rent").pk, *far]
                )
                assert cursor.fetchall() == []
    check_asked(today() - year, today() + year, today())
    with pytest.raises(RuleBroken):
        check_asked(today() - year, today() + year * 2, today())


def test_who_leads_a_case_is_not_told_by_whom_to_ask(acting, members, bruno, dora):
    """Probation leads, and the organisation is in the case: it is told of the division, which is in none of this."""
    with acting(bruno):
        mother, *_ = a_family(by=bruno, children=1)
        let_in(mother, "atrc", by=bruno)
        doors = {one.institution.code for one in access.involvements(mother.pk, to=bruno)}
        assert "dprrp" not in doors
    with acting(dora):
        no = actions.check_support(mother, by=dora, kind=kind("rent"), starts_on=today())
        give(mother, by=dora, starts_on=today(), ends_on=today())
        yes = actions.check_support(mother, by=dora, kind=kind("rent"), starts_on=today())
        assert (no.runs, yes.runs) == (False, True)
        assert no.ask == yes.ask
        assert yes.ask is not None
        assert yes.ask.code == "dprrp"


def test_where_no_institution_of_the_country_is_asked_the_page_says_whom(
    acting, signed_in, dora, home, monkeypatch
):
    monkeypatch.setattr(actions, "check_support", lambda *_, **__: asking.Answer(True, None))
    client = signed_in(dora)
    client.cookies["homeward_language"] = "en"
    with acting(dora):
        asked = {"case": home.mother.ref, "kind": str(kind("rent").pk), "starts_on": today().isoformat()}
    assert "Ask the coordinating division." in client.post("/assistance/check/", asked).content.decode()
