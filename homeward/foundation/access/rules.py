"""The categories of data, how deep one may look, and what the law of the house says about both. Pure."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text

WHOLE_INSTITUTION = UUID(int=0)
BREAK_GLASS_HOURS = 4
BREAK_GLASS_REVIEW_HOURS = 72
BREAK_GLASS_REASON = 20
BREAK_GLASS_UNREVIEWED = 3


class Category(IntegerChoices):
    """What kind of data a record is. The number is its bit in the masks of the database and never changes."""

    IDENTITY = 0, _("Identity")
    HOUSEHOLD = 1, _("Family and household")
    RETURN = 2, _("Arrival")
    CASE = 3, _("Case coordination")
    LEGAL = 4, _("Legal")
    CUSTODY = 5, _("Custody")
    SUPERVISION = 6, _("Supervision")
    RISK = 7, _("Risk judgement")
    NEEDS = 8, _("Needs")
    PLAN = 9, _("Plan")
    REFERRAL = 10, _("Referrals")
    SERVICE = 11, _("Services")
    ASSISTANCE = 12, _("Assistance")
    EDUCATION = 13, _("Education")
    HEALTH = 14, _("Health")
    COUNSELLING = 15, _("Counselling")
    CHILD_PROTECTION = 16, _("Child protection")
    GENDER_VIOLENCE = 17, _("Gender-based violence")
    SECURITY = 18, _("Security")
    INTELLIGENCE = 19, _("Intelligence")


class Depth(IntegerChoices):
    """How deep an institution looks into what others wrote. With the right to write it always sees its own."""

    NONE = 0, _("Only what it wrote itself")
    EXISTENCE = 1, _("That something exists")
    SUMMARY = 2, _("Summary")
    FULL = 3, _("Everything")


class ProtocolState(TextChoices):
    """Where a sharing protocol stands."""

    PROPOSED = "proposed", _("Proposed")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


class Verdict(TextChoices):
    """What the reviewer of an emergency look decided."""

    JUSTIFIED = "justified", _("Justified")
    UNJUSTIFIED = "unjustified", _("Not justified")
    NEEDS_MORE = "needs_more", _("Needs more explanation")


# Whoever reads one of these of a case knows why there is one; all others meet no word of it, anywhere.
TELLING = (Category.RETURN, Category.CASE, Category.LEGAL)
# What may be looked at in an emergency. The database holds the same list (sql/access.sql) and decides.
BREAK_GLASS_CATEGORIES = frozenset(
    {
        Category.IDENTITY,
        Category.HOUSEHOLD,
        Category.CASE,
        Category.LEGAL,
        Category.CUSTODY,
        Category.SUPERVISION,
    }
)


def mask_of(categories: Iterable[int]) -> int:
    """The bits of these categories."""
    mask = 0
    for category in categories:
        mask |= 1 << int(category)
    return mask


def categories_of(mask: int) -> list[Category]:
    """The categories whose bits are set."""
    return [category for category in Category if mask & (1 << category)]


def check_can_break_glass(reason: str, categories: Iterable[int]) -> None:
    """Raises if the reason is too short or a category is one that no emergency opens."""
    if len(reason.strip()) < BREAK_GLASS_REASON:
        raise RuleBroken(
            _("Give a reason of at least 20 characters that another institution can judge."),
            field="reason",
            code="break_glass.reason",
        )
    chosen = set(categories)
    if not chosen or not chosen <= BREAK_GLASS_CATEGORIES:
        raise RuleBroken(
            _("These data are never opened in this way."), field="categories", code="break_glass.category"
        )


def check_can_involve(already: bool, protocols: int) -> None:
    """Raises if the institution already takes part, or if no protocol in force lets it."""
    if already:
        raise RuleBroken(
            _("This institution already takes part in the case."), field="institution", code="involved"
        )
    if not protocols:
        raise RuleBroken(
            _("No protocol in force allows this institution to take part. Propose one first."),
            field="institution",
            code="no_protocol",
        )


# What the log calls what happens here (audit.rules.words).
WORDS: Mapping[str, Text] = {
    "access.opened": _("The leading institution began"),
    "access.involved": _("An institution was involved"),
    "access.ended": _("An institution no longer takes part"),
    "access.lead_handed_over": _("The lead was handed over"),
    "access.excluded": _("Somebody was kept away from this case"),
    "break_glass.opened": _("Somebody looked in an emergency"),
    "break_glass.reviewed": _("An emergency look was reviewed"),
    "protocol.proposed": _("A change of a protocol was proposed"),
    "protocol.suspended": _("A protocol was suspended"),
    "protocol.resumed": _("A protocol was resumed"),
    "protocols.loaded": _("Protocols of the country were loaded"),
}
