"""Who may do what with a person. Roles say who works with people; the sharing protocols say with whose data.

Every function gives a condition on rows, so one rule serves the row, the list and the menu.
"""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from homeward.foundation.access.models import CaseAccess, SharingProtocol
from homeward.foundation.access.permissions import EVERYBODY, NOBODY, holds
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role

# Those who work with people. Auditors, analysts, administrators and data protection officers never write about one.
WORKING = (Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR)


def search(member: Member) -> Q:
    """Everybody may search; it finds only whom they may know."""
    return EVERYBODY


def register(member: Member) -> Q:
    """Those who work with people in an institution with a mandate of its own enter who is not yet known.

    Asked of the institution. Whoever has no mandate cannot open a case, and a person without one would be lost.
    """
    return Q(pk=member.institution_id) & holds(member, *WORKING) & _mandate(member)


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


def open_wave(member: Member) -> Q:
    """Those who register people, where the institution works with returns. Asked of the institution."""
    return register(member) & see_returns(member)


def see_returns(member: Member) -> Q:
    """Members of institutions to which some protocol in force opens the category; nobody else meets the word.

    A school and a clinic work with the same children and never learn from a page where they came from.
    """
    return EVERYBODY if _is_open(member, Category.RETURN) else NOBODY


def review_twins(member: Member) -> Q:
    """Those who work with people look at pairs of records both of which their institution reads in full.

    Which pairs these are, the database says (ADR 0030): asked of a pair, and of the menu.
    """
    return holds(member, *WORKING)


def confirm_merge(member: Member) -> Q:
    """A coordinator or supervisor, and never the one who proposed it. The database asks for the accounts."""
    return holds(member, Role.COORDINATOR, Role.SUPERVISOR) & ~Q(proposed_by=member.pk)


def take_apart(member: Member) -> Q:
    """A coordinator or supervisor. The database asks whether their institution leads the case."""
    return holds(member, Role.COORDINATOR, Role.SUPERVISOR)


def work_at_desk(member: Member) -> Q:
    """The linkage desk, which compares records that no institution may read whole."""
    return holds(member, Role.LINKAGE_DESK)


def see_figures(member: Member) -> Q:
    """Who works with returns, and whoever reads no files at all: donors, analysts, oversight.

    The figures are published, but their words are not for a school that works with one of the children.
    """
    return see_returns(member) if _opened_to(member)[0] else EVERYBODY


def publish_figure(member: Member) -> Q:
    """A coordinator or analyst of an institution that works with returns and has a mandate. Asked of the institution."""
    mine = Q(pk=member.institution_id) & _mandate(member)
    return mine & holds(member, Role.COORDINATOR, Role.ANALYST) & see_returns(member)


def _writes(member: Member, category: Category, person: str = "pk") -> Q:
    """Rows of persons about whom the member may write in the category. `person` names the column with their key."""
    if not _in_unit(member, category):
        return NOBODY
    access = CaseAccess.objects.filter(institution_id=member.institution_id, person_id=OuterRef(person))
    writable = access.alias(bit=F("write_mask").bitand(1 << category)).filter(bit__gt=0)
    return holds(member, *WORKING) & Q(Exists(writable))


def _in_unit(member: Member, category: Category) -> bool:
    """A unit may see less than its institution."""
    mask = member.unit.mask if member.unit else None
    return mask is None or bool(mask & (1 << category))


def _is_open(member: Member, category: Category) -> bool:
    return _in_unit(member, category) and category in _opened_to(member)[0]


def _mandate(member: Member) -> Q:
    """A protocol in force of which the member's institution is both sides."""
    return EVERYBODY if _opened_to(member)[1] else NOBODY


def _opened_to(member: Member) -> tuple[frozenset[int], bool]:
    """The categories that protocols in force open in full to the member's institution; whether one is its own mandate.

    The menu asks on every page, so the answer is kept as long as the member, which is one request.
    """
    known: tuple[frozenset[int], bool] | None = member.__dict__.get("_opened_to")
    if known is None:
        to_us = Q(receiver=member.institution_id) | Q(receiver_kind=member.institution.kind)
        by_us = Q(provider=member.institution_id) | Q(provider_kind=member.institution.kind)
        rows = SharingProtocol.objects.in_force().filter(to_us, clauses__depth=Depth.FULL)
        found = list(rows.annotate(is_own=by_us).values_list("clauses__category", "is_own"))
        known = frozenset(category for category, _own in found), any(own for _category, own in found)
        member.__dict__["_opened_to"] = known
    return known
