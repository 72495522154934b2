"""The way of a gift, from a request to money in somebody's hand, and what can be entered at all.

    requested → (signed once →) approved → released → (returned)

Above an amount that the country sets, two people sign before money leaves. In an emergency a small gift is handed over at
once and approved afterwards. Nothing is ever changed: what is wrong is stopped while nothing was paid, and reversed after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.assistance.rules.kinds import Measure
from homeward.foundation.kernel.errors import RuleBroken, Text
from homeward.foundation.kernel.states import Move, StateTable


class State(TextChoices):
    """Where a gift stands."""

    REQUESTED = "requested", pgettext_lazy("state of support", "Requested")
    SIGNED = "signed", pgettext_lazy("state of support", "Signed once")
    APPROVED = "approved", pgettext_lazy("state of support", "Approved")
    RELIEVED = "relieved", pgettext_lazy("state of support", "Given at once, to be approved")
    RELEASED = "released", pgettext_lazy("state of support", "Released")
    RETURNED = "returned", pgettext_lazy("state of support", "Returned")
    STOPPED = "stopped", pgettext_lazy("state of support", "Stopped")
    REVERSED = "reversed", pgettext_lazy("state of support", "Reversed")


# It runs, or is about to: compared with what others give. The database holds the same list (sql/overlaps.sql).
LIVE = (State.REQUESTED, State.SIGNED, State.APPROVED, State.RELIEVED, State.RELEASED)
# Money or things have left the payer and have not come back.
PAID = (State.RELIEVED, State.RELEASED)
# It is given, or was promised by everybody who has to sign.
GRANTED = (State.APPROVED, State.RELIEVED, State.RELEASED)
# Nothing was paid yet.
WAITING = (State.REQUESTED, State.SIGNED, State.APPROVED)
# Somebody at the payer still has to do something.
OPEN = (*WAITING, State.RELIEVED)

# What a payer gives of one kind to the same person or household counts as one gift if it begins so close together. The
# database holds the same number of days (sql/ledger.sql).
TOGETHER = timedelta(days=30)
# How far from today one may ask whether support runs.
ASKED = timedelta(days=365)

WORDS_OF_MOVES: Mapping[str, Text] = {
    "approve": pgettext_lazy("support", "Approve"),
    "countersign": pgettext_lazy("support", "Sign as the second person"),
    "release": pgettext_lazy("support", "Release"),
    "relieve": pgettext_lazy("support", "Give at once"),
    "confirm": pgettext_lazy("support", "Approve afterwards"),
    "take_back": pgettext_lazy("support", "Record that it was returned"),
    "stop": pgettext_lazy("support", "Stop"),
    "reverse": pgettext_lazy("support", "Reverse"),
}

GIFT = StateTable(
    "assistance",
    initial=State.REQUESTED,
    states=dict(State.choices),
    moves=[
        Move("approve", {State.REQUESTED}, {State.APPROVED, State.SIGNED}, WORDS_OF_MOVES["approve"]),
        Move("countersign", {State.SIGNED}, State.APPROVED, WORDS_OF_MOVES["countersign"]),
        Move("release", {State.APPROVED}, State.RELEASED, WORDS_OF_MOVES["release"]),
        Move("relieve", {State.REQUESTED}, State.RELIEVED, WORDS_OF_MOVES["relieve"]),
        Move("confirm", {State.RELIEVED}, State.RELEASED, WORDS_OF_MOVES["confirm"]),
        Move("take_back", {State.RELEASED}, State.RETURNED, WORDS_OF_MOVES["take_back"]),
        Move("stop", set(WAITING), State.STOPPED, WORDS_OF_MOVES["stop"]),
        # What was paid by mistake, or written down wrongly: the entry stays and counts for nothing.
        Move("reverse", {State.RELIEVED, State.RELEASED, State.RETURNED}, State.REVERSED, WORDS_OF_MOVES["reverse"]),
    ],
)  # fmt: skip


class Reason(TextChoices):
    """Why help is given although help of the same kind runs."""

    CO_FUNDED = "co_funded", _("Paid together: each pays a part of the same")
    OTHER_NEED = "other_need", _("For another need than the one that is covered")
    NOT_ENOUGH = "not_enough", _("What is given does not cover the need")
    HANDOVER = "handover", _("One payer follows the other, and the days overlap in between")


class Why(TextChoices):
    """Why help was stopped, returned or reversed."""

    OVERLAP = "overlap", _("Somebody else gives it already")
    NO_NEED = "no_need", _("It is not needed any more")
    WRONG = "wrong", _("It was entered wrongly")
    NOT_USED = "not_used", _("It was not used, or not for this")
    NOT_FOUND = "not_found", _("The person could not be reached")
    OTHER = "other", pgettext_lazy("reason", "Something else")


def check_period(starts_on: date, ends_on: date | None) -> None:
    """Help ends on the day it begins, or later, or has no end yet."""
    if ends_on is not None and ends_on < starts_on:
        raise RuleBroken(_("The last day lies before the first."), field="ends_on", code="assistance.period")


def check_value(measure: str, amount: Decimal | None, quantity: int | None) -> None:
    """Money has an amount above zero; things have a number, and perhaps what they cost."""
    if measure != Measure.GOODS and amount is None:
        raise RuleBroken(_("Enter the amount."), field="amount", code="assistance.amount")
    if measure == Measure.GOODS and quantity is None:
        raise RuleBroken(_("Enter how many."), field="quantity", code="assistance.quantity")
    if amount is not None and (amount <= 0 or amount != round(amount, 2)):
        raise RuleBroken(
            _("An amount is more than zero and has at most two decimals."),
            field="amount",
            code="assistance.amount",
        )
    if quantity is not None and quantity < 1:
        raise RuleBroken(_("At least one."), field="quantity", code="assistance.quantity")


def check_requested(measure: str) -> None:
    """What is awarded for a plan is not requested past those who score it."""
    if measure == Measure.AWARD:
        message = REFUSED["assistance.awarded"][1]
        raise RuleBroken(message, field="kind", code="assistance.awarded")


def check_asked(starts_on: date, ends_on: date, today: date) -> None:
    """One asks about the present: from days that are long gone, or far away, a life could be read."""
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if abs(day - today) > ASKED:
            raise RuleBroken(
                _("Ask about days from one year ago to one year from now."),
                field=field,
                code="assistance.days",
            )


def check_home(*, has_home: bool) -> None:
    """Help for a household needs to know which one."""
    if not has_home:
        raise RuleBroken(
            _(
                "This support is for a household, and this person is in none on that day. Enter the household first, on the "
                "page of the person."
            ),
            field="kind",
            code="assistance.no_household",
        )


def exceeds(amounts: Iterable[Decimal | None], limit: Decimal) -> bool:
    """Is it more than this, all together? What has no amount counts as more: nobody can say that it is little."""
    total = Decimal("0.00")
    for amount in amounts:
        if amount is None:
            return True
        total += amount
    return total > limit


def needs_second(amounts: Iterable[Decimal | None], above: Decimal | None) -> bool:
    """Whether two people sign: decided by what counts together (`TOGETHER`), or a large gift would be cut into small ones."""
    return above is not None and exceeds(amounts, above)


def approved(amounts: Iterable[Decimal | None], above: Decimal | None) -> State:
    """Where a first signature leads."""
    return State.SIGNED if needs_second(amounts, above) else State.APPROVED


def check_second(first: object, second: object) -> None:
    """The second signature is another person's, not another seat of the same one."""
    if first == second:
        raise RuleBroken(
            _("You have signed this already. Somebody else signs as the second person."),
            code="assistance.same_person",
        )


def check_back(handed_over: Collection[object], mine: object) -> None:
    """That something came back, or was wrong, is said by somebody else than whoever paid it."""
    if mine in handed_over:
        raise RuleBroken(REFUSED["assistance.paid_by_you"][1], code="assistance.paid_by_you")


def check_can_settle(hands: Collection[object], mine: object) -> None:
    """Nobody decides about an overlap of what they asked for, signed, paid or took in themselves."""
    if mine in hands:
        raise RuleBroken(REFUSED["assistance.own_hand"][1], code="assistance.own_hand")


def check_relief(
    amount: Decimal | None,
    up_to: Decimal | None,
    starts_on: date,
    today: date,
    waiting: Iterable[Decimal | None] = (),
) -> None:
    """What is handed over before anybody approved it is small, of a kind meant for that, and given today. What was given at
    once to the same people and still waits for approval (`waiting`) counts with it."""
    if up_to is None:
        raise RuleBroken(
            _("This kind of support is never given before it is approved."), code="assistance.no_relief"
        )
    if amount is None:
        raise RuleBroken(
            _(
                "What is given before it is approved needs an amount. Stop this one and enter it anew, with what it costs."
            ),
            code="assistance.relief_no_amount",
        )
    if exceeds([amount, *waiting], up_to):
        raise RuleBroken(
            _(
                "This is more than may be given before it is approved. What was given at once within thirty days and still "
                "waits for approval counts with it."
            ),
            code="assistance.relief_too_much",
        )
    if starts_on > today:
        raise RuleBroken(
            _("Support that begins later can wait for approval."), code="assistance.relief_later"
        )


def check_can_justify(state: str, *, undecided: bool) -> None:
    """A reason is given for an overlap that is there, while the help still counts."""
    if state not in LIVE:
        raise RuleBroken(_("This support no longer counts."), code="assistance.not_live")
    if not undecided:
        raise RuleBroken(_("There is no overlap to be justified."), code="assistance.no_overlap")


def check_can_adjust(state: str) -> None:
    """Days and amounts are changed as long as nothing was paid."""
    if state not in WAITING:
        raise RuleBroken(
            _("Something was paid already. Reverse this entry and enter it anew."), code="assistance.paid"
        )


def check_same_award(measure: str, was: Decimal | None, now: Decimal | None) -> None:
    """What was awarded for a plan keeps its amount, whatever happens to its days."""
    if measure == Measure.AWARD and was != now:
        raise RuleBroken(
            _("This amount was awarded for a plan and stays. Only the days can be changed."),
            field="amount",
            code="assistance.awarded_amount",
        )


class Bar(TextChoices):
    """Why somebody can never make a move with this entry, and who can instead: said before a form is filled in."""

    SIGNED = (
        "signed",
        _(
            "You have signed this. Somebody else of your institution has to sign as the second person: a coordinator or "
            "supervisor."
        ),
    )
    RELIEVED = (
        "relieved",
        _(
            "You have given this at once. Somebody else of your institution has to approve it afterwards: a coordinator or "
            "supervisor."
        ),
    )
    PAID = (
        "paid",
        _(
            "You have paid this or handed it over. If it comes back or was wrong, somebody else of your institution has to "
            "record that."
        ),
    )
    JUSTIFIED = (
        "justified",
        _(
            "You said why both are needed. Somebody else of your institution has to decide whether that is enough."
        ),
    )
    SETTLED = (
        "settled",
        _("You have decided that both are right. Somebody else of your institution has to sign for it."),
    )
    SECOND = (
        "second",
        _("Somebody else of your institution has to sign as the second person: a coordinator or supervisor."),
    )
    AFTERWARDS = (
        "afterwards",
        _("Somebody else of your institution has to approve this afterwards: a coordinator or supervisor."),
    )


# At these moves somebody looks at overlaps, and does not answer for them alone.
LOOKED_AT = ("approve", "countersign", "release", "confirm")


def barred(
    account: object,
    did: Mapping[str, Collection[object]],
    *,
    justified: object = None,
    settled: Collection[object] = (),
) -> dict[str, Bar]:
    """The moves this person can never make with an entry, and why: by who has done what with it so far, who said last why
    both are needed, and who settled that both are right. The database decides (sql/ledger.sql)."""
    found: dict[str, Bar] = {}
    if account in did.get("approve", ()):
        found["countersign"] = Bar.SIGNED
    if account in did.get("relieve", ()):
        found["confirm"] = Bar.RELIEVED
    if account in did.get("release", ()) or account in did.get("relieve", ()):
        found |= {"take_back": Bar.PAID, "reverse": Bar.PAID}
    for whose, bar in (({justified}, Bar.JUSTIFIED), (settled, Bar.SETTLED)):
        if account in whose:
            found |= {move: found.get(move, bar) for move in LOOKED_AT}
    return found


# What the database refuses, in words: by the code it raises (sql/ledger.sql, sql/overlaps.sql).
REFUSED: Mapping[str, tuple[str | None, Text]] = {
    "assistance.closed": ("kind", _("No support can be entered for this person any more: the work with them has ended.")),
    "assistance.ended": (
        None,
        _("The work with this person has ended: nothing more is approved for them. Stop this support."),
    ),
    "assistance.moved_on": (None, _("Somebody else has done this already. Look at the page of the entry again.")),
    "assistance.same_person": (None, _("You have signed this already. Somebody else signs as the second person.")),
    "assistance.justified_by_you": (
        None,
        _("You said why both are needed. Somebody else decides whether that is enough."),
    ),
    "assistance.settled_by_you": (
        None,
        _("You have decided that both are right. Somebody else of your institution has to sign for it."),
    ),
    "assistance.overlap": (
        None,
        _(
            "Support of this kind runs already on some of these days. See when and whom to ask on the page of this entry; "
            "then stop this one, change its days, or say why both are needed."
        ),
    ),
    "assistance.paid_by_you": (
        None,
        _("You have paid this or handed it over. That it came back, or was wrong, is recorded by somebody else."),
    ),
    "assistance.own_hand": (
        None,
        _(
            "You have asked for one of these two, signed for it, paid it or taken it in yourself. Somebody else decides "
            "about this overlap."
        ),
    ),
    "assistance.awarded": (
        "kind",
        _(
            "This support is not requested: it is awarded after two people have scored the plan. Choose “Apply for a small "
            "grant” on the page of the case."
        ),
    ),
    "assistance.relief": (None, _("This is more than may be given before it is approved.")),
    "assistance_entry_reference_once": (
        "reference",
        _("You have entered support under this reference already."),
    ),
}  # fmt: skip
