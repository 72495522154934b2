"""Who may do what with institutions and members; the two smallest permissions of the house stand here."""

from django.db.models import Exists, OuterRef, Q

from homeward.foundation.institutions.models import Member, Unit
from homeward.foundation.institutions.rules import EVERYTHING, Role
from homeward.foundation.kernel.clock import today

NOBODY = Q(pk__in=[])
EVERYBODY = ~NOBODY


def holds(member: Member, *roles: str) -> Q:
    """Every row for a member with any of these roles, none for everybody else."""
    return EVERYBODY if member.has(*roles) else NOBODY


def appoint(member: Member) -> Q:
    """An administrator or coordinator, in the own institution."""
    return Q(pk=member.institution_id) & holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)


def dismiss(member: Member) -> Q:
    """An administrator or coordinator of the same institution, of whoever sees no more than they do; nobody themselves."""
    if not member.has(Role.ADMINISTRATOR, Role.COORDINATOR):
        return NOBODY
    return Q(institution=member.institution_id) & ~Q(account=member.account_id) & _sees_no_more(member)


def change_roles(member: Member) -> Q:
    """The same people who may dismiss, while the membership lasts: nobody gives roles to themselves."""
    return dismiss(member) & ~Q(ends_on__lte=today())


def move(member: Member) -> Q:
    """The same people who may change the roles."""
    return change_roles(member)


def invite(member: Member) -> Q:
    """The same people again: whoever gave the seat hands over the link to it."""
    return change_roles(member)


def browse_directory(member: Member) -> Q:
    """Every member of every institution may look up whom to call."""
    return EVERYBODY


def browse_colleagues(member: Member) -> Q:
    """Administrators and coordinators see who works in their institution and what each may do."""
    return holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)


def fill_focal_point(member: Member) -> Q:
    """A coordinator or administrator of the institution whose focal point it is."""
    return Q(institution=member.institution_id) & holds(member, Role.ADMINISTRATOR, Role.COORDINATOR)


def _sees_no_more(member: Member) -> Q:
    """Colleagues in a part of the institution that is open to the member too: two units may be walls to each other."""
    if member.view == EVERYTHING:
        return EVERYBODY
    return Q(Exists(Unit.objects.no_wider_than(member.view).filter(pk=OuterRef("unit"))))
