"""Small grants: the application, the points people gave its plan, and what was agreed on and found."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from homeward.casework.assistance.models.entries import Entry
from homeward.casework.assistance.rules.grants import Criterion, Ending, GrantState, Result, Station
from homeward.casework.cases.models import Case
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.refs import new_id, new_ref


def new_grant_ref() -> str:
    """A new reference of a grant."""
    return new_ref("SG")


class SmallGrant(models.Model):
    """An application for a small grant, and what became of it. Its money is an entry of the ledger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ref = models.CharField(max_length=20, unique=True, default=new_grant_ref, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="grants")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    asked = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=GrantState.choices, default=GrantState.APPLIED)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="+")
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)
    applied_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "assistance_grant"
        indexes = [
            models.Index(F("case"), F("applied_at").desc(), name="assistance_grant_of_case"),
            models.Index(
                fields=["payer", "applied_at"],
                condition=Q(state=GrantState.APPLIED),
                name="assistance_grant_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=GrantState.values), name="assistance_grant_known_state"
            ),
            models.CheckConstraint(
                condition=Q(ending="") | Q(ending__in=Ending.values, state=GrantState.FINISHED),
                name="assistance_grant_known_ending",
            ),
            models.CheckConstraint(condition=Q(asked__gt=0), name="assistance_grant_amount_above_zero"),
            # Points and visits hang on this, so that they stand under the guard of their grant.
            models.UniqueConstraint(fields=["id", "case", "payer"], name="assistance_grant_bound"),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        """The grant's own page."""
        return reverse("assistance:grant", args=[self.ref])


class GrantScore(models.Model):
    """The points one person gave a plan in one criterion. Nothing is added up: people read them side by side."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey(SmallGrant, on_delete=models.PROTECT, related_name="scores")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    criterion = models.CharField(max_length=12, choices=Criterion.choices)
    points = models.PositiveSmallIntegerField()
    scored_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_score"
        constraints = [
            models.UniqueConstraint(fields=["grant", "criterion", "scored_by"], name="assistance_score_once"),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=5), name="assistance_score_one_to_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} of {self.grant_id}"


class GrantStation(models.Model):
    """A milestone or a visit: what is agreed on for a day, and what was found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey(SmallGrant, on_delete=models.PROTECT, related_name="stations")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Station.choices)
    what = models.CharField(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    found = models.TextField(blank=True)
    planned_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "assistance_station"
        ordering = ("due_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on=None, result="", recorded_by=None)
                | (Q(done_on__isnull=False, recorded_by__isnull=False) & Q(result__in=Result.values)),
                name="assistance_station_recorded_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.grant_id}"

    def get_absolute_url(self) -> str:
        """Its place on the page of the grant."""
        return self.grant.get_absolute_url()
