"""How this institution reads the lists of each sender, and the words and places of the country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.models import AssistanceKind
from homeward.doors.intake import permissions
from homeward.doors.intake.models import IntakeMapping, country_pack
from homeward.doors.intake.rules.evidence import NEVER_KEPT
from homeward.doors.intake.rules.mapping import SenderMapping
from homeward.doors.intake.rules.senders import (
    sender_data,
    sender_label,
    sender_mapping,
    sender_names,
    usual_headings,
    vocabulary,
)
from homeward.doors.intake.rules.setting import Surroundings
from homeward.doors.intake.rules.words import PlaceNames, Vocabulary
from homeward.foundation.access import queries as access
from homeward.foundation.access.permissions import may
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, Text
from homeward.foundation.kernel.packs import load

KEPT_AWAY = _(
    "You are kept away from somebody’s case. A list names many people, so your colleagues take in the lists."
)


@lru_cache(maxsize=4)
def _vocabulary(name: str) -> Vocabulary:
    return vocabulary(load(name))


def surroundings(*, to: Member) -> Surroundings:
    """The words of the country, its municipalities with all their spellings, what day it is, and who signs for what."""
    places = PlaceNames(
        (place.code, [*place.name.values(), *place.aliases]) for place in institutions.municipalities(to=to)
    )
    signing = {
        kind.code: kind.second_above for kind in AssistanceKind.objects.all() if kind.second_above is not None
    }
    return Surroundings(_vocabulary(settings.PACK), places, today(), signing)


ORDERS: Mapping[str, Text] = {
    "dmy": _("2/11/1992 is 2 November 1992"),
    "mdy": _("2/11/1992 is 11 February 1992"),
}


@dataclass(frozen=True)
class Sender:
    """Somebody whose lists can be read: what people call them, and how this institution reads their lists."""

    code: str
    label: str
    data: Mapping[str, Any]
    version: int  # 0: as the country pack says

    @property
    def is_changed(self) -> bool:
        """Does this institution read the lists in a way of its own?"""
        return self.version > 0

    @property
    def mapping(self) -> SenderMapping:
        """The mapping, ready to read with."""
        return SenderMapping.from_data(self.data, usual_headings(country_pack()))

    @property
    def mapping_of_pack(self) -> SenderMapping:
        """The mapping as the country pack has it, whatever this institution changed."""
        return sender_mapping(country_pack(), self.code)

    @property
    def described(self) -> list[dict[str, Any]]:
        """Every column in words: what it means, how it is headed, whether it is needed."""
        mapping = self.mapping
        return [
            {
                "label": mapping.shape.label(column.field),
                "headings": ", ".join(column.headings),
                "required": column.required,
                "filled": column.filled,
                "order": ORDERS.get(column.setting.order, ""),
            }
            for column in mapping.columns
        ]

    def get_absolute_url(self) -> str:
        """The page of the mapping."""
        return reverse("intake:mapping", args=[self.code])


def senders(*, to: Member) -> list[Sender]:
    """Every sender whose lists can be read. Raises `NotPermitted` for whoever takes in no lists."""
    if not may(to, permissions.use, to):
        raise NotPermitted()
    if access.is_kept_away(to=to):
        raise NotPermitted(KEPT_AWAY, code="kept_away")
    own = {mapping.sender: mapping for mapping in IntakeMapping.objects.filter(institution=to.institution_id)}
    return [
        Sender(
            name,
            sender_label(country_pack(), name),
            own[name].data if name in own else sender_data(country_pack(), name),
            own[name].version if name in own else 0,
        )
        for name in sender_names(country_pack())
    ]


def sender(code: str, *, to: Member) -> Sender:
    """One of them. Raises `Missing`."""
    for found in senders(to=to):
        if found.code == code:
            return found
    raise Missing()


def let_go(code: str, *, to: Member) -> frozenset[str]:
    """The fields of a sender's lists that are read and not kept: what no protocol lets this member's institution write.

    What a prison notes about security is not stored by whoever is sent its list.
    """
    fields = sender(code, to=to).mapping_of_pack.shape.fields.values()
    writable = access.writable_categories(to=to)
    return NEVER_KEPT | {
        field.name for field in fields if field.category is not None and field.category not in writable
    }


def copied(code: str, *, to: Member) -> frozenset[str] | None:
    """The fields of a sender's lists that may stand in a copy of the file; None when all of it may.

    Of records about people known already only what is mapped and kept: nobody knows what else an office writes beside it.
    """
    shape = sender(code, to=to).mapping_of_pack.shape
    return None if shape.registers else frozenset(shape.fields) - let_go(code, to=to)


def holds_more(code: str, *, to: Member) -> bool:
    """Does a list of this sender hold more than the institution keeps of it? Then no copy of the file is handed out.

    What a list holds is said by the pack: a column is in the file also when the institution's own mapping does not name it.
    """
    mapping = sender(code, to=to).mapping_of_pack
    return not mapping.shape.registers and any(
        column.field in let_go(code, to=to) for column in mapping.columns
    )
