"""Small grants of the member's institution, and what is agreed on for the coming days."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from homeward.casework.assistance import permissions
from homeward.casework.assistance.models import AssistanceKind, GrantScore, GrantStation, SmallGrant
from homeward.casework.assistance.rules.grants import LEAST_SCORERS, GrantState
from homeward.casework.assistance.rules.kinds import Measure
from homeward.casework.cases.models import Case
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing
from homeward.foundation.kernel.refs import normalise_ref

AHEAD = timedelta(days=7)
MOST = 20


def grant(ref: str, *, to: Member) -> SmallGrant:
    """One grant by its reference. Raises `Missing`."""
    found = (
        SmallGrant.objects.filter(ref=normalise_ref(ref, "SG"))
        .select_related("payer", "case", "entry")
        .prefetch_related("case__person__names")
        .first()
    )
    if found is None:
        raise Missing
    return found


def grants_of(case: Case, *, to: Member) -> list[SmallGrant]:
    """What the member's institution was asked for by this person, the newest first."""
    return list(SmallGrant.objects.filter(case=case.pk).order_by("-applied_at", "pk"))


def scores_of(one: SmallGrant, *, to: Member) -> dict[str, list[tuple[str, int]]]:
    """By criterion, who gave how many points: read side by side, and never added up."""
    found: dict[str, list[tuple[str, int]]] = {}
    for score in (
        GrantScore.objects.filter(grant=one).prefetch_related("scored_by").order_by("scored_at", "pk")
    ):
        found.setdefault(score.get_criterion_display(), []).append((score.scored_by.name, score.points))
    return found


def scorers_of(one: SmallGrant, *, to: Member) -> set[UUID]:
    """The accounts of those who have scored the plan."""
    return set(GrantScore.objects.filter(grant=one).values_list("scored_by__account", flat=True))


def stations_of(one: SmallGrant, *, to: Member) -> list[GrantStation]:
    """Milestones and visits in the order of their days."""
    return list(GrantStation.objects.filter(grant=one).prefetch_related("recorded_by"))


def station(pk: UUID, *, to: Member) -> GrantStation:
    """One milestone or visit. Raises `Missing`."""
    found = GrantStation.objects.filter(pk=pk).select_related("grant__case").first()
    if found is None:
        raise Missing
    return found


def to_decide(*, to: Member) -> list[tuple[SmallGrant, str]]:
    """Plans this member can score, and those that enough people have scored and this member can decide on."""
    rows = SmallGrant.objects.filter(permissions.score(to), state=GrantState.APPLIED).annotate(
        scorers=Count("scores__scored_by__account", distinct=True),
        has_scored=Exists(GrantScore.objects.filter(grant=OuterRef("pk"), scored_by__account=to.account_id)),
    )
    waits = Q(scorers__lt=LEAST_SCORERS, has_scored=False)
    if to.has(*permissions.ANSWERING):
        waits |= Q(scorers__gte=LEAST_SCORERS)
    found = rows.filter(waits).select_related("case").order_by("applied_at", "pk")[:MOST]
    return [(one, "award" if one.scorers >= LEAST_SCORERS else "score") for one in found]


def stations_due(*, to: Member) -> list[GrantStation]:
    """What is agreed on until in a week, and what is late, at the member's institution."""
    rows = GrantStation.objects.filter(
        payer=to.institution_id,
        done_on=None,
        due_on__lte=today() + AHEAD,
        grant__state=GrantState.AWARDED,
    )
    return list(rows.select_related("grant__case").order_by("due_on", "pk")[:MOST])


def grant_kinds(*, to: Member) -> list[AssistanceKind]:
    """Kinds of support a grant is paid as: those that are awarded, and never requested."""
    return list(AssistanceKind.objects.filter(is_offered=True, measure=Measure.AWARD))
