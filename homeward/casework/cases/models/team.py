"""Who works on a case."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from homeward.casework.cases.models.case import Case
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.refs import new_id


class Part(models.TextChoices):
    """What somebody does on a case."""

    RESPONSIBLE = "responsible", _("Responsible")
    SUPPORT = "support", _("Support")
    SUPERVISION = "supervision", _("Supervision")
    COUNSELLING = "counselling", _("Counselling")
    HEALTH = "health", _("Health")
    EDUCATION = "education", _("Education")
    FAMILY = "family", _("Family and children")
    LEGAL = "legal", _("Legal help")


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    """How one speaks about teams."""

    def current(self, on: date) -> Self:
        """Those who work on the case on this day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class TeamMember(models.Model):
    """Somebody works on a case, with a part, from a day on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="team")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=20, choices=Part.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        db_table = "case_team_member"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "member", "part"],
                condition=Q(ends_on__isnull=True),
                name="case_team_once_per_part",
            ),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="case_team_known_part"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="case_team_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.part}"

    def get_absolute_url(self) -> str:
        """Its place on the page of the case."""
        return self.case.get_absolute_url()
