"""The way of one list through the intake, and what can become of each of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.states import Move, StateTable


class BatchState(TextChoices):
    """How far a list has come."""

    UPLOADED = "uploaded", pgettext_lazy("state of a list", "Uploaded")
    REFUSED = "refused", pgettext_lazy("state of a list", "Refused")
    CHECKED = "checked", pgettext_lazy("state of a list", "Checked")
    REVIEWING = "reviewing", pgettext_lazy("state of a list", "Ready to import")
    IMPORTING = "importing", pgettext_lazy("state of a list", "Being imported")
    IMPORTED = "imported", pgettext_lazy("state of a list", "Imported")
    FAILED = "failed", pgettext_lazy("state of a list", "Stopped")
    UNDONE = "undone", pgettext_lazy("state of a list", "Undone")
    DISCARDED = "discarded", pgettext_lazy("state of a list", "Discarded")


class Verdict(TextChoices):
    """What is to become of a row, or has become of it."""

    NEW = "new", pgettext_lazy("row of a list", "New person")
    UNCHANGED = "unchanged", pgettext_lazy("row of a list", "Known, nothing changed")
    CHANGED = "changed", pgettext_lazy("row of a list", "Known, something changed")
    REVIEW = "review", pgettext_lazy("row of a list", "Waiting for your decision")
    SAME = "same", pgettext_lazy("row of a list", "The same as somebody known")
    LEFT_OUT = "left_out", pgettext_lazy("row of a list", "Left out")
    REFUSED = "refused", pgettext_lazy("row of a list", "Faulty, not taken over")


_S = BatchState
BATCH = StateTable(
    "intake",
    initial=_S.UPLOADED,
    states={state.value: state.label for state in BatchState},
    moves=[
        Move("check", {_S.UPLOADED, _S.REFUSED, _S.CHECKED}, {_S.CHECKED, _S.REFUSED}, _("Check")),
        Move("match", {_S.CHECKED, _S.REVIEWING}, _S.REVIEWING, _("Compare with people already known")),
        # What still waits for a decision can be imported later, and a stopped import goes on from where it was.
        Move("begin_import", {_S.REVIEWING, _S.IMPORTED, _S.FAILED}, _S.IMPORTING, _("Import")),
        Move("finish_import", {_S.IMPORTING}, _S.IMPORTED, _("Finish the import")),
        Move("stop_import", {_S.IMPORTING}, _S.FAILED, _("Stop the import")),
        Move("undo", {_S.IMPORTED, _S.FAILED}, _S.UNDONE, _("Undo the import")),
        Move("discard", {_S.UPLOADED, _S.REFUSED, _S.CHECKED, _S.REVIEWING}, _S.DISCARDED, _("Discard")),
    ],
)

# Of these a decision can still be changed: nothing has been done yet.
OPEN_VERDICTS = frozenset({Verdict.REVIEW, Verdict.SAME, Verdict.NEW, Verdict.LEFT_OUT})


def check_is_open(state: str, verdict: str, *, is_imported: bool, is_overtaken: bool) -> None:
    """A decision is about a row that waits or was decided and is not imported yet, in the latest version of its list."""
    if state not in (BatchState.REVIEWING, BatchState.IMPORTED, BatchState.FAILED):
        raise RuleBroken(_("This list is not open for decisions."), code="intake.not_open")
    if is_imported or verdict not in OPEN_VERDICTS:
        raise RuleBroken(_("This row has been imported already."), code="intake.row_imported")
    if is_overtaken:
        raise RuleBroken(
            _("This list has been sent again since. Decide in the later version."), code="intake.overtaken"
        )


def check_is_latest(*, is_overtaken: bool, is_behind: bool) -> None:
    """Of a list that registers people one version is imported at a time, as it was compared: who stands in two versions that
    were both compared before either was imported is new in both."""
    if is_overtaken:
        raise RuleBroken(
            _("This list has been sent again since. Import the later version, or discard it."),
            code="intake.overtaken",
        )
    if is_behind:
        raise RuleBroken(
            _(
                "Another version of this list was imported after this one had been compared. Send the file again: then it is "
                "compared with what is known now."
            ),
            code="intake.behind",
        )


def check_decision(wanted: str, *, has_person: bool, registers: bool = True) -> None:
    """A decision says who it is. Of a list that registers nobody, no row can be a new person."""
    if wanted not in (Verdict.NEW, Verdict.SAME, Verdict.LEFT_OUT) or (
        wanted == Verdict.NEW and not registers
    ):
        raise RuleBroken(_("Say who this is, or leave the row out."), field="verdict", code="intake.verdict")
    if wanted == Verdict.SAME and not has_person:
        raise RuleBroken(_("Say which person this is."), field="person", code="intake.person")


def check_can_import(waiting: int, ready: int, without_their_row: Sequence[int] = ()) -> None:
    """There is something to import: rows that are decided, none of them the same as one that is not."""
    if without_their_row:
        raise RuleBroken(
            format_lazy(
                _("Row {row} is to be the same as a row that is not imported. Decide about that one first."),
                row=without_their_row[0],
            ),
            code="intake.without_their_row",
        )
    if ready:
        return
    if waiting:
        raise RuleBroken(
            format_lazy(_("All rows that are left ({waiting}) wait for a decision."), waiting=waiting),
            code="intake.all_waiting",
        )
    raise RuleBroken(_("Everything in this list is imported already."), code="intake.nothing_left")


def check_not_destroyed(*, destroyed: bool) -> None:
    """Of what is destroyed nothing can be imported, decided or taken back any more."""
    if destroyed:
        raise RuleBroken(
            _(
                "What stood in this list has been destroyed, because its days are over. What was imported stays."
            ),
            code="intake.destroyed",
        )


def check_not_in_ledger(*, is_support: bool) -> None:
    """What stands in the ledger stays there: it is corrected by reversal, entry by entry."""
    if is_support:
        raise RuleBroken(
            _("What a payer has given stands in the ledger by now. It is corrected there, entry by entry."),
            code="intake.in_ledger",
        )


def check_can_undo(reasons: Iterable[str]) -> None:
    """An import is undone as a whole, and only while nothing builds on it."""
    found = sorted(set(reasons))
    if found:
        raise RuleBroken(
            format_lazy(
                _("This import cannot be undone any more, because of these cases: {cases}."),
                cases=", ".join(found[:10]) + (" …" if len(found) > 10 else ""),
            ),
            code="intake.built_upon",
        )
