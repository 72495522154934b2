"""Knowing gifts again that the same sender told of in an earlier list. Nothing is changed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from homeward.doors.intake import queries
from homeward.doors.intake.models import IntakeBatch, IntakeRow
from homeward.doors.intake.queries import Gift, Told
from homeward.doors.intake.rules.batch import Verdict
from homeward.doors.intake.rules.evidence import Evidence
from homeward.doors.intake.rules.gifts import (
    WHO_PAID,
    is_corrected_gift,
    is_same_but_for_payer,
    is_same_gift,
    is_version,
)
from homeward.foundation.institutions.models import Member

Numbered = TypeVar("Numbered", Gift, IntakeRow)


@dataclass(frozen=True)
class Recalled:
    """An earlier gift that a row tells of again: what it says differently, and whether it still is the same person's."""

    gift: Gift
    changed: tuple[str, ...]
    is_same_person: bool = True


def recalled(batch: IntakeBatch, *, by: Member) -> tuple[dict[int, Recalled], UUID | None]:
    """Of which earlier gift each row of a list tells, by its place, and of which earlier list this is a new version.

    Rows that tell of a new gift are left out.
    """
    rows = list(IntakeRow.objects.filter(batch=batch).exclude(verdict=Verdict.REFUSED).order_by("position"))
    gifts = queries.given_so_far(batch, to=by).gifts
    waiting = queries.told_elsewhere(batch, to=by, imported=False)
    recalling = _Recalling(rows, gifts, waiting, by)
    return recalling.found, next(iter(recalling.versions), None)


def told_by(row: IntakeRow, gifts: Iterable[Gift], taken: Collection[UUID]) -> Gift | None:
    """Which gift to the person of this row it tells of, however the list writes their name. `taken` by other rows."""
    said = row.values
    fitting: list[tuple[bool, bool, int, Gift]] = []
    for gift in gifts:
        if gift.first not in taken and gift.is_like(said):
            changed = gift.changed_by(said)
            if not WHO_PAID & set(changed):
                fitting.append((not is_same_gift(changed), gift.row_key != row.row_key, len(fitting), gift))
    return min(fitting)[-1] if fitting else None


class _Recalling:
    """One list beside the gifts of all earlier ones. Each of those is known again once."""

    def __init__(
        self, rows: Sequence[IntakeRow], gifts: Sequence[Gift], waiting: Sequence[Told], by: Member
    ) -> None:
        self._rows, self._gifts, self._waiting, self._by = rows, gifts, waiting, by
        self.found: dict[int, Recalled] = {}
        self._taken: set[UUID] = set()
        paid_by_another = self._by_words()
        self.versions = self._versions(paid_by_another)
        for row, gift, changed in paid_by_another:
            if gift.batch_id in self.versions:
                self._take(row, gift, changed)
        for version in self.versions:
            self._by_number(version)

    def _take(
        self, row: IntakeRow, gift: Gift, changed: Sequence[str], *, is_same_person: bool = True
    ) -> None:
        if row.position not in self.found and gift.pk not in self._taken:
            self._taken.add(gift.pk)
            self.found[row.position] = Recalled(gift, tuple(changed), is_same_person)

    def _by_words(self) -> list[tuple[IntakeRow, Gift, list[str]]]:
        """By the person as the sender writes them, what was given, and from when. Those who were paid by another are returned.

        What is wholly the same comes before what was corrected, and the same number before another.
        """
        known: dict[str, list[Gift]] = {}
        for gift in self._gifts:
            known.setdefault(gift.identity, []).append(gift)
        fitting: list[tuple[tuple[bool, bool, int, int], IntakeRow, Gift, list[str]]] = []
        paid_by_another: list[tuple[IntakeRow, Gift, list[str]]] = []
        for row in self._rows:
            like = [gift for gift in known.get(row.identity, ()) if gift.is_like(row.values)]
            # Two people of whom the list says the same are told apart by the number, or not at all.
            is_one = len({gift.person_id for gift in like}) == 1
            for gift in like:
                changed, is_numbered = gift.changed_by(row.values), gift.row_key == row.row_key
                if not is_one and not is_numbered:
                    continue
                if WHO_PAID & set(changed):
                    if is_same_but_for_payer(changed):
                        paid_by_another.append((row, gift, changed))
                    continue
                order = (bool(changed), not is_numbered, row.position, len(fitting))
                fitting.append((order, row, gift, changed))
        for _order, row, gift, changed in sorted(fitting, key=lambda one: one[0]):
            self._take(row, gift, changed)
        return paid_by_another

    def _versions(self, paid_by_another: Iterable[tuple[IntakeRow, Gift, list[str]]]) -> list[UUID]:
        """The earlier lists of which this one is a new version."""
        again = {position: one.gift.batch_id for position, one in self.found.items()}
        for row, gift, _changed in paid_by_another:
            if gift.pk not in self._taken:
                again.setdefault(row.position, gift.batch_id)
        # What an earlier list told and nobody has decided about yet stands in it all the same.
        untold: dict[str, list[Told]] = {}
        for one in self._waiting:
            untold.setdefault(one.identity, []).append(one)
        for row in self._rows:
            alike = [one for one in untold.get(row.identity, ()) if one.is_like(row.values)]
            if alike and row.position not in again:
                untold[row.identity].remove(alike[0])
                again[row.position] = alike[0].batch_id
        earlier = Counter(one.batch_id for one in (*self._gifts, *self._waiting))
        return [
            batch
            for batch, shared in Counter(again.values()).most_common()
            if is_version(shared, earlier[batch], len(self._rows))
        ]

    def _by_number(self, version: UUID) -> None:
        """Rows of one number in two versions of a list, of which either the person or the gift is the same."""
        gifts = _by_single_number(gift for gift in self._gifts if gift.batch_id == version)
        rows = _by_single_number(self._rows)
        for number in gifts.keys() & rows.keys():
            gift, row = gifts[number], rows[number]
            if gift.pk in self._taken or row.position in self.found:
                continue
            changed = gift.changed_by(row.values)
            if self._is_same_person(gift, row):
                if is_corrected_gift(changed):
                    self._take(row, gift, changed)
            elif is_same_gift(changed):
                self._take(row, gift, changed, is_same_person=False)

    def _is_same_person(self, gift: Gift, row: IntakeRow) -> bool:
        if gift.identity == row.identity:
            return True
        known = [gift.evidence] if gift.evidence is not None else self._on_record.get(gift.person_id, ())
        said = Evidence.of_row(row.values)
        return any(one.can_be(said) for one in known)

    @cached_property
    def _on_record(self) -> Mapping[UUID, Sequence[Evidence]]:
        """Whom rows spoke of whose words are destroyed: what is on record of those people."""
        return queries.on_record(
            {gift.person_id for gift in self._gifts if gift.evidence is None}, to=self._by
        )


def _by_single_number(rows: Iterable[Numbered]) -> dict[int, Numbered]:
    """By their number in the list; a number that stands there twice says nothing."""
    told = list(rows)
    times = Counter(one.row_key for one in told)
    return {one.row_key: one for one in told if times[one.row_key] == 1}
