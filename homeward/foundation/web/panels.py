"""The pages of a case and of a family are put together from panels that other rooms bring: their part of it.

A room registers its panels when it starts (`apps.py`); the page draws those that have something to show
to this member. A panel whose `load` gives None is not there at all: neither its heading nor its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Panel:
    """One room's part of a page.

    `load(thing, to=member)` gives what `template` needs, or None when this member sees nothing of it. The thing is what the
    `page` is about: a case, or the household of a family. Panels of a higher `order` stand further down; `aside` ones stand in the narrow column.
    """

    name: str
    title: Text
    template: str
    load: Callable[..., Mapping[str, Any] | None]
    order: int = 100
    aside: bool = False
    page: str = "case"


@dataclass(frozen=True)
class DrawnPanel:
    """A panel together with what it shows to one member."""

    panel: Panel
    shown: Mapping[str, Any] = field(default_factory=dict)


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel to every page of its kind. Two of one name would be a mistake of the house."""
    if panel.name in _panels and _panels[panel.name] != panel:
        raise ValueError(f"There is already a panel called {panel.name!r}.")
    _panels[panel.name] = panel


def registered() -> list[Panel]:
    """All panels in the order in which they stand."""
    return sorted(_panels.values(), key=lambda panel: (panel.order, panel.name))


def drawn(thing: Any, *, to: Any, page: str = "case", aside: bool | None = None) -> list[DrawnPanel]:
    """The panels of this thing that this member sees, filled: all, or those of one column, so that none is asked twice."""
    wanted = (one for one in registered() if one.page == page and (aside is None or one.aside == aside))
    found = ((panel, panel.load(thing, to=to)) for panel in wanted)
    return [DrawnPanel(panel, shown) for panel, shown in found if shown is not None]
