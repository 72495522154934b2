"""Looking in an emergency: what it takes, what it opens, who judges it, and what the verdict does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from homeward.foundation.access import actions, context, permissions, queries
from homeward.foundation.access.models import BreakGlass, CaseAnchor
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.queries import history
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken

REASON = "A child is missing tonight and nobody answers."
OPENED = (Category.IDENTITY, Category.LEGAL)


@pytest.fixture
def fresh(session_of: Any, db_of_test: None) -> Callable[..., Any]:
    """`with fresh(bruno):` — Bruno, who showed his second factor so many seconds ago."""

    @contextmanager
    def confirmed(member: Any, seconds: int = 10) -> Iterator[Any]:
        with session_of(member, assurance=2, factor_age=seconds) as token:
            try:
                yield context.enter(token)
            finally:
                if not connection.needs_rollback:
                    context.leave()

    return confirmed


@pytest.fixture
def hidden(members: dict[str, Any], new_case: Any, acting: Any) -> tuple[UUID, str]:
    """A case of the correctional service, which probation does not see: key and reference."""
    custody = members["kcs-ve-unit"]
    case = new_case(by=custody)
    with acting(custody):
        return case, CaseAnchor.objects.get(case_id=case).ref


def look(reference: str, by: Any, **changed: Any) -> BreakGlass:
    wanted = {"categories": OPENED, "reason": REASON} | changed
    return actions.break_glass(reference=reference, by=by, **wanted)


def test_it_opens_these_categories_to_this_member_for_four_hours(
    bruno: Any, members: dict[str, Any], hidden: Any, fresh: Any, depths: Any
) -> None:
    case, reference = hidden
    assert depths(bruno, case) == {}

    with fresh(bruno):
        opened = look(reference, bruno)
        sight = queries.sight(case, to=bruno)

    assert depths(bruno, case) == {"identity": (3, False), "legal": (3, False)}
    assert sight.by_emergency
    assert not sight.writable
    assert opened.expires_at - opened.opened_at == timedelta(hours=4)
    assert opened.review_due_at - opened.opened_at == timedelta(hours=72)
    assert opened.opened_categories == list(OPENED)
    assert opened.is_open
    assert depths(members["kps-officer"], case) == {}


def test_everybody_concerned_knows_of_it(
    bruno: Any, members: dict[str, Any], hidden: Any, fresh: Any, acting: Any
) -> None:
    case, reference = hidden
    with fresh(bruno):
        opened = look(reference, bruno)
        assert history(opened) == ["break_glass.opened"]
    for name in ("kcs-ve-unit", "data-protection-officer", "auditor", "kps-supervisor"):
        with acting(members[name]):
            assert queries.emergency_look(opened.pk, to=members[name]).reason == REASON
            assert [one.pk for one in queries.emergencies(case, to=members[name])] == [opened.pk]
    for name in ("csw-mitrovica-south", "kps-officer", "kcs-intelligence"):
        with acting(members[name]), pytest.raises(Missing):
            queries.emergency_look(opened.pk, to=members[name])


def test_a_reference_may_be_typed_as_people_type(bruno: Any, hidden: Any, fresh: Any) -> None:
    with fresh(bruno):
        assert look(f" {hidden[1].lower()} ", bruno).is_open


class TestRefused:
    def test_without_the_role(self, members: dict[str, Any], hidden: Any, fresh: Any) -> None:
        officer = members["kps-officer"]
        with fresh(officer), pytest.raises(NotPermitted):
            look(hidden[1], officer)

    def test_with_an_old_factor(self, bruno: Any, hidden: Any, fresh: Any) -> None:
        with fresh(bruno, seconds=301), pytest.raises(RuleBroken, match="second factor") as refused:
            look(hidden[1], bruno)
        assert refused.value.code == "break_glass.factor"

    @pytest.mark.parametrize("reason", ["", "   ", "Danger!", " " * 30])
    def test_without_a_reason(self, bruno: Any, hidden: Any, fresh: Any, reason: str) -> None:
        with fresh(bruno), pytest.raises(RuleBroken, match="at least 20") as refused:
            look(hidden[1], bruno, reason=reason)
        assert refused.value.field == "reason"

    def test_with_a_reason_nobody_can_see(self, bruno: Any, hidden: Any, fresh: Any) -> None:
        with fresh(bruno), pytest.raises(RuleBroken, match="at least 20") as refused:
            look(hidden[1], bruno, reason="x" + "\u200b" * 30 + "y")
        assert refused.value.field == "reason"

    @pytest.mark.parametrize(
        "category",
        [one for one in Category if one not in (0, 1, 3, 4, 5, 6)],
        ids=lambda category: category.name.lower(),
    )
    def test_categories_that_no_emergency_opens(
        self, bruno: Any, hidden: Any, fresh: Any, category: Category
    ) -> None:
        with fresh(bruno), pytest.raises(RuleBroken, match="never opened") as refused:
            look(hidden[1], bruno, categories=[Category.IDENTITY, category])
        assert refused.value.field == "categories"

    def test_nothing_at_all(self, bruno: Any, hidden: Any, fresh: Any) -> None:
        with fresh(bruno), pytest.raises(RuleBroken, match="never opened"):
            look(hidden[1], bruno, categories=[])

    def test_a_reference_there_is_not(self, bruno: Any, fresh: Any) -> None:
        with fresh(bruno), pytest.raises(RuleBroken, match="nothing here"):
            look("HW-0000-0000-00", bruno)

    def test_a_case_one_is_kept_from(self, bruno: Any, hidden: Any, fresh: Any) -> None:
        with fresh(bruno):
            actions.exclude(hidden[0], bruno, reason="My brother", by=bruno)
        with fresh(bruno), pytest.raises(RuleBroken, match="nothing here"):
            look(hidden[1], bruno)

    def test_a_fourth_before_any_review(self, bruno: Any, hidden: Any, fresh: Any) -> None:
        with fresh(bruno):
            for _number in range(3):
                look(hidden[1], bruno)
            with pytest.raises(RuleBroken, match="still wait for review"):
                look(hidden[1], bruno)


class TestReview:
    @pytest.fixture
    def opened(self, bruno: Any, hidden: Any, fresh: Any) -> BreakGlass:
        with fresh(bruno):
            return look(hidden[1], bruno)

    def test_not_justified_ends_it_on_the_spot(
        self, bruno: Any, members: dict[str, Any], hidden: Any, opened: Any, acting: Any, depths: Any
    ) -> None:
        custody = members["kcs-ve-unit"]
        with acting(custody):
            assert [one.pk for one in queries.reviews_waiting(to=custody)] == [opened.pk]
            judged = actions.review_break_glass(opened, verdict="unjustified", by=custody)
            assert (judged.verdict, judged.reviewed_by, judged.is_open) == ("unjustified", custody, False)
            assert history(judged) == ["break_glass.opened", "break_glass.reviewed"]
            assert queries.reviews_waiting(to=custody) == []

        assert depths(bruno, hidden[0]) == {}

    def test_justified_lets_it_run_out(
        self, bruno: Any, members: dict[str, Any], hidden: Any, opened: Any, acting: Any, depths: Any
    ) -> None:
        officer = members["data-protection-officer"]
        with acting(officer):
            assert actions.review_break_glass(opened, verdict="justified", by=officer).is_open

        assert depths(bruno, hidden[0])

    def test_more_may_be_asked_for_and_it_still_waits(
        self, bruno: Any, members: dict[str, Any], hidden: Any, opened: Any, acting: Any, fresh: Any
    ) -> None:
        officer = members["data-protection-officer"]
        with acting(officer):
            opened = actions.review_break_glass(opened, verdict="needs_more", by=officer)
            assert [one.pk for one in queries.reviews_waiting(to=officer)] == [opened.pk]
        with fresh(bruno):
            look(hidden[1], bruno)
            look(hidden[1], bruno)
            with pytest.raises(RuleBroken, match="still wait"):
                look(hidden[1], bruno)
        with acting(officer):
            actions.review_break_glass(opened, verdict="justified", by=officer)
        with fresh(bruno):
            assert look(hidden[1], bruno).is_open

    def test_once(self, members: dict[str, Any], opened: Any, acting: Any) -> None:
        officer = members["data-protection-officer"]
        with acting(officer):
            actions.review_break_glass(opened, verdict="justified", by=officer)
            with pytest.raises(NotPermitted):
                actions.review_break_glass(opened, verdict="unjustified", by=officer)

    def test_with_a_verdict_there_is(self, members: dict[str, Any], opened: Any, acting: Any) -> None:
        officer = members["data-protection-officer"]
        with acting(officer), pytest.raises(RuleBroken, match="Choose a verdict"):
            actions.review_break_glass(opened, verdict="splendid", by=officer)

    def test_not_by_whoever_looked_or_their_institution(self, bruno: Any, opened: Any, acting: Any) -> None:
        with acting(bruno), pytest.raises(NotPermitted):
            actions.review_break_glass(opened, verdict="justified", by=bruno)

    def test_not_by_strangers(self, carla: Any, opened: Any, acting: Any) -> None:
        with acting(carla), pytest.raises(Missing):
            actions.review_break_glass(opened, verdict="justified", by=carla)

    def test_not_by_an_auditor(self, edu: Any, opened: Any, acting: Any) -> None:
        with acting(edu), pytest.raises(NotPermitted):
            actions.review_break_glass(opened, verdict="justified", by=edu)

    def test_the_database_is_not_persuaded_by_a_page(
        self, members: dict[str, Any], opened: Any, acting: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody forgets the permission in the program: the function in the database refuses by itself."""
        monkeypatch.setattr(permissions, "review_break_glass", lambda member: permissions.EVERYBODY)
        with acting(members["auditor"]), pytest.raises(RuleBroken, match="nothing here"):
            actions.review_break_glass(opened, verdict="justified", by=members["auditor"])

    def test_overdue_after_three_days(self, opened: Any, time_machine: Any) -> None:
        assert not permissions.is_overdue_review(opened)
        time_machine.move_to(now() + timedelta(hours=73))
        assert permissions.is_overdue_review(opened)
        opened.reviewed_at = now()
        assert not permissions.is_overdue_review(opened)


def test_a_look_belongs_to_a_member_and_not_to_an_account(
    bruno: Any, hidden: Any, fresh: Any, acting: Any
) -> None:
    with fresh(bruno):
        opened = look(hidden[1], bruno)
    with acting(bruno):
        assert queries.emergency_looks(to=bruno).get(pk=opened.pk).member == Member.objects.get(pk=bruno.pk)
        with pytest.raises(Missing):
            queries.emergency_look(uuid4(), to=bruno)
