"""Two records that may be one person: why somebody thought so, who decided what, and what was moved when they became one."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from homeward.casework.people.models.persons import Person
from homeward.casework.people.rules.twins import Source, State, band_of
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Text
from homeward.foundation.kernel.refs import new_id


class TwinQuerySet(models.QuerySet["PersonTwin"]):
    """How one speaks about pairs."""

    def open(self) -> Self:
        """Those nobody has decided about."""
        return self.filter(state=State.OPEN)

    def of(self, person: Person) -> Self:
        """Those in which this person is one of the two."""
        return self.filter(Q(one=person) | Q(other=person))


class PersonTwin(models.Model):
    """A pair of records. The smaller key stands first, so that nobody is asked about the same two twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    source = models.CharField(max_length=10, choices=Source.choices)
    probability = models.FloatField(default=0)
    evidence = models.JSONField(default=list, blank=True)  # [{"what", "how", "weight"}]: codes, and no name
    found_at = models.DateTimeField(default=now)
    # Which record is kept: proposed by one member, confirmed by another.
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    # The linkage desk has put the two institutions in contact.
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # What went over from one record to the other, and where it was before (sql/twins.sql).
    moved = models.JSONField(default=list, blank=True, editable=False)

    objects = TwinQuerySet.as_manager()

    class Meta:
        db_table = "person_twin"
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="person_twin_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="person_twin_in_order"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="person_twin_known_state"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="person_twin_known_source"),
            models.CheckConstraint(
                condition=Q(kept=None) | Q(kept=F("one")) | Q(kept=F("other")), name="person_twin_keeps_one"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None, proposed_at=None, kept=None)
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="person_twin_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SAME) | Q(kept__isnull=False, decided_by__isnull=False),
                name="person_twin_merged_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["kept"], condition=Q(state=State.SAME), name="person_twin_merged"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        """The two side by side."""
        return reverse("people:twin", args=[self.pk])

    @property
    def band(self) -> Text:
        """How probable it is, in words: never a figure, which would decide for people."""
        return band_of(self.probability, self.source)

    @property
    def is_proposed(self) -> bool:
        """Has one member proposed to merge, and does a second have to confirm?"""
        return self.state == State.OPEN and self.proposed_by_id is not None

    @property
    def is_open(self) -> bool:
        """Does it wait for a first word?"""
        return self.state == State.OPEN and self.proposed_by_id is None

    @property
    def can_be_reopened(self) -> bool:
        """Was it decided that they are two, at once or after they had been merged? Then it can be looked at again."""
        return self.state in (State.DIFFERENT, State.APART)

    @property
    def is_told_apart(self) -> bool:
        """Has somebody said that they are two people?"""
        return self.state == State.DIFFERENT

    @property
    def is_merged(self) -> bool:
        """Are the two one record now?"""
        return self.state == State.SAME
