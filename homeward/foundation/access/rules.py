"""The categories of data, how deep one may look, and what the law of the house says about both. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias
from uuid import UUID

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import RuleBroken, Text

WHOLE_INSTITUTION = UUID(int=0)
OF_AGE = 18
BREAK_GLASS_HOURS = 4
BREAK_GLASS_REVIEW_HOURS = 72
BREAK_GLASS_REASON = 20
BREAK_GLASS_UNREVIEWED = 3


def certain_age(adult_on: date | None, day: date) -> int | None:
    """How many years old somebody certainly is on that day; None as long as nobody knows.

    `adult_on` is the day from which they are certainly of age.
    """
    if adult_on is None:
        return None
    return OF_AGE + day.year - adult_on.year - ((day.month, day.day) < (adult_on.month, adult_on.day))


def concerns(age: int | None, from_age: int | None, until_age: int | None) -> bool:
    """Whether a protocol about people from one age until another is about somebody who is certainly so old.

    Who is not certainly old enough is not; who is not certainly too old is.
    """
    old_enough = from_age is None or (age is not None and age >= from_age)
    too_old = until_age is not None and age is not None and age >= until_age
    return old_enough and not too_old


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
    WITHDRAWN = "withdrawn", _("Taken back")
    DECLINED = "declined", _("Declined")


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


# What somebody says to a doctor, a counsellor or a shelter, and what a source says, is read by nobody else: others may at
# most know that such a file exists.
CONFIDED = frozenset({Category.HEALTH, Category.COUNSELLING, Category.GENDER_VIOLENCE, Category.INTELLIGENCE})
# What protects children, pupils and patients: an arm of the state that guards people learns nothing of it, not even that
# something exists (red line 3). Whoever writes in one of GUARDING is such an arm, whatever it is called.
SHELTERED = frozenset(
    {
        Category.EDUCATION,
        Category.HEALTH,
        Category.COUNSELLING,
        Category.CHILD_PROTECTION,
        Category.GENDER_VIOLENCE,
    }
)
GUARDING_PARTIES = frozenset({"security", "judicial"})  # courts and prosecution investigate people
GUARDING = frozenset({Category.CUSTODY, Category.SUPERVISION, Category.SECURITY, Category.INTELLIGENCE})
SECURITY_PARTY = "security"
NEVER_A_PARTY = frozenset({"donor", "oversight", ""})  # an unknown kind of institution stands for nobody

RED_LINES: dict[str, Text] = {
    "protocol.nobody": _("Donors and those who watch over the use of data are a party of no protocol."),
    "protocol.confided": _(
        "Health, counselling, gender-based violence and intelligence are read by nobody but those who write them: at most "
        "that something exists can be shared."
    ),
    "protocol.security": _("A security body is told at most that something exists."),
    "protocol.sheltered": _(
        "Who guards, supervises or investigates people is given nothing of education, health, counselling, child protection "
        "or gender-based violence."
    ),
}
Clauses: TypeAlias = Iterable[tuple[int, int, bool]]  # category, depth, writes


def red_line(clauses: Clauses, *, provider: str, receiver: str) -> str:
    """The code of the red line that a protocol would cross, or nothing. The database holds the same (sql/signing.sql).

    `clauses` are all that the receivers are given, by this protocol and by others; `provider` and `receiver` say for
    whom the two kinds of institution stand (their `party`).
    """
    given = list(clauses)
    if {provider, receiver} & NEVER_A_PARTY:
        return "protocol.nobody"
    if any(category in CONFIDED and depth > Depth.EXISTENCE for category, depth, _writes in given):
        return "protocol.confided"
    is_security = receiver == SECURITY_PARTY
    if is_security and any(depth > Depth.EXISTENCE for _category, depth, _writes in given):
        return "protocol.security"
    guards = receiver in GUARDING_PARTIES or any(
        writes and category in GUARDING for category, _depth, writes in given
    )
    if guards and any(category in SHELTERED and (depth or writes) for category, depth, writes in given):
        return "protocol.sheltered"
    return ""


def check_can_share(clauses: Clauses, *, provider: str, receiver: str) -> None:
    """Raises if a protocol would cross a red line."""
    if code := red_line(clauses, provider=provider, receiver=receiver):
        raise RuleBroken(RED_LINES[code], code=code)


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
    "access.exclusion_lifted": _("Somebody is no longer kept away from this case"),
    "break_glass.opened": _("Somebody looked in an emergency"),
    "break_glass.reviewed": _("An emergency look was reviewed"),
    "protocol.proposed": _("A change of a protocol was proposed"),
    "protocol.signed": _("A party signed a protocol"),
    "protocol.declined": _("A party declined a protocol"),
    "protocol.withdrawn": _("A proposed protocol was taken back"),
    "protocol.came_into_force": _("A protocol came into force"),
    "protocol.suspended": _("A protocol was suspended"),
    "protocol.resumed": _("A protocol was resumed"),
    "protocols.loaded": _("Protocols of the country were loaded"),
}
