"""Who may take in lists: those who answer for the cases of their institution."""

from __future__ import annotations

from django.db.models import Q

from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.permissions import holds
from homeward.foundation.institutions.rules import Role


def take_in(member: Member) -> Q:
    """A coordinator, for the lists of their own institution."""
    return Q(institution=member.institution_id) & holds(member, Role.COORDINATOR)


def use(member: Member) -> Q:
    """The same, asked before there is a list."""
    return holds(member, Role.COORDINATOR)
