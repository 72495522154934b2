"""Households, who lives in them and since when, and who answers for a child."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from homeward.casework.people.models.persons import Person
from homeward.casework.people.models.returns import Return
from homeward.casework.people.rules.households import HEADS, GuardianKind, Relation
from homeward.casework.people.rules.returns import ReturnState
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.refs import new_id, new_ref


def new_household_ref() -> str:
    """A new reference of a household, which nobody takes for one of a person."""
    return new_ref("HH")


class PeriodQuerySet(models.QuerySet["HouseholdMembership"]):
    """How one speaks about memberships."""

    def on(self, day: date) -> Self:
        """Those that hold on a day; one without a beginning has always held."""
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day))

    def open(self) -> Self:
        """Those without an end."""
        return self.filter(ends_on=None)


class Household(models.Model):
    """People who live together and are helped together. It has no name: families have, and those change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ref = models.CharField(max_length=20, unique=True, default=new_household_ref, editable=False)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "household"

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        """The family on one page. It stands with the cases, because what one wants to know of each is how their case stands."""
        return reverse("cases:family", args=[self.ref])

    def count(self, state: str) -> int:
        """How many of those who live here (as fetched for a reader) have come home, or are expected."""
        present: list[HouseholdMembership] = getattr(self, "present", [])
        shown: list[list[Return]] = [getattr(member.person, "shown_returns", []) for member in present]
        return sum(any(one.state == state for one in returns) for returns in shown)

    @property
    def arrived(self) -> int:
        """How many of those who live here have come home."""
        return self.count(ReturnState.ARRIVED)

    @property
    def expected(self) -> int:
        """How many of those who live here are expected."""
        return self.count(ReturnState.EXPECTED)


class HouseholdMembership(models.Model):
    """One person in one household, in a relation to its head, for a time. Days count in full, the last one too.

    That two memberships of one person in one household do not overlap is held by a trigger (sql/guards.sql):
    an exclusion constraint would need an extension that not every server has.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    relation = models.CharField(max_length=16, choices=Relation.choices, default=Relation.UNKNOWN)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        db_table = "household_membership"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="household_membership_period",
            ),
            models.CheckConstraint(
                condition=Q(relation__in=Relation.values), name="household_membership_known_relation"
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation__in=sorted(HEADS), ends_on=None),
                name="household_membership_one_head",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.household_id}"


class Guardianship(models.Model):
    """Somebody who is not simply the parent at home answers for a child: a person, or an institution."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="wards"
    )
    institution_name = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=10, choices=GuardianKind.choices)
    basis = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    linked_at = models.DateTimeField(default=now)
    linked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "guardianship"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GuardianKind.values), name="guardianship_known_kind"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, institution_name="")
                | (Q(guardian__isnull=True) & ~Q(institution_name="")),
                name="guardianship_one_of_two",
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | ~Q(guardian=F("child")), name="guardianship_not_self"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="guardianship_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.child_id}"

    def holds_on(self, day: date) -> bool:
        """Does it hold on this day?"""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or self.ends_on >= day
        )
