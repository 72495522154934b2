"""How an event becomes a hash, many hashes one root, and every seal a link of a chain. Pure: anybody can recompute it.

The database computes the same leaf when it writes an event (sql/context.sql, `sec.canonical`). This file is the other
hand: it takes the columns and arrives at the leaf without asking the database for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from homeward.foundation.kernel.errors import RuleBroken

SEPARATOR = "\x1f"
LEAF, NODE = b"\x00", b"\x01"  # a leaf can never pass for an inner node (RFC 6962, section 2.1)
GENESIS = hashlib.sha256(b"homeward genesis").digest()
BEGINNING = (0, 0)
PER_SEAL = 200_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Actor(Protocol):
    """Whoever acts: a member of an institution. Only the key is needed here."""

    @property
    def pk(self) -> Any:
        """The member's key, which the signed context must confirm."""


@dataclass(frozen=True)
class Operator:
    """Whoever installs and runs Homeward on a machine; never sees a person, and is named in the log all the same."""

    name: str = "operator"


@dataclass(frozen=True)
class Row:
    """One event as it stands in the table, with everything that goes into its hash; `detail` as PostgreSQL prints it."""

    id: int
    place: tuple[int, int]
    at: datetime
    member_id: UUID | None
    institution_id: UUID | None
    via: str
    verb: str
    is_read: bool
    case_id: UUID | None
    category: int | None
    subject_type: str
    subject_id: UUID | None
    detail: str
    salt: UUID
    leaf: bytes


@dataclass(frozen=True)
class Header:
    """What a seal says of itself, in the database and in its anchor alike.

    `begins` and `ends` are places in the log, (epoch, transaction): a seal holds the events from the first up to, and
    without, the second, and the next one begins where it ends.
    """

    number: int
    begins: tuple[int, int]
    ends: tuple[int, int]
    first_id: int
    last_id: int
    events: int
    root: bytes
    previous: bytes
    hash: bytes
    sealed_at: datetime


def canonical(row: Row) -> str:
    """The one text of an event: its columns in a fixed order, the moment in microseconds since 1970."""
    parts = [
        str(micros(row.at)),
        row.member_id,
        row.institution_id,
        row.via,
        row.verb,
        "true" if row.is_read else "false",
        row.case_id,
        row.category,
        row.subject_type,
        row.subject_id,
        row.detail,
    ]
    return SEPARATOR.join("" if part is None else str(part) for part in parts)


def leaf_of(row: Row) -> bytes:
    """The hash of an event. The salt keeps anybody who sees only hashes from guessing what was hashed."""
    return hashlib.sha256(LEAF + row.salt.bytes + canonical(row).encode()).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """One hash over all leaves in their order: pairs are hashed upwards, an odd one rises as it is."""
    level = list(leaves) or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(NODE + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def hash_of(header: Header) -> bytes:
    """The hash of a seal over everything it says and over the seal before it."""
    words = [
        header.number,
        *header.begins,
        *header.ends,
        header.first_id,
        header.last_id,
        header.events,
        micros(header.sealed_at),
    ]
    return hashlib.sha256(header.previous + header.root + "|".join(map(str, words)).encode()).digest()


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime:
    """The other way round."""
    return EPOCH + timedelta(microseconds=number)


def check_can_seal(last: Header | None, epoch: int, horizon: int) -> None:
    """Raises if this server is younger than the log: it was restored, and nobody has said so yet."""
    if last is not None and (epoch, horizon) < last.ends:
        raise RuleBroken(
            "This log was restored into another server. Run `manage.py audit restored` before anybody works with it.",
            code="restored",
        )
