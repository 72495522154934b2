"""Protocols, the doors they open into cases, and the two tables in which the rule lives."""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from homeward.foundation.access.rules import (
    WHOLE_INSTITUTION,
    Category,
    Depth,
    ProtocolState,
    Verdict,
    categories_of,
    certain_age,
    concerns,
)
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.institutions.rules import in_language
from homeward.foundation.kernel.clock import day_of, now, today
from homeward.foundation.kernel.refs import new_id


class ProtocolQuerySet(models.QuerySet["SharingProtocol"]):
    """What one may ask of protocols."""

    def in_force(self) -> "ProtocolQuerySet":
        """Those that open doors today."""
        return self.filter(state=ProtocolState.IN_FORCE, valid_from__lte=now(), valid_until__gt=now())

    def between(self, provider: Institution, receiver: Institution) -> "ProtocolQuerySet":
        """Those under which `provider`, leading a case, may let `receiver` in: named, or by its kind."""
        return self.filter(
            Q(provider=provider) | Q(provider_kind=provider.kind),
            Q(receiver=receiver) | Q(receiver_kind=receiver.kind),
        )

    def of(self, institution: Institution) -> "ProtocolQuerySet":
        """Those of which the institution is a party, by name or by its kind."""
        named = Q(provider=institution.pk) | Q(receiver=institution.pk)
        return self.filter(named | Q(provider_kind=institution.kind) | Q(receiver_kind=institution.kind))

    def concerning(self, anchor: "CaseAnchor") -> "ProtocolQuerySet":
        """Those that may be used in this case: some are never used for a child, others for nobody who has left school.

        Whose age is unknown counts as a child. The database says the same (`sec.concerns`).
        """
        age = anchor.certain_age
        old_enough, young_enough = Q(from_age=None), Q(until_age=None)
        if age is None:
            return self.filter(old_enough)
        return self.filter(old_enough | Q(from_age__lte=age), young_enough | Q(until_age__gt=age))


class SharingProtocol(models.Model):
    """An agreement: who may learn what from whom, on which legal basis, for which purpose, from when to when.

    Each side is either one institution or a kind of institution. Without a protocol in force nobody but the author of
    a record sees it, so what a country has not regulated stays closed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    title = models.JSONField(default=dict)
    provider = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="protocols_given"
    )
    provider_kind = models.SlugField(max_length=60, blank=True)
    receiver = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="protocols_received"
    )
    receiver_kind = models.SlugField(max_length=60, blank=True)
    legal_basis = models.JSONField(default=dict)
    purpose = models.JSONField(default=dict)
    signatures = models.JSONField(default=list)
    # About people who are certainly this old, and about nobody who certainly is (`until_age`); empty: of any age.
    from_age = models.PositiveSmallIntegerField(null=True, blank=True)
    until_age = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=ProtocolState.choices, default=ProtocolState.PROPOSED)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    proposed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    proposal = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    closing_reason = models.TextField(blank=True, default="", db_default="")

    # What is signed when it is signed, as one number: put here by queries.version.
    digest: str

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        db_table = "sharing_protocol"
        ordering = ("code", "version")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="protocol_version_once"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="protocol_period"),
            models.CheckConstraint(
                condition=(Q(provider=None) ^ Q(provider_kind="")) & (Q(receiver=None) ^ Q(receiver_kind="")),
                name="protocol_two_parties",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The title in the reader's language."""
        return in_language(self.title)

    def is_about(self, anchor: "CaseAnchor") -> bool:
        """Whether it may be used in this case at all: some are about grown-ups only, others about children."""
        return concerns(anchor.certain_age, self.from_age, self.until_age)

    @property
    def about(self) -> str:
        """Of which age the people are about whom it is, in words."""
        if self.from_age and self.until_age:
            return _("People aged %(first)d to %(last)d") % {
                "first": self.from_age,
                "last": self.until_age - 1,
            }
        if self.from_age:
            return _("People aged %(first)d and over, whose age is known") % {"first": self.from_age}
        if self.until_age:
            return _("People under %(age)d, and those whose age is unknown") % {"age": self.until_age}
        return _("People of any age")

    @property
    def basis(self) -> str:
        """The legal basis in the reader's language."""
        return in_language(self.legal_basis)

    @property
    def why(self) -> str:
        """The purpose in the reader's language."""
        return in_language(self.purpose)

    @property
    def last_day(self) -> date:
        """The last day on which it is valid, as people say it; `valid_until` is the moment after."""
        return day_of(self.valid_until - timedelta(microseconds=1))

    @property
    def is_proposed(self) -> bool:
        """Whether it still waits for signatures."""
        return self.state == ProtocolState.PROPOSED

    @property
    def is_in_force(self) -> bool:
        """Whether it opens doors now."""
        return self.state == ProtocolState.IN_FORCE and self.valid_from <= now() < self.valid_until


class ProtocolClause(models.Model):
    """One line of a protocol: how deep into one category of data, and whether the receiver may write there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(SharingProtocol, models.CASCADE, related_name="clauses")
    category = models.SmallIntegerField(choices=Category.choices)
    depth = models.SmallIntegerField(choices=Depth.choices)
    writes = models.BooleanField(default=False)

    class Meta:
        db_table = "protocol_clause"
        ordering = ("category",)
        constraints = [
            models.UniqueConstraint(fields=["protocol", "category"], name="clause_once_per_category"),
            models.CheckConstraint(condition=Q(depth__gte=0, depth__lte=3), name="clause_depth"),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.get_depth_display()}"


class CaseAnchor(models.Model):
    """That a case exists, of whom, and who leads it: all that the guard needs to know of what it guards.

    Keys are bare, because access stands below the rooms of persons and cases. One case per person.
    """

    case_id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=24, unique=True)
    person_id = models.UUIDField(unique=True)
    lead = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # From this day on the person is certainly of age; null as long as that is not known, and then they count as a child.
    adult_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "case_anchor"
        # Each minute the clock asks who has come of age.
        indexes = [models.Index(fields=["adult_on"], name="case_anchor_comes_of_age")]

    def __str__(self) -> str:
        return self.ref

    @property
    def certain_age(self) -> int | None:
        """How many years old the person certainly is today; None as long as that is not known."""
        return certain_age(self.adult_on, today())


class Involvement(models.Model):
    """An institution takes part in a case, for a reason, for a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="involvements")
    reason = models.TextField(blank=True)
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    involved_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.TextField(blank=True)

    class Meta:
        db_table = "involvement"
        indexes = [models.Index(fields=["case_id", "institution"], name="involvement_of_case")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="involvement_period"),
            # Two officers letting the same institution in at once: the second is told that it already takes part.
            models.UniqueConstraint(
                fields=["case_id", "institution"], condition=Q(ended_by=None), name="involved_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} in {self.case_id}"

    @property
    def is_running(self) -> bool:
        """Whether the institution takes part now."""
        return self.starts_at <= now() < self.ends_at


class Grant(models.Model):
    """A door opened under one protocol: what its clauses say applies to this institution in this case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    involvement = models.ForeignKey(Involvement, models.PROTECT, related_name="grants")
    case_id = models.UUIDField()
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    protocol = models.ForeignKey(SharingProtocol, models.PROTECT, related_name="grants")
    valid_from = models.DateTimeField(default=now)
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        db_table = "access_grant"
        indexes = [
            models.Index(fields=["case_id", "institution"], name="grant_of_case"),
            models.Index(fields=["protocol"], condition=Q(revoked_at=None), name="grant_of_protocol"),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_id} for {self.institution_id}"


class CaseAccess(models.Model):
    """The folded rule: this institution (or this one member, in an emergency) sees this case, until then.

    `seen_mask` has every category it knows of, `cat_mask` those it reads in full, `write_mask` those it writes.
    Written by database functions alone. `member_id` is zero for the whole institution.
    """

    pk = models.CompositePrimaryKey("institution_id", "case_id", "member_id")
    institution_id = models.UUIDField()
    case_id = models.UUIDField()
    member_id = models.UUIDField(default=WHOLE_INSTITUTION)
    person_id = models.UUIDField()
    seen_mask = models.IntegerField()
    cat_mask = models.IntegerField()
    write_mask = models.IntegerField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "case_access"
        indexes = [
            models.Index(fields=["institution_id", "-opened_at", "-case_id"], name="case_access_listed"),
            models.Index(fields=["institution_id", "person_id"], name="case_access_person"),
            models.Index(fields=["case_id"], name="case_access_case"),
            models.Index(fields=["expires_at"], name="case_access_end"),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} sees {self.case_id}"

    def may_read(self, category: int) -> bool:
        """Whether everything in this category is open (a unit may still see less; see `queries.sight`)."""
        return bool(self.cat_mask & (1 << category))

    def may_write(self, category: int) -> bool:
        """Whether one may add records of this category."""
        return bool(self.write_mask & (1 << category))


class CaseAccessCategory(models.Model):
    """The same rule by category, which every policy on data asks."""

    pk = models.CompositePrimaryKey("institution_id", "case_id", "category", "member_id")
    institution_id = models.UUIDField()
    case_id = models.UUIDField()
    category = models.SmallIntegerField(choices=Category.choices)
    member_id = models.UUIDField(default=WHOLE_INSTITUTION)
    depth = models.SmallIntegerField(choices=Depth.choices)
    can_write = models.BooleanField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "case_access_cat"
        indexes = [
            models.Index(fields=["case_id"], name="case_access_cat_case"),
            models.Index(fields=["expires_at"], name="case_access_cat_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.get_depth_display()}"


class Exclusion(models.Model):
    """A member must not see this case: a relative, a neighbour, a former prisoner of theirs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    member = models.ForeignKey(Member, models.PROTECT, related_name="exclusions")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    reason = models.TextField()
    excluded_at = models.DateTimeField(default=now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "case_exclusion"
        indexes = [models.Index(fields=["member"], condition=Q(lifted_at=None), name="exclusion_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} not in {self.case_id}"


class BreakGlass(models.Model):
    """Somebody looked where they otherwise may not, said why, and another institution judges it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    lead = models.ForeignKey(Institution, models.PROTECT, related_name="+")
    categories = ArrayField(models.SmallIntegerField())
    reason = models.TextField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)

    class Meta:
        db_table = "break_glass"
        ordering = ("-opened_at",)
        indexes = [models.Index(fields=["case_id", "institution"], name="break_glass_of_case")]

    def __str__(self) -> str:
        return str(self.pk)

    @cached_property
    def opened_categories(self) -> list[Category]:
        """What was opened, as categories."""
        return [Category(number) for number in self.categories]

    @property
    def is_open(self) -> bool:
        """Whether the look still lasts."""
        return self.expires_at > now()


__all__ = [
    "BreakGlass",
    "CaseAccess",
    "CaseAccessCategory",
    "CaseAnchor",
    "Exclusion",
    "Grant",
    "Involvement",
    "ProtocolClause",
    "SharingProtocol",
    "categories_of",
]
