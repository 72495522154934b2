"""Entries of the ledger, and each step of their way. Rows are added and never changed.

Where an entry stands is written by the database alone, when a step is added (sql/ledger.sql): it knows the moves, asks for
the second person, and lets one of two officers win who release the same entry at once.
"""

from __future__ import annotations

import hashlib
import hmac
from decimal import Decimal
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from homeward.casework.assistance.rules.entries import GIFT, LIVE, OPEN, PAID, Reason, State, Why
from homeward.casework.assistance.rules.kinds import Gives, Measure, Unit
from homeward.casework.assistance.rules.periods import FOREVER, Period
from homeward.casework.cases.models import Case
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.institutions.rules import in_language
from homeward.foundation.kernel.refs import new_id, new_ref


def new_entry_ref() -> str:
    """A new reference of an entry, which nobody takes for one of a person."""
    return new_ref("AS")


def mark_of(payer: UUID, *parts: object) -> UUID | None:
    """What finds an entry by the payer's own reference, or by its file and row; None for none.

    A keyed hash: an index over the words themselves would tell whoever guesses them that a hidden row holds them.
    """
    words = [str(part).strip() for part in parts]
    if not all(words):
        return None
    secret = settings.NAME_KEY.encode()
    text = "\x1f".join([str(payer), *words]).encode()
    return UUID(bytes=hmac.new(secret, b"homeward.assistance:" + text, hashlib.sha256).digest()[:16])


class AssistanceKind(models.Model):
    """One kind of help of this country, as its pack says: what it is compared with, and how much needs two signatures."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    label = models.JSONField(default=dict)
    class_code = models.SlugField(max_length=40)
    class_label = models.JSONField(default=dict)
    number = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=10, choices=Unit.choices)
    gives = models.CharField(max_length=10, choices=Gives.choices)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    second_above = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    emergency_up_to = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    is_offered = models.BooleanField(default=True)

    class Meta:
        db_table = "assistance_kind"
        ordering = ("number", "code")

    def __str__(self) -> str:
        return in_language(self.label)

    @property
    def class_name(self) -> str:
        """What it is compared as, in the reader's language."""
        return in_language(self.class_label)


class EntryQuerySet(models.QuerySet["Entry"]):
    """How one speaks about entries."""

    def live(self) -> Self:
        """Those that run or are about to."""
        return self.filter(state__in=LIVE)

    def paid(self) -> Self:
        """Those for which something has left the payer and has not come back."""
        return self.filter(state__in=PAID)

    def of_payer(self, payer: UUID) -> Self:
        """What this institution gives."""
        return self.filter(payer=payer)


class Entry(models.Model):
    """One gift: who pays, for whom, of which kind, how much, for which days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ref = models.CharField(max_length=20, unique=True, default=new_entry_ref, editable=False)
    # The case of whoever receives it. What is for a household is theirs as members of it, as it stood on each day.
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="support")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    kind = models.ForeignKey(AssistanceKind, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED, editable=False)
    reference = models.CharField(max_length=60, blank=True)
    mark = models.UUIDField(null=True, blank=True, editable=False)
    origin_file = models.CharField(max_length=200, blank=True)
    origin_row = models.PositiveIntegerField(null=True, blank=True)
    origin_mark = models.UUIDField(null=True, blank=True, editable=False)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    requested_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        db_table = "assistance_entry"
        indexes = [
            models.Index(F("payer"), F("requested_at").desc(), F("id").desc(), name="assistance_of_payer"),
            models.Index(fields=["case", "starts_on"], name="assistance_of_case"),
            # The few for which somebody still has to do something, among all that a payer ever gave.
            models.Index(
                fields=["payer", "requested_at", "id"], condition=Q(state__in=OPEN), name="assistance_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="assistance_entry_known_state"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="assistance_entry_period"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="assistance_entry_amount_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gt=0), name="assistance_entry_quantity_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=False) | Q(quantity__isnull=False),
                name="assistance_entry_something",
            ),
            models.CheckConstraint(
                condition=Q(reference="", mark__isnull=True) | (~Q(reference="") & Q(mark__isnull=False)),
                name="assistance_entry_marked",
            ),
            # What was stopped or reversed frees its reference: the right entry has the same.
            models.UniqueConstraint(
                fields=["mark"],
                condition=~Q(state__in=[State.STOPPED, State.REVERSED]),
                name="assistance_entry_reference_once",
            ),
            models.UniqueConstraint(
                fields=["origin_mark"],
                condition=~Q(state__in=[State.STOPPED, State.REVERSED]),
                name="assistance_entry_origin_once",
            ),
            # Steps and notes hang on this, so that they can never stand under another guard than their entry.
            models.UniqueConstraint(fields=["id", "case", "payer"], name="assistance_entry_bound"),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        """The entry's own page."""
        return reverse("assistance:entry", args=[self.ref])

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.starts_on, self.ends_on or FOREVER)

    @property
    def is_live(self) -> bool:
        """Does it run, or is it about to?"""
        return self.state in LIVE

    @property
    def is_history(self) -> bool:
        """Was it taken in from a list of the past?"""
        return bool(self.origin_file)

    @property
    def origin(self) -> str:
        """The list and row it came from, or the payer's own reference; never a name."""
        return f"{self.origin_file}:{self.origin_row}" if self.origin_file else self.reference or self.ref

    @property
    def total(self) -> Decimal:
        """The amount as it counts in sums; nothing for things without a price."""
        return self.amount or Decimal("0.00")

    @property
    def moves(self) -> frozenset[str]:
        """What can be done with it in its present state, by their names."""
        return frozenset(move.name for move in GIFT.moves_from(self.state))


class EntryStep(models.Model):
    """Somebody did something with an entry: approved, released, gave a reason. Rows are added and never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="steps")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=16)
    reason = models.CharField(max_length=20, blank=True)
    taken_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_step"
        ordering = ("taken_at", "id")
        indexes = [models.Index(fields=["entry", "taken_at"], name="assistance_step_of_entry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(move__in=[*(move.name for move in GIFT.moves), "justify", "kept"]),
                name="assistance_step_known_move",
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(reason__in=[*Reason.values, *Why.values]),
                name="assistance_step_known_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.move} of {self.entry_id}"


class EntryNote(models.Model):
    """What the payer wrote about an entry. Nobody else reads it, whatever a protocol gives of the entry itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="notes")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    written_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        db_table = "assistance_note"
        ordering = ("written_at", "id")
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="assistance_note_not_empty")]

    def __str__(self) -> str:
        return f"note of {self.entry_id}"
