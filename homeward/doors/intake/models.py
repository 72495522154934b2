"""Lists that an institution uploaded, their rows, and how it reads the lists of each sender.

All of it belongs to the institution that uploaded it and is seen by nobody else: a list holds more than
any category of the shared case would let another institution see. What becomes shared is written by the
actions of people and cases, and from there on follows their rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from homeward.casework.cases.models.documents import DocumentKeys
from homeward.casework.cases.models.retention import retention
from homeward.casework.people.models import name_secret
from homeward.doors.intake.rules.batch import BATCH, BatchState, Verdict
from homeward.doors.intake.rules.evidence import fingerprint
from homeward.doors.intake.rules.faults import Fault
from homeward.doors.intake.rules.senders import sender_label
from homeward.doors.intake.rules.shapes import LABELS
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import day_of, now
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import Text
from homeward.foundation.kernel.packs import Pack, load
from homeward.foundation.kernel.refs import new_id

PIECE = 1024 * 1024


def identity_of(digest: str) -> str:
    """The identity of a row as it is kept: the same for the same person of the same office, and no use without the key."""
    return fingerprint(name_secret(), "identity", "", digest)


def fingerprints_of(row: UUID, values: Mapping[str, Any]) -> dict[str, str]:
    """What a row says, field by field, so that it can be compared and not be read. Those of two rows never match."""
    secret = name_secret()
    return {name: fingerprint(secret, str(row), name, value) for name, value in values.items()}


def country_pack() -> Pack:
    """The pack of the country in which this installation works."""
    return load(settings.PACK)


class IntakeMapping(models.Model):
    """How an institution reads the lists of a sender, where that differs from what the country pack says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    sender = models.SlugField(max_length=60)
    data = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=now)
    changed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "intake_mapping"
        constraints = [models.UniqueConstraint(fields=["institution", "sender"], name="intake_mapping_once")]

    def __str__(self) -> str:
        return self.sender


# A list in one of these has been compared, and takes the place of earlier versions of it.
_STANDS = (BatchState.REVIEWING, BatchState.IMPORTING, BatchState.IMPORTED, BatchState.FAILED)


class BatchQuerySet(models.QuerySet["IntakeBatch"]):
    """How one speaks about lists."""

    def told_by_later(self) -> Self:
        """Each knows whether a later version of the same list has taken its place (`is_overtaken`)."""
        later = IntakeBatch.objects.filter(
            institution=OuterRef("institution"),
            sender=OuterRef("sender"),
            list_key=OuterRef("list_key"),
            uploaded_at__gt=OuterRef("uploaded_at"),
            state__in=_STANDS,
        ).exclude(list_key="")
        return self.annotate(is_overtaken=Exists(later))

    def standing(self) -> Self:
        """Those that have been compared and were neither put away nor undone."""
        return self.filter(state__in=_STANDS)

    def waiting(self) -> Self:
        """Those in which somebody has to decide something: of one list that was sent several times, only the latest."""
        return self.told_by_later().filter(
            state__in=[BatchState.REVIEWING, BatchState.IMPORTED, BatchState.FAILED],
            waiting_rows__gt=0,
            is_overtaken=False,
        )


class IntakeBatch(models.Model):
    """One uploaded list, from the upload to the end of its import."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    sender = models.SlugField(max_length=60)
    list_key = models.CharField(max_length=120, blank=True)
    file_name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pieces = models.PositiveSmallIntegerField(default=0)
    key_name = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=12, choices=BatchState.choices, default=BatchState.UPLOADED)
    rows = models.PositiveIntegerField(default=0)
    refused_cells = models.PositiveIntegerField(default=0)
    warned_cells = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    waiting_rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # of `rows`, in the step that runs
    uploaded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=now)
    imported_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)  # the file, and what stood in its cells
    failure = models.CharField(max_length=300, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        db_table = "intake_batch"
        indexes = [
            models.Index(
                F("institution"), F("uploaded_at").desc(), F("id").desc(), name="intake_batch_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="intake_batch_known_state"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="intake_batch_has_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        """The page of this list."""
        return reverse("intake:batch", args=[self.pk])

    @property
    def state_label(self) -> Text:
        """How far it has come, in words."""
        return BATCH.label(self.state)

    @property
    def sender_label(self) -> str:
        """What people call the sender."""
        return sender_label(country_pack(), self.sender)

    @property
    def kept_until(self) -> date:
        """The last day of the file and of what stands in its cells; in the night after it the clock destroys them."""
        return day_of(self.imported_at or self.uploaded_at) + timedelta(days=retention().list_days - 1)

    @property
    def is_followed_by(self) -> Q:
        """The later versions of the same list."""
        later = Q(sender=self.sender, list_key=self.list_key, uploaded_at__gt=self.uploaded_at)
        return later & Q(institution=self.institution_id, state__in=_STANDS) & ~Q(list_key="")

    @property
    def is_running(self) -> bool:
        """Is something being done with it at this moment?"""
        return self.state in (BatchState.UPLOADED, BatchState.CHECKED, BatchState.IMPORTING)

    @property
    def fault_list(self) -> list[Fault]:
        """What the check found, worst first, as it was kept."""
        return [Fault.from_data(data) for data in self.faults]

    def seal(self, content: bytes) -> list[IntakeContent]:
        """Cut the file into sealed pieces, and note how many and under which key."""
        keys = DocumentKeys.of_installation()
        cut = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
        self.pieces, self.key_name = len(cut), keys.current
        return [
            IntakeContent(
                batch=self,
                institution_id=self.institution_id,
                number=number,
                sealed=keys.seal(piece, self._bound_to(number)),
            )
            for number, piece in enumerate(cut)
        ]

    def unseal(self, stored: list[IntakeContent]) -> bytes | None:
        """The file again; None when a piece is missing, changed, or from elsewhere."""
        keys = DocumentKeys.of_installation()
        if [piece.number for piece in stored] != list(range(self.pieces)):
            return None
        opened = [keys.unseal(self.key_name, bytes(p.sealed), self._bound_to(p.number)) for p in stored]
        whole = [piece for piece in opened if piece is not None]
        return b"".join(whole) if len(whole) == self.pieces else None

    def _bound_to(self, number: int) -> bytes:
        return f"intake|{self.pk}|{self.institution_id}|{number}|{self.pieces}".encode()


class IntakeContent(models.Model):
    """One sealed piece of an uploaded file, as it was sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(IntakeBatch, on_delete=models.PROTECT, related_name="content")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "intake_content"
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="intake_content_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class RowQuerySet(models.QuerySet["IntakeRow"]):
    """How one speaks about rows."""

    def waiting(self) -> Self:
        """Those about which a member has to decide."""
        return self.filter(verdict=Verdict.REVIEW)

    def ready(self) -> Self:
        """Those that can be imported and are not yet."""
        return self.filter(imported_at=None).exclude(
            verdict__in=[Verdict.REVIEW, Verdict.LEFT_OUT, Verdict.REFUSED]
        )

    def imported(self) -> Self:
        """Those that have been imported."""
        return self.exclude(imported_at=None)

    def in_force(self) -> Self:
        """Imported rows of lists that were not undone: what this sender has told us so far."""
        return self.imported().exclude(batch__state=BatchState.UNDONE)

    def counted(self) -> dict[str, int]:
        """How many rows have which verdict."""
        found = self.values("verdict").annotate(n=Count("pk")).values_list("verdict", "n")
        return dict.fromkeys(Verdict.values, 0) | dict(found)


class IntakeRow(models.Model):
    """One row of a list: what it says, whom it is about, and what became of it.

    `row_key` is the place of the row in its list (number or position), `identity` a fingerprint of the person it
    speaks of; by the two a row is known again when the list is sent anew, and by `fingerprints`, one for each
    field, what has changed since. They are made with a secret that is not in the database, so that they stay when
    `values` and `raw` are destroyed and tell nobody who it was (ADR 0028). `person_id` is bare on purpose: this
    table stands outside the shared record and must never keep anything in it alive.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(IntakeBatch, on_delete=models.PROTECT, related_name="lines")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    list_key = models.CharField(max_length=120)
    sheet = models.CharField(max_length=40, blank=True)
    line = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    row_key = models.PositiveIntegerField()
    identity = models.CharField(max_length=64)
    family_key = models.CharField(max_length=120, blank=True)  # the same for all rows of one family
    fingerprints = models.JSONField(default=dict)
    values = models.JSONField()
    raw = models.JSONField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.NEW)
    previous_id = models.UUIDField(null=True, blank=True)  # the row of an earlier list that this one repeats
    changed_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    candidates = models.JSONField(default=list)  # [{person, row, why}]: who it could be
    same_as = models.PositiveIntegerField(null=True, blank=True)  # or the same as that row of this list
    person_id = models.UUIDField(null=True, blank=True)
    household_id = models.UUIDField(null=True, blank=True)
    made_person = models.BooleanField(default=False)  # did this row bring the person in?
    undoing = models.JSONField(default=dict)  # what this row changed about somebody known, as it stood before
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)

    # Whose it is, put here by a page for those it shows.
    known_person: Any = None

    objects = RowQuerySet.as_manager()

    class Meta:
        db_table = "intake_row"
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="intake_row_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="intake_row_known_verdict"),
            models.CheckConstraint(
                condition=Q(imported_at__isnull=True) | Q(person_id__isnull=False),
                name="intake_row_imported_has_person",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "list_key", "row_key"], name="intake_row_again"),
            models.Index(fields=["institution", "list_key", "identity"], name="intake_row_same"),
            models.Index(fields=["institution", "family_key"], name="intake_row_family"),
            models.Index(fields=["person_id"], name="intake_row_of_person"),
            models.Index(fields=["batch", "verdict", "position"], name="intake_row_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.position}"

    @property
    def says_who(self) -> bool:
        """Does it still say whom it is about, or was that destroyed?"""
        return bool(self.values.keys() & {"given", "surname"})

    @property
    def is_imported(self) -> bool:
        """Has this row been imported?"""
        return self.imported_at is not None

    @property
    def born_text(self) -> str:
        """The date of birth, as people read it."""
        born = self.values.get("born")
        return str(PartialDate.parse(born)) if born else ""

    @property
    def changed_labels(self) -> list[Text]:
        """What was changed, as people call it."""
        return [LABELS.get(field, field) for field in self.changed_fields]

    @property
    def candidate_people(self) -> list[UUID]:
        """The people it could be."""
        return [UUID(found["person"]) for found in self.candidates if found.get("person")]

    @property
    def people_like_it(self) -> list[UUID]:
        """Those of them who are alike; the head of a family is shown because there is one already."""
        return [
            UUID(found["person"])
            for found in self.candidates
            if found.get("person") and found["why"] != "head"
        ]
