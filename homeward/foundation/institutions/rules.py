"""What roles there are, and what a name in several languages is. Pure: no database."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text

LANGUAGES = ("sq", "sr", "sr-latn", "en")


class Role(TextChoices):
    """What a member may be asked to do in an institution. A member may hold several."""

    COORDINATOR = "coordinator", _("Coordinator")
    CASEWORKER = "caseworker", _("Caseworker")
    SUPERVISOR = "supervisor", _("Supervisor")
    SECURITY_OFFICER = "security_officer", _("Security officer")
    FOCAL_POINT = "focal_point", _("Focal point")
    DATA_PROTECTION = "data_protection", _("Data protection officer")
    AUDITOR = "auditor", _("Auditor")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")
    BREAK_GLASS = "break_glass", _("May look in an emergency")
    LINKAGE_DESK = "linkage_desk", _("Linkage desk")


# Who watches over the use of data looks into every institution's log: only bodies of oversight can have such members.
OVERSIGHT_ROLES = frozenset({Role.DATA_PROTECTION, Role.AUDITOR})
OVERSIGHT = "oversight"


def roles_to_give(party: str) -> list[Role]:
    """The roles an institution of this party can give. The linkage desk meets people of every institution (ADR 0030): the
    operator seats it."""
    mine = [role for role in Role if role != Role.LINKAGE_DESK]
    return [role for role in mine if party == OVERSIGHT or role not in OVERSIGHT_ROLES]


def check_roles(roles: Collection[str], party: str, *, by_operator: bool = False) -> None:
    """Raises if there is no role, an unknown one, or one that an institution of this party cannot give."""
    if not roles or not set(roles) <= set(Role.values):
        raise RuleBroken(_("Choose at least one of the roles there are."), field="roles", code="roles")
    if Role.LINKAGE_DESK in roles and not by_operator:
        raise RuleBroken(
            _("The linkage desk is not appointed by an institution."), field="roles", code="linkage_desk"
        )
    if not set(roles) - {Role.LINKAGE_DESK} <= set(roles_to_give(party)):
        raise RuleBroken(
            _(
                "Only a body that watches over the use of data can have auditors and data protection officers."
            ),
            field="roles",
            code="oversight",
        )


EVERYTHING = (1 << 20) - 1  # the mask of somebody whom no wall of a unit narrows


def check_can_seat(own_view: int, their_view: int) -> None:
    """Raises if a colleague would see more of what the institution may see than whoever gives them the seat."""
    if their_view & ~own_view:
        raise RuleBroken(
            _("You can only appoint to a part of the institution that sees no more than yours."),
            field="unit",
            code="view",
        )


def in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in the reader's language, else in the nearest one there is: never empty if any text stands there."""
    wanted = (language or get_language() or "en").lower()
    for code in (wanted, wanted.split("-")[0], "en", *texts):
        if texts.get(code):
            return texts[code]
    return ""


def check_first_day(day: date, today: date) -> None:
    """Nobody begins in the past: the oldest seat is the one a member signs in to, and none is slipped in before it."""
    if day < today:
        raise RuleBroken(_("The first day lies in the past."), field="starts_on", code="seat.past")


# What the log calls what happens here (audit.rules.words).
WORDS: Mapping[str, Text] = {
    "account.created": _("An account was made"),
    "account.password_chosen": _("A newcomer chose a password"),
    "focal_point.filled": _("The post of focal point was filled"),
    "focal_point.vacated": _("The post of focal point fell vacant"),
    "institutions.loaded": _("Institutions of the country were loaded"),
    "member.appointed": _("A colleague was appointed"),
    "member.dismissed": _("A colleague left"),
    "member.invited": _("A newcomer was invited"),
    "member.moved": _("A colleague was moved to another unit"),
    "member.roles_changed": _("The roles of a colleague were changed"),
    "account.reset": _("The operator took the second factors off an account and gave it a new password"),
    "member.seated": _("A member was seated by the operator"),
}
