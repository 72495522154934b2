"""The tables of a case, and the words queries are made of."""

from homeward.casework.cases.models.case import Care, CareMove, Case, CaseQuerySet
from homeward.casework.cases.models.checks import ChecklistItem
from homeward.casework.cases.models.documents import Document, DocumentContent
from homeward.casework.cases.models.notes import CaseNote, NoteText
from homeward.casework.cases.models.sight import CaseInSight, CaseInSightQuerySet
from homeward.casework.cases.models.team import TeamMember

__all__ = [
    "Care",
    "CareMove",
    "Case",
    "CaseInSight",
    "CaseInSightQuerySet",
    "CaseNote",
    "CaseQuerySet",
    "ChecklistItem",
    "Document",
    "DocumentContent",
    "NoteText",
    "TeamMember",
]
