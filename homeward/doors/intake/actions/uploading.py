"""A list comes in, a mapping is changed, a list is thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, BinaryIO

from django.db import connection
from django.utils.translation import gettext_lazy as _

from homeward.doors.intake import permissions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeContent, IntakeMapping, country_pack
from homeward.doors.intake.queries import Sender
from homeward.doors.intake.rules.batch import BATCH
from homeward.doors.intake.rules.faults import FileRefused
from homeward.doors.intake.rules.lines import Limits
from homeward.doors.intake.rules.mapping import MappingBroken, SenderMapping
from homeward.doors.intake.rules.own_reading import check_own_reading
from homeward.doors.intake.rules.senders import sender_data, sender_mapping, usual_headings
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import RuleBroken, Stale

LONGEST_NAME = 160


@action
def upload(*, file: BinaryIO, sender: str, by: Member, file_name: str = "") -> IntakeBatch:
    """A list is taken in as it is and kept sealed. Nothing is read yet.

    Raises FileRefused when it is larger than any list, and `Missing` for a sender nobody knows.
    """
    queries.sender(sender, to=by)
    limit = Limits().megabytes
    content = file.read(limit * 1_000_000 + 1)
    if not content:
        raise FileRefused("empty_file")
    if len(content) > limit * 1_000_000:
        raise FileRefused("too_large", limit=limit)

    name = PurePath((file_name or getattr(file, "name", "") or "").replace("\\", "/")).name
    batch = IntakeBatch(
        institution=by.institution,
        sender=sender,
        file_name="".join(c for c in name if c.isprintable())[-LONGEST_NAME:] or "list",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        uploaded_by=by,
        uploaded_at=now(),
    )
    pieces = batch.seal(content)
    batch.save(force_insert=True)
    IntakeContent.objects.bulk_create(pieces)

    record("intake.uploaded", batch, by=by, sender=sender, sha256=batch.sha256, size=batch.size)
    return batch


@action
def discard(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """A list that was sent by mistake is put away; nothing of it was imported."""
    batch = locked(batch, by=by)
    BATCH.check("discard", batch.state)

    batch.state = BATCH.target("discard")
    batch.save(update_fields=["state"])

    record("intake.discarded", batch, by=by)
    return batch


def locked(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """The list, locked until this action is done. Raises `Missing` or `NotPermitted`."""
    require(by, permissions.take_in, batch)
    return IntakeBatch.objects.select_for_update().get(pk=batch.pk)


def in_turn(batch: IntakeBatch) -> None:
    """Until this action is done nobody else imports a list of this sender: two at once would each not see what the other tells."""
    with connection.cursor() as cursor:
        whose = f"intake:{batch.institution_id}:{batch.sender}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [whose])


# ── mappings ─────────────────────────────────────────────────────────────────────────────────────────────


@action
def change_mapping(
    sender: Sender, *, data: Mapping[str, Any], by: Member, version: int | None = None
) -> Sender:
    """From now on this institution reads the lists of this sender in another way.

    `version` is what the member had before them, 0 for the pack's own. Raises RuleBroken with what is wrong with
    a mapping that cannot be, and `Stale` when somebody else changed it meanwhile.
    """
    sender = queries.sender(sender.code, to=by)
    if version is not None and version != sender.version:
        raise Stale({"version": sender.version, "data": sender.data})
    check_mapping(data, sender.code)

    own = (
        IntakeMapping.objects.select_for_update()
        .filter(institution=by.institution, sender=sender.code)
        .first()
    )
    if own is None:
        own = IntakeMapping(institution=by.institution, sender=sender.code, data=dict(data), changed_by=by)
        own.save(force_insert=True)
    else:
        own.data, own.version = dict(data), own.version + 1
        own.changed_by, own.changed_at = by, now()
        own.save(update_fields=["data", "version", "changed_by", "changed_at"])

    record("intake.mapping_changed", own, by=by, sender=sender.code, version=own.version)
    return queries.sender(sender.code, to=by)


@action
def restore_mapping(sender: Sender, *, by: Member) -> Sender:
    """The mapping is again as the country pack says."""
    return change_mapping(sender, data=sender_data(country_pack(), sender.code), by=by)


def check_mapping(data: Mapping[str, Any], sender: str) -> None:
    """A mapping can be read, is the one of this sender, and changes neither who paid nor what is let go.

    Raises RuleBroken with what is wrong.
    """
    try:
        own = SenderMapping.from_data(data, usual_headings(country_pack()))
    except MappingBroken as broken:
        raise RuleBroken(str(broken), code="intake.mapping") from broken
    if data.get("sender") != sender:
        raise RuleBroken(_("This is the mapping of another sender."), code="intake.mapping_sender")
    check_own_reading(own, sender_mapping(country_pack(), sender))
