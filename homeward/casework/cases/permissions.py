"""Who may do what with a case. Each function says it in one sentence, and serves the row, the list and the menu.

Two things have to come together: a role, which an institution gives to its people, and the right to write in
a category, which the sharing protocols give to institutions. Roles alone open nothing.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from homeward.casework.people.permissions import register as register_people
from homeward.foundation.access.models import CaseAccessCategory
from homeward.foundation.access.permissions import EVERYBODY, NOBODY, Permission, holds, writes
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions.models import Member
from homeward.foundation.institutions.rules import Role

__all__ = [
    "EVERYBODY",
    "NOBODY",
    "add_document",
    "archive",
    "assign",
    "browse",
    "change_lead",
    "close",
    "correct_note",
    "download",
    "end_retention",
    "exclude",
    "involve",
    "lead",
    "look",
    "open_case",
    "remove_from_team",
    "tick",
    "work",
    "write",
    "write_note",
]

# Those who work with people. Auditors, analysts, administrators and data protection officers never write on a case.
WORKING = (Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR, Role.FOCAL_POINT, Role.SECURITY_OFFICER)
LEADING = (Role.COORDINATOR, Role.CASEWORKER, Role.SUPERVISOR)


def browse(member: Member) -> Q:
    """Everybody may open the list; it shows to each only what they may see."""
    return EVERYBODY


def look(member: Member) -> Q:
    """Whoever is shown a case may open its page."""
    return EVERYBODY


def open_case(member: Member) -> Q:
    """A coordinator or caseworker opens cases that the own institution leads. Asked of the institution."""
    return Q(pk=member.institution_id) & holds(member, Role.COORDINATOR, Role.CASEWORKER)


def register(member: Member) -> Q:
    """Those who open cases, where the institution may register people. Asked of the institution."""
    return open_case(member) & register_people(member)


def _led(member: Member) -> Q:
    return Q(care__lead=member.institution_id) & writes(member, Category.CASE, case="pk")


def work(member: Member) -> Q:
    """Those who work with people in the leading institution move its cases on and name the contact."""
    return _led(member) & holds(member, *LEADING)


def close(member: Member) -> Q:
    """A coordinator or supervisor of the leading institution confirms, rejects and undoes a closure.

    That it is somebody else than the proposer is a rule, so that the page can say so.
    """
    return _led(member) & holds(member, Role.COORDINATOR, Role.SUPERVISOR)


def change_lead(member: Member) -> Q:
    """A coordinator of the leading institution hands the lead on, and the one of the new lead takes it over."""
    return _led(member) & holds(member, Role.COORDINATOR)


def archive(member: Member) -> Q:
    """A coordinator of the leading institution puts a finished case away."""
    return _led(member) & holds(member, Role.COORDINATOR)


def end_retention(member: Member) -> Q:
    """A coordinator or supervisor of the leading institution keeps an archived case longer, or confirms its erasure.

    Whoever works with people there may propose the erasure (`work`). That the two are different people is a rule, and
    the database asks it again.
    """
    return _led(member) & holds(member, Role.COORDINATOR, Role.SUPERVISOR)


def involve(member: Member) -> Q:
    """Those who work on a case in the leading institution bring others in, and end it again."""
    return Q(care__lead=member.institution_id) & holds(member, *LEADING)


def exclude(member: Member) -> Q:
    """Whoever sees a case may say that they, or a colleague, must not; whom is asked of the colleague."""
    return EVERYBODY


def assign(member: Member) -> Q:
    """Every institution that may write about the coordination of a case names its own people on it."""
    return writes(member, Category.CASE, case="pk") & holds(member, *LEADING)


def remove_from_team(member: Member) -> Q:
    """An institution takes only its own people off a case."""
    return Q(institution=member.institution_id) & writes(member, Category.CASE) & holds(member, *LEADING)


def write(category: int) -> Permission:
    """Those who work with people, in an institution that may write in this category of this case."""

    def write_in_category(member: Member) -> Q:
        return writes(member, Category(category), case="pk") & holds(member, *WORKING)

    return write_in_category


def write_note(member: Member) -> Q:
    """Whoever may write in any category of the case; the note itself is checked against its own category."""
    return _writes_anything(member) & holds(member, *WORKING)


def add_document(member: Member) -> Q:
    """The same people who may write a note."""
    return write_note(member)


def tick(member: Member) -> Q:
    """The same people who may write a note; the check itself is checked against its own category."""
    return write_note(member)


def correct_note(member: Member) -> Q:
    """The author, or a supervisor or coordinator of the same institution, that may still write in the category."""
    own = Q(author=member) | holds(member, Role.SUPERVISOR, Role.COORDINATOR)
    return (
        Q(institution=member.institution_id)
        & own
        & _row_category(member, can_write=True)
        & holds(member, *WORKING)
    )


def download(member: Member) -> Q:
    """Whoever reads the whole category, or whose institution added the document and still writes there."""
    whole = _row_category(member, depth=Depth.FULL)
    own = Q(institution=member.institution_id) & _row_category(member, can_write=True)
    return whole | own


def lead(member: Member) -> Q:
    """Those who work with people see the figures of all cases their institution sees."""
    return holds(member, *LEADING)


def _row_category(member: Member, **wanted: object) -> Q:
    """The row's own category is open to the member in this way."""
    return Q(
        Exists(
            CaseAccessCategory.objects.filter(
                institution_id=member.institution_id,
                case_id=OuterRef("case_id"),
                category=OuterRef("category"),
                **wanted,
            )
        )
    )


def _writes_anything(member: Member) -> Q:
    return Q(
        Exists(
            CaseAccessCategory.objects.filter(
                institution_id=member.institution_id, case_id=OuterRef("pk"), can_write=True
            )
        )
    )
