"""Which first checks were done."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from homeward.casework.cases.models.case import Case
from homeward.casework.cases.rules.checks import CHECKS, Result
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.refs import new_id


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


class ChecklistItem(models.Model):
    """A first check was done, or found to be not needed, by somebody at some time.

    A check that nobody has done has no row: it is open when the case needs it (`Case.checks`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ticked")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, choices=[(check.code, check.title) for check in CHECKS])
    category = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=20, choices=Result.choices)
    why = models.TextField(blank=True)
    ticked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    class Meta:
        db_table = "case_check"
        constraints = [
            models.UniqueConstraint(fields=["case", "code"], name="case_check_once"),
            models.CheckConstraint(condition=Q(result__in=Result.values), name="case_check_known_result"),
            models.CheckConstraint(
                condition=~Q(result=Result.NOT_NEEDED) | ~Q(why=""), name="case_check_left_out_with_a_reason"
            ),
            # Each check belongs to one category: a row cannot hide in another one.
            models.CheckConstraint(
                condition=_any_of(Q(code=check.code, category=check.category.value) for check in CHECKS),
                name="case_check_in_its_category",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.result}"
