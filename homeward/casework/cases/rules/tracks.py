"""The other two tracks of a case, legal and custody, as the case header shows them.

A case stands somewhere in care, somewhere in law and somewhere in custody, and none of the three follows
from another: many are not prosecuted at all. Care lives here; the room of supervision, which knows orders
and stays, registers the summary of the other two when it starts:

    tracks.register(Track("custody", _("Custody"), Category.CUSTODY, custody_summary))

A summary is asked for only when the reader may see its category, and may answer None: nothing is known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from homeward.foundation.kernel.errors import Text


class Summary(Protocol):
    """A question to another room: where does this case stand on your track?"""

    def __call__(self, case: Any, *, to: Any) -> Text | None: ...


@dataclass(frozen=True)
class Track:
    """One track: its name, its heading, the category one needs to see it, and where its summary comes from."""

    name: str
    title: Text
    category: int
    load: Summary


@dataclass(frozen=True)
class TrackLine:
    """What the header of a case shows for one track."""

    name: str
    title: Text
    summary: Text


_registered: dict[str, Track] = {}


def register(track: Track) -> None:
    """Show this track in the header of every case. A name can be used once."""
    if track.name in _registered and _registered[track.name] != track:
        raise ValueError(f"a track named {track.name!r} is registered already")
    _registered[track.name] = track


def unregister(name: str) -> None:
    """Take a track out again; tests put one in for a moment."""
    _registered.pop(name, None)


def lines(case: Any, *, to: Any, categories: Collection[int]) -> list[TrackLine]:
    """The tracks this reader may see, in the order they registered, without those that have nothing to say."""
    found = []
    for track in _registered.values():
        if track.category in categories:
            summary = track.load(case, to=to)
            if summary is not None:
                found.append(TrackLine(track.name, track.title, summary))
    return found
