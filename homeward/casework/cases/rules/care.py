"""The way of a case through the system of care, from a name on a list to a closed and forgotten file.

    expected → preparing → reception → intake → assessment → planned → active → closure proposed → closed

A case in work can be suspended, or handed to another institution, and goes on from where it was. A closed
case can be reopened, and then it is assessed afresh: what was true two years ago is not taken for true.
Those who were expected and never came are withdrawn, so that their few data can go.

Legal and custody tracks run beside this one and never decide it: a person without any prosecution is
cared for like any other.
"""

from __future__ import annotations

from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.kernel.errors import RuleBroken, Text, objection
from homeward.foundation.kernel.states import Move, StateTable


class State(TextChoices):
    """Where a case stands."""

    EXPECTED = "expected", pgettext_lazy("state of a case", "Expected")
    PREPARING = "preparing", pgettext_lazy("state of a case", "Preparing arrival")
    RECEPTION = "reception", pgettext_lazy("state of a case", "Reception")
    INTAKE = "intake", pgettext_lazy("state of a case", "Intake")
    ASSESSMENT = "assessment", pgettext_lazy("state of a case", "Assessment")
    PLANNED = "planned", pgettext_lazy("state of a case", "Planned")
    ACTIVE = "active", pgettext_lazy("state of a case", "Active")
    CLOSURE_PROPOSED = "closure_proposed", pgettext_lazy("state of a case", "Closure proposed")
    CLOSED = "closed", pgettext_lazy("state of a case", "Closed")
    REOPENED = "reopened", pgettext_lazy("state of a case", "Reopened")
    SUSPENDED = "suspended", pgettext_lazy("state of a case", "Suspended")
    TRANSFERRED = "transferred", pgettext_lazy("state of a case", "Being transferred")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a case", "Never arrived")
    ARCHIVED = "archived", pgettext_lazy("state of a case", "Archived")
    ERASED = "erased", pgettext_lazy("state of a case", "Erased")


class Setting(TextChoices):
    """Where the person lives while the plan is carried out: it decides who can reach them, not whether."""

    CUSTODY = "custody", _("In custody")
    SUPERVISION = "supervision", _("Under supervision")
    COMMUNITY = "community", _("In the community")


# In these states somebody works with the person; a case that pauses or moves comes back to one of them.
IN_WORK = frozenset(
    {State.RECEPTION, State.INTAKE, State.ASSESSMENT, State.PLANNED, State.ACTIVE, State.REOPENED}
)
# From these a closure can be proposed: before an assessment nobody can say that nothing is needed.
CLOSABLE = frozenset({State.ASSESSMENT, State.PLANNED, State.ACTIVE})
# Nothing is waited for in these.
AT_REST = frozenset({State.WITHDRAWN, State.ARCHIVED, State.ERASED})
# Nobody works with the person any more. The database holds the same list (assistance/sql/ledger.sql).
ENDED = frozenset({State.CLOSED, State.WITHDRAWN, State.ARCHIVED, State.ERASED})
# The person is not here, or not yet.
NOT_HERE = frozenset({State.EXPECTED, State.PREPARING, State.WITHDRAWN})
# A case may begin in one of these.
OPENINGS = frozenset({State.EXPECTED, State.RECEPTION})
# In these a case remembers where it came from.
REMEMBERING = frozenset({State.SUSPENDED, State.TRANSFERRED, State.CLOSURE_PROPOSED})

CARE = StateTable(
    "care",
    initial=State.EXPECTED,
    states=dict(State.choices),
    moves=[
        Move("prepare", {State.EXPECTED}, State.PREPARING),
        # The words of each move are its name; WORDS below says them for the translators.
        # Some come unannounced, and some come after everybody had given up waiting.
        Move("receive", {State.EXPECTED, State.PREPARING, State.WITHDRAWN}, State.RECEPTION),
        Move("withdraw", {State.EXPECTED, State.PREPARING}, State.WITHDRAWN),
        Move("begin_intake", {State.RECEPTION}, State.INTAKE),
        Move("begin_assessment", {State.INTAKE, State.REOPENED}, State.ASSESSMENT),
        Move("mark_planned", {State.ASSESSMENT}, State.PLANNED),
        # From active to active: the person left prison, or the supervision ended.
        Move("activate", {State.PLANNED, State.ACTIVE}, State.ACTIVE),
        Move("suspend", IN_WORK, State.SUSPENDED),
        Move("resume", {State.SUSPENDED}, IN_WORK),
        Move("transfer", IN_WORK, State.TRANSFERRED),
        Move("take_over", {State.TRANSFERRED}, IN_WORK),
        Move("propose_closure", CLOSABLE, State.CLOSURE_PROPOSED),
        Move("confirm_closure", {State.CLOSURE_PROPOSED}, State.CLOSED),
        Move("reject_closure", {State.CLOSURE_PROPOSED}, CLOSABLE),
        Move("reopen", {State.CLOSED}, State.REOPENED),
        Move("archive", {State.CLOSED, State.WITHDRAWN}, State.ARCHIVED),
        # From archived to archived: the retention has ended, and somebody decides what follows (rules.retention).
        Move("keep_longer", {State.ARCHIVED}, State.ARCHIVED),
        Move("propose_erasure", {State.ARCHIVED}, State.ARCHIVED),
        # Nothing stands in this state: nothing of the case is left but what the log says was done.
        Move("erase", {State.ARCHIVED}, State.ERASED),
    ],
)


WORDS: dict[str, Text] = {
    "prepare": _("Prepare"),
    "receive": _("Receive"),
    "withdraw": _("Withdraw"),
    "begin_intake": _("Begin intake"),
    "begin_assessment": _("Begin assessment"),
    "mark_planned": _("Mark planned"),
    "activate": _("Activate"),
    "suspend": _("Suspend"),
    "resume": _("Resume"),
    "transfer": _("Transfer"),
    "take_over": _("Take over"),
    "propose_closure": _("Propose closure"),
    "confirm_closure": _("Confirm closure"),
    "reject_closure": _("Reject closure"),
    "reopen": _("Reopen"),
    "archive": _("Archive"),
    "keep_longer": _("Keep longer"),
    "propose_erasure": _("Propose erasure"),
    "erase": _("Erase"),
}


def check_can_open(state: str) -> None:
    """A case begins with a person who is expected, or with one who stands at the door."""
    if state not in OPENINGS:
        raise RuleBroken(
            _("A case begins as expected or in reception, in no other state."),
            field="state",
            code="care.open",
        )


def check_can_activate(state: str, present: str | None, setting: str) -> None:
    """A plan starts in a setting; a case that is active already only moves to another one."""
    CARE.check("activate", state)
    if setting not in Setting.values:
        raise RuleBroken(
            _("Say where the person is: in custody, under supervision or in the community."), field="setting"
        )
    if state == State.ACTIVE and present == setting:
        raise RuleBroken(
            _("The case is active in this setting already."), field="setting", code="care.activate"
        )


def check_can_transfer(state: str, *, leads: object, to: object, involved: bool) -> None:
    """A case goes only to an institution that knows it already: nobody is handed a stranger."""
    CARE.check("transfer", state)
    if leads == to:
        raise RuleBroken(
            _("This institution leads the case already."), field="institution", code="care.transfer"
        )
    if not involved:
        raise RuleBroken(
            _("Involve this institution in the case first: only one that knows the case can lead it."),
            field="institution",
            code="care.transfer",
        )


def check_reason(reason: str) -> None:
    """A case is stopped, moved or begun again only with a reason that others can read."""
    if not reason.strip():
        raise RuleBroken(_("Give a reason."), field="reason", code="care.reason")


def check_not_in_the_future(day: date | None, today: date, field: str) -> None:
    """What has happened did so today or before, never on a day still to come."""
    if day is not None and day > today:
        raise RuleBroken(_("This day is in the future."), field=field, code="care.future")


def back_to(previous: str | None) -> str:
    """The state a paused case returns to."""
    if previous is None:
        raise RuleBroken(_("It is not known where this case stood before."), code="care.previous")
    return previous


def setting_after(state: str, previous: str | None, setting: str | None) -> str | None:
    """A setting belongs to an active case, also while it pauses; elsewhere it means nothing and is dropped."""
    if state == State.ACTIVE or (state in REMEMBERING and previous == State.ACTIVE):
        return setting
    return None


def moves_by_hand(state: str) -> list[tuple[str, Text]]:
    """The moves somebody can make on the page of a case in this state, with their words."""
    return [(move.name, WORDS[move.name]) for move in CARE.moves_from(state)]


def why_not(move: str, state: str) -> Text:
    """Why a move is not possible in this state, in words; empty when it is, and for what is no move at all."""
    return objection(CARE.check, move, state) if move in WORDS else ""
