"""What happened on a case, as far as the reader may know: read from the log, which shows each what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from homeward.casework.cases.models import CareMove, Case
from homeward.casework.cases.rules import words
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.queries import events_of_case
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what, when, by whom, and why if somebody said so."""

    what: Text
    at: datetime
    who: str
    institution: str
    category: Category | None
    why: str


def timeline(case: Case, *, to: Member, limit: int = 50) -> list[Happening]:
    """The newest things first: four queries. A member of an unlisted unit stays nameless; their institution does not."""
    events = events_of_case(case.pk, to=to, limit=limit)
    people = {
        one.pk: one.name
        for one in Member.objects.filter(pk__in={event.member_id for event in events if event.member_id})
    }
    offices = {
        one.pk: one.label
        for one in Institution.objects.filter(
            pk__in={event.institution_id for event in events if event.institution_id}
        )
    }
    reasons = {str(move.pk): move.reason for move in CareMove.objects.filter(case=case).exclude(reason="")}
    return [
        Happening(
            what=words.of(event.verb),
            at=event.at,
            who=people.get(event.member_id, ""),
            institution=offices.get(event.institution_id, ""),
            category=None if event.category is None else Category(event.category),
            why=reasons.get(str(event.detail.get("move")), ""),
        )
        for event in events
    ]
