"""The first checks, for every person and for every family, that nobody may be forgotten in.

Each check has a category: it can be seen and done only by those who may see that category, so the doctor
sees the medical triage and not the guardian question. Their words are neutral, because everybody who
does one of them reads them.

Checks that belong to a family are done once per household, on the case of whoever stands first in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access.rules import OF_AGE, Category
from homeward.foundation.kernel.errors import RuleBroken, Text


class Result(TextChoices):
    """How a check ended."""

    DONE = "done", _("Done")
    NOT_NEEDED = "not_needed", _("Not needed")


@dataclass(frozen=True)
class Check:
    """One thing to be looked at: its code, the words, whose category it is."""

    code: str
    category: Category
    title: Text
    hint: Text
    for_family: bool = False
    for_minors_only: bool = False


CHECKS: tuple[Check, ...] = (
    Check("identity", Category.IDENTITY, _("Identity"), _("Who is this, and from which papers is it known?")),
    Check(
        "age",
        Category.IDENTITY,
        _("Age estimate"),
        _("Where the birth date is not certain: estimate, in favour of the child."),
    ),
    Check(
        "documents",
        Category.IDENTITY,
        _("Personal documents"),
        _("Birth certificate, identity card, nationality."),
    ),
    Check(
        "medical_triage",
        Category.HEALTH,
        _("Medical triage"),
        _("Urgent care, medication, vaccination, pregnancy."),
    ),
    Check(
        "psychosocial_triage",
        Category.COUNSELLING,
        _("Psychosocial triage"),
        _("Immediate distress, sleep, safety; who stays with the person."),
    ),
    Check(
        "guardian",
        Category.CHILD_PROTECTION,
        _("Guardian"),
        _("An unaccompanied child has a guardian before the first night."),
        for_minors_only=True,
    ),
    Check(
        "package",
        Category.ASSISTANCE,
        _("First package"),
        _("Food, hygiene, clothing, what a baby needs."),
        for_family=True,
    ),
    Check(
        "family_unity",
        Category.HOUSEHOLD,
        _("Family unity"),
        _("Nobody is separated from their family; who is missing is being looked for."),
        for_family=True,
    ),
    Check(
        "accommodation",
        Category.NEEDS,
        _("Accommodation"),
        _("A safe place for the whole family."),
        for_family=True,
    ),
)
BY_CODE = {check.code: check for check in CHECKS}


def checks_for(*, minor: bool, age_certain: bool, first_of_family: bool) -> list[str]:
    """The codes of the checks one person needs; the first of a family carries the family's too."""
    return [
        check.code
        for check in CHECKS
        if (minor or not check.for_minors_only)
        and (first_of_family or not check.for_family)
        and (check.code != "age" or not age_certain)
    ]


def adult_on(latest_birth: date | None) -> date | None:
    """The day from which somebody born on this day at the latest is certainly of age; None when nothing is known.

    Somebody born on 29 February comes of age on 1 March of a year without that day.
    """
    if latest_birth is None:
        return None
    try:
        return latest_birth.replace(year=latest_birth.year + OF_AGE)
    except ValueError:
        return date(latest_birth.year + OF_AGE, 3, 1)


def known(codes: Iterable[str], categories: Collection[int]) -> list[Check]:
    """The checks with these codes that a reader of these categories may see, in their usual order."""
    wanted = set(codes)
    return [check for check in CHECKS if check.code in wanted and check.category in categories]


def check_can_tick(codes: Collection[str], code: str, result: str, why: str) -> Check:
    """Only a check this case needs can be done; leaving one out needs a reason."""
    if code not in BY_CODE or code not in codes:
        raise RuleBroken(_("This check does not belong to the case."), field="code", code="checks.unknown")
    if result not in Result.values:
        raise RuleBroken(
            _("Say whether the check is done or not needed."), field="result", code="checks.result"
        )
    if result == Result.NOT_NEEDED and not why.strip():
        raise RuleBroken(_("Say why this is not needed."), field="why", code="checks.why")
    return BY_CODE[code]
