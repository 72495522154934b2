"""What may be said about two records that may be one person, and in which words. Nothing here decides: people do.

The evidence is what `rules/linkage.py` compared, as codes. A name that many bear and a year of birth say little alone, so
what is shown is always everything that was compared, what speaks against it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.people.rules.linkage import LINK_FROM, SAME_FROM
from homeward.foundation.kernel.errors import RuleBroken, Text


class State(TextChoices):
    """Where a pair of records stands."""

    OPEN = "open", pgettext_lazy("state of a pair of records", "To be looked at")
    DIFFERENT = "different", pgettext_lazy("state of a pair of records", "Two people")
    SAME = "same", pgettext_lazy("state of a pair of records", "One person: merged")
    APART = "apart", pgettext_lazy("state of a pair of records", "Merged once, and taken apart again")


class Source(TextChoices):
    """Who came upon a pair."""

    REGISTER = "register", _("The nightly comparison of the register")
    DESK = "desk", _("Somebody who registered one of the two")


class Verdict(TextChoices):
    """What a member says of a pair."""

    DIFFERENT = "different", _("They are two people")
    PROPOSE = "propose", _("They are one person")


@dataclass(frozen=True)
class Trait:
    """One thing that was compared, how it came out, and whether it speaks for one person."""

    what: Text
    how: Text
    speaks: str  # for, against, or nothing


_WHAT: Mapping[str, Text] = {
    "names": _("Given and family name"),
    "turned": _("Order of the names"),
    "given rare": _("How rare the given name is"),
    "family rare": _("How rare the family name is"),
    "father": _("Father’s name"),
    "father rare": _("How rare the father’s name is"),
    "born": _("Date of birth"),
    "sex": _("Sex"),
    "place": _("Municipality"),
    "home": _("Household"),
    "kin": _("Relatives"),
}
_HOW: Mapping[str, Text] = {
    "same": _("the same"),
    "close": _("nearly the same"),
    "alike": _("alike"),
    "different": _("different"),
    "unknown": _("not known of at least one of them"),
    "day": _("the same day"),
    "day and month turned": _("day and month have changed places"),
    "one part differs": _("one part of the date differs"),
    "month": _("the same month"),
    "year": _("the same year"),
    "year only": _("the same year; no more is known of one"),
    "next year": _("a year apart"),
}
_YES: Mapping[str, Text] = {
    "turned": _("given and family name stand in each other’s place"),
    "given rare": _("few bear it: it counts for more"),
    "family rare": _("few bear it: it counts for more"),
    "father rare": _("few bear it: it counts for more"),
}
# What was compared that says who lives with whom.
OF_THE_FAMILY = frozenset({"home", "kin"})
# So many bits a thing must weigh to be said to speak for or against.
_SPEAKS = 0.5


def band_of(probability: float, source: str) -> Text:
    """How probable it is that two records are one person, in words."""
    if source == Source.DESK:
        return _("Names alike")
    if probability >= SAME_FROM:
        return _("Nearly everything fits")
    return _("Much of it fits") if probability >= LINK_FROM else _("Some of it fits")


def traits(evidence: Iterable[Mapping[str, Any]]) -> list[Trait]:
    """The evidence in words, in the order in which it was compared; each thing once."""
    found: dict[str, Trait] = {}
    for one in evidence:
        what, how, weight = one["what"], one["how"], one["weight"]
        # What is not known of both says nothing to a reader, whatever it weighs in the sum.
        weight = 0 if how == "unknown" else weight
        speaks = "for" if weight >= _SPEAKS else "against" if weight <= -_SPEAKS else ""
        for part, words in _parted(what, how):
            found.setdefault(part, Trait(_WHAT[what], words, speaks))
    return list(found.values())


def _parted(what: str, how: str) -> Iterable[tuple[str, Text]]:
    """The words for one piece of evidence: names come in twos, a birth comes twice and is told once."""
    if how == "yes":
        return [(what, _YES[what])]
    if what == "kin":
        return [(what, _("others of the two families seem to be the same people"))]
    if what == "names":
        given, _and, family = how.removesuffix(" (woman)").partition(" and ")
        words = _("given name: {given}; family name: {family}")
        return [(what, format_lazy(words, given=_HOW[given], family=_HOW[family]))]
    return [] if "," in how else [(what, _HOW[how])]


# --- what the database answers when something is not possible (sql/twins.sql) ------------------------------------

REFUSED: Mapping[str, Text] = {
    "twin.unavailable": _("This is not possible any more. Open the pair again and look where it stands."),
    "twin.decided": _("Somebody has decided about these two in the meantime."),
    "twin.proposed": _("Somebody has already proposed that they are one person."),
    "twin.not_proposed": _("Nobody has proposed that they are one person."),
    "twin.leads": _(
        "Your institution does not lead both cases. Whoever leads one of them hands it over first; then they can be merged."
    ),
    "twin.archived": _("One of the two cases is archived. It is kept or erased as it is."),
    "twin.ended": _(
        "The case that is to be kept has ended, and the other one is still open. Keep the other."
    ),
    "twin.same_person": _("Somebody else has to confirm, not the one who proposed it."),
    "twin.said_before": _("You have said before that they are two people. Now somebody else has to say so."),
    "twin.led_elsewhere": _(
        "The case has another lead than when the two were merged. It is handed back first; then they can be taken apart."
    ),
    "twin.within": _("This record has been merged into a third one since. Take that apart first."),
    "twin.silent": _(
        "Something refers to one of the two that cannot go over. Tell those who run the system."
    ),
    "desk.unavailable": _("This pair no longer waits for the desk."),
    "desk.asked": _("The two institutions have been asked already."),
}


def check_verdict(verdict: str, kept: UUID | None, pair: Iterable[UUID], reason: str) -> None:
    """Raises if it is not said why, or which of the two records is to be kept."""
    if not reason.strip():
        raise RuleBroken(_("Say in a few words what shows it."), field="reason", code="twin.reason")
    if verdict == Verdict.PROPOSE and kept not in tuple(pair):
        raise RuleBroken(_("Choose which record is to be kept."), field="verdict", code="twin.kept")


def check_can_confirm(proposed_by: UUID | None, by: UUID) -> None:
    """Raises if nobody has proposed it, or if it was the same one who would confirm it."""
    if proposed_by is None:
        raise RuleBroken(REFUSED["twin.not_proposed"], code="twin.not_proposed")
    if proposed_by == by:
        raise RuleBroken(REFUSED["twin.same_person"], code="twin.same_person")
