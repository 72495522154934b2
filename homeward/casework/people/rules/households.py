"""Who lives with whom, and what that makes them to each other.

A household has one head, or none that is known; everybody else stands in a relation to the head. What two
others are to each other follows from that, as far as it follows: a table below says so, and stays silent
where nothing can be concluded (the head's child and the head's sister may be nephew and aunt, or not).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.kernel.errors import RuleBroken


class Relation(TextChoices):
    """What a member of the household is to its head."""

    HEAD = "head", _("Head of the household")
    SINGLE = "single", _("Single adult")
    SPOUSE = "spouse", _("Spouse of the head")
    CHILD = "child", _("Child of the head")
    PARENT = "parent", _("Parent of the head")
    SIBLING = "sibling", _("Brother or sister of the head")
    GRANDCHILD = "grandchild", _("Grandchild of the head")
    GRANDPARENT = "grandparent", _("Grandparent of the head")
    CHILD_IN_LAW = "child_in_law", _("Son-in-law or daughter-in-law of the head")
    WARD = "ward", _("Child in the care of the head")
    OTHER = "other", _("Other relative of the head")
    UNRELATED = "unrelated", _("Not related to the head")
    UNKNOWN = "unknown", _("Relation not known")


class Kin(TextChoices):
    """What one person is to another."""

    SPOUSE = "spouse", pgettext_lazy("kin", "Husband or wife")
    PARENT = "parent", pgettext_lazy("kin", "Parent")
    PARENT_OR_PARTNER = "parent_or_partner", pgettext_lazy("kin", "Parent or partner of a parent")
    CHILD = "child", pgettext_lazy("kin", "Child")
    CHILD_OR_OF_PARTNER = "child_or_of_partner", pgettext_lazy("kin", "Child or child of the partner")
    SIBLING = "sibling", pgettext_lazy("kin", "Brother or sister")
    GRANDPARENT = "grandparent", pgettext_lazy("kin", "Grandparent")
    GRANDCHILD = "grandchild", pgettext_lazy("kin", "Grandchild")
    PARENT_IN_LAW = "parent_in_law", pgettext_lazy("kin", "Father-in-law or mother-in-law")
    CHILD_IN_LAW = "child_in_law", pgettext_lazy("kin", "Son-in-law or daughter-in-law")
    AUNT_OR_UNCLE = "aunt_or_uncle", pgettext_lazy("kin", "Aunt or uncle")
    NIECE_OR_NEPHEW = "niece_or_nephew", pgettext_lazy("kin", "Niece or nephew")
    SIBLING_IN_LAW = "sibling_in_law", pgettext_lazy("kin", "Brother-in-law or sister-in-law")
    CARER = "carer", pgettext_lazy("kin", "Carer")
    WARD = "ward", pgettext_lazy("kin", "Child in care")
    GUARDIAN = "guardian", pgettext_lazy("kin", "Guardian")
    FOSTER_PARENT = "foster_parent", pgettext_lazy("kin", "Foster parent")
    SAME_HOUSEHOLD = "same_household", pgettext_lazy("kin", "Lives in the same household")


class GuardianKind(TextChoices):
    """In which way somebody answers for a child."""

    GUARDIAN = "guardian", _("Guardian")
    CAREGIVER = "caregiver", _("Caregiver")
    FOSTER = "foster", _("Foster carer")


HEADS = frozenset({Relation.HEAD, Relation.SINGLE})

# (what the first is to the head, what the second is to the head): what the second is to the first.
_R, _K = Relation, Kin
KINSHIP: dict[tuple[Relation, Relation], Kin] = {
    (_R.HEAD, _R.SPOUSE): _K.SPOUSE,
    (_R.HEAD, _R.CHILD): _K.CHILD,
    (_R.HEAD, _R.PARENT): _K.PARENT,
    (_R.HEAD, _R.SIBLING): _K.SIBLING,
    (_R.HEAD, _R.GRANDCHILD): _K.GRANDCHILD,
    (_R.HEAD, _R.GRANDPARENT): _K.GRANDPARENT,
    (_R.HEAD, _R.CHILD_IN_LAW): _K.CHILD_IN_LAW,
    (_R.HEAD, _R.WARD): _K.WARD,
    (_R.SPOUSE, _R.CHILD): _K.CHILD_OR_OF_PARTNER,
    (_R.SPOUSE, _R.PARENT): _K.PARENT_IN_LAW,
    (_R.SPOUSE, _R.SIBLING): _K.SIBLING_IN_LAW,
    (_R.SPOUSE, _R.WARD): _K.WARD,
    (_R.CHILD, _R.CHILD): _K.SIBLING,
    (_R.CHILD, _R.PARENT): _K.GRANDPARENT,
    (_R.CHILD, _R.SIBLING): _K.AUNT_OR_UNCLE,
    (_R.PARENT, _R.PARENT): _K.SPOUSE,
    (_R.PARENT, _R.SIBLING): _K.CHILD,
    (_R.PARENT, _R.GRANDPARENT): _K.PARENT_OR_PARTNER,
    (_R.SIBLING, _R.SIBLING): _K.SIBLING,
    (_R.SIBLING, _R.GRANDPARENT): _K.GRANDPARENT,
    (_R.GRANDPARENT, _R.GRANDPARENT): _K.SPOUSE,
}
_OPPOSITE: dict[Kin, Kin] = {
    **{kin: kin for kin in (_K.SPOUSE, _K.SIBLING, _K.SIBLING_IN_LAW, _K.SAME_HOUSEHOLD)},
    **{
        one: other
        for pair in (
            (_K.PARENT, _K.CHILD),
            (_K.PARENT_OR_PARTNER, _K.CHILD_OR_OF_PARTNER),
            (_K.GRANDPARENT, _K.GRANDCHILD),
            (_K.PARENT_IN_LAW, _K.CHILD_IN_LAW),
            (_K.AUNT_OR_UNCLE, _K.NIECE_OR_NEPHEW),
            (_K.CARER, _K.WARD),
        )
        for one, other in (pair, pair[::-1])
    },
}
GUARDIAN_AS_KIN = {
    GuardianKind.GUARDIAN: Kin.GUARDIAN,
    GuardianKind.CAREGIVER: Kin.CARER,
    GuardianKind.FOSTER: Kin.FOSTER_PARENT,
}


def kinship(first: str, second: str) -> Kin:
    """What the second is to the first, when each stands in this relation to the head of their household."""
    one, other = (Relation.HEAD if relation in HEADS else Relation(relation) for relation in (first, second))
    if (one, other) in KINSHIP:
        return KINSHIP[one, other]
    if (other, one) in KINSHIP:
        return _OPPOSITE[KINSHIP[other, one]]
    return Kin.SAME_HOUSEHOLD


def check_can_head(relation: str, others: Iterable[str]) -> None:
    """A household has one head at a time."""
    if relation in HEADS and any(other in HEADS for other in others):
        raise RuleBroken(
            _("This household already has a head."), field="relation", code="household.two_heads"
        )


def check_period(starts_on: date | None, ends_on: date | None) -> None:
    """Nothing ends before it begins."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise RuleBroken(_("The last day lies before the first one."), field="ends_on", code="period")


def check_can_move(since: date | None, on: date) -> None:
    """Nobody leaves a household before they came into it."""
    if since is not None and on < since:
        raise RuleBroken(
            _("On that day the person was not yet in the present household."),
            field="on",
            code="household.too_early",
        )


def check_can_guard(child: object, guardian: object | None, institution: str) -> None:
    """For a child answers either a person or an institution, and never the child itself."""
    if (guardian is None) == (not institution.strip()):
        raise RuleBroken(
            _("Name either a person or an institution."), field="guardian", code="guardianship.one_of_two"
        )
    if guardian is not None and guardian == child:
        raise RuleBroken(_("Nobody is their own guardian."), field="guardian", code="guardianship.self")
