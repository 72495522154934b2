"""The deadlines of this installation: what its country pack says, over the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from homeward.casework.cases.rules.deadlines import Deadline, deadlines_of
from homeward.foundation.kernel.packs import load


def deadlines() -> Mapping[str, Deadline]:
    """By state, how many days and who is told after them."""
    return _of_pack(settings.PACK)


@lru_cache(maxsize=4)
def _of_pack(name: str) -> Mapping[str, Deadline]:
    pack = load(name)
    return deadlines_of(pack.section("deadlines") if "deadlines" in pack.others else {})
