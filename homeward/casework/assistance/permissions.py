"""Who may do what with support. Roles say who works with money; the sharing protocols say in whose cases.

A payer gives, signs for and takes back what is its own. Who else gives something is seen by those alone to whom a protocol
gives the category at least as a summary; the rest learn that something overlaps, and whom to ask.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from homeward.foundation.access.models import CaseAccessCategory, SharingProtocol
from homeward.foundation.access.permissions import EVERYBODY, NOBODY, holds, writes
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role

# Those who work with people; and those who answer for what their institution does.
WORKING = (Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR)
ANSWERING = (Role.COORDINATOR, Role.SUPERVISOR)


def see_ledger(member: Member) -> Q:
    """Members of institutions that some protocol lets enter support, or see who gives what. Nobody else meets the word."""
    deepest, may_write = _given(member)
    return EVERYBODY if may_write or deepest >= Depth.SUMMARY else NOBODY


def request(member: Member) -> Q:
    """Those who work with people, in an institution that may enter support for this person. Asked of the case."""
    return writes(member, Category.ASSISTANCE, case="pk") & holds(member, *WORKING)


def work(member: Member) -> Q:
    """Those who work with people at the payer: they approve, release, stop, change the days and record what came back."""
    return Q(payer=member.institution_id) & writes(member, Category.ASSISTANCE) & holds(member, *WORKING)


def approve(member: Member) -> Q:
    """The first signature: whoever works with people at the payer."""
    return work(member)


def countersign(member: Member) -> Q:
    """The second signature: a coordinator or supervisor of the payer. That it is somebody else is a rule."""
    return work(member) & holds(member, *ANSWERING)


def release(member: Member) -> Q:
    """Whoever works with people at the payer hands it over."""
    return work(member)


def relieve(member: Member) -> Q:
    """Whoever works with people at the payer may give a little at once."""
    return work(member)


def confirm(member: Member) -> Q:
    """A coordinator or supervisor of the payer approves afterwards what was given at once."""
    return countersign(member)


def take_back(member: Member) -> Q:
    """Whoever works with people at the payer records that it came back. That it is not whoever paid it is a rule."""
    return work(member)


def stop(member: Member) -> Q:
    """Whoever works with people at the payer, as long as nothing was paid."""
    return work(member)


def reverse(member: Member) -> Q:
    """A coordinator or supervisor of the payer corrects what was paid or written wrongly. That it is not whoever paid it is a
    rule."""
    return countersign(member)


def justify(member: Member) -> Q:
    """Whoever works with people at the payer says why both are needed; somebody else then lets it go on."""
    return work(member)


def adjust(member: Member) -> Q:
    """Whoever works with people at the payer changes the days of what was not paid yet."""
    return work(member)


def apply(member: Member) -> Q:
    """Whoever may request support may apply for a small grant. Asked of the case."""
    return request(member)


def score(member: Member) -> Q:
    """Whoever works with people at the payer looks at the plan. Asked of the grant."""
    return work(member)


def award(member: Member) -> Q:
    """A coordinator or supervisor of the payer decides on a grant."""
    return countersign(member)


def plan_milestone(member: Member) -> Q:
    """Whoever works with people at the payer agrees on milestones and visits, and records what was found."""
    return work(member)


def finish(member: Member) -> Q:
    """A coordinator or supervisor of the payer records how it ended."""
    return countersign(member)


def keep_history(member: Member) -> Q:
    """A coordinator or supervisor takes in support of the past. Asked of the own institution."""
    return Q(pk=member.institution_id) & see_ledger(member) & holds(member, *ANSWERING)


def check(member: Member) -> Q:
    """Those who work with people may ask whether support runs already, where they could give it. Asked of the case."""
    touched = CaseAccessCategory.objects.filter(
        institution_id=member.institution_id, case_id=OuterRef("pk"), category=Category.ASSISTANCE
    )
    return Q(Exists(touched)) & holds(member, *WORKING)


def ask(member: Member) -> Q:
    """The page of that question: for those who work with people where a protocol says anything of support."""
    deepest, may_write = _given(member)
    return holds(member, *WORKING) if may_write or deepest else NOBODY


def oversee(member: Member) -> Q:
    """Those who answer for an institution that sees who gives what: overlaps, and how support is spread."""
    return holds(member, *ANSWERING) if _given(member)[0] >= Depth.SUMMARY else NOBODY


def is_asked(member: Member) -> bool:
    """Whether the member's institution is one of those whom others ask, because it sees who gives what."""
    return _given(member)[0] >= Depth.SUMMARY


def settle(member: Member) -> Q:
    """The same people write down what was done about an overlap. Only whoever may know of both gifts sees one; that whoever had
    a hand in one of them decides nothing about it is a rule."""
    return oversee(member)


def account(member: Member) -> Q:
    """Those who answer for the payer see its totals and take them along for the accountant."""
    return holds(member, *ANSWERING) if _given(member)[1] else NOBODY


def _given(member: Member) -> tuple[int, bool]:
    """How deep protocols in force let the member's institution look at support, and whether it may enter any.

    The menu asks on every page, so the answer is kept as long as the member, which is one request.
    """
    known: tuple[int, bool] | None = member.__dict__.get("_support_given")
    if known is None:
        mask = member.unit.mask if member.unit else None
        if mask is not None and not mask & (1 << Category.ASSISTANCE):
            known = (Depth.NONE, False)
        else:
            to_us = Q(receiver=member.institution_id) | Q(receiver_kind=member.institution.kind)
            rows = SharingProtocol.objects.in_force().filter(to_us, clauses__category=Category.ASSISTANCE)
            found = list(rows.values_list("clauses__depth", "clauses__writes"))
            known = max((depth for depth, _writes in found), default=0), any(write for _depth, write in found)
        member.__dict__["_support_given"] = known
    return known
