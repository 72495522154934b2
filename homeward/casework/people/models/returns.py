"""Coming home: one row for each time a person was expected or arrived, and the flights they came with."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from homeward.casework.people.models.persons import Person
from homeward.casework.people.rules.returns import Channel, ReturnState
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.refs import new_id


class ReturnWave(models.Model):
    """A group of people brought home together on one day. Says nothing about any of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    on = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORMAL)
    organiser = models.CharField(max_length=160, blank=True)

    class Meta:
        db_table = "return_wave"
        ordering = ("-on", "code")
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="return_wave_known_channel")
        ]

    def __str__(self) -> str:
        return self.code


class ReturnQuerySet(models.QuerySet["Return"]):
    """How one speaks about returns."""

    def expected(self) -> Self:
        """Those that are still waited for."""
        return self.filter(state=ReturnState.EXPECTED)

    def arrived(self) -> Self:
        """Those that have happened."""
        return self.filter(state=ReturnState.ARRIVED)

    def overdue(self, on: date) -> Self:
        """Those still expected whose time on the list is over."""
        return self.expected().filter(expires_on__lte=on)


class Return(models.Model):
    """One person coming home: from where, by which way, expected or arrived, and until when it is expected."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="returns")
    wave = models.ForeignKey(
        ReturnWave, on_delete=models.PROTECT, null=True, blank=True, related_name="returns"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.UNKNOWN)
    origin = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=ReturnState.choices, default=ReturnState.EXPECTED)
    expected_on = models.DateField(null=True, blank=True)
    arrived_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField(default=now)
    entered_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        db_table = "person_return"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReturnState.values), name="person_return_known_state"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="person_return_known_channel"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReturnState.EXPECTED)
                | Q(expires_on__isnull=False, arrived_on__isnull=True),
                name="person_return_expected_expires",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReturnState.EXPIRED) | Q(arrived_on__isnull=True),
                name="person_return_expired_never_arrived",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=ReturnState.EXPECTED), name="person_return_expected_once"
            ),
            models.UniqueConstraint(
                fields=["person", "wave"],
                condition=~Q(state=ReturnState.CANCELLED),
                name="person_return_once_per_wave",
            ),
        ]
        indexes = [
            models.Index(fields=["wave", "state"], name="person_return_of_wave"),
            models.Index(
                fields=["expires_on"], condition=Q(state=ReturnState.EXPECTED), name="person_return_expiring"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.state}"
