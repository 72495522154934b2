"""Small grants: one on its page, and every step from the application to how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance import actions, forms, permissions, queries
from homeward.casework.assistance.models import GrantStation, SmallGrant
from homeward.casework.assistance.rules.grants import (
    GRANT,
    LEAST_SCORERS,
    WORDS_OF_GRANTS,
    check_first_score,
    check_looked_at,
)
from homeward.casework.assistance.views.entries import NOBODY_ELSE
from homeward.casework.cases import queries as cases
from homeward.foundation.access.permissions import may as may_do
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text, objection
from homeward.foundation.web.pages import ActionPage, DetailPage

STEPS = {
    "score": permissions.score,
    "award": permissions.award,
    "decline": permissions.award,
    "plan_milestone": permissions.plan_milestone,
    "finish": permissions.finish,
}


def _about(request: HttpRequest, found: SmallGrant) -> Mapping[str, Any]:
    """The points side by side, what is agreed on, and what one may do now."""
    member: Member = request.member  # type: ignore[attr-defined]
    possible = {move.name for move in GRANT.moves_from(found.state)}
    others: list[Text] = []
    if "score" in possible and may_do(member, permissions.score, found):
        others = _who_scores(found, member, possible)
    return {
        "somebody_else": others,
        "scores": queries.scores_of(found, to=member).items(),
        "stations": queries.stations_of(found, to=member),
        "steps_to_take": [
            (name, WORDS_OF_GRANTS[name])
            for name, permission in STEPS.items()
            if name in possible and may_do(member, permission, found)
        ],
        "may_record": may_do(member, permissions.plan_milestone, found),
    }


def _who_scores(found: SmallGrant, member: Member, possible: set[str]) -> list[Text]:
    """Takes away what this member can not do yet, and says who scores the plan."""
    scorers = queries.scorers_of(found, to=member)
    has_scored = member.account_id in scorers
    if has_scored:
        possible.discard("score")
    if len(scorers) >= LEAST_SCORERS:
        return []
    possible.discard("award")
    lines: list[Text] = [
        _(
            "You have scored this plan. Somebody else of your institution has to score it too before it is awarded."
        )
        if has_scored
        else _("Two people of your institution have to score this plan before it is awarded."),
    ]
    could = queries.colleagues_who(*permissions.WORKING, to=member) | scorers | {member.account_id}
    return lines if len(could) >= LEAST_SCORERS else [*lines, NOBODY_ELSE]


grant = DetailPage(
    find=queries.grant,
    template="assistance/grant.html",
    title=lambda found: found.ref,
    recorded="grant.viewed",
    extra=_about,
)

apply = ActionPage(
    find=cases.one,
    permission=permissions.apply,
    form=forms.ApplyForm,
    action=actions.apply,
    template="assistance/apply.html",
    title=_("Apply for a small grant"),
    submit=_("Apply"),
    then=lambda made: made.get_absolute_url(),
    done=_("The application stands there. Two people score the plan."),
)


def _why_not(name: str, member: Member, found: SmallGrant) -> Text:
    """Why this member cannot take this step now: how far the grant has come, or who still has to look at the plan."""
    if why := objection(GRANT.check, name, found.state):
        return why
    scorers = queries.scorers_of(found, to=member)
    if name == "score":
        return objection(check_first_score, member.account_id, scorers)
    return objection(check_looked_at, scorers) if name == "award" else ""


def _step(name: str, done: Any, **more: Any) -> ActionPage:
    return ActionPage(
        find=queries.grant,
        permission=STEPS[name],
        action=getattr(actions, name),
        title=WORDS_OF_GRANTS[name],
        submit=WORDS_OF_GRANTS[name],
        done=done,
        impossible=lambda request, found: _why_not(name, request.member, found),  # type: ignore[attr-defined]
        **more,
    )


score = _step("score", _("Your points are saved."), form=forms.ScoreForm)
award = _step(
    "award",
    _("Awarded. The money stands in the ledger and is signed for there."),
    form=forms.AwardForm,
    initial=lambda found: {"amount": found.asked},
)
decline = _step("decline", _("Declined."))
plan_milestone = _step("plan_milestone", _("It is planned."), form=forms.StationForm)
finish = _step("finish", _("The outcome is recorded."), form=forms.EndingForm)


def _of_grant(station: GrantStation) -> str:
    return station.grant.get_absolute_url()


record_milestone = ActionPage(
    find=queries.station,
    permission=permissions.plan_milestone,
    form=forms.RecordForm,
    action=actions.record_milestone,
    title=_("Record what was found"),
    then=_of_grant,
    done=_("Saved."),
)
