"""From a request to money in somebody's hand, and every way in which it does not come so far."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.models import Cover, Entry, EntryStep
from homeward.casework.assistance.rules.entries import State
from homeward.casework.cases import actions as cases
from homeward.casework.people import actions as people
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted
from tests.casework.assistance.conftest import JANUARY, JUNE, give, given
from tests.factories.cases import a_case, let_in


def test_from_a_request_to_the_release(acting, carla, home):
    with acting(carla):
        entry = give(
            home.mother, by=carla, source=" Municipal  budget ", reference="7/2026", note="Flat in the centre"
        )
        assert (entry.state, entry.source, entry.payer) == (
            State.REQUESTED,
            "Municipal budget",
            carla.institution,
        )
        entry = actions.approve(entry, by=carla)
        entry = actions.release(entry, by=carla, note="Paid by transfer")

        assert queries.entry(entry.ref, to=carla).state == State.RELEASED
        assert history(entry) == ["assistance.requested", "assistance.approved", "assistance.released"]
        assert [one.move for one in queries.steps_of(entry, to=carla)] == ["approve", "release"]
        assert [one.body for one in queries.notes_of(entry, to=carla)] == [
            "Flat in the centre",
            "Paid by transfer",
        ]


def test_nobody_else_reads_the_note(acting, ana, carla, dora, home):
    with acting(carla):
        entry = give(home.mother, by=carla, note="Flat in the centre")
    with acting(ana):
        assert queries.entry(entry.ref, to=ana).amount == Decimal("150.00")
        assert queries.notes_of(entry, to=ana) == []
    with acting(dora), pytest.raises(Missing):
        queries.entry(entry.ref, to=dora)


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"ends_on": JANUARY - timedelta(days=1)}, "ends_on", "assistance.period"),
        ({"amount": Decimal("-5.00")}, "amount", "assistance.amount"),
        ({"amount": Decimal("0.00")}, "amount", "assistance.amount"),
        ({"amount": Decimal("1.005")}, "amount", "assistance.amount"),
        ({"amount": None}, "amount", "assistance.amount"),
        ({"code": "wood", "quantity": None}, "quantity", "assistance.quantity"),
        ({"code": "wood", "quantity": 0}, "quantity", "assistance.quantity"),
    ],
)
def test_what_cannot_be_entered_is_told_at_its_field(acting, carla, home, refuses, wrong, field, code):
    with acting(carla), refuses(code, field):
        give(home.mother, by=carla, **wrong)


def test_a_household_kind_needs_a_household(acting, ana, refuses):
    with acting(ana):
        alone = a_case(by=ana)
        with refuses("assistance.no_household", "kind"):
            give(alone, by=ana)
        give(alone, by=ana, code="medicines")
        people.move_household(alone.person, by=ana, on=JUNE)
        give(alone, by=ana)
        with refuses("assistance.no_household", "kind"):
            give(alone, by=ana, ends_on=JUNE - timedelta(days=1))


def test_a_closed_case_takes_nothing_more(acting, ana, carla, refuses):
    with acting(ana):
        case = a_case(by=ana, state="expected")
        let_in(case, "csw-mitrovica-south", by=ana)
        cases.withdraw(case, reason="never came", by=ana)
        with refuses("assistance.closed", "kind"):
            give(case, by=ana, code="medicines")
    with acting(carla), refuses("assistance.closed", "kind"):
        give(case, by=carla, code="medicines")


def test_a_reference_of_the_payer_occurs_once(acting, carla, dora, home, refuses):
    with acting(carla):
        first = give(home.mother, by=carla, reference="12/26", code="medicines")
        with refuses("assistance_entry_reference_once", "reference"):
            give(home.other, by=carla, reference=" 12/26 ", code="medicines")
        actions.stop(first, by=carla, why="wrong")
        give(home.other, by=carla, reference="12/26", code="medicines")
    with acting(dora):
        give(home.mother, by=dora, reference="12/26", code="medicines")


def test_two_people_sign_above_the_amount(acting, ana, officer, home, refuses):
    with acting(officer):
        entry = give(home.mother, by=officer, amount=Decimal("1000.01"))
        entry = actions.approve(entry, by=officer)
        assert entry.state == State.SIGNED
        with refuses("assistance.release"):
            actions.release(entry, by=officer)
    with acting(ana):
        second = give(home.other, by=ana, amount=Decimal("1000.01"))
        actions.approve(second, by=ana)
        with refuses("assistance.same_person"):
            actions.countersign(second, by=ana)
        assert [one.ref for one in queries.to_countersign(to=ana)] == [entry.ref]
        entry = actions.countersign(entry, by=ana)
        assert entry.state == State.APPROVED
        actions.release(entry, by=ana)
        assert history(entry)[-2:] == ["assistance.countersigned", "assistance.released"]
        at_the_limit = give(
            home.other,
            by=ana,
            amount=Decimal("1000.00"),
            starts_on=date(2027, 1, 1),
            ends_on=date(2027, 2, 1),
        )
        assert actions.approve(at_the_limit, by=ana).state == State.APPROVED
    with acting(officer), pytest.raises(NotPermitted):
        actions.countersign(second, by=officer)


def test_a_little_is_given_at_once_and_approved_afterwards(acting, ana, officer, home, refuses):
    with acting(officer):
        entry = give(
            home.mother, by=officer, code="cash", amount=Decimal("80.00"), starts_on=today(), ends_on=today()
        )
        entry = actions.relieve(entry, by=officer)
        assert entry.state == State.RELIEVED
        for wrong, code in (
            ({"amount": Decimal("100.01")}, "assistance.relief_too_much"),
            ({"starts_on": today() + timedelta(days=1), "ends_on": None}, "assistance.relief_later"),
            ({"code": "rent"}, "assistance.no_relief"),
        ):
            wanted: dict[str, Any] = {"code": "cash", "amount": Decimal("80.00")} | wrong
            more = give(home.other, by=officer, **wanted)
            with refuses(code):
                actions.relieve(more, by=officer)
            actions.stop(more, by=officer, why="no_need")
        with pytest.raises(NotPermitted):
            actions.confirm(entry, by=officer)
    with acting(ana):
        assert [one.ref for one in queries.to_confirm(to=ana)] == [entry.ref]
        actions.confirm(entry, by=ana)
        own = give(
            home.other, by=ana, code="cash", amount=Decimal("80.00"), starts_on=today(), ends_on=today()
        )
        actions.relieve(own, by=ana)
        with refuses("assistance.same_person"):
            actions.confirm(own, by=ana)
        assert history(entry) == ["assistance.requested", "assistance.relieved", "assistance.confirmed"]


def test_what_came_back_and_what_was_wrong_count_no_longer(acting, ana, officer, home, refuses):
    with acting(officer):
        first, second = given(home.mother, by=officer), given(home.other, by=officer)
    with acting(ana):
        returned = actions.take_back(first, by=ana, why="not_used")
        reversed_ = actions.reverse(second, by=ana, why="wrong")
        assert (returned.state, reversed_.state) == (State.RETURNED, State.REVERSED)
        assert not Cover.objects.filter(entry__in=[returned, reversed_]).exists()
        with refuses("assistance.stop"):
            actions.stop(returned, by=ana, why="wrong")
        actions.reverse(returned, by=ana, why="wrong")
        assert history(returned)[-2:] == ["assistance.taken_back", "assistance.reversed"]


def test_days_change_by_a_new_entry(acting, carla, home, refuses):
    with acting(carla):
        entry = give(home.mother, by=carla, reference="5")
        fresh = actions.adjust(entry, by=carla, starts_on=date(2026, 7, 1))
        entry.refresh_from_db()

        assert (entry.state, fresh.state, fresh.replaces, fresh.reference) == (
            State.STOPPED,
            State.REQUESTED,
            entry,
            "5",
        )
        assert history(fresh) == ["assistance.adjusted"]
        with refuses("assistance.period", "ends_on"):
            actions.adjust(fresh, by=carla, starts_on=JUNE, ends_on=JANUARY)
        actions.release(actions.approve(fresh, by=carla), by=carla)
        with refuses("assistance.paid"):
            actions.adjust(fresh, by=carla, starts_on=JANUARY)


def test_the_database_keeps_the_ledger_whatever_is_asked_of_it(acting, carla, home):
    """Nothing here goes through an action: statements as a session of the web could send them."""
    with acting(carla):
        entry = give(home.mother, by=carla)
        for statement, given_ in (
            ("update app.assistance_entry set state = 'released' where id = %s", [entry.pk]),
            ("update app.assistance_entry set amount = 1 where id = %s", [entry.pk]),
            ("delete from app.assistance_entry where id = %s", [entry.pk]),
            ("update app.assistance_step set reason = ''", []),
            ("delete from app.assistance_cover", []),
            ("insert into app.assistance_cover (entry_id) select id from app.assistance_entry", []),
        ):  # fmt: skip
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, given_)
        row = Entry.objects.get(pk=entry.pk)
        for changed in (
            {"state": "released"},
            {"requested_by_id": home.mother.pk},
            {"origin_file": "x", "origin_row": 1},
        ):
            row.pk, row.ref, row._state.adding = None, f"AS-{len(changed)}-{next(iter(changed))[:8]}", True
            copy = Entry(
                **{field.attname: getattr(row, field.attname) for field in Entry._meta.concrete_fields}
                | {"id": home.child.pk}
                | changed
            )
            with pytest.raises(DatabaseError), transaction.atomic():
                copy.save(force_insert=True)
        for move in ("release", "countersign", "kept", "reverse", "confirm"):
            step = EntryStep(entry_id=entry.pk, case_id=entry.case_id, payer_id=entry.payer_id, move=move, taken_by=carla, taken_at=entry.requested_at)  # fmt: skip
            with pytest.raises(DatabaseError, match="moved_on"), transaction.atomic():
                step.save(force_insert=True)


def test_nobody_acts_for_another_payer(acting, ana, carla, dora, home):
    with acting(carla):
        entry = give(home.mother, by=carla)
    with acting(ana):
        for move in (actions.approve, actions.release, actions.relieve):
            with pytest.raises(NotPermitted):
                move(entry, by=ana)
    with acting(dora), pytest.raises(Missing):
        actions.stop(entry, by=dora, why="wrong")
