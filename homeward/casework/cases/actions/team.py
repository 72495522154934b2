"""Who works on a case: one named contact for the person, and from each institution its own people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions
from homeward.casework.cases.models import Care, Case, TeamMember
from homeward.casework.cases.models.team import Part
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken


@action
def name_contact(case: Case, *, member: Member, by: Member, version: int | None = None) -> Care:
    """One person whom the family can call. Trust needs a name, not an office."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    _check_serves(member, institution=care.lead_id)

    care.named_contact = member
    care.change()

    record("case.contact_named", care.case, by=by, category=Category.CASE, member=member.pk, **care.trace())
    return care


@action
def assign(case: Case, *, member: Member, part: str, by: Member) -> TeamMember:
    """An institution names one of its own people on the case, with the part they have."""
    require(by, permissions.assign, case)
    _check_serves(member, institution=by.institution_id)
    if part not in Part.values:
        raise RuleBroken(_("Choose a part."), field="part", code="team.part")
    if TeamMember.objects.current(today()).filter(case=case, member=member, part=part).exists():
        raise RuleBroken(_("This person has this part already."), field="member", code="team.already")

    place = TeamMember(
        case=case, institution_id=by.institution_id, member=member, part=part, starts_on=today()
    )
    place.save(force_insert=True)

    record("team.assigned", place, by=by, category=Category.CASE, member=member.pk, part=part)
    return place


@action
def remove_from_team(place: TeamMember, *, by: Member) -> TeamMember:
    """Somebody no longer works on the case; that they did stays known."""
    list(
        TeamMember.objects.select_for_update().filter(pk=place.pk)
    )  # others' rows cannot be locked, and are refused next
    require(by, permissions.remove_from_team, place)
    place = TeamMember.objects.get(pk=place.pk)
    if place.ends_on is not None:
        raise RuleBroken(_("This person is not on the case any more."), code="team.gone")

    place.ends_on = today()
    place.save(update_fields=["ends_on"])

    record("team.removed", place, by=by, category=Category.CASE, member=place.member_id, part=place.part)
    return place


def _check_serves(member: Member, *, institution: object) -> None:
    if member.institution_id != institution:
        raise RuleBroken(_("Choose somebody of the institution."), field="member", code="team.institution")
    if not Member.objects.serving().filter(pk=member.pk).exists():
        raise RuleBroken(_("This person no longer works there."), field="member", code="team.left")
