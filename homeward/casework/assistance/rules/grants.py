"""A small grant for somebody's own work: applied for, looked at by two people, awarded, visited, and how it ended.

What is scored is the plan for a business, criterion by criterion and by people; nothing is added up and nobody is ranked.
The money itself is an entry of the ledger like any other, with its signatures and its overlaps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.assistance.rules.kinds import Measure
from homeward.foundation.kernel.errors import RuleBroken, Text
from homeward.foundation.kernel.states import Move, StateTable


class GrantState(TextChoices):
    """Where a grant stands."""

    APPLIED = "applied", pgettext_lazy("state of a grant", "Applied for")
    AWARDED = "awarded", pgettext_lazy("state of a grant", "Awarded")
    DECLINED = "declined", pgettext_lazy("state of a grant", "Declined")
    FINISHED = "finished", pgettext_lazy("state of a grant", "Finished")


WORDS_OF_GRANTS: Mapping[str, Text] = {
    "score": pgettext_lazy("grant", "Score the plan"),
    "award": pgettext_lazy("grant", "Award"),
    "decline": pgettext_lazy("grant", "Decline"),
    "plan_milestone": pgettext_lazy("grant", "Plan a milestone or a visit"),
    "finish": pgettext_lazy("grant", "Record the outcome"),
}

GRANT = StateTable(
    "grant",
    initial=GrantState.APPLIED,
    states=dict(GrantState.choices),
    moves=[
        Move("score", {GrantState.APPLIED}, GrantState.APPLIED, WORDS_OF_GRANTS["score"]),
        Move("award", {GrantState.APPLIED}, GrantState.AWARDED, WORDS_OF_GRANTS["award"]),
        Move("decline", {GrantState.APPLIED}, GrantState.DECLINED, WORDS_OF_GRANTS["decline"]),
        Move("plan_milestone", {GrantState.AWARDED}, GrantState.AWARDED, WORDS_OF_GRANTS["plan_milestone"]),
        Move("finish", {GrantState.AWARDED}, GrantState.FINISHED, WORDS_OF_GRANTS["finish"]),
    ],
)


class Criterion(TextChoices):
    """What is looked at in a plan."""

    FEASIBLE = "feasible", _("Can it be done with this money?")
    MARKET = "market", _("Will somebody buy it?")
    SKILLS = "skills", _("Are the skills there, or a way to them?")
    LASTING = "lasting", _("Can it go on without more grants?")


class Station(TextChoices):
    """What is agreed on for a day."""

    MILESTONE = "milestone", _("Milestone")
    VISIT = "visit", _("Visit")


class Result(TextChoices):
    """What was found on the day."""

    REACHED = "reached", _("As planned")
    PARTLY = "partly", _("In part")
    MISSED = "missed", _("Not yet")


class Ending(TextChoices):
    """How it ended."""

    RUNS = "runs", _("The business runs")
    EMPLOYS = "employs", _("The business runs and employs others")
    JOB = "job", _("The person has found a job instead")
    STOPPED = "stopped", _("It was given up")


LEAST_SCORERS = 2
POINTS = (1, 2, 3, 4, 5)


def check_can_apply(purpose: str, asked: Decimal) -> None:
    """An application says what for, and how much."""
    if not purpose.strip():
        raise RuleBroken(_("Say what the grant is for."), field="purpose", code="grant.purpose")
    if asked <= 0:
        raise RuleBroken(_("Enter the amount."), field="asked", code="grant.amount")


def check_first_score(mine: object, scorers: Collection[object]) -> None:
    """Each person scores a plan once."""
    if mine in scorers:
        raise RuleBroken(_("You have scored this plan already."), code="grant.scored")


def check_points(points: Mapping[str, int]) -> None:
    """A plan is scored in every criterion."""
    if set(points) != set(Criterion.values) or not set(points.values()) <= set(POINTS):
        raise RuleBroken(_("Give one to five points for each."), code="grant.points")


def check_looked_at(scorers: Collection[object]) -> None:
    """No plan is awarded that one person alone has looked at."""
    if len(set(scorers)) < LEAST_SCORERS:
        raise RuleBroken(
            _("Two people score a plan before it is awarded. Ask a colleague."), code="grant.scorers"
        )


def check_can_award(state: str, scorers: Collection[object], amount: Decimal, asked: Decimal) -> None:
    """Two people have looked at the plan, and no more is given than was asked for."""
    GRANT.check("award", state)
    check_looked_at(scorers)
    if amount > asked:
        raise RuleBroken(_("This is more than was asked for."), field="amount", code="grant.more_than_asked")


def check_awarded_as(measure: str) -> None:
    """A grant is paid as what is awarded: every other kind is requested, and needs no plan."""
    if measure != Measure.AWARD:
        raise RuleBroken(_("A grant is not paid as this kind."), field="kind", code="grant.kind")


def check_can_record(done_on: date | None, on: date, today: date) -> None:
    """What was found is written down once, on the day or after it."""
    if done_on is not None:
        raise RuleBroken(_("This has been recorded already."), code="grant.recorded")
    if on > today:
        raise RuleBroken(_("This day is in the future."), field="on", code="grant.future")


def check_can_finish(state: str, waiting: int) -> None:
    """The outcome is recorded when nothing that was agreed on still waits."""
    GRANT.check("finish", state)
    if waiting:
        raise RuleBroken(
            _("A milestone or a visit is still open. Record what was found first."), code="grant.open"
        )
