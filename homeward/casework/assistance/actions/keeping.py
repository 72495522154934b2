"""Support of the past, taken in from payers' lists; kinds from the country pack; and the nightly comparison of everything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance import permissions
from homeward.casework.assistance.models import AssistanceKind, catalogue, mark_of, new_entry_ref
from homeward.casework.assistance.models.packs import catalogue_in
from homeward.casework.assistance.rules.entries import check_period, check_value
from homeward.casework.assistance.rules.history import BEGINS_LATER, UNSIGNED, check_is_history
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import Operator, action, operation, record, record_operation
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.jobs.actions import clockwork
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken, Text
from homeward.foundation.kernel.packs import Pack
from homeward.foundation.kernel.packs.words import in_latin
from homeward.foundation.kernel.refs import new_id


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One line of a payer's list: what was given to the person of this case, and where it stands written.

    `file` and `row` are its place in the list and are required; `reference` is the payer's own, if the list has one, and
    then says which gift it is wherever the row stands. Whoever takes in files of one name after another says with `first_row`
    in which row of which list the gift was told first: then no file's name and no payer's matters for knowing it again.
    `person_corrected` says that the list itself has corrected whose this row is; an entry of another person is left alone
    without it.
    `payer` is the institution whose list it is: the member's own, if not said. `kind` is a code of the pack. Money is
    `Decimal`, never a float. Goods without a number count as one. A list of the past gives amounts for goods as well.
    """

    case: UUID
    kind: str
    starts_on: date
    file: str
    row: int
    ends_on: date | None = None
    amount: Decimal | None = None
    quantity: int | None = None
    source: str = ""
    reference: str = ""
    payer: Institution | None = None
    first_row: str = ""
    person_corrected: bool = False


@dataclass(frozen=True)
class Kept:
    """What became of one row: `kept`, `unchanged`, `corrected`, or `refused` with the reason and the field at fault."""

    outcome: str
    entry: UUID | None = None
    reason: Text = ""
    code: str = ""
    field: str | None = None

    @property
    def is_refused(self) -> bool:
        """Was it not taken?"""
        return self.outcome == "refused"


NO_CASE = _("There is no case of this person in which support can be entered.")
# What the database refuses of a row, in words.
_REFUSED: Mapping[str, tuple[str | None, Text]] = {
    "missing": (None, NO_CASE),
    "no_origin": ("file", _("It is not known from which list this row comes.")),
    "duplicate": (
        "reference",
        _("An entry under this reference, or from this row, is there already, and may be another person’s."),
    ),
    "begins_later": BEGINS_LATER,
    "unsigned": UNSIGNED,
}
# So many rows travel to the database at once.
AT_ONCE = 1000


@action
def record_history(rows: Iterable[HistoryRow], *, by: Member) -> list[Kept]:
    """Support of the past is taken in: given already, so nobody signs for it here. One `Kept` for each row, in their order.

    Each row stands for itself: a faulty one is refused with its reason, and the others are taken. Taking the same list in
    again changes nothing (`unchanged`); a row that was corrected in the list takes the place of the former entry, which is
    reversed and stays (`corrected`). What begins after today, or began lately and needs two signatures, is no history: it is
    requested and signed at the payer. Overlaps with everything known are found at once.

    For the member's own institution, and for other payers in cases where a protocol lets it see who gives what. Raises
    `NotPermitted` for whoever does not answer for their institution.
    """
    require(by, permissions.keep_history, by.institution)
    given = list(rows)
    known = {kind.code: kind for kind in AssistanceKind.objects.all()}
    kept: list[Kept | None] = [_fault(row, known) for row in given]
    told = [_told(place, row, known, by) for place, row in enumerate(given) if kept[place] is None]
    seen: set[UUID] = set()
    for one in told:
        marks = {mark for mark in (one["mark"], one["origin_mark"]) if mark}
        if marks & seen:
            kept[one["place"]] = _outcome("duplicate", None)
        seen |= marks
    told = [one for one in told if kept[one["place"]] is None]
    for start in range(0, len(told), AT_ONCE):
        for place, outcome, entry in _store(told[start : start + AT_ONCE], by):
            kept[place] = _outcome(outcome, entry)
    answers = [one for one in kept if one is not None]

    counted: dict[str, Any] = {name: sum(one.outcome == name for one in answers) for name in OUTCOMES}
    record("assistance.history_kept", by, by=by, **counted)
    return answers


OUTCOMES = ("kept", "unchanged", "corrected", "refused")


def _fault(row: HistoryRow, known: Mapping[str, AssistanceKind]) -> Kept | None:
    """What a person at a desk would be told as well: the kind, the days, the amount."""
    if row.kind not in known:
        return Kept("refused", None, _("This kind of support is not known."), "assistance.kind", "kind")
    try:
        check_period(row.starts_on, row.ends_on)
        check_value(known[row.kind].measure, row.amount, _number(row, known[row.kind]))
        check_is_history(row.starts_on, row.amount, known[row.kind].second_above, today())
    except RuleBroken as broken:
        return Kept("refused", None, broken.message, broken.code, broken.field)
    return None


def _number(row: HistoryRow, kind: AssistanceKind) -> int | None:
    return 1 if row.quantity is None and kind.measure == "goods" else row.quantity


def _told(place: int, row: HistoryRow, known: Mapping[str, AssistanceKind], by: Member) -> dict[str, Any]:
    kind, payer = known[row.kind], row.payer.pk if row.payer else by.institution_id
    reference, file = " ".join(row.reference.split()), row.file.strip()
    return {
        "place": place,
        "id": new_id(),
        "ref": new_entry_ref(),
        "case": row.case,
        "payer": payer,
        "kind": kind.pk,
        "source": " ".join(row.source.split()),
        "amount": row.amount,
        "currency": catalogue().currency,
        "quantity": _number(row, kind),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "reference": reference,
        "mark": mark_of(payer, reference),
        "origin_file": file,
        "origin_row": row.row,
        # By its own list's row, whatever the file is called and whoever is said to have paid by now.
        "origin_mark": mark_of(by.institution_id, "row", row.first_row) or mark_of(payer, file, row.row),
        "person_corrected": row.person_corrected,
    }


def _store(told: Sequence[dict[str, Any]], by: Member) -> list[tuple[int, str, UUID | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select place, outcome, entry from sec.keep_history(%s, %s::jsonb)",
            [by.pk, json.dumps(told, default=str)],
        )
        return list(cursor.fetchall())


def _outcome(outcome: str, entry: UUID | None) -> Kept:
    if outcome not in _REFUSED:
        return Kept(outcome, entry)
    field, reason = _REFUSED[outcome]
    return Kept("refused", None, reason, f"assistance.{outcome}", field)


@operation
def load_assistance(pack: Pack, *, by: Operator) -> int:
    """Loads the kinds of support of a country (`assistance.yaml`). Running it again changes only what changed.

    A kind that is not in the pack any more is offered no longer; what was given of it stays.
    """
    found = catalogue_in(pack).kinds
    table = AssistanceKind.objects.using("migrate")
    for kind in found:
        table.update_or_create(
            code=kind.code,
            defaults={
                "label": _in_both_scripts(kind.label),
                "class_code": kind.class_code,
                "class_label": _in_both_scripts(kind.class_label),
                "number": kind.number,
                "unit": kind.unit,
                "gives": kind.gives,
                "measure": kind.measure,
                "second_above": kind.second_above,
                "emergency_up_to": kind.emergency_up_to,
                "is_offered": True,
            },
        )
    table.exclude(code__in=[kind.code for kind in found]).update(is_offered=False)
    record_operation("assistance.kinds_loaded", "assistancekind", by=by, pack=pack.name, kinds=len(found))
    return len(found)


@clockwork
def sweep(cursor: Any, *, by: Operator) -> int:
    """Everything is compared with everything once more; how many overlaps nobody knew of. The database writes the log."""
    cursor.execute("select sec.sweep_overlaps()")
    found: int = cursor.fetchone()[0]
    return found


def _in_both_scripts(label: Mapping[str, str]) -> dict[str, str]:
    words = dict(label)
    if "sr" in words:
        words.setdefault("sr-latn", in_latin(words["sr"]))
    return words
