"""The periods of this installation: what its country pack says, over the defaults."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from homeward.casework.cases.rules.retention import Retention, retention_of
from homeward.foundation.kernel.packs import Pack, load


def retention() -> Retention:
    """How long what is kept, and for how much longer at a time."""
    return _of_pack(settings.PACK)


def retention_in(pack: Pack) -> Retention:
    """The periods of a pack. Raises ValueError with what is wrong with them."""
    return retention_of(pack.section("retention") if "retention" in pack.others else {})


@lru_cache(maxsize=4)
def _of_pack(name: str) -> Retention:
    return retention_in(load(name))
