"""Ending a case: two different people, a reason, and nothing left open.

One person proposes, another one confirms. Whoever proposed cannot confirm, whatever their roles: the end
of care is never one person's decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.cases.rules.care import CARE
from homeward.foundation.kernel.errors import RuleBroken, Text


class ClosingReason(TextChoices):
    """Why a case can end. Refusing voluntary help ends it like any other reason, and is no evidence."""

    GOALS_REACHED = "goals_reached", _("Goals reached")
    NO_NEED = "no_need", _("Nothing needed")
    OWN_WISH = "own_wish", _("At the person's own wish")
    MOVED_AWAY = "moved_away", _("Moved to another country")
    NO_CONTACT = "no_contact", _("No contact in spite of several tries")
    DIED = "died", _("Died")
    OPENED_BY_MISTAKE = "opened_by_mistake", _("Opened by mistake")


def check_can_propose(state: str, reason: str, blockers: Sequence[Text]) -> None:
    """A closure can be proposed from the assessment on, with a reason, when nothing is left open."""
    CARE.check("propose_closure", state)
    if reason not in ClosingReason.values:
        raise RuleBroken(_("Choose a reason for the closure."), field="reason", code="closing.reason")
    _check_nothing_is_open(blockers)


def check_can_confirm(
    state: str, *, proposed_by: UUID | None, confirmed_by: UUID, blockers: Sequence[Text]
) -> None:
    """Somebody else than the proposer confirms, and still nothing is left open."""
    CARE.check("confirm_closure", state)
    if proposed_by == confirmed_by:
        raise RuleBroken(
            _("You proposed this closure. A second person has to confirm it."), code="closing.same_person"
        )
    _check_nothing_is_open(blockers)


def _check_nothing_is_open(blockers: Sequence[Text]) -> None:
    if blockers:
        raise RuleBroken(
            format_lazy(_("The case cannot be closed yet: {what}"), what=_Joined(blockers)),
            code="closing.blocked",
        )


class _Joined(Promise):
    """Several sentences that find their language only when somebody reads them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = tuple(texts)

    def __str__(self) -> str:
        return " ".join(str(text) for text in self.texts)
