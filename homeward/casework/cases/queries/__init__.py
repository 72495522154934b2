"""Reading cases. Every list starts from what the database says is in sight, and every read names its reader."""

from homeward.casework.cases.queries.checks import checks_needed, open_checks
from homeward.casework.cases.queries.family import Family, FamilyMember, families_of, family
from homeward.casework.cases.queries.figures import Figures, figures
from homeward.casework.cases.queries.history import Happening, timeline
from homeward.casework.cases.queries.pages import (
    Opening,
    document,
    involvement,
    note,
    opening,
    openings,
    team_place,
)
from homeward.casework.cases.queries.sight import in_sight, known_person, one, overdue, powers, sight_of

__all__ = [
    "Family",
    "FamilyMember",
    "Figures",
    "Happening",
    "Opening",
    "checks_needed",
    "document",
    "families_of",
    "family",
    "figures",
    "in_sight",
    "involvement",
    "known_person",
    "note",
    "one",
    "open_checks",
    "opening",
    "openings",
    "overdue",
    "powers",
    "sight_of",
    "team_place",
    "timeline",
]
