"""The one way to ask "may they?": a function from member to Q, checked here against the row itself."""

from collections.abc import Callable
from typing import TypeAlias

from django.db.models import Exists, Model, OuterRef, Q

from homeward.foundation.access.models import BreakGlass, CaseAccessCategory, CaseAnchor
from homeward.foundation.access.rules import Category, ProtocolState, Verdict
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.permissions import EVERYBODY, NOBODY, holds
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Missing, NotPermitted

Permission: TypeAlias = Callable[[Member], Q]

__all__ = [
    "EVERYBODY",
    "NOBODY",
    "Permission",
    "break_glass",
    "decline",
    "end_involvement",
    "exclude",
    "holds",
    "in_sight",
    "lift_exclusion",
    "may",
    "oversee",
    "propose",
    "reads",
    "require",
    "review_break_glass",
    "sign",
    "withdraw",
    "writes",
]


def may(member: Member, permission: Permission, subject: Model) -> bool:
    """Whether the member may do this to that row, asked of the database and so of row-level security too."""
    return type(subject)._default_manager.filter(permission(member), pk=subject.pk).exists()


def require(member: Member, permission: Permission, subject: Model) -> None:
    """Raises `NotPermitted` for a row the member sees but may not act on, `Missing` for one it does not see."""
    if may(member, permission, subject):
        return
    if type(subject)._default_manager.filter(pk=subject.pk).exists():
        raise NotPermitted()
    raise Missing()


def _access(member: Member, case: str, category: Category, **more: object) -> Q:
    return Q(
        Exists(
            CaseAccessCategory.objects.filter(
                institution_id=member.institution_id, case_id=OuterRef(case), category=category, **more
            )
        )
    )


def in_sight(member: Member, case: str = "case_id") -> Q:
    """Rows of cases the member's institution knows of. `case` names the column with the case's key."""
    return Q(
        Exists(
            CaseAccessCategory.objects.filter(institution_id=member.institution_id, case_id=OuterRef(case))
        )
    )


def reads(member: Member, category: Category, case: str = "case_id") -> Q:
    """Rows of cases in which the member reads the category in full."""
    return _access(member, case, category, depth=3)


def writes(member: Member, category: Category, case: str = "case_id") -> Q:
    """Rows of cases in which the member may write in the category."""
    return _access(member, case, category, can_write=True)


def propose(member: Member) -> Q:
    """Those who answer for an institution or for data protection may propose a protocol or a change of one."""
    return holds(member, Role.COORDINATOR, Role.SUPERVISOR, Role.DATA_PROTECTION)


def sign(member: Member) -> Q:
    """A coordinator of a party, as long as the own institution has not signed. The database knows the rest."""
    return decline(member) & ~Q(signatures__contains=[{"institution": member.institution.code}])


def decline(member: Member) -> Q:
    """A coordinator of a party, as long as the proposal is not in force."""
    office = member.institution
    party = (
        Q(provider=office.pk)
        | Q(receiver=office.pk)
        | Q(provider_kind=office.kind)
        | Q(receiver_kind=office.kind)
    )
    return Q(state=ProtocolState.PROPOSED) & party & holds(member, Role.COORDINATOR)


def withdraw(member: Member) -> Q:
    """Whoever made the proposal, or a coordinator of the same institution."""
    colleagues = Q(proposed_by__institution=member.institution_id) & holds(member, Role.COORDINATOR)
    return Q(state=ProtocolState.PROPOSED) & (Q(proposed_by=member.pk) | colleagues)


def exclude(member: Member) -> Q:
    """Oneself, or for a coordinator or supervisor any colleague of the institution. Asked of the one to be kept away."""
    ours = Q(institution=member.institution_id)
    return ours & (Q(pk=member.pk) | holds(member, Role.COORDINATOR, Role.SUPERVISOR))


def lift_exclusion(member: Member) -> Q:
    """A coordinator or supervisor of the same institution, never of one that keeps themselves away."""
    mine = Q(institution=member.institution_id) & ~Q(member=member.pk)
    return mine & Q(lifted_at=None) & holds(member, Role.COORDINATOR, Role.SUPERVISOR)


def end_involvement(member: Member) -> Q:
    """Those who work on cases in the institution that leads this one."""
    led = CaseAnchor.objects.filter(case_id=OuterRef("case_id"), lead=member.institution_id)
    return Q(Exists(led)) & holds(member, Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR)


def break_glass(member: Member) -> Q:
    """Members named for emergencies by their institution."""
    return holds(member, Role.BREAK_GLASS)


def review_break_glass(member: Member) -> Q:
    """Somebody of another institution: who leads the case, or data protection. Once, unless more was asked for."""
    mine = Q(institution=member.institution_id)
    lead = Q(lead=member.institution_id) & holds(member, Role.COORDINATOR, Role.SUPERVISOR)
    open_still = Q(reviewed_at=None) | Q(verdict=Verdict.NEEDS_MORE)
    return open_still & ~mine & (lead | holds(member, Role.DATA_PROTECTION))


def oversee(member: Member) -> Q:
    """Auditors and data protection officers: who did and saw what, never the content."""
    return holds(member, Role.AUDITOR, Role.DATA_PROTECTION)


def is_overdue_review(look: BreakGlass) -> bool:
    """Whether an emergency look waits longer for its review than it may."""
    return look.reviewed_at is None and look.review_due_at < now()
