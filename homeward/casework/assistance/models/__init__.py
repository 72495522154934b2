"""The tables of the ledger."""

from homeward.casework.assistance.models.entries import (
    AssistanceKind,
    Entry,
    EntryNote,
    EntryQuerySet,
    EntryStep,
    mark_of,
    new_entry_ref,
)
from homeward.casework.assistance.models.grants import GrantScore, GrantStation, SmallGrant
from homeward.casework.assistance.models.overlaps import Booked, Cover, Outcome, Overlap, OverlapQuerySet
from homeward.casework.assistance.models.packs import catalogue

__all__ = [
    "AssistanceKind",
    "Booked",
    "Cover",
    "Entry",
    "EntryNote",
    "EntryQuerySet",
    "EntryStep",
    "GrantScore",
    "GrantStation",
    "Outcome",
    "Overlap",
    "OverlapQuerySet",
    "SmallGrant",
    "catalogue",
    "mark_of",
    "new_entry_ref",
]
