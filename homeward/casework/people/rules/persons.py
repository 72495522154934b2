"""What is known of a person at all: sex, papers, and what can be true of a date of birth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.access.rules import OF_AGE
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken, Text

LONGEST_LIFE = 120
YOUNGEST_PARENT = 12


class Sex(TextChoices):
    """As it stands in the papers; X when it stands nowhere."""

    FEMALE = "F", pgettext_lazy("sex", "Female")
    MALE = "M", pgettext_lazy("sex", "Male")
    UNKNOWN = "X", pgettext_lazy("sex", "Not known")


class NameKind(TextChoices):
    """Which of a person's names this is."""

    PRIMARY = "primary", _("Name in use")
    BIRTH = "birth", _("Name at birth")
    MARRIED = "married", _("Name by marriage")
    ALIAS = "alias", _("Other name")
    KUNYA = "kunya", _("Kunya (father or mother of …)")
    PATRONYMIC = "patronymic", _("Name with the father's name")


class Script(TextChoices):
    """The letters a name is written in."""

    LATIN = "latn", _("Latin")
    CYRILLIC = "cyrl", _("Cyrillic")
    ARABIC = "arab", _("Arabic")
    OTHER = "zzzz", _("Other")


class DocumentsStatus(TextChoices):
    """Whether a person can show who they are."""

    UNKNOWN = "unknown", pgettext_lazy("papers", "Not known")
    NONE = "none", pgettext_lazy("papers", "None")
    PARTIAL = "partial", pgettext_lazy("papers", "Some, without proof of identity")
    EXPIRED = "expired", pgettext_lazy("papers", "Expired")
    VALID = "valid", pgettext_lazy("papers", "Valid")


# Papers that offices name; others are kept as they were written.
DOCUMENTS: dict[str, Text] = {
    "passport": _("Passport"),
    "passport_expired": _("Passport, expired"),
    "identity_card": _("Identity card"),
    "birth_certificate": _("Birth certificate"),
    "travel_document": _("Travel document for one journey"),
}
# Languages one is likely to meet; others stand as their code.
LANGUAGES: dict[str, Text] = {
    "sq": _("Albanian"),
    "sr": _("Serbian"),
    "bs": _("Bosnian"),
    "tr": _("Turkish"),
    "rom": _("Romani"),
    "ar": _("Arabic"),
    "en": _("English"),
    "de": _("German"),
    "fr": _("French"),
}
_PROVES_IDENTITY = frozenset({"passport", "identity_card"})
_PROVED_IDENTITY = frozenset({"passport_expired"})


def documents_status(documents: Iterable[str] | None) -> DocumentsStatus:
    """What the papers somebody holds amount to; None means that nobody asked."""
    if documents is None:
        return DocumentsStatus.UNKNOWN
    held = set(documents)
    if held & _PROVES_IDENTITY:
        return DocumentsStatus.VALID
    if held & _PROVED_IDENTITY:
        return DocumentsStatus.EXPIRED
    return DocumentsStatus.PARTIAL if held else DocumentsStatus.NONE


def script_of(text: str) -> Script:
    """The script of a name, by its first letter that belongs to one."""
    for character in text:
        if character.isalpha():
            if "\u0400" <= character <= "\u052f":
                return Script.CYRILLIC
            if "\u0600" <= character <= "\u06ff" or "\ufb50" <= character <= "\ufefc":
                return Script.ARABIC
            return Script.LATIN if character < "\u0250" or "\u1e00" <= character <= "\u1eff" else Script.OTHER
    return Script.LATIN


def check_can_be_named(family: str, given: str) -> None:
    """A name says at least something: somebody who has one name only has it as the given name."""
    if not family.strip() and not given.strip():
        raise RuleBroken(_("Give at least one name."), field="given", code="person.name")


def check_can_be_born(born: PartialDate | None, on: date) -> None:
    """Nobody is born in the future, and nobody we work with was born more than 120 years ago."""
    if born is None:
        return
    if born.earliest > on:
        raise RuleBroken(
            _("This date of birth is in the future."), field="born", code="person.born_in_future"
        )
    if born.age_on(on)[0] > LONGEST_LIFE:
        raise RuleBroken(
            _("This date of birth is too long ago."), field="born", code="person.born_too_long_ago"
        )


def check_can_be_parent(parent: PartialDate | None, child: PartialDate | None) -> None:
    """A parent is older than the child by at least twelve years, as far as both dates are known.

    Dates that only may contradict each other are let through: half of them are guesses.
    """
    if parent is None or child is None:
        return
    if parent.age_on(child.latest)[1] < YOUNGEST_PARENT:
        raise RuleBroken(
            format_lazy(
                _("Born {parent}, this person cannot be the parent of a child born {child}."),
                parent=parent,
                child=child,
            ),
            field="relation",
            code="person.parent_too_young",
        )


def is_child(born: PartialDate | None, on: date) -> bool:
    """Under 18 on that day. In doubt yes: a child treated as an adult is harmed, the other way round nobody is."""
    return born is None or born.age_on(on)[0] < OF_AGE


def implausible(born: PartialDate | None, on: date, *, arrived_on: date | None = None) -> list[Text]:
    """What is odd about a date of birth without being impossible; for the person who checks a list."""
    if born is None:
        return []
    odd: list[Text] = []
    if arrived_on is not None and born.earliest > arrived_on:
        odd.append(_("Born after the day of arrival."))
    if born.month == 1 and born.day == 1 and not born.approximate:
        odd.append(_("Born on 1 January: often only the year is known."))
    if born.age_on(on)[0] > 100:
        odd.append(_("Older than a hundred years."))
    return odd
