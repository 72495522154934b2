"""What the country pack of this installation says about help."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from homeward.casework.assistance.rules.kinds import Catalogue, catalogue_of
from homeward.foundation.kernel.packs import Pack, load


def catalogue() -> Catalogue:
    """Kinds, currency and reception package of this country."""
    return _of_pack(settings.PACK)


def catalogue_in(pack: Pack) -> Catalogue:
    """The same of any pack; one without the section knows no kinds."""
    return catalogue_of(pack.section("assistance") if "assistance" in pack.others else {"currency": "EUR"})


@lru_cache(maxsize=4)
def _of_pack(name: str) -> Catalogue:
    return catalogue_in(load(name))
