"""Proving that the log is what it was: every hash recomputed here, compared with what was kept outside the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from homeward.foundation.audit.queries import anchors, ledger
from homeward.foundation.audit.queries.anchors import Anchor
from homeward.foundation.audit.rules import (
    BEGINNING,
    GENESIS,
    Header,
    Operator,
    Row,
    hash_of,
    leaf_of,
    root_of,
)
from homeward.foundation.kernel.errors import Missing


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed: which event, of which seal, and what differs."""

    what: str
    seal: int | None = None
    event: int | None = None
    verb: str | None = None
    at: datetime | None = None


@dataclass
class Report:
    """The answer of a verification: how much was looked at, and every fault in the order of the log."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Nothing differs."""
        return not self.faults


def verify(*, to: Operator) -> Report:
    """Recomputes every event, root and seal from the columns, and compares them with the anchors.

    Names what was changed, removed or put in, even by somebody who recomputed every hash in the database. Sees only
    what is saved; events younger than the last seal are checked against themselves alone.
    """
    report = Report()
    with transaction.atomic(using=ledger.ALIAS, durable=True):
        ledger.take_turns()
        seals = {header.number: header for header in ledger.headers()}
        outside = set(anchors.numbers())
    with transaction.atomic(using=ledger.ALIAS, durable=True):
        report.faults += [Fault(f"a guard is switched off: {name}") for name in ledger.guards_off()]
        before: Header | None = None
        for number in range(1, max({0, *seals, *outside}) + 1):
            report.seals += 1
            kept, faults = _kept(number, seals.get(number), outside)
            report.faults += faults
            header = kept.header if kept else seals.get(number)
            if header is None:
                continue
            report.faults += _link_faults(header, before)
            report.sealed += header.events
            report.faults += sorted(_event_faults(header, kept), key=lambda fault: fault.event or 0)
            before = header
        for row in ledger.rows_between(before.ends if before else BEGINNING, None):
            report.unsealed += 1
            report.oldest_unsealed_at = min(report.oldest_unsealed_at or row.at, row.at)
            if leaf_of(row) != row.leaf:
                report.faults.append(_fault("content differs from its hash", row, None))
    return report


def _kept(number: int, seal: Header | None, outside: set[int]) -> tuple[Anchor | None, list[Fault]]:
    """The anchor of a seal if it can be trusted, and what is wrong with the seal or the anchor as a whole."""
    if number not in outside:
        what = (
            "the seal has no anchor outside the database" if seal else "the seal is missing here and outside"
        )
        return None, [Fault(what, seal=number)]
    try:
        kept = anchors.read(number)
    except (Missing, ValueError, KeyError):
        return None, [Fault("the anchor outside the database cannot be read", seal=number)]
    leaves = [leaf for _event, leaf in kept.entries]
    whole = root_of(leaves) == kept.header.root and hash_of(kept.header) == kept.header.hash
    if not whole or len(leaves) != kept.header.events or kept.header.number != number:
        return None, [Fault("the anchor outside the database was changed", seal=number)]
    if seal is None:
        return kept, [Fault("the seal is missing in the database", seal=number)]
    if seal != kept.header:
        return kept, [Fault("the seal in the database differs from its anchor", seal=number)]
    return kept, []


def _link_faults(header: Header, before: Header | None) -> list[Fault]:
    faults = []
    if header.previous != (before.hash if before else GENESIS):
        faults.append(Fault("the seal does not follow from the one before", seal=header.number))
    if header.begins != (before.ends if before else BEGINNING):
        faults.append(Fault("there is a gap between this seal and the one before", seal=header.number))
    return faults


def _event_faults(header: Header, kept: Anchor | None) -> Iterator[Fault]:
    """What differs among the events of one seal."""
    if kept is None:
        yield from _faults_without_anchor(header)
        return
    expected = dict(kept.entries)
    found = []
    for row in ledger.rows_between(header.begins, header.ends):
        if row.id in expected:
            found.append(row.id)
            yield from _row_faults(row, expected.pop(row.id), header.number)
        else:
            yield _fault("was put in after its time was sealed", row, header.number)
    for row in ledger.rows_by_id(list(expected)):
        yield _fault("stands at another place of the log than it was sealed at", row, header.number)
        yield from _row_faults(row, expected.pop(row.id), header.number)
    for event in expected:
        yield Fault("is missing", seal=header.number, event=event)
    present = set(found)
    moved = _first_moved([event for event, _leaf in kept.entries if event in present], found)
    for row in ledger.rows_by_id([moved] if moved else []):
        yield _fault("stands at another place of the log than it was sealed at", row, header.number)


def _first_moved(sealed: list[int], found: list[int]) -> int | None:
    """The event that was carried elsewhere within its seal: the one without which both orders agree, if there is one."""
    for one, other in zip(sealed, found, strict=True):
        if one != other:
            without = [[event for event in order if event != one] for order in (sealed, found)]
            return one if without[0] == without[1] else other
    return None


def _row_faults(row: Row, sealed: bytes, number: int) -> Iterator[Fault]:
    actual = leaf_of(row)
    if actual == sealed == row.leaf:
        return
    if actual == sealed:
        yield _fault("its hash in the database was changed, its content was not", row, number)
    elif actual == row.leaf:
        yield _fault("content differs from what was sealed, and its hash was recomputed to fit", row, number)
    else:
        yield _fault("content differs from what was sealed", row, number)


def _faults_without_anchor(header: Header) -> Iterator[Fault]:
    """Without an anchor the database can only be held to its own word."""
    leaves = []
    for row in ledger.rows_between(header.begins, header.ends):
        leaves.append(leaf_of(row))
        if leaves[-1] != row.leaf:
            yield _fault("content differs from its hash", row, header.number)
    if root_of(leaves) != header.root or hash_of(header) != header.hash:
        yield Fault("the events do not add up to the seal", seal=header.number)


def _fault(what: str, row: Row, seal: int | None) -> Fault:
    return Fault(what, seal=seal, event=row.id, verb=row.verb, at=row.at)
