"""Who may do what with a person. Roles say who works with people; the sharing protocols say with whose data.

Every function gives a condition on rows, so one rule serves the row, the list and the menu.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from homeward.foundation.access.models import CaseAccess, ProtocolClause
from homeward.foundation.access.permissions import EVERYBODY, NOBODY, holds
from homeward.foundation.access.rules import Category, Depth, ProtocolState
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import now

# Those who work with people. Auditors, analysts, administrators and data protection officers never write about one.
WORKING = (Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR)


def search(member: Member) -> Q:
    """Everybody may search; it finds only whom they may know."""
    return EVERYBODY


def register(member: Member) -> Q:
    """Coordinators and caseworkers enter people who are not yet known. Asked of the institution."""
    return Q(pk=member.institution_id) & holds(member, Role.COORDINATOR, Role.CASEWORKER)


def correct_person(member: Member) -> Q:
    """Those who work with people, in an institution that may write the identity of this person."""
    return _writes(member, Category.IDENTITY)


def add_name(member: Member) -> Q:
    """The same who may correct a person."""
    return correct_person(member)


def move_household(member: Member) -> Q:
    """Those who work with people, in an institution that may write about this person's family."""
    return _writes(member, Category.HOUSEHOLD)


def link_guardian(member: Member) -> Q:
    """The same who may write about a person's family. Asked of the child."""
    return move_household(member)


def end_guardianship(member: Member) -> Q:
    """The same who may write about the child's family. Asked of the guardianship."""
    return _writes(member, Category.HOUSEHOLD, person="child")


def expect_return(member: Member) -> Q:
    """Those who work with people, in an institution that may write about this person's return."""
    return _writes(member, Category.RETURN)


def change_return(member: Member) -> Q:
    """The same who may write about returns; asked of the return itself."""
    return _writes(member, Category.RETURN, person="person")


def expire_expected(member: Member) -> Q:
    """A coordinator takes off the list who is no longer expected, among the returns their institution writes."""
    return change_return(member) & holds(member, Role.COORDINATOR)


def open_wave(member: Member) -> Q:
    """Coordinators and caseworkers of institutions that work with returns. Asked of the institution."""
    return (
        Q(pk=member.institution_id) & holds(member, Role.COORDINATOR, Role.CASEWORKER) & see_returns(member)
    )


def see_returns(member: Member) -> Q:
    """Members of institutions to which some protocol in force opens the category; nobody else meets the word.

    A school and a clinic work with the same children and never learn from a page where they came from.
    """
    return EVERYBODY if _is_open(member, Category.RETURN) else NOBODY


def see_figures(member: Member) -> Q:
    """Who works with returns, and whoever reads no files at all: donors, analysts, oversight.

    The figures are published, but their words are not for a school that works with one of the children.
    """
    reads_no_file = not _clauses_of(member).exists()
    return EVERYBODY if reads_no_file else see_returns(member)


def publish_figure(member: Member) -> Q:
    """A coordinator or analyst among those who may see the ledger. Asked of the institution."""
    return Q(pk=member.institution_id) & holds(member, Role.COORDINATOR, Role.ANALYST) & see_figures(member)


def reads_identity(member: Member) -> Q:
    """Persons whose identity is open to the member."""
    return _open(member, Category.IDENTITY, "cat_mask", "pk")


def reads_returns(member: Member) -> Q:
    """Returns of persons of whom the category is open to the member."""
    return _open(member, Category.RETURN, "cat_mask", "person")


def _writes(member: Member, category: Category, person: str = "pk") -> Q:
    return holds(member, *WORKING) & _open(member, category, "write_mask", person)


def _open(member: Member, category: Category, mask: str, person: str) -> Q:
    if not _in_unit(member, category):
        return NOBODY
    access = CaseAccess.objects.filter(institution_id=member.institution_id, person_id=OuterRef(person))
    return Q(Exists(access.alias(bit=F(mask).bitand(1 << category)).filter(bit__gt=0)))


def _in_unit(member: Member, category: Category) -> bool:
    """A unit may see less than its institution."""
    mask = member.unit.mask if member.unit else None
    return mask is None or bool(mask & (1 << category))


def _is_open(member: Member, category: Category) -> bool:
    return (
        _in_unit(member, category)
        and _clauses_of(member).filter(category=category, depth=Depth.FULL).exists()
    )


def _clauses_of(member: Member) -> models.QuerySet[ProtocolClause]:
    """What the protocols in force open to the member's institution, in any case."""
    receiver = Q(protocol__receiver=member.institution_id) | Q(
        protocol__receiver_kind=member.institution.kind
    )
    return ProtocolClause.objects.filter(
        receiver,
        protocol__state=ProtocolState.IN_FORCE,
        protocol__valid_from__lte=now(),
        protocol__valid_until__gt=now(),
    )
