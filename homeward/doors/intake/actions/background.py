"""The same steps as work for the background, each in transactions of its own so that progress can be seen."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from homeward.doors.intake import queries
from homeward.doors.intake.actions.checking import check, match
from homeward.doors.intake.actions.importing import begin_import, import_next, stop_import
from homeward.doors.intake.actions.uploading import upload
from homeward.doors.intake.models import IntakeBatch
from homeward.doors.intake.rules.batch import BatchState
from homeward.foundation.audit.actions import action
from homeward.foundation.institutions.models import Member
from homeward.foundation.jobs.actions import work
from homeward.foundation.kernel.errors import Refusal


@work("intake.read")
def read_list(ticket: Any, batch: str) -> None:
    """A list is checked, and when it is clean compared with what is known."""
    with ticket.acting() as member:
        found = queries.batch(batch, to=member)
        if found.state == BatchState.UPLOADED:
            check(found, by=member)
    with ticket.acting() as member:
        found = queries.batch(batch, to=member)
        if found.state == BatchState.CHECKED:
            match(found, by=member)


@work("intake.import")
def import_list(ticket: Any, batch: str) -> None:
    """The rows are imported, some hundred at a time, until none is left or one cannot be."""
    left, failure = True, _("The import stopped because of a fault of the program.")
    done = False
    try:
        while left:
            with ticket.acting() as member:
                left = import_next(queries.batch(batch, to=member), by=member)
        done = True
    except Refusal as refusal:
        failure = str(refusal.message)
    finally:
        if not done:
            with ticket.acting() as member:
                stop_import(queries.batch(batch, to=member), by=member, failure=failure)


@action
def send(*, file: BinaryIO, sender: str, by: Member) -> IntakeBatch:
    """A list is taken in from a page; it is read in the background, and the page shows how far that is."""
    batch = upload(file=file, sender=sender, by=by)
    read_list.later(by=by, batch=str(batch.pk))
    return batch


@action
def start_import(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """The import begins, in the background."""
    batch = begin_import(batch, by=by)
    import_list.later(by=by, batch=str(batch.pk))
    return batch
