"""Asking for support, and changing its days and its amount while nothing was paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, transaction

from homeward.casework.assistance import permissions
from homeward.casework.assistance.actions.asking import ask_home, count_question
from homeward.casework.assistance.models import (
    AssistanceKind,
    Entry,
    EntryNote,
    EntryStep,
    SmallGrant,
    catalogue,
    mark_of,
)
from homeward.casework.assistance.rules import entries as rules
from homeward.casework.assistance.rules.kinds import Unit
from homeward.casework.cases.models import Case
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Refusal, RuleBroken

P = ParamSpec("P")
R = TypeVar("R")

# What was not said when something is changed: it stays. Nothing (None) is a value: things can be without a price.
AS_BEFORE: Any = object()


def _after(question: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """First a question, whose answer is counted and stays in the log even where it is no; then the action, which is all or
    nothing."""

    def around(act: Callable[P, R]) -> Callable[P, R]:
        @wraps(act)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            question(*args, **kwargs)
            return act(*args, **kwargs)

        return asked

    return around


def _can_be_requested(
    case: Case,
    *,
    by: Member,
    kind: AssistanceKind,
    starts_on: date,
    ends_on: date | None = None,
    amount: Decimal | None = None,
    quantity: int | None = None,
    **_more: Any,
) -> None:
    require(by, permissions.request, case)
    rules.check_requested(kind.measure)
    rules.check_period(starts_on, ends_on)
    rules.check_value(kind.measure, amount, quantity)
    _find_home(case, kind, by=by, starts_on=starts_on, ends_on=ends_on)


def _can_be_adjusted(
    entry: Entry,
    *,
    by: Member,
    starts_on: date,
    ends_on: date | None = None,
    amount: Decimal | None = AS_BEFORE,
    quantity: int | None = AS_BEFORE,
) -> None:
    require(by, permissions.adjust, entry)
    entry = Entry.objects.select_related("kind", "case").get(pk=entry.pk)
    amount, quantity = _said(amount, entry.amount), _said(quantity, entry.quantity)
    rules.check_can_adjust(entry.state)
    rules.check_period(starts_on, ends_on)
    rules.check_value(entry.kind.measure, amount, quantity)
    rules.check_same_award(entry.kind.measure, entry.amount, amount)
    _find_home(entry.case, entry.kind, by=by, starts_on=starts_on, ends_on=ends_on)


@_after(_can_be_requested)
@action
def request(
    case: Case,
    *,
    by: Member,
    kind: AssistanceKind,
    starts_on: date,
    ends_on: date | None = None,
    amount: Decimal | None = None,
    quantity: int | None = None,
    source: str = "",
    reference: str = "",
    reason: str = "",
    note: str = "",
) -> Entry:
    """Support is asked for: by the member's institution, for the person of this case or the household they live in.

    What others give over the same days is found at once. The entry then stands there and waits: it can be approved when
    somebody has stopped it, changed its days, or given a `reason` why both are needed (at once, or later: `justify`).
    Raises `RuleBroken` at the field that is to be mended, and `Throttled` for more of them than a desk needs: whether there
    is a household, and whether something overlaps, tells of other people's lives (`count_question`).
    """
    return enter(
        case,
        by=by,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        amount=amount,
        quantity=quantity,
        source=source,
        reference=reference,
        reason=reason,
        note=note,
    )


@action
def enter(
    case: Case,
    *,
    by: Member,
    kind: AssistanceKind,
    starts_on: date,
    ends_on: date | None = None,
    amount: Decimal | None = None,
    quantity: int | None = None,
    source: str = "",
    reference: str = "",
    reason: str = "",
    note: str = "",
) -> Entry:
    """The entry that a request or an award makes, asked for and compared. Pages go through one of these two."""
    require(by, permissions.request, case)
    rules.check_period(starts_on, ends_on)
    rules.check_value(kind.measure, amount, quantity)

    entry = _stored(
        Entry(
            case=case,
            payer_id=by.institution_id,
            kind=kind,
            source=_plain(source),
            amount=amount,
            currency=catalogue().currency,
            quantity=quantity,
            starts_on=starts_on,
            ends_on=ends_on,
            reference=_plain(reference),
            mark=mark_of(by.institution_id, _plain(reference)),
            requested_by=by,
            requested_at=now(),
        )
    )
    if reason:
        take(entry, "justify", reason=reason, by=by)
    write_note(entry, note, by=by)

    record("assistance.requested", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@_after(_can_be_adjusted)
@action
def adjust(
    entry: Entry,
    *,
    by: Member,
    starts_on: date,
    ends_on: date | None = None,
    amount: Decimal | None = AS_BEFORE,
    quantity: int | None = AS_BEFORE,
) -> Entry:
    """The days change, and perhaps what is given for them: the entry is stopped, and one with other days takes its place and is
    asked for anew. An amount is for all the days together, so nobody can say for the payer what fewer of them cost: without
    one it stays as it was.

    Raises `RuleBroken` when something was paid already, and `Throttled` as a request does.
    """
    require(by, permissions.adjust, entry)
    entry = Entry.objects.select_related("kind", "case").get(pk=entry.pk)

    take(entry, "stop", reason=rules.Why.OVERLAP, by=by)
    fresh = _stored(
        Entry(
            case=entry.case,
            payer_id=entry.payer_id,
            kind=entry.kind,
            source=entry.source,
            amount=_said(amount, entry.amount),
            currency=entry.currency,
            quantity=_said(quantity, entry.quantity),
            starts_on=starts_on,
            ends_on=ends_on,
            reference=entry.reference,
            mark=entry.mark,
            replaces=entry,
            requested_by=by,
            requested_at=now(),
        )
    )

    for grant in SmallGrant.objects.filter(entry=entry):  # its money is this one now
        grant.entry = fresh
        grant.save(update_fields=["entry"])

    record("assistance.adjusted", fresh, by=by, category=Category.ASSISTANCE, **trace(fresh))
    return fresh


# --- what the other actions need as well: a step of an entry, and what the database says to it


def take(entry: Entry, move: str, *, by: Member, reason: str = "") -> EntryStep:
    """One step is added; the database moves the entry on, or refuses with a code that is put into words here."""
    step = EntryStep(
        entry=entry,
        case_id=entry.case_id,
        payer_id=entry.payer_id,
        move=move,
        reason=reason,
        taken_by=by,
        taken_at=now(),
    )
    _save(step)
    entry.refresh_from_db(fields=["state"])
    return step


def write_note(entry: Entry, words: str, *, by: Member) -> None:
    """What the payer wants to remember about the entry; nothing if nothing was written."""
    if words.strip():
        EntryNote(
            entry=entry,
            case_id=entry.case_id,
            payer_id=entry.payer_id,
            body=words.strip(),
            written_by=by,
            written_at=now(),
        ).save(force_insert=True)


def trace(entry: Entry) -> dict[str, Any]:
    """What the log keeps of an entry: codes and days, no sums and no words."""
    return {
        "kind": entry.kind.code,
        "from": entry.starts_on,
        "until": entry.ends_on,
        "state": entry.state,
    }


def _stored(entry: Entry) -> Entry:
    _save(entry)
    return entry


def _save(row: Entry | EntryStep) -> None:
    with put_into_words():
        row.save(force_insert=True)


@contextmanager
def put_into_words() -> Iterator[None]:
    """What the database refuses in here is told in the member's words."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        raise refused(error) from error


def refused(error: DatabaseError) -> Refusal:
    """What the database said, in the member's words; anything it should not have said goes on as it is."""
    words = str(error).splitlines()[0]
    for code, (field, message) in rules.REFUSED.items():
        if code in words:
            return RuleBroken(message, field=field, code=code)
    raise error


def _find_home(
    case: Case, kind: AssistanceKind, *, by: Member, starts_on: date, ends_on: date | None
) -> None:
    """Counted before anything is answered. That there is no household is told before anything is saved, and stays in the log."""
    count_question(case.pk, by=by)
    if kind.unit == Unit.HOUSEHOLD:
        rules.check_home(has_home=ask_home(case, by=by, starts_on=starts_on, ends_on=ends_on))


def _said(value: Any, before: Any) -> Any:
    return before if value is AS_BEFORE else value


def _plain(words: str) -> str:
    return " ".join(words.split())
