"""From a request to money in somebody's hand, and back. Every step is one line that is added; nothing is changed."""

from __future__ import annotations

from uuid import UUID

from homeward.casework.assistance import permissions, queries
from homeward.casework.assistance.actions.requesting import put_into_words, take, trace, write_note
from homeward.casework.assistance.models import Entry, EntryStep, Overlap
from homeward.casework.assistance.rules import entries as rules
from homeward.casework.assistance.rules.entries import GIFT, State
from homeward.foundation.access.permissions import Permission, require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today


@action
def approve(entry: Entry, *, by: Member, note: str = "") -> Entry:
    """The first signature. Above the amount the country has set, a second one is still needed; what the payer gives of the kind
    to the same people within thirty days counts together, and what has no amount counts as more.

    Raises `RuleBroken` while it overlaps with something and nobody has said why both are needed, or if `by` said it. That
    is asked by the database, which alone knows of every overlap; so it is at every later step (sql/ledger.sql).
    """
    entry = _possible(entry, "approve", permissions.approve, by=by)

    take(entry, "approve", by=by)
    write_note(entry, note, by=by)

    record("assistance.approved", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@action
def countersign(entry: Entry, *, by: Member, note: str = "") -> Entry:
    """The second signature, by somebody else than the first: not the same person in another seat either."""
    entry = _possible(entry, "countersign", permissions.countersign, by=by)
    first = EntryStep.objects.filter(entry=entry, move="approve").select_related("taken_by").last()
    rules.check_second(first and first.taken_by.account_id, by.account_id)

    take(entry, "countersign", by=by)
    write_note(entry, note, by=by)

    record("assistance.countersigned", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@action
def release(entry: Entry, *, by: Member, note: str = "") -> Entry:
    """It is paid or handed over. What others have begun to give since the request is found once more.

    Of two officers who release the same entry at once one does, and the other is told so.
    """
    entry = _possible(entry, "release", permissions.release, by=by)

    take(entry, "release", by=by)
    write_note(entry, note, by=by)

    record("assistance.released", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@action
def relieve(entry: Entry, *, by: Member, note: str = "") -> Entry:
    """An emergency: it is handed over today and approved afterwards. Only a little, of kinds meant for that."""
    entry = _possible(entry, "relieve", permissions.relieve, by=by)
    waiting = queries.counted_with(entry, to=by, states=(State.RELIEVED,))
    rules.check_relief(
        entry.amount,
        entry.kind.emergency_up_to,
        entry.starts_on,
        today(),
        waiting=[one.amount for one in waiting],
    )

    take(entry, "relieve", by=by)
    write_note(entry, note, by=by)

    record("assistance.relieved", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@action
def confirm(entry: Entry, *, by: Member, note: str = "") -> Entry:
    """What was given at once is approved afterwards, by somebody else than whoever gave it; and as a release is: with every
    overlap answered for, by somebody else than whoever confirms."""
    entry = _possible(entry, "confirm", permissions.confirm, by=by)
    gave = EntryStep.objects.filter(entry=entry, move="relieve").select_related("taken_by").last()
    rules.check_second(gave and gave.taken_by.account_id, by.account_id)

    take(entry, "confirm", by=by)
    write_note(entry, note, by=by)

    record("assistance.confirmed", entry, by=by, category=Category.ASSISTANCE, **trace(entry))
    return entry


@action
def stop(entry: Entry, *, by: Member, why: str, note: str = "") -> Entry:
    """It is not given: nothing was paid yet, and its days are free for others."""
    entry = _possible(entry, "stop", permissions.stop, by=by)

    take(entry, "stop", reason=why, by=by)
    write_note(entry, note, by=by)

    record("assistance.stopped", entry, by=by, category=Category.ASSISTANCE, why=why, **trace(entry))
    return entry


@action
def take_back(entry: Entry, *, by: Member, why: str, note: str = "") -> Entry:
    """What was given came back: it counts no longer. Somebody else than whoever paid it says so."""
    entry = _possible(entry, "take_back", permissions.take_back, by=by)
    rules.check_back(_handed_over(entry), by.account_id)

    take(entry, "take_back", reason=why, by=by)
    write_note(entry, note, by=by)

    record("assistance.taken_back", entry, by=by, category=Category.ASSISTANCE, why=why, **trace(entry))
    return entry


@action
def reverse(entry: Entry, *, by: Member, why: str, note: str = "") -> Entry:
    """The correction of what was paid or written wrongly: the entry stays, counts for nothing, and frees its reference.
    Somebody else than whoever paid it does so."""
    entry = _possible(entry, "reverse", permissions.reverse, by=by)
    rules.check_back(_handed_over(entry), by.account_id)

    take(entry, "reverse", reason=why, by=by)
    write_note(entry, note, by=by)

    record("assistance.reversed", entry, by=by, category=Category.ASSISTANCE, why=why, **trace(entry))
    return entry


@action
def justify(entry: Entry, *, by: Member, reason: str, note: str = "") -> Entry:
    """It is said, in one of a few words, why this is needed although something of the same kind runs.

    It holds for the overlaps known by then; one that comes later is asked about anew. Somebody else lets it go on.
    """
    require(by, permissions.justify, entry)
    entry = Entry.objects.select_related("kind").get(pk=entry.pk)
    rules.check_can_justify(entry.state, undecided=bool(queries.meetings_of(entry, to=by)))

    take(entry, "justify", reason=reason, by=by)
    write_note(entry, note, by=by)

    record("assistance.justified", entry, by=by, category=Category.ASSISTANCE, reason=reason, **trace(entry))
    return entry


@action
def settle(overlap: Overlap, *, by: Member, outcome: str) -> Overlap:
    """Whoever sees both gifts, and had no hand in either, writes down what was done about it."""
    require(by, permissions.settle, overlap)
    overlap = Overlap.objects.select_for_update(of=("self",)).get(pk=overlap.pk)

    rules.check_can_settle(queries.hands_in(overlap, to=by), by.account_id)

    overlap.outcome = outcome
    overlap.settled_by, overlap.settled_at = by, now()
    with put_into_words():
        overlap.save(update_fields=["outcome", "settled_by", "settled_at"])

    record(
        "assistance.settled",
        overlap,
        by=by,
        case=overlap.first_case_id,
        category=Category.ASSISTANCE,
        outcome=outcome,
        other=overlap.second_case_id,
    )
    return overlap


def _handed_over(entry: Entry) -> set[UUID]:
    """The accounts that paid it or handed it over."""
    steps = EntryStep.objects.filter(entry=entry, move__in=("release", "relieve"))
    return set(steps.values_list("taken_by__account", flat=True))


def _possible(entry: Entry, move: str, permission: Permission, *, by: Member) -> Entry:
    """The entry as it stands now. Nobody can hold it from here, because nobody may change it: when the step is added the
    database takes the entry, looks again, and lets one of two win."""
    require(by, permission, entry)
    entry = Entry.objects.select_related("kind", "case").get(pk=entry.pk)
    GIFT.check(move, entry.state)
    return entry
