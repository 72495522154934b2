"""Notes say what they are: something seen, something said, or something thought.

A note is never changed. Whoever finds a mistake writes a new one that takes its place; the old one stays
and shows that it was replaced, because somebody may have acted on it.
"""

from __future__ import annotations

from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access.rules import Category
from homeward.foundation.kernel.errors import RuleBroken

MAX_LENGTH = 20_000


class Label(TextChoices):
    """What kind of statement a note is."""

    FACT = "fact", _("Fact")
    ALLEGATION = "allegation", _("Allegation")
    OPINION = "opinion", _("Opinion")


# Who somebody is stands in the register of people, where it can be corrected; it is never a note.
NOTABLE = tuple(category for category in Category if category != Category.IDENTITY)


def check_can_write(*, category: int, label: str, happened_on: date, text: str, today: date) -> None:
    """A note has words, a label and a day that is not in the future."""
    if category not in NOTABLE:
        raise RuleBroken(
            _("Notes cannot be written in this category."), field="category", code="notes.category"
        )
    if label not in Label.values:
        raise RuleBroken(
            _("Say whether this is a fact, an allegation or an opinion."), field="label", code="notes.label"
        )
    if happened_on > today:
        raise RuleBroken(_("This day is in the future."), field="happened_on", code="notes.future")
    if not text.strip():
        raise RuleBroken(_("Write the note."), field="text", code="notes.empty")
    if len(text) > MAX_LENGTH:
        raise RuleBroken(
            _("This note is too long. Attach it as a document."), field="text", code="notes.long"
        )


def check_can_correct(*, superseded: bool) -> None:
    """Only the latest version of a note is corrected, so that there is one line of corrections and no tree."""
    if superseded:
        raise RuleBroken(_("This note was replaced already. Correct the newer one."), code="notes.superseded")
