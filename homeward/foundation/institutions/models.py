"""Institutions, units, members, municipalities and the accounts people sign in with."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from homeward.foundation.institutions.rules import EVERYTHING, Role, in_language
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.refs import new_id


class Named(models.Model):
    """Something with a name in several languages, stored as {language: text}."""

    name = models.JSONField(default=dict)

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name)

    def __str__(self) -> str:
        return self.label


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by the name people sign in with."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """The account with this sign-in name, whatever its case."""
        return self.get(username__iexact=username)


class Account(AbstractBaseUser):
    """The person who signs in. What they may do comes from their memberships, never from the account itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=80, unique=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="sq")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        db_table = "app_account"

    def __str__(self) -> str:
        return self.username


class District(Named):
    """A region of the country, as its courts and police know it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=60, unique=True)

    class Meta:
        db_table = "district"
        ordering = ("code",)


class Municipality(Named):
    """A municipality with its district, its official languages and the spellings offices use for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="municipalities")
    aliases = ArrayField(models.TextField(), default=list)
    official_languages = ArrayField(models.CharField(max_length=8), default=list)

    class Meta:
        db_table = "municipality"
        ordering = ("code",)


class InstitutionKind(Named):
    """A kind of institution, such as a Centre for Social Work; sharing protocols speak of kinds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    party = models.SlugField(max_length=40)

    class Meta:
        db_table = "institution_kind"
        ordering = ("code",)


class Institution(Named):
    """One office, service, school, municipality or organisation that does its part of the work.

    `kind` is the code of its InstitutionKind (a code and not a key, because protocols name kinds that need not have
    an institution yet). `leads` says that it may open and lead cases.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=80, unique=True)
    kind = models.SlugField(max_length=60)
    short = models.JSONField(default=dict)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="institutions"
    )
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "institution"
        ordering = ("code",)

    @property
    def abbreviation(self) -> str:
        """The short name in the reader's language, or the whole one if there is none."""
        return in_language(self.short) or self.label


class UnitQuerySet(models.QuerySet["Unit"]):
    """What one may ask of units."""

    def no_wider_than(self, view: int) -> "UnitQuerySet":
        """Those whose members see nothing that this mask hides."""
        return self.alias(beyond=Coalesce("mask", EVERYTHING).bitand(EVERYTHING & ~view)).filter(beyond=0)


class Unit(Named):
    """A part of an institution whose members see only some categories of data: two units may be walls to each other.

    `mask` has the bit of every category the unit may see; null means all that the institution may see. Members of an
    unlisted unit are not shown in other institutions' directories.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="units")
    code = models.SlugField(max_length=80)
    mask = models.IntegerField(null=True, blank=True)
    listed = models.BooleanField(default=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        db_table = "institution_unit"
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="unit_once")]

    @property
    def view(self) -> int:
        """The mask of the categories its members see; all of them for a unit that is no wall."""
        return EVERYTHING if self.mask is None else self.mask


class MemberQuerySet(models.QuerySet["Member"]):
    """What one may ask of members."""

    def serving(self, on: date | None = None) -> "MemberQuerySet":
        """Those whose membership runs on that day."""
        day = on or today()
        return self.filter(Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day)))


class Member(models.Model):
    """A person working for one institution: every write is by a member, every read to one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships", db_constraint=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="members")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="members")
    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=80, blank=True)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), default=list)
    starts_on = models.DateField(default=today)
    ends_on = models.DateField(null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        db_table = "member"
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="member_period"
            ),
            models.UniqueConstraint(
                fields=["account", "institution"],
                condition=Q(ends_on=None),
                name="member_once_per_institution",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_labels(self) -> list[str]:
        """The roles in words."""
        return [str(Role(role).label) for role in self.roles]

    @property
    def view(self) -> int:
        """The mask of what the member sees. Where units are walls, nothing opens for somebody without a unit."""
        if self.unit is not None:
            return self.unit.view
        walls = Unit.objects.filter(institution=self.institution_id).exclude(mask=None)
        return 0 if walls.exists() else EVERYTHING

    @property
    def has_left(self) -> bool:
        """The membership has ended."""
        return self.ends_on is not None and self.ends_on <= today()

    def has(self, *roles: str) -> bool:
        """Whether the member holds any of these roles."""
        return any(role in self.roles for role in roles)


class FocalPoint(models.Model):
    """Who answers for this work in a municipality; a row without a member is a vacancy that everybody can see."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="focal_points")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="focal_points")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField(default=today)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "focal_point"
        ordering = ("municipality", "starts_on")
        constraints = [
            models.UniqueConstraint(
                fields=["institution"], condition=Q(ends_on=None), name="one_focal_point_now"
            )
        ]

    def __str__(self) -> str:
        return str(self.member or "—")

    @property
    def is_vacant(self) -> bool:
        """Nobody holds the post today. Whoever has left holds it no more; somebody whom one may not know still does."""
        return self.member_id is None or (self.member is not None and self.member.has_left)


def masked(categories: Any) -> int | None:
    """The bit mask of a list of category numbers; None for no list, which means all."""
    return sum(1 << int(number) for number in set(categories)) if categories is not None else None
