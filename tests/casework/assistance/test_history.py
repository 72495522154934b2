"""Payers' lists of the past: taken in row by row, told row by row, and never twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.actions import HistoryRow, keeping
from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.rules.entries import State
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import NotPermitted
from homeward.foundation.kernel.refs import new_id
from tests.casework.assistance.conftest import JANUARY, JUNE, give, stored
from tests.factories.cases import a_family


def row(whose, number=1, **more):
    return HistoryRow(
        **{
            "case": whose.pk,
            "kind": "rent",
            "starts_on": JANUARY,
            "ends_on": JUNE,
            "amount": Decimal("900.00"),
            "file": "csw.csv",
            "row": number,
            **more,
        }
    )


def outcomes(rows, by):
    return [one.outcome for one in actions.record_history(rows, by=by)]


def test_a_list_is_taken_in_once_however_often_it_comes(acting, ana, carla, home):
    with acting(ana):
        rows = [
            row(home.mother, payer=carla.institution, source="Budget", reference="1"),
            row(home.mother, 2, file="dprrp.xlsx"),
        ]
        assert outcomes(rows, ana) == ["kept", "kept"]
        assert outcomes(rows, ana) == ["unchanged", "unchanged"]
        assert Entry.objects.count() == 2
        overlap = queries.overlaps(to=ana).get()
        assert (overlap.days, overlap.money) == (181, Decimal("900.00"))
        assert Event.objects.filter(verb="assistance.history_kept", member_id=ana.pk).count() == 2
    with acting(carla):
        [own] = queries.ledger(to=carla)
        assert (own.state, own.origin, own.source, own.is_history) == (
            State.RELEASED,
            "csw.csv:1",
            "Budget",
            True,
        )
        assert [one.move for one in queries.steps_of(own, to=carla)] == ["kept"]
        assert (
            queries.undecided(to=carla) == []
        )  # nobody decides on the past at the payer; the coordinator does


def test_a_corrected_row_takes_the_place_of_the_former(acting, ana, home):
    with acting(ana):
        actions.record_history(
            [row(home.mother, reference="9"), row(home.mother, 2, ends_on=JANUARY)], by=ana
        )
        [kept] = actions.record_history([row(home.mother, reference="9", ends_on=date(2026, 5, 31))], by=ana)

        fresh = stored(kept)
        assert (kept.outcome, fresh.ends_on, fresh.reference) == ("corrected", date(2026, 5, 31), "9")
        assert fresh.replaces is not None
        assert fresh.replaces.state == State.REVERSED
        assert [one.move for one in queries.steps_of(fresh.replaces, to=ana)] == ["kept", "reverse"]
        assert queries.overlaps(to=ana).count() == 1


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"kind": "gold"}, "assistance.kind", "kind"),
        ({"ends_on": date(2025, 1, 1)}, "assistance.period", "ends_on"),
        ({"amount": Decimal(-50)}, "assistance.amount", "amount"),
        ({"amount": None}, "assistance.amount", "amount"),
        ({"file": " "}, "assistance.no_origin", "file"),
        ({"case": new_id()}, "assistance.missing", None),
    ],
)
def test_a_faulty_row_is_refused_with_its_reason_and_the_others_are_taken(
    acting, ana, home, wrong, code, field
):
    with acting(ana):
        first, second = actions.record_history([row(home.mother, **wrong), row(home.mother, 2)], by=ana)

        assert (first.is_refused, first.code, first.field) == (True, code, field)
        assert str(first.reason)
        assert (second.outcome, second.is_refused) == ("kept", False)


class TestOnlyThePastIsHistory:
    """A list is no way to pay today or tomorrow with nobody's signature, in whoever's name."""

    def test_nor_is_a_large_gift_cut_into_rows(self, acting, ana, officer, home):
        last_week = today() - timedelta(days=7)
        cash = {"kind": "cash", "starts_on": last_week, "ends_on": last_week, "amount": Decimal(200)}
        with acting(ana):
            rows = [row(home.mother, 1, **cash), row(home.mother, 2, **cash), row(home.other, 3, **cash)]
            kept = actions.record_history(rows, by=ana)
            assert [one.outcome for one in kept] == ["kept", "refused", "kept"]
            assert kept[1].code == "assistance.unsigned"
            assert Entry.objects.filter(case=home.mother.pk).count() == 1
            assert outcomes(rows[:1], ana) == ["unchanged"]
            # Nor is the rest given at a desk with one signature.
            days = {"starts_on": today(), "ends_on": today()}
            more = give(home.mother, by=ana, code="cash", amount=Decimal(200), **days)
            assert actions.approve(more, by=ana).state == State.SIGNED
            # What was given long ago is the past, however much it was.
            old = {**cash, **dict.fromkeys(("starts_on", "ends_on"), today() - timedelta(days=90))}
            assert outcomes([row(home.second, n, **old) for n in (4, 5)], ana) == ["kept", "kept"]

    def test_what_came_back_is_not_paid_again_by_a_corrected_list(self, acting, ana, officer, home):
        with acting(ana):
            [kept] = actions.record_history([row(home.mother, source="A")], by=ana)
        with acting(officer):
            actions.take_back(stored(kept), by=officer, why="not_used")
        with acting(ana):
            assert outcomes([row(home.mother, source="B")], ana) == ["unchanged"]
            assert [one.state for one in Entry.objects.all()] == [State.RETURNED]

    @pytest.mark.parametrize(
        ("wrong", "code", "field"),
        [
            ({"starts_on": today() + timedelta(days=1)}, "assistance.begins_later", "starts_on"),
            ({"amount": Decimal(301)}, "assistance.unsigned", "amount"),
            ({"amount": Decimal(301), "starts_on": today() - timedelta(days=29)}, "assistance.unsigned", "amount"),
            ({"kind": "wood", "amount": None}, "assistance.unsigned", "amount"),
        ],
    )  # fmt: skip
    def test_what_can_still_be_signed_is_refused_here_and_in_the_database(
        self, acting, ana, carla, home, monkeypatch, wrong, code, field
    ):
        cash = {"kind": "cash", "starts_on": today(), "ends_on": None, "amount": Decimal(9)}
        for payer in (None, carla.institution):
            with acting(ana):
                wanted = row(home.mother, **(cash | wrong), payer=payer)
                [kept] = actions.record_history([wanted], by=ana)
                assert (kept.outcome, kept.code, kept.field) == ("refused", code, field)
                # Whoever goes around the application is told the same by the database.
                with monkeypatch.context() as without:
                    without.setattr(keeping, "check_is_history", lambda *_said: None)
                    [kept] = actions.record_history([wanted], by=ana)
                assert (kept.outcome, kept.code, kept.field) == ("refused", code, field)
                assert not Entry.objects.exists()

    def test_what_is_small_or_long_ago_or_still_runs_is_taken(self, acting, ana, home):
        month_ago, later = today() - timedelta(days=30), today() + timedelta(days=90)
        with acting(ana):
            assert outcomes(
                [
                    row(home.mother, 1, kind="cash", starts_on=today(), ends_on=None, amount=Decimal(300)),
                    row(home.mother, 2, kind="rent", starts_on=month_ago, ends_on=later, amount=Decimal(9000)),
                    row(home.mother, 3, kind="food-package", starts_on=today(), ends_on=None, amount=None),
                ],
                ana,
            ) == ["kept"] * 3  # fmt: skip


class TestWhoseAnEntryIs:
    def test_an_entry_of_another_person_is_no_former_one(self, acting, ana, home):
        with acting(ana):
            [first] = actions.record_history([row(home.mother, 5)], by=ana)
            [kept] = actions.record_history([row(home.other, 5)], by=ana)
            assert (kept.outcome, kept.code) == ("refused", "assistance.duplicate")
            assert stored(first).state == State.RELEASED

    def test_unless_the_list_itself_corrected_whose_it_is(self, acting, ana, home):
        with acting(ana):
            [first] = actions.record_history([row(home.mother, 5)], by=ana)
            assert outcomes([row(home.other, 5, person_corrected=True)], ana) == ["corrected"]
            assert stored(first).state == State.REVERSED

    def test_two_lists_of_one_name_are_two_lists(self, acting, ana, home):
        with acting(ana):
            assert outcomes([row(home.mother, 5, first_row="march:5")], ana) == ["kept"]
            assert outcomes([row(home.other, 5, first_row="april:5")], ana) == ["kept"]
            assert outcomes([row(home.other, 5, first_row="april:5")], ana) == ["unchanged"]

    def test_a_corrected_payer_takes_the_place_of_the_former(self, acting, ana, carla, home):
        with acting(ana):
            [first] = actions.record_history([row(home.mother, first_row="march:1")], by=ana)
            moved = row(home.mother, first_row="march:1", payer=carla.institution)
            assert outcomes([moved], ana) == ["corrected"]
            assert stored(first).state == State.REVERSED


def test_two_rows_of_one_reference_are_told(acting, ana, home, carla):
    with acting(ana):
        kept = actions.record_history(
            [row(home.mother, reference="4"), row(home.mother, 2, reference="4")], by=ana
        )
        assert [one.code for one in kept] == ["", "assistance.duplicate"]
        give(home.other, by=ana, reference="desk")
        assert (
            actions.record_history([row(home.mother, 3, reference="desk")], by=ana)[0].code
            == "assistance.duplicate"
        )
        # The list has another line above: the reference says which gift it is, not the place.
        assert outcomes([row(home.mother, 2, reference="4")], ana) == ["unchanged"]
        # A row that had no reference yet and has one now is the same gift.
        assert outcomes([row(home.other, 7)], ana) == ["kept"]
        assert outcomes([row(home.other, 7, reference="7")], ana) == ["corrected"]


def test_a_gift_of_a_case_one_sees_no_longer_is_not_corrected_from_another(acting, ana, carla, home):
    from homeward.casework.cases.actions import end_involvement
    from homeward.foundation.access import queries as access

    with acting(carla):
        [kept] = actions.record_history([row(home.mother, reference="8")], by=carla)
    with acting(ana):
        [door] = [
            one
            for one in access.involvements(home.mother.pk, to=ana)
            if one.institution_id == carla.institution_id
        ]
        end_involvement(door, reason="a test", by=ana)
    with acting(carla):
        [again] = actions.record_history([row(home.other, reference="8")], by=carla)
        assert again.code == "assistance.duplicate"
    with acting(ana):
        assert stored(kept).state == State.RELEASED


def test_goods_without_a_number_are_one(acting, ana, home):
    with acting(ana):
        [kept] = actions.record_history([row(home.mother, kind="wood", amount=Decimal(50))], by=ana)
        entry = stored(kept)
        assert (entry.quantity, entry.amount) == (1, Decimal("50.00"))


def test_who_takes_in_what_for_whom(acting, ana, carla, dora, officer, edu, home):
    with acting(carla):
        assert outcomes([row(home.mother)], carla) == ["kept"]
        [kept] = actions.record_history([row(home.mother, 2, payer=dora.institution)], by=carla)
        assert (
            kept.code == "assistance.missing"
        )  # she sees nobody's support but her own, and takes in nobody's either
    for member in (officer, edu):
        with acting(member), pytest.raises(NotPermitted):
            actions.record_history([row(home.mother)], by=member)


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))
GIFTS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from(["rent", "wood", "cash"]),
        DAYS,
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(gifts=GIFTS)
def test_what_is_found_is_what_one_would_find_by_hand(acting, ana, gifts):
    """Three people of one family and any gifts: the table agrees with a comparison of everything with everything."""
    from datetime import timedelta
    from itertools import combinations

    from django.db import transaction

    forever = date(9999, 12, 31)
    with acting(ana), transaction.atomic():
        people = dict(zip("ABC", a_family(by=ana, children=2), strict=True))
        rows = [
            row(people[who], number, kind=kind, starts_on=day, ends_on=None if length is None else day + timedelta(days=length))
            for number, (who, kind, day, length) in enumerate(gifts, 1)
        ]  # fmt: skip
        actions.record_history(rows, by=ana)
        found = {
            (
                one.starts_on,
                one.ends_on,
                *sorted(int(entry.origin_row or 0) for entry in (one.first, one.second)),
            )
            for one in queries.overlaps(to=ana)
        }
        by_hand = set()
        for one, two in combinations(rows, 2):
            starts = max(one.starts_on, two.starts_on)
            ends = min(one.ends_on or forever, two.ends_on or forever)
            lasts = one.kind != "wood" or one.ends_on != one.starts_on or two.ends_on != two.starts_on
            if one.kind == two.kind and starts <= ends and lasts:
                by_hand.add((starts, None if ends == forever else ends, *sorted((one.row, two.row))))
        assert found == by_hand
        transaction.set_rollback(True)


def test_a_door_that_closed_leaves_the_accounts_whole(acting, ana, carla, home):
    from homeward.casework.cases.actions import end_involvement
    from homeward.foundation.access import queries as access

    with acting(carla):
        actions.record_history(
            [row(home.mother, amount=Decimal("0.10")), row(home.mother, 2, amount=Decimal("0.20"))], by=carla
        )
    with acting(ana):
        for door in access.involvements(home.mother.pk, to=ana):
            if door.institution_id == carla.institution_id:
                end_involvement(door, reason="a test", by=ana)
    with acting(carla):
        assert queries.ledger(to=carla).count() == 0
        [line] = queries.totals(to=carla)
        assert (line.amount, line.entries) == (Decimal("0.30"), 2)
