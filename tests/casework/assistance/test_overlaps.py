"""Two payers, one household: found when it is asked for and again when it is paid, and told so that nobody learns more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.models import Overlap
from homeward.casework.assistance.queries.overlaps import found
from homeward.casework.assistance.rules.entries import State
from homeward.casework.assistance.rules.periods import FOREVER, Period
from homeward.casework.people import actions as people
from homeward.casework.people import queries as families
from homeward.foundation.audit.models import Event
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import NotPermitted
from tests.casework.assistance.conftest import JANUARY, JUNE, give, given, text
from tests.factories.cases import a_case, let_in

MARCH = date(2026, 3, 1)


def told(entry, to):
    return [one.period for one in queries.meetings_of(entry, to=to)]


def pairs(to):
    return {(one.starts_on, one.ends_on, one.days) for one in queries.overlaps(to=to)}


def test_the_second_payer_learns_that_and_when_and_whom_to_ask(acting, ana, carla, dora, home):
    with acting(carla):
        given(home.mother, by=carla, amount=Decimal("777.00"))
    with acting(dora):
        entry = give(home.mother, by=dora, starts_on=MARCH, ends_on=date(2026, 12, 31))
        [meeting] = queries.meetings_of(entry, to=dora)

        assert (meeting.period, meeting.ask) == (Period(MARCH, JUNE), ana.institution)
        assert Event.objects.filter(
            verb="assistance.overlap_told", subject_id=entry.pk, member_id=dora.pk
        ).exists()
        assert queries.overlaps(to=dora).count() == 0
        assert [one.ref for one in queries.undecided(to=dora)] == [entry.ref]
        assert queries.ledger(to=dora, everybody=True).count() == 1
    with acting(ana):
        [one] = found(queries.overlaps(to=ana), to=ana)
        assert (one.overlap.days, one.overlap.money, one.whose) == (
            122,
            Decimal("59.80"),  # 150 over 306 days, 122 of them; the other's share is larger
            families.household_of(home.mother.person, to=ana).household.ref,
        )


def test_the_coordinator_reads_the_longest_or_the_dearest_first_and_what_it_comes_to(
    acting, browser, ana, carla, dora, home
):
    with acting(carla):
        given(home.mother, by=carla, amount=Decimal("905.00"))
        given(home.other, by=carla, starts_on=MARCH, ends_on=MARCH, amount=Decimal("900.00"))
    with acting(dora):
        give(home.mother, by=dora, amount=Decimal("181.00"))
        give(home.other, by=dora, starts_on=MARCH, ends_on=MARCH, amount=Decimal("900.00"))
    page = browser(ana).get(reverse("assistance:overlaps"))
    assert "2 overlaps, 182 days together, at most 1081.00 EUR paid twice." in text(page)
    assert [one.overlap.money for one in page.context["found"]] == [Decimal("181.00"), Decimal("900.00")]
    dearest = browser(ana).get(reverse("assistance:overlaps"), {"order": "money"})
    assert [one.overlap.money for one in dearest.context["found"]] == [Decimal("900.00"), Decimal("181.00")]
    with acting(dora):
        give(home.other, by=dora, code="cash", starts_on=MARCH, ends_on=None)
    with acting(carla):
        give(home.other, by=carla, code="cash", starts_on=MARCH, ends_on=MARCH)
    page = browser(ana).get(reverse("assistance:overlaps"))
    assert "Of 1 the money is not counted" in text(page)
    assert browser(ana).get(reverse("assistance:overlaps"), {"order": "nothing"}).context["page"].rows == []


def test_it_waits_until_somebody_answers_and_somebody_else_agrees(
    acting, members, ana, officer, carla, home, refuses
):
    with acting(carla):
        given(home.mother, by=carla)
    with acting(ana):
        entry = give(home.mother, by=ana)
        with refuses("assistance.overlap"):
            actions.approve(entry, by=ana)
        assert queries.entry(entry.ref, to=ana).state == State.REQUESTED
        actions.justify(entry, by=ana, reason="co_funded")
        with refuses("assistance.justified_by_you"):
            actions.approve(entry, by=ana)
    with acting(officer):
        assert actions.approve(entry, by=officer).state == State.APPROVED
    with acting(ana), refuses("assistance.justified_by_you"):
        actions.release(entry, by=ana)
    with acting(officer):
        actions.release(entry, by=officer)
        assert history(entry) == [
            "assistance.requested",
            "assistance.justified",
            "assistance.approved",
            "assistance.released",
        ]
    with acting(ana):
        assert next(iter(found(queries.overlaps(to=ana), to=ana))).said.count("co_funded") == 1


def test_the_reason_may_be_given_with_the_request(acting, ana, officer, carla, home, refuses):
    with acting(carla):
        given(home.mother, by=carla)
    with acting(ana):
        entry = give(home.mother, by=ana, reason="other_need")
        with refuses("assistance.justified_by_you"):
            actions.approve(entry, by=ana)
    with acting(officer):
        actions.approve(entry, by=officer)


def test_what_began_in_the_meantime_is_found_at_the_release(acting, ana, officer, carla, home, refuses):
    with acting(ana):
        entry = actions.approve(give(home.mother, by=ana), by=ana)
    with acting(carla):
        later = give(home.mother, by=carla, starts_on=JUNE, ends_on=None)
        assert told(later, carla) == [Period(JUNE, JUNE)]
    with acting(ana):
        with refuses("assistance.overlap"):
            actions.release(entry, by=ana)
        actions.justify(entry, by=ana, reason="handover")
    with acting(carla):
        third = give(home.mother, by=carla, starts_on=JANUARY, ends_on=JANUARY)
    with acting(officer), refuses("assistance.overlap"):  # the reason was given before this one was known
        actions.release(entry, by=officer)
    with acting(carla):
        actions.stop(third, by=carla, why="overlap")
    with acting(officer):
        actions.release(entry, by=officer)


def test_there_is_nothing_to_justify_without_an_overlap(acting, carla, home, refuses):
    with acting(carla):
        entry = give(home.mother, by=carla)
        with refuses("assistance.no_overlap"):
            actions.justify(entry, by=carla, reason="co_funded")
        actions.stop(entry, by=carla, why="no_need")
        with refuses("assistance.not_live"):
            actions.justify(entry, by=carla, reason="co_funded")


@pytest.mark.parametrize("way", ["stop", "take_back", "reverse"])
def test_what_was_stopped_returned_or_reversed_overlaps_with_nothing(acting, ana, officer, carla, home, way):
    with acting(officer):
        entry = give(home.mother, by=officer) if way == "stop" else given(home.mother, by=officer)
    with acting(carla):
        mine = give(home.mother, by=carla)
        assert told(mine, carla)
    with acting(ana):
        getattr(actions, way)(entry, by=ana, why="overlap")
        assert queries.overlaps(to=ana).count() == 0
        assert Overlap.objects.exclude(gone_at=None).count() == 1
    with acting(carla):
        assert told(mine, carla) == []
        actions.approve(mine, by=carla)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ((JANUARY, MARCH), (MARCH, JUNE), 1),  # the last day counts, and the first
        ((JANUARY, MARCH), (MARCH + timedelta(days=1), JUNE), None),
        ((JANUARY, None), (JUNE, None), "open"),
        ((JANUARY, None), (MARCH, JUNE), 122),
        ((MARCH, MARCH), (MARCH, MARCH), 1),
    ],
)
def test_days_at_the_edge(acting, ana, carla, home, first, second, shared):
    with acting(carla):
        give(home.mother, by=carla, starts_on=first[0], ends_on=first[1])
    with acting(ana):
        entry = give(home.mother, by=ana, starts_on=second[0], ends_on=second[1])
        rows = list(queries.overlaps(to=ana))
        if shared is None:
            assert (rows, told(entry, ana)) == ([], [])
        elif shared == "open":
            assert told(entry, ana) == [Period(JUNE, FOREVER)]
            assert rows[0].ends_on is None
            assert rows[0].money == 0  # nobody can say how much
            assert rows[0].shared_days == max(1, (today() - JUNE).days + 1)
        else:
            assert [one.days for one in rows] == [shared]


def test_gifts_of_one_day_are_two_gifts_and_a_season_covers_its_days(acting, ana, carla, home):
    with acting(carla):
        give(home.mother, by=carla, code="wood", starts_on=MARCH, ends_on=MARCH)
    with acting(ana):
        once = give(home.mother, by=ana, code="wood", starts_on=MARCH, ends_on=MARCH)
        assert told(once, ana) == []
        season = give(home.mother, by=ana, code="wood", starts_on=JANUARY, ends_on=JUNE)
        assert told(season, ana) == [Period(MARCH, MARCH)]


def test_other_classes_and_what_is_one_persons_do_not_meet(acting, ana, carla, home):
    with acting(carla):
        give(home.mother, by=carla)
        give(home.child, by=carla, code="medicines")
    with acting(ana):
        assert told(give(home.mother, by=ana, code="cash"), ana) == []
        assert told(give(home.other, by=ana), ana) == []
        assert told(give(home.second, by=ana, code="medicines"), ana) == []
        assert told(give(home.child, by=ana, code="medicines"), ana) == [Period(JANUARY, JUNE)]
        assert told(give(home.child, by=ana), ana) == [
            Period(JANUARY, JUNE)
        ]  # rent is the household's, whoever signs


def test_the_same_payer_twice_is_an_overlap_too(acting, carla, home):
    with acting(carla):
        give(home.mother, by=carla)
        assert told(give(home.child, by=carla), carla) == [Period(JANUARY, JUNE)]


def test_from_the_days_nobody_counts_the_payers(acting, ana, carla, dora, home):
    with acting(carla):
        give(home.mother, by=carla, starts_on=JANUARY, ends_on=MARCH)
    with acting(dora):
        give(home.mother, by=dora, starts_on=MARCH, ends_on=JUNE)
    with acting(ana):
        assert told(give(home.mother, by=ana), ana) == [Period(JANUARY, JUNE)]
        assert len(pairs(ana)) == 3


def test_a_household_that_splits_takes_its_support_along(acting, ana, carla, home):
    """From the day of the move it is another household: what was an overlap before stays one, and only until then."""
    with acting(carla):
        give(home.mother, by=carla)
    with acting(ana):
        give(home.child, by=ana)
        assert pairs(ana) == {(JANUARY, JUNE, 181)}
        people.move_household(home.child.person, by=ana, on=MARCH)
        assert pairs(ana) == {(JANUARY, MARCH - timedelta(days=1), 59)}


def test_households_that_merge_overlap_from_that_day_on_and_it_is_announced(acting, ana, carla, home):
    with acting(carla):
        entry = given(home.other, by=carla)
        assert queries.undecided(to=carla) == []
    with acting(ana):
        give(home.mother, by=ana)
        assert pairs(ana) == set()
        together = families.household_of(home.mother.person, to=ana).household
        people.move_household(home.other.person, by=ana, household=together, relation="sibling", on=MARCH)
        assert pairs(ana) == {(MARCH, JUNE, 122)}
        assert queries.overlaps(to=ana).get().because == "moved"
        events = Event.objects.filter(
            verb="assistance.overlap_found", case_id__in=[home.mother.pk, home.other.pk]
        )
        assert {event.detail["because"] for event in events} == {"moved"}
        assert events.count() == 2
    with acting(carla):
        assert [one.ref for one in queries.undecided(to=carla)] == [entry.ref]
        assert told(entry, carla) == [Period(MARCH, JUNE)]
    with acting(ana):
        people.move_household(home.other.person, by=ana, on=MARCH + timedelta(days=1))
        assert pairs(ana) == {(MARCH, MARCH, 1)}


def test_somebody_of_no_household_is_compared_with_themselves(acting, ana, carla):
    with acting(ana):
        alone = a_case(by=ana)
        let_in(alone, "csw-mitrovica-south", by=ana)
        rows = [
            actions.HistoryRow(case=alone.pk, kind="rent", starts_on=JANUARY, ends_on=JUNE, amount=Decimal("100.00"), file="a.csv", row=row, payer=payer)
            for row, payer in ((1, ana.institution), (2, carla.institution))
        ]  # fmt: skip
        assert [one.outcome for one in actions.record_history(rows, by=ana)] == ["kept", "kept"]
        [one] = found(queries.overlaps(to=ana), to=ana)
        assert (one.household, one.whose) == (None, alone.person.ref)
        people.move_household(alone.person, by=ana, on=MARCH)
        [one] = found(queries.overlaps(to=ana), to=ana)
        assert one.household is not None, (
            "a register that learns of a household takes it for the days before as well"
        )


def test_the_coordinator_writes_down_what_was_done(acting, ana, carla, dora, officer, home):
    with acting(carla):
        give(home.mother, by=carla)
    with acting(dora):
        give(home.mother, by=dora)
    with acting(ana):
        overlap = queries.overlaps(to=ana, undecided=True).get()
        settled = actions.settle(overlap, by=ana, outcome="accepted")
        assert (settled.outcome, settled.settled_by) == ("accepted", ana)
        assert queries.overlaps(to=ana, undecided=True).count() == 0
        assert history(settled)[-1] == "assistance.settled"
    with acting(officer), pytest.raises(NotPermitted):
        actions.settle(overlap, by=officer, outcome="mistake")


def test_one_that_went_and_came_back_is_asked_about_anew(acting, ana, supervisor, carla, home, refuses):
    with acting(carla):
        first = give(home.mother, by=carla)
    with acting(ana):
        mine = give(home.mother, by=ana, reason="co_funded")
    with acting(supervisor):
        actions.settle(queries.overlaps(to=supervisor).get(), by=supervisor, outcome="accepted")
    with acting(carla):
        again = actions.adjust(first, by=carla, starts_on=JANUARY, ends_on=JUNE)
    with acting(ana):
        [overlap] = queries.overlaps(to=ana, undecided=True)
        assert again.pk in (overlap.first_id, overlap.second_id)
        with refuses("assistance.overlap"):
            actions.approve(mine, by=ana)
