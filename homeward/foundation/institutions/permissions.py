"""Who may do what with institutions and members; the two smallest permissions of the house stand here."""

from django.db.models import Q

from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role

NOBODY = Q(pk__in=[])
EVERYBODY = ~NOBODY


def holds(member: Member, *roles: str) -> Q:
    """Every row for a member with any of these roles, none for everybody else."""
    return EVERYBODY if member.has(*roles) else NOBODY


def appoint(member: Member) -> Q:
    """An administrator or coordinator, in the own institution."""
    return Q(pk=member.institution_id) & holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)


def dismiss(member: Member) -> Q:
    """An administrator or coordinator of the same institution; nobody dismisses themselves."""
    return (
        Q(institution=member.institution_id)
        & ~Q(pk=member.pk)
        & holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)
    )


def change_roles(member: Member) -> Q:
    """The same people who may dismiss: nobody gives roles to themselves."""
    return dismiss(member)


def browse_directory(member: Member) -> Q:
    """Every member of every institution may look up whom to call."""
    return EVERYBODY


def fill_focal_point(member: Member) -> Q:
    """A coordinator or administrator of the institution whose focal point it is."""
    return Q(institution=member.institution_id) & holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)
