"""The senders a country pack knows, with their mappings, and the words their tables are written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeward.doors.intake.rules.mapping import SenderMapping
from homeward.doors.intake.rules.words import PlaceNames, Vocabulary
from homeward.foundation.kernel.packs import Pack
from homeward.foundation.kernel.packs.words import Words

FOLDER = "intake/"
WORDS, HEADINGS = FOLDER + "words", FOLDER + "headings"


def vocabulary(pack: Pack) -> Vocabulary:
    """The words of the country's tables."""
    return Vocabulary.from_data(pack.section(WORDS))


def usual_headings(pack: Pack) -> Mapping[str, list[str]]:
    """What any office of the country calls the columns, by field."""
    return dict(pack.section(HEADINGS))


def sender_names(pack: Pack) -> list[str]:
    """The senders, in the order of their names."""
    files = (name for name in pack.others if name.startswith(FOLDER) and name not in (WORDS, HEADINGS))
    return sorted(name.removeprefix(FOLDER) for name in files)


def sender_data(pack: Pack, sender: str) -> Mapping[str, Any]:
    """A sender's mapping as the pack writes it."""
    return dict(pack.section(FOLDER + sender))


def sender_label(pack: Pack, sender: str) -> str:
    """What people call a sender, in the reader's language; the code of one the pack does not know."""
    return Words(sender_data(pack, sender)["label"]).in_language() if sender in sender_names(pack) else sender


def sender_mapping(pack: Pack, sender: str) -> SenderMapping:
    """A sender's mapping, read and checked. Raises MappingBroken."""
    return SenderMapping.from_data(sender_data(pack, sender), usual_headings(pack))


def place_names(pack: Pack, spellings: Mapping[str, list[str]]) -> PlaceNames:
    """The municipalities of the pack, with the other spellings offices use for them."""
    return PlaceNames(
        (place.code, [*place.name.values(), *_latin(place.name), *spellings.get(place.code, ())])
        for place in pack.municipalities
    )


def _latin(name: Any) -> list[str]:
    return [name.in_language("sr-latn")]
