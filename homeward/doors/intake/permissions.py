"""Who may take in lists: those who answer for the cases of an institution that works with people who come home.

Nobody else meets these pages, nor the words on them.
"""

from __future__ import annotations

from django.db.models import Q

from homeward.casework.people.permissions import see_returns
from homeward.foundation.access.permissions import holds
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role


def use(member: Member) -> Q:
    """A coordinator of an institution to which some protocol in force opens who came home. Asked of nobody yet."""
    return holds(member, Role.COORDINATOR) & see_returns(member)


def take_in(member: Member) -> Q:
    """The same, for the lists of their own institution."""
    return Q(institution=member.institution_id) & use(member)
