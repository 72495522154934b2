"""What is kept of every seal outside the database: a file that nobody changes, with the hash of every event in it.

Whoever can change the database at will can recompute every hash in it. They cannot reach these files if the operator
keeps them elsewhere (docs/runbooks/audit.md), and so the first event that differs can be named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from homeward.foundation.audit.rules import Header, micros, moment
from homeward.foundation.kernel.errors import Missing

TITLE = "homeward seal 1"


@dataclass(frozen=True)
class Anchor:
    """A seal as it was when it was made, and the (event, leaf) pairs it holds, in their order."""

    header: Header
    entries: list[tuple[int, bytes]]


def folder() -> Path:
    """Where the anchors are (settings.ANCHORS)."""
    return Path(settings.ANCHORS)


def path_of(number: int) -> Path:
    """The file of one seal."""
    return folder() / f"seal-{number:08d}.txt"


def numbers() -> list[int]:
    """The seals that have an anchor, in order."""
    return sorted(int(path.stem.removeprefix("seal-")) for path in folder().glob("seal-*.txt"))


def text_of(header: Header, entries: Iterable[tuple[int, bytes]]) -> str:
    """The text of an anchor: a heading, one line for each thing the seal says, then one line for each event."""
    lines = [
        TITLE,
        f"number {header.number}",
        f"begins {header.begins[0]} {header.begins[1]}",
        f"ends {header.ends[0]} {header.ends[1]}",
        f"first {header.first_id}",
        f"last {header.last_id}",
        f"events {header.events}",
        f"root {header.root.hex()}",
        f"previous {header.previous.hex()}",
        f"hash {header.hash.hex()}",
        f"sealed {micros(header.sealed_at)}",
        "",
    ]
    lines += [f"{event} {leaf.hex()}" for event, leaf in entries]
    return "\n".join(lines) + "\n"


def read(number: int) -> Anchor:
    """The anchor of a seal. Raises `Missing` if there is none, `ValueError` if it is no anchor (any more)."""
    try:
        lines = path_of(number).read_text("ascii").splitlines()
    except FileNotFoundError as error:
        raise Missing() from error
    if lines[:1] != [TITLE] or "" not in lines:
        raise ValueError("not an anchor")
    blank = lines.index("")
    said = dict(line.split(" ", 1) for line in lines[1:blank])
    begins, ends = ([int(word) for word in said[name].split()] for name in ("begins", "ends"))
    header = Header(
        number=int(said["number"]),
        begins=(begins[0], begins[1]),
        ends=(ends[0], ends[1]),
        first_id=int(said["first"]),
        last_id=int(said["last"]),
        events=int(said["events"]),
        root=bytes.fromhex(said["root"]),
        previous=bytes.fromhex(said["previous"]),
        hash=bytes.fromhex(said["hash"]),
        sealed_at=moment(int(said["sealed"])),
    )
    entries = []
    for line in lines[blank + 1 :]:
        event, leaf = line.split(" ")
        entries.append((int(event), bytes.fromhex(leaf)))
    return Anchor(header, entries)
