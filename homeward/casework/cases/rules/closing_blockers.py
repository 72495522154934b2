"""What still has to be finished before a case may close, as told by every room that knows something.

A room that stands above the cases (plans, referrals, supervision …) registers a question when it starts:

    from homeward.casework.cases.rules import closing_blockers
    closing_blockers.register("plans.open_steps", open_steps)   # open_steps(case, by=member) -> list of sentences

The question is asked when a closure is proposed and again when it is confirmed, and once more, years later, before
the case is erased: a room that needs something of an archived case answers then. It answers with sentences the
asking member may read; an empty list lets the case close, or go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from homeward.foundation.kernel.errors import Text


class Blocker(Protocol):
    """A question to another room: what is still open in this case?"""

    def __call__(self, case: Any, *, by: Any) -> Iterable[Text]: ...


_registered: dict[str, Blocker] = {}


def register(name: str, blocker: Blocker) -> None:
    """Have this question asked before a case closes. A name can be used once."""
    if name in _registered and _registered[name] is not blocker:
        raise ValueError(f"a closing blocker named {name!r} is registered already")
    _registered[name] = blocker


def unregister(name: str) -> None:
    """Take a question out again; tests put one in for a moment."""
    _registered.pop(name, None)


def of(case: Any, *, by: Any) -> list[Text]:
    """Everything that still keeps this case open, room by room in the order they registered."""
    return [sentence for blocker in _registered.values() for sentence in blocker(case, by=by)]
