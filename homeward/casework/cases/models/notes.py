"""What was noted on a case: a header that can be known of, and the words, which need the full category."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from homeward.casework.cases.models.case import Case
from homeward.casework.cases.rules.notes import NOTABLE, Label
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.refs import new_id


class CaseNoteQuerySet(models.QuerySet["CaseNote"]):
    """How one speaks about notes."""

    def of_case(self, case: UUID) -> Self:
        """Those on this case, the newest first, with their words where the reader may have them."""
        return (
            self.filter(case_id=case)
            .select_related("words", "institution")
            .order_by("-happened_on", "-written_at")
        )


class CaseNote(models.Model):
    """Somebody noted something: when, in which category, and whether it is fact, allegation or opinion."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    category = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=20, choices=Label.choices)
    happened_on = models.DateField()
    written_at = models.DateTimeField()
    # The earlier note this one takes the place of. Unique: a note is replaced once.
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects = CaseNoteQuerySet.as_manager()

    class Meta:
        db_table = "case_note"
        indexes = [models.Index(F("case"), F("happened_on").desc(), name="case_note_of_case")]
        constraints = [
            models.CheckConstraint(condition=Q(label__in=Label.values), name="case_note_known_label"),
            models.CheckConstraint(
                condition=Q(category__in=[c.value for c in NOTABLE]), name="case_note_known_category"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")),
                name="case_note_replaces_another",
            ),
            # The words hang on this, so that they can never stand in another case or category than the header.
            models.UniqueConstraint(fields=["id", "case", "category", "institution"], name="case_note_bound"),
        ]

    def __str__(self) -> str:
        return f"{self.get_label_display()}, {self.happened_on}"

    def get_absolute_url(self) -> str:
        """Its place on the page of the case."""
        return self.case.get_absolute_url()


class NoteText(models.Model):
    """The words of a note. Whoever sees only the header knows that somebody wrote, and not what."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.OneToOneField(CaseNote, on_delete=models.PROTECT, related_name="words")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    category = models.PositiveSmallIntegerField()
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()

    class Meta:
        db_table = "case_note_text"
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="case_note_text_not_empty")]

    def __str__(self) -> str:
        return f"words of {self.note_id}"
