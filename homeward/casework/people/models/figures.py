"""What others have published, with its source, and where it contradicts itself or somebody else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from homeward.casework.people.rules.figures import Figure, plain
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.dates import PartialDateField
from homeward.foundation.kernel.refs import new_id


class PublishedFigure(models.Model):
    """One published number: of what, for which population, as of when, said by whom.

    A figure may be a part of another one of the same source (men, women and children of all who travelled). When
    the parts do not add up, or two sources disagree, all concerned are marked and say why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(max_length=80)
    value = models.DecimalField(max_digits=14, decimal_places=2)
    unit = models.CharField(max_length=40)
    population = models.CharField(max_length=200, blank=True)
    as_of = PartialDateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    is_conflicting = models.BooleanField(default=False)
    conflicts_with = ArrayField(models.UUIDField(), default=list, blank=True)
    explanation = models.TextField(blank=True)  # what somebody found out about it, in their own words
    published_at = models.DateTimeField(default=now)
    published_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "published_figure"
        ordering = ("key", "as_of", "source")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "population", "as_of", "source"],
                name="published_figure_once_per_source",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="published_figure_not_negative"),
            models.CheckConstraint(condition=~Q(source=""), name="published_figure_has_source"),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")), name="published_figure_not_own_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.source})"

    @property
    def number(self) -> str:
        """The value as it is written in a sentence."""
        return plain(Decimal(self.value))

    def as_figure(self) -> Figure:
        """The same as a value, for the rules."""
        return Figure(
            self.key,
            Decimal(self.value),
            self.unit,
            self.population,
            self.as_of.iso if self.as_of else "",
            self.source,
        )

    def theirs(self) -> dict[str, Any]:
        """What stands now."""
        return {"value": self.value, "unit": self.unit, "population": self.population, "source": self.source}
