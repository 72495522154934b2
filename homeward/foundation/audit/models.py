"""The log as it can be read: one row for each thing done or looked at."""

from django.db import models


class Event(models.Model):
    """Somebody did something, or looked at something, at a moment that nobody can change afterwards.

    `verb` is the past tense of the action ("referral.accepted"); `category` the data category it concerns, by which
    readers of a case are shown it or not; `is_read` marks a mere look, shown to oversight alone. The names of people
    and free text never stand in `detail`. Rows are written by `audit.actions.record`, never by this class.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    member_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    via = models.TextField()
    verb = models.TextField()
    is_read = models.BooleanField()
    case_id = models.UUIDField(null=True)
    category = models.SmallIntegerField(null=True)
    subject_type = models.TextField()
    subject_id = models.UUIDField(null=True)
    detail = models.JSONField()

    class Meta:
        managed = False
        db_table = "event"

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class Seal(models.Model):
    """A run of events bound by one hash, each seal holding the hash of the one before.

    Written by the sealer alone (`audit.actions.seal`), who keeps a copy of each outside the database.
    """

    number = models.BigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    events = models.BigIntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "seal"

    def __str__(self) -> str:
        return f"seal {self.number}"
