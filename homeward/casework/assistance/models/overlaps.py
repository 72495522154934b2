"""Which days of which household a gift covers, and where two of them meet. Written by the database (sql/overlaps.sql)."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.models.entries import Entry
from homeward.casework.assistance.rules.periods import FOREVER, Period
from homeward.casework.cases.models import Case
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.refs import new_id


class Cover(models.Model):
    """A gift covers these days of this household, or of this person where the kind is one person's, or nobody knows where
    they lived. One row for each household in which the receiver lived during those days."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="covers")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    payer = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    unit = models.UUIDField()  # a household or a person
    number = models.SmallIntegerField()  # the class of its kind
    starts = models.DateField()
    ends = models.DateField()
    is_lasting = models.BooleanField()  # covers days; a single day of something used up later does not

    class Meta:
        db_table = "assistance_cover"
        indexes = [
            # The sweep reads it in this order and nothing else; a check at entry finds its few rows in it.
            models.Index(
                fields=["unit", "number", "starts", "entry"],
                include=["ends", "is_lasting"],
                name="assistance_cover_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.starts} – {self.ends}"


class Outcome(TextChoices):
    """What was decided about an overlap."""

    ACCEPTED = "accepted", _("Both are right")
    STOPPED = "stopped", _("One payer has stopped")
    PAID_BACK = "paid_back", _("One payer has asked for it back")
    MISTAKE = "mistake", _("It was written down wrongly")


class OverlapQuerySet(models.QuerySet["Overlap"]):
    """How one speaks about overlaps."""

    def present(self) -> Self:
        """Those that are there today."""
        return self.filter(gone_at=None)

    def open(self) -> Self:
        """Those about which nobody has decided."""
        return self.present().filter(outcome="")


class Overlap(models.Model):
    """Two gifts of one class cover the same days of one household. Only who may know of both sees it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    first = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    first_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    second_case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    unit = models.UUIDField()
    number = models.SmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    days = models.PositiveIntegerField()  # of one that still runs: until the day it was last looked at
    # How much was paid twice at most: what the smaller of the two pays in the days they share. 0 where no amount, or no end, is
    # known.
    money = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0), db_default=Decimal(0))
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=10)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    settled_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = OverlapQuerySet.as_manager()

    class Meta:
        db_table = "assistance_overlap"
        indexes = [
            # The list of the coordinator and the home page read the longest first.
            models.Index(
                F("days").desc(), F("id"), condition=Q(gone_at=None), name="assistance_overlap_longest"
            ),
            models.Index(
                F("money").desc(), F("id"), condition=Q(gone_at=None), name="assistance_overlap_dearest"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="assistance_overlap_once"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=Outcome.values), name="assistance_overlap_outcome"
            ),
            models.CheckConstraint(
                condition=Q(because__in=["entered", "moved", "swept"]), name="assistance_overlap_because"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"

    @property
    def period(self) -> Period:
        """From the first day they share to the last."""
        return Period(self.starts_on, self.ends_on or FOREVER)

    @property
    def shared_days(self) -> int:
        """How many days they share; of one that still runs, until today."""
        return self.days if self.ends_on else max(self.days, self.period.days(today()))

    @property
    def is_new(self) -> bool:
        """Found within the last month."""
        return (now() - self.found_at).days < NEW_DAYS


NEW_DAYS = 30


class Booked(models.Model):
    """What remains of gifts whose person was erased: sums for the payer's accounts, and nobody in them (ADR 0029)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    month = models.DateField()
    entries = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    quantity = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "assistance_booked"
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "source", "kind", "currency", "month"], name="assistance_booked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.month}"
