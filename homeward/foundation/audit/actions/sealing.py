"""Sealing the log: every few minutes what can no longer change is bound by one hash, and a copy leaves the database."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from homeward.foundation.audit.actions.recording import operation, record_operation
from homeward.foundation.audit.queries import anchors, ledger
from homeward.foundation.audit.rules import (
    BEGINNING,
    GENESIS,
    PER_SEAL,
    Header,
    Operator,
    check_can_seal,
    hash_of,
    root_of,
)
from homeward.foundation.kernel.errors import RuleBroken


def seal(*, by: Operator) -> list[Header]:
    """Seals every event that no running transaction can add to any more. Returns the new seals, none if there is none.

    The anchor is on disk before the seal is in the database: if the machine stops between the two, the next run
    takes the anchor up instead of making another. Raises `RuleBroken` if the log was restored from a backup, or if an
    anchor says something else than the database (docs/runbooks/audit.md).
    """
    made = []
    with transaction.atomic(using=ledger.ALIAS, durable=True):
        ledger.take_turns()
        seals = ledger.headers()
        last = seals[-1] if seals else None
        ends = ledger.horizon()
        check_can_seal(last, *ends)
        if found := _left_over(last, ends):
            last = found
            made.append(_inserted(found))
        for chunk, place in _chunks(last.ends if last else BEGINNING, ends):
            last = _header(chunk, last, place)
            _write(anchors.path_of(last.number), anchors.text_of(last, chunk))
            made.append(_inserted(last))
    return made


@operation
def restored(*, by: Operator) -> list[int]:
    """A backup was restored: anchors of seals that it does not hold are set aside, and the log goes on in a new epoch.

    Returns the numbers of the seals set aside: what they sealed is lost, and they are the proof of it.
    """
    seals = {header.number: header for header in ledger.headers()}
    aside = [number for number in anchors.numbers() if number not in seals]
    with connections["migrate"].cursor() as cursor:
        cursor.execute("select sec.restored()")
        epoch: int = cursor.fetchone()[0]
    place = anchors.folder() / f"superseded-{epoch}"
    for number in aside:
        place.mkdir(exist_ok=True)
        anchors.path_of(number).rename(place / anchors.path_of(number).name)
    record_operation("audit.restored", "seal", by=by, epoch=epoch, superseded=aside)
    return aside


def _chunks(
    begins: tuple[int, int], ends: tuple[int, int]
) -> Iterator[tuple[list[tuple[int, bytes]], tuple[int, int]]]:
    """The sealable events in portions, each with the place where it ends: between two transactions, never within one."""
    chunk: list[tuple[int, bytes]] = []
    latest = begins
    for event, place, leaf in ledger.sealable(begins):
        if len(chunk) >= PER_SEAL and place != latest:
            yield chunk, place
            chunk = []
        chunk.append((event, leaf))
        latest = place
    if chunk:
        yield chunk, ends


def _header(chunk: list[tuple[int, bytes]], last: Header | None, ends: tuple[int, int]) -> Header:
    header = Header(
        number=last.number + 1 if last else 1,
        begins=last.ends if last else BEGINNING,
        ends=ends,
        first_id=min(event for event, _leaf in chunk),
        last_id=max(event for event, _leaf in chunk),
        events=len(chunk),
        root=root_of([leaf for _event, leaf in chunk]),
        previous=last.hash if last else GENESIS,
        hash=b"",
        sealed_at=ledger.moment_there(),
    )
    return replace(header, hash=hash_of(header))


def _left_over(last: Header | None, ends: tuple[int, int]) -> Header | None:
    """The seal of an interrupted run: its anchor is there, its row is not. Raises `RuleBroken` if the log says another."""
    number = last.number + 1 if last else 1
    if not anchors.path_of(number).exists():
        return None
    try:
        kept = anchors.read(number)
    except (ValueError, KeyError) as error:
        raise _foreign(number) from error
    header = kept.header
    follows = header.number == number and header.begins == (last.ends if last else BEGINNING)
    follows = follows and header.previous == (last.hash if last else GENESIS) and header.ends <= ends
    here = [(event, leaf) for event, place, leaf in ledger.sealable(header.begins) if place < header.ends]
    sound = here == kept.entries and root_of([leaf for _event, leaf in here]) == header.root
    if not follows or not sound or hash_of(header) != header.hash:
        raise _foreign(number)
    return header


def _foreign(number: int) -> RuleBroken:
    return RuleBroken(
        _(
            "Anchor %(number)s says something else than the log. Verify the log; after a restored backup, say so."
        )
        % {"number": number},
        code="anchor",
    )


def _inserted(header: Header) -> Header:
    with connections[ledger.ALIAS].cursor() as cursor:
        cursor.execute(
            "insert into audit.seal (number, epoch_from, xid_from, epoch_to, xid_to, first_id, last_id, events, root, previous,"
            " hash, sealed_at) values (%s, %s, %s::text::xid8, %s, %s::text::xid8, %s, %s, %s, %s, %s, %s, %s)",
            [
                header.number,
                header.begins[0],
                str(header.begins[1]),
                header.ends[0],
                str(header.ends[1]),
                header.first_id,
                header.last_id,
                header.events,
                header.root,
                header.previous,
                header.hash,
                header.sealed_at,
            ],
        )
    return header


def _write(path: Path, text: str) -> None:
    """A new file that is either whole or not there, and that nobody writes to again."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w", encoding="ascii"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.link(draft, path)  # fails if it exists: an anchor is never replaced
    draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
