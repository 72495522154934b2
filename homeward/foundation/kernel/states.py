"""Tables that say in which states a thing can be, and which moves lead from one to the next.

A table is written once, as a value in an app's `rules`; the actions ask it, the pages offer the moves it
allows, and `manage.py draw_states` draws it into docs/domain. It holds no data and touches no database.

    REFERRAL = StateTable(
        "referral",
        initial="sent",
        states={"sent": _("Sent"), "accepted": _("Accepted"), "declined": _("Declined")},
        moves=[Move("accept", {"sent"}, "accepted"), Move("decline", {"sent"}, "declined")],
    )
    REFERRAL.check("accept", referral.status)
    referral.status = REFERRAL.target("accept")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text


@dataclass(frozen=True, init=False)
class Move:
    """One step that somebody can take: its name, from which states, and to which.

    `to` is usually one state. A move such as “resume” may lead to one of several: then whoever makes it
    says which. Without a `label` the name itself is the label, in the words of the button of that name.
    """

    name: str
    sources: frozenset[str]
    targets: frozenset[str]
    label: Text = field(compare=False)

    def __init__(
        self, name: str, sources: Iterable[str], to: str | Iterable[str], label: Text | None = None
    ) -> None:
        if isinstance(sources, str):
            raise ValueError(f"move {name!r}: write the states it starts from as a set")
        set_ = object.__setattr__
        set_(self, "name", name)
        set_(self, "sources", frozenset(str(state) for state in sources))
        set_(self, "targets", frozenset({str(to)} if isinstance(to, str) else (str(state) for state in to)))
        # Not "label or …": asking a lazy text whether it is empty would put it into words while the rooms are being opened.
        set_(self, "label", _(name.replace("_", " ").capitalize()) if label is None else label)


@dataclass(frozen=True, init=False)
class StateTable:
    """All states of one thing, the one it begins in, and every move between them."""

    name: str
    initial: str
    states: Mapping[str, Text] = field(hash=False)
    moves: tuple[Move, ...] = field(hash=False)

    def __init__(
        self,
        name: str,
        *,
        initial: str,
        states: Mapping[str, Text] | Iterable[tuple[str, Text]],
        moves: Iterable[Move],
    ) -> None:
        set_ = object.__setattr__
        set_(self, "name", name)
        set_(self, "initial", str(initial))
        set_(self, "states", MappingProxyType({str(state): label for state, label in dict(states).items()}))
        set_(self, "moves", tuple(moves))
        self._refuse_faults()

    def check(self, move: str, current: str, to: str | None = None) -> None:
        """Raise RuleBroken, naming the present state and the move, unless the move is possible now."""
        taken = self._move(move)
        if str(current) not in taken.sources:
            raise RuleBroken(
                format_lazy(
                    _("“{move}” is not possible while the state is “{state}”."),
                    move=taken.label,
                    state=self.label(current),
                ),
                code=f"{self.name}.{move}",
            )
        if to is not None and str(to) not in taken.targets:
            raise RuleBroken(
                format_lazy(
                    _("“{move}” does not lead to the state “{state}”."),
                    move=taken.label,
                    state=self.label(to),
                ),
                code=f"{self.name}.{move}",
            )

    def target(self, move: str, to: str | None = None) -> str:
        """The state a move leads to; where it may lead to several, `to` says which."""
        taken = self._move(move)
        if to is None and len(taken.targets) == 1:
            return next(iter(taken.targets))
        if to is None:
            raise ValueError(f"{self.name}: {move!r} leads to one of {sorted(taken.targets)}; say which")
        if str(to) not in taken.targets:
            raise ValueError(f"{self.name}: {move!r} does not lead to {to!r}")
        return str(to)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """The moves that are possible in this state, in the order of the table."""
        self._known(state)
        return tuple(move for move in self.moves if str(state) in move.sources)

    def is_terminal(self, state: str) -> bool:
        """Does nothing lead on from here?"""
        return not self.moves_from(state)

    def terminal(self) -> frozenset[str]:
        """The states from which nothing leads on."""
        return frozenset(state for state in self.states if self.is_terminal(state))

    def reachable(self, start: str | None = None) -> frozenset[str]:
        """Every state one can come to from `start` (from the beginning, if not said), itself included."""
        found: set[str] = set()
        waiting = [self._known(self.initial if start is None else start)]
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting.extend(target for move in self.moves_from(state) for target in move.targets)
        return frozenset(found)

    def label(self, state: str) -> Text:
        """What people call this state."""
        return self.states[self._known(state)]

    def mermaid(self) -> str:
        """The table as a diagram in Mermaid's notation, with English labels, always in the same order."""
        with translation.override("en"):
            lines = ["stateDiagram-v2", f"    [*] --> {_node(self.initial)}"]
            lines += [f"    {_node(state)} : {_words(label)}" for state, label in self.states.items()]
            for move in self.moves:
                lines += [
                    f"    {_node(source)} --> {_node(target)} : {_words(move.label)}"
                    for source in self.states
                    if source in move.sources
                    for target in self.states
                    if target in move.targets
                ]
            lines += [f"    {_node(state)} --> [*]" for state in self.states if self.is_terminal(state)]
        return "\n".join(lines) + "\n"

    def _move(self, name: str) -> Move:
        for move in self.moves:
            if move.name == name:
                return move
        raise ValueError(f"{self.name}: there is no move {name!r}")

    def _known(self, state: str) -> str:
        if str(state) not in self.states:
            raise ValueError(f"{self.name}: there is no state {str(state)!r}")
        return str(state)

    def _refuse_faults(self) -> None:
        """A table with a hole in it is a fault of the program, found when the program starts."""
        self._known(self.initial)
        names = [move.name for move in self.moves]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two moves have the same name")
        for move in self.moves:
            if not move.sources or not move.targets:
                raise ValueError(f"{self.name}: {move.name!r} leads from nowhere or to nowhere")
            for state in move.sources | move.targets:
                self._known(state)
        lost = self.states.keys() - self.reachable()
        if lost:
            raise ValueError(f"{self.name}: no move leads to {sorted(lost)}")


def _node(state: str) -> str:
    """A state's name as Mermaid accepts it."""
    return "".join(character if character.isalnum() else "_" for character in state)


def _words(label: Text) -> str:
    """A label without the signs that mean something to Mermaid."""
    return " ".join(str(label).replace(":", " ").replace(";", " ").split())
