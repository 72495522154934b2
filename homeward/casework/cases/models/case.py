"""The case, where it stands in care, and how it came there.

They are different rows on purpose. Everybody whom a case concerns needs its reference; only those who share
the category CASE may know where it stands and who leads it, and only those who share it in full may read why.
A school sees the first row and can never read the others, whichever way it asks.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from homeward.casework.cases.models.deadlines import deadlines
from homeward.casework.cases.rules.care import AT_REST, CARE, REMEMBERING, Setting, State, setting_after
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.casework.cases.rules.deadlines import due_on, escalates_to
from homeward.casework.people.models import Person
from homeward.foundation.access.queries import Reader, Sight
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import Missing, NotPermitted, Stale
from homeward.foundation.kernel.refs import new_id


class CaseQuerySet(models.QuerySet["Case"]):
    """How one speaks about cases."""

    def in_state(self, *states: str) -> Self:
        """Those that stand there."""
        return self.filter(care__state__in=states)

    def led_by(self, institution: UUID) -> Self:
        """Those this institution leads."""
        return self.filter(care__lead=institution)

    def overdue(self, on: date) -> Self:
        """Those that should have moved on before this day."""
        return self.filter(care__due_on__lt=on)


class Case(models.Model):
    """All that institutions do for one person, under one reference."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The person's own reference: one person, one case, one thing to say on the telephone.
    ref = models.CharField(max_length=20, unique=True, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="case")
    opened_at = models.DateTimeField()
    # Codes of the first checks this case needs (rules.checks); what was done stands in ChecklistItem.
    checks = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        db_table = "case_file"
        indexes = [models.Index(F("opened_at").desc(), F("id").desc(), name="case_file_newest")]

    def __str__(self) -> str:
        return self.ref

    # What one reader may do with the case, and whom they know it to be about: put here by queries.one for one page.
    sight: Sight
    known_person: Person | None
    powers: frozenset[str]
    readers: list[Reader]

    @property
    def case_id(self) -> UUID:
        """The case itself: the log asks everything it is shown for the case it belongs to."""
        return self.pk

    def get_absolute_url(self) -> str:
        """The case's own page."""
        return reverse("cases:case", args=[self.ref])

    @property
    def standing(self) -> Care | None:
        """Where the case stands, or None for a reader who may not know."""
        try:
            return self.care
        except Care.DoesNotExist:
            return None

    @property
    def lead(self) -> Institution:
        """The institution that leads the case. Raises `Missing` for a reader who may not know: its name alone tells much."""
        if self.standing is None:
            raise Missing
        return self.standing.lead


# What may change about where a case stands; the migration grants exactly these columns.
CHANGING = (
    "lead",
    "state",
    "state_entered_on",
    "due_on",
    "escalates_to",
    "setting",
    "previous_state",
    "named_contact",
    "closure_proposed_by",
    "closure_proposed_at",
    "closing_reason",
    "closed_by",
    "closed_at",
    "version",
)


class CareQuerySet(models.QuerySet["Care"]):
    """How one speaks about where cases stand."""

    def locked(self, case: Case, version: int | None = None) -> Care:
        """Where the case stands, held until the end of the transaction.

        `version` is what the member had before them; None when nobody looked at a page. Raises `Stale` with
        what stands now when somebody changed it since. A row that cannot be locked may not be changed:
        `NotPermitted` for whoever sees the case, `Missing` for everybody else.
        """
        care = self.select_for_update().filter(case=case.pk).first()
        if care is None:
            raise NotPermitted if Case.objects.filter(pk=case.pk).exists() else Missing
        if version is not None and version != care.version:
            raise Stale(care.theirs())
        care.case = Case.objects.get(pk=case.pk)
        return care


class Care(models.Model):
    """Where a case stands, who leads it, since when, until when, and who ends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="care")
    lead = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=20, choices=State.choices, default=State.EXPECTED)
    state_entered_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    escalates_to = models.CharField(max_length=40, choices=Role.choices, blank=True)
    setting = models.CharField(max_length=20, choices=Setting.choices, null=True, blank=True)  # noqa: DJ001 - no setting
    previous_state = models.CharField(max_length=20, choices=State.choices, null=True, blank=True)  # noqa: DJ001 - none
    named_contact = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closure_proposed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closure_proposed_at = models.DateTimeField(null=True, blank=True)
    closing_reason = models.CharField(max_length=30, choices=ClosingReason.choices, blank=True)
    closed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    # The last day on which an archived case is kept, and who proposed to erase it after that day. The database alone
    # writes these (sql/retention.sql): whoever could shorten a period could erase a case alone and at once.
    keep_until = models.DateField(null=True, blank=True)
    erasure_proposed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erasure_proposed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CareQuerySet.as_manager()

    class Meta:
        db_table = "case_care"
        indexes = [
            models.Index(fields=["state"], name="case_care_state"),
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="case_care_due"),
            # The most urgent of the cases an institution leads are read in their order (sql/led.sql).
            models.Index(
                fields=["lead", "due_on", "case"], condition=Q(due_on__isnull=False), name="case_care_led"
            ),
            models.Index(fields=["lead", "state", "due_on", "case"], name="case_care_led_state"),
            # Those whose retention has ended are read in the order in which it did (sql/retention.sql).
            models.Index(
                fields=["lead", "keep_until", "case"],
                condition=Q(keep_until__isnull=False),
                name="case_care_kept",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_care_known_state"),
            models.CheckConstraint(
                condition=Q(setting__isnull=True) | Q(setting__in=Setting.values),
                name="case_care_known_setting",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.ACTIVE, setting__isnull=False))
                | (Q(state__in=REMEMBERING, previous_state=State.ACTIVE, setting__isnull=False))
                | (
                    ~Q(state=State.ACTIVE)
                    & ~Q(state__in=REMEMBERING, previous_state=State.ACTIVE)
                    & Q(setting__isnull=True)
                ),
                name="case_care_setting_when_active",
            ),
            models.CheckConstraint(
                condition=Q(state__in=REMEMBERING, previous_state__isnull=False)
                | (~Q(state__in=REMEMBERING) & Q(previous_state__isnull=True)),
                name="case_care_remembers_where_it_was",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AT_REST, due_on__isnull=True, escalates_to="")
                | (~Q(state__in=AT_REST) & Q(due_on__isnull=False) & ~Q(escalates_to="")),
                name="case_care_due_unless_at_rest",
            ),
            models.CheckConstraint(
                condition=Q(
                    closure_proposed_by__isnull=True, closure_proposed_at__isnull=True, closing_reason=""
                )
                | (
                    Q(closure_proposed_by__isnull=False, closure_proposed_at__isnull=False)
                    & ~Q(closing_reason="")
                ),
                name="case_care_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.CLOSURE_PROPOSED, State.CLOSED])
                | Q(closure_proposed_by__isnull=False),
                name="case_care_closure_has_a_proposer",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="case_care_closing_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True)
                | (Q(closure_proposed_by__isnull=False) & ~Q(closed_by=F("closure_proposed_by"))),
                name="case_care_closed_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CLOSED) | Q(closed_by__isnull=False),
                name="case_care_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=State.ARCHIVED, keep_until__isnull=False)
                | (~Q(state=State.ARCHIVED) & Q(keep_until__isnull=True)),
                name="case_care_kept_while_archived",
            ),
            models.CheckConstraint(
                condition=Q(erasure_proposed_by__isnull=True, erasure_proposed_at__isnull=True)
                | Q(
                    state=State.ARCHIVED,
                    erasure_proposed_by__isnull=False,
                    erasure_proposed_at__isnull=False,
                ),
                name="case_care_erasure_proposal_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.state}"

    def enter(self, day: date) -> None:
        """The state begins on this day: its deadline, and who is told when it passes."""
        self.state_entered_on = day
        self.due_on = due_on(self.state, day, deadlines())
        self.escalates_to = escalates_to(self.state, deadlines()) or ""

    def move(
        self, name: str, *, by: Member, to: str | None = None, on: date | None = None, reason: str = ""
    ) -> CareMove:
        """The state changes, its deadline starts, and a case that pauses remembers where it was; saved.

        Returns the line in the history of the case, which holds the reason; the log points to it and repeats
        no words. Whether the move is allowed has been asked before.
        """
        came_from, self.state = self.state, CARE.target(name, to)
        self.previous_state = came_from if self.state in REMEMBERING else None
        self.setting = setting_after(self.state, self.previous_state, self.setting)
        self.enter(on or today())
        self.change()
        return self.remember(name, came_from, by=by, reason=reason)

    def remember(self, name: str, came_from: str, *, by: Member, reason: str = "") -> CareMove:
        """A line in the history of the case, of a move to where it stands now."""
        moved = CareMove(
            case=self.case,
            institution_id=by.institution_id,
            name=name,
            from_state=came_from,
            to_state=self.state,
            reason=reason.strip(),
            moved_by=by,
            moved_at=now(),
        )
        moved.save(force_insert=True)
        return moved

    def change(self) -> None:
        """Save what changed, as a new version. Whose standing this is never changes: the database refuses it."""
        self.version += 1
        self.save(update_fields=CHANGING)

    def trace(self, moved: CareMove | None = None) -> dict[str, Any]:
        """What the log keeps of where the case stands now."""
        return {"state": self.state, "due_on": self.due_on, "move": moved and moved.pk}

    def is_overdue(self, on: date) -> bool:
        """Should the case have moved on before this day?"""
        return self.due_on is not None and self.due_on < on

    def theirs(self) -> dict[str, Any]:
        """What stands now, for somebody whose page is older."""
        return {
            "version": self.version,
            "setting": self.setting,
            "reason": self.closing_reason,
            "member": self.named_contact_id,
        }


class CareMove(models.Model):
    """A case moved on: from where to where, by whom, and why. Rows are added and never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moves")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20, choices=State.choices)
    to_state = models.CharField(max_length=20, choices=State.choices)
    reason = models.TextField(blank=True)
    moved_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        db_table = "case_move"
        indexes = [models.Index(F("case"), F("moved_at").desc(), name="case_move_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_state__in=State.values, to_state__in=State.values),
                name="case_move_known_states",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.from_state} → {self.to_state}"
