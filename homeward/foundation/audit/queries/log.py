"""Reading the log. The database shows each member only what it may see (policies on audit.event)."""

from uuid import UUID

from django.db import models

from homeward.foundation.audit.models import Event, Seal
from homeward.foundation.audit.rules import Actor


def history(subject: models.Model) -> list[str]:
    """What was done to this, oldest first: `["referral.sent", "referral.accepted"]`, as far as the reader may see."""
    return list(
        Event.objects.filter(subject_id=subject.pk, is_read=False)
        .order_by("id")
        .values_list("verb", flat=True)
    )


def events_of_case(case_id: UUID, *, to: Actor, limit: int = 50) -> list[Event]:
    """What was done on a case, newest first, without mere looks, as far as the member may see."""
    return list(Event.objects.filter(case_id=case_id, is_read=False).order_by("-id")[:limit])


def looks_at_case(case_id: UUID, *, to: Actor) -> models.QuerySet[Event]:
    """Who looked at a case, newest first. Empty for everybody but oversight and the one who looked."""
    return Event.objects.filter(case_id=case_id, is_read=True).order_by("-id")


def events(
    *, to: Actor, verb: str = "", member: UUID | None = None, looks_only: bool = False
) -> models.QuerySet[Event]:
    """The whole log as far as the member may see it; oversight sees all of it, without any content."""
    found = Event.objects.all()
    if verb:
        found = found.filter(verb=verb)
    if member:
        found = found.filter(member_id=member)
    return found.filter(is_read=True) if looks_only else found


def seals(*, to: Actor) -> models.QuerySet[Seal]:
    """The seals, newest first: proof that nothing before them was changed."""
    return Seal.objects.order_by("-number")
