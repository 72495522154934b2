"""Reading cases. Every list starts from what the database says is in sight, and every read names its reader."""

from homeward.casework.cases.queries.checks import Answer, checks_needed, open_checks
from homeward.casework.cases.queries.family import Family, FamilyMember, families_of, family
from homeward.casework.cases.queries.figures import Figures, figures
from homeward.casework.cases.queries.history import Happening, timeline
from homeward.casework.cases.queries.pages import (
    Ending,
    Opening,
    colleagues,
    document,
    ending,
    known_categories,
    note,
    opening,
    openings,
    partners,
    team_place,
    these_protocols,
    waves,
)
from homeward.casework.cases.queries.sight import (
    escalation_owners,
    in_sight,
    one,
    overdue,
    powers,
    powers_of,
    sight_of,
)
from homeward.casework.cases.queries.work import (
    due_soon,
    late,
    to_check,
    to_confirm,
    to_prepare,
    to_take_over,
)

__all__ = [
    "Answer",
    "Ending",
    "Family",
    "FamilyMember",
    "Figures",
    "Happening",
    "Opening",
    "checks_needed",
    "colleagues",
    "document",
    "due_soon",
    "ending",
    "escalation_owners",
    "families_of",
    "family",
    "figures",
    "in_sight",
    "known_categories",
    "late",
    "note",
    "one",
    "open_checks",
    "opening",
    "openings",
    "overdue",
    "partners",
    "powers",
    "powers_of",
    "sight_of",
    "team_place",
    "these_protocols",
    "timeline",
    "to_check",
    "to_confirm",
    "to_prepare",
    "to_take_over",
    "waves",
]
