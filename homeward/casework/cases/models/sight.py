"""The cases a member can see, as the database folded them from the protocols.

The room of access owns this table and its triggers write it. Here it only gets real foreign keys, so that a
list can start from it: a row-level policy is a filter on every row, this is a join from the right end.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from homeward.casework.cases.models.case import Case
from homeward.casework.people.models import Person
from homeward.foundation.access.models import BreakGlass
from homeward.foundation.access.rules import WHOLE_INSTITUTION, Category, mask_of
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now

ALL_CATEGORIES = mask_of(Category)


class CaseInSightQuerySet(models.QuerySet["CaseInSight"]):
    """How one speaks about what can be seen."""

    def of(self, member: Member) -> Self:
        """Every case the member's institution sees, and those the member alone sees in an emergency, once each.

        The institution is named although row-level security would find it: a literal lets the database
        start from the index of that institution's newest cases.
        """
        emergencies = BreakGlass.objects.filter(
            member=member, institution=member.institution_id, expires_at__gt=now()
        ).values("case_id")
        return self.filter(institution=member.institution_id).exclude(
            Q(member_id=WHOLE_INSTITUTION) & Q(case__in=emergencies)
        )

    def reading(self, category: Category) -> Self:
        """Those in which everything of this category is open."""
        return self.alias(bits=models.F("cat_mask").bitand(1 << category)).filter(bits__gt=0)


class CaseInSight(models.Model):
    """One case one institution sees (or one member of it, in an emergency), and what of it.

    `person` is nullable here and never null there: whoever may not know the person still sees the case, so
    the two are joined from the outside.
    """

    pk = models.CompositePrimaryKey("institution_id", "case_id", "member_id")
    institution = models.ForeignKey(
        Institution, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    case = models.ForeignKey(Case, on_delete=models.DO_NOTHING, db_constraint=False, related_name="sights")
    member_id = models.UUIDField(default=WHOLE_INSTITUTION)
    person = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="sights"
    )
    seen_mask = models.IntegerField()
    cat_mask = models.IntegerField()
    write_mask = models.IntegerField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField()

    objects = CaseInSightQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "case_access"
        ordering: ClassVar[list[str]] = ["-opened_at", "-case_id"]

    def __str__(self) -> str:
        return f"{self.institution_id} sees {self.case_id}"

    @property
    def by_emergency(self) -> bool:
        """Is this a look in an emergency?"""
        return bool(self.member_id != WHOLE_INSTITUTION)

    def reads(self, category: int, *, to: Member) -> bool:
        """Is everything of this category open to this member, whose unit may see less than the institution?"""
        return bool(self.cat_mask & unit_mask(to) & (1 << category))


def unit_mask(member: Member) -> int:
    """The categories the member's unit may see at all."""
    mask = member.unit.mask if member.unit is not None else None
    return ALL_CATEGORIES if mask is None else mask
