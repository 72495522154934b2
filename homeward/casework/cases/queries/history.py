"""What happened on a case, as far as the reader may know: read from the log, which shows each what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from homeward.casework.cases.models import CareMove, Case
from homeward.casework.cases.queries.telling import may_name, tells_all
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.queries import events_of_case
from homeward.foundation.audit.rules import words
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Text


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what, when, by whom, which other institution it concerns, and why if somebody said so."""

    what: Text
    at: datetime
    who: str
    institution: str
    concerns: str
    category: Category | None
    why: str


def timeline(case: Case, *, to: Member, limit: int = 50) -> list[Happening]:
    """The newest things first: five queries. A member of an unlisted unit stays nameless; their institution does not.

    A school or a clinic learns that something happened, but not which other office did it: the name of the office
    alone can say why a person is here.
    """
    events = events_of_case(case.pk, to=to, limit=limit)
    people: dict[UUID | None, str] = {
        one.pk: one.name
        for one in Member.objects.filter(pk__in={event.member_id for event in events if event.member_id})
    }
    offices = list(
        Institution.objects.filter(
            Q(pk__in={event.institution_id for event in events if event.institution_id})
            | Q(code__in={event.detail["institution"] for event in events if "institution" in event.detail})
        )
    )
    short: dict[UUID | None, str] = {one.pk: one.abbreviation for one in offices}
    named = {one.code: one.label for one in offices}
    reasons = {str(move.pk): move.reason for move in CareMove.objects.filter(case=case).exclude(reason="")}
    return [
        Happening(
            what=words.of(event.verb),
            at=event.at,
            who=people.get(event.member_id, "") if may_name(event.institution_id, to=to) else "",
            institution=short.get(event.institution_id, "") if may_name(event.institution_id, to=to) else "",
            concerns=named.get(event.detail.get("institution", ""), "") if tells_all(to=to) else "",
            category=None if event.category is None else Category(event.category),
            why=reasons.get(str(event.detail.get("move")), ""),
        )
        for event in events
    ]
