"""Going through the whole register for records that may be one person, on all processors at once."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Sequence

from homeward.casework.people.rules.linkage import (
    Link,
    Prepared,
    Record,
    Register,
    Scored,
    among_kin,
    link,
    prepare,
    score,
    with_kin,
)

# What the processes look at. They are forked and share it: nothing is copied, and nothing leaves the machine.
_SHARED: dict[str, object] = {}
_ALONE = 20_000


def linked(records: Sequence[Record], *, workers: int = 2, least: float = 0.0) -> list[Link]:
    """Every two records that may be one person, the likeliest first, with their evidence; `least` probability."""
    ready = prepared(records, workers=workers)
    register = Register(ready)
    first = scored(register, workers=workers)
    found = with_kin([*first, *among_kin(first, register)], ready)
    links = [
        _with_kin(link(ready[one], ready[other], register, kin), chance)
        for one, other, kin, chance in found
        if chance >= least
    ]
    return sorted(links, key=lambda each: (-each.probability, each.one, each.other))


def _with_kin(found: Link, chance: float) -> Link:
    return Link(found.one, found.other, chance, found.evidence)


def prepared(records: Sequence[Record], *, workers: int = 2) -> list[Prepared]:
    """The records taken apart."""
    return [prepare(record) for record in records]


def scored(register: Register, *, workers: int = 2) -> list[Scored]:
    """Every pair of a block, weighed, each processor going through its part of the blocks."""
    if workers < 2 or len(register.records) < _ALONE:
        return score(register)
    _SHARED["register"] = register
    gc.freeze()  # or the collector would touch, and so copy, every record in every process
    try:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            parts = pool.starmap(_part, [(part, workers * 2) for part in range(workers * 2)], chunksize=1)
    finally:
        gc.unfreeze()
        _SHARED.clear()
    return [pair for part in parts for pair in part]


def _part(part: int, parts: int) -> list[Scored]:
    register = _SHARED["register"]
    assert isinstance(register, Register)  # noqa: S101 - it was put there by the parent, a line before the fork
    return score(register, part, parts)
