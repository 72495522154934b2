"""What needs me today: every room says what waits for a member, the home page shows it in one list.

A room registers a source when it starts (`apps.py`). A source gives at most what fits on a page and looks only
where the member may look; the home page adds no knowledge of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Item:
    """One thing that waits: what it is, where to do it, by when."""

    title: Text
    url: str
    due_on: date | None = None
    detail: Text = ""
    leads_on: bool = False  # not a thing that waits, but the way to the others

    @property
    def is_overdue(self) -> bool:
        """Its day has passed."""
        return self.due_on is not None and self.due_on < today()

    @property
    def is_due_today(self) -> bool:
        """Today is its day."""
        return self.due_on == today()

    @property
    def days_late(self) -> int:
        """How many days ago it should have been done; 0 when there is still time."""
        return max(0, (today() - self.due_on).days) if self.due_on else 0


@dataclass(frozen=True)
class Source:
    """One kind of thing that can wait for a member.

    `load(to=member)` gives the items, or None when this kind of thing is no concern of this member at all.
    `empty` says in one sentence what the member could do when nothing of it waits; `url_name` names the page
    on which all of them stand, when `load` gives only the most urgent.
    """

    name: str
    title: Text
    load: Callable[..., Iterable[Item] | None]
    order: int = 100
    empty: Text = ""
    url_name: str = ""


@dataclass(frozen=True)
class Waiting:
    """One source and what of it waits for one member, the most urgent first."""

    source: Source
    items: list[Item]

    @property
    def count(self) -> str:
        """How many wait, as one says it: `3`, or `8+` where only the first are shown."""
        shown = [item for item in self.items if not item.leads_on]
        return f"{len(shown)}+" if len(shown) < len(self.items) else str(len(shown))

    @property
    def overdue(self) -> int:
        """How many of them are late."""
        return sum(item.is_overdue for item in self.items)


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source to the home page. Two of one name would be a mistake of the house."""
    if source.name in _sources and _sources[source.name] != source:
        raise ValueError(f"There is already a source called {source.name!r}.")
    _sources[source.name] = source


def registered() -> list[Source]:
    """All sources in the order in which they stand."""
    return sorted(_sources.values(), key=lambda source: (source.order, source.name))


def waiting(*, to: Any) -> list[Waiting]:
    """Everything that waits for this member, by kind; kinds that are no concern of theirs are left out."""
    found = ((source, source.load(to=to)) for source in registered())
    return [Waiting(source, sorted(items, key=_urgency)) for source, items in found if items is not None]


def _urgency(item: Item) -> tuple[bool, date, str]:
    return item.leads_on, item.due_on or date.max, str(item.title)
