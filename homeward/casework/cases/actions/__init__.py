"""Everything that can be done with a case."""

from homeward.casework.cases.actions.closing import (
    archive,
    confirm_closure,
    propose_closure,
    reject_closure,
    reopen,
)
from homeward.casework.cases.actions.documents import add_document, download_document
from homeward.casework.cases.actions.involving import end_involvement, exclude, involve
from homeward.casework.cases.actions.keeping import (
    count_waiting,
    erase,
    keep_longer,
    load_retention,
    propose_erasure,
)
from homeward.casework.cases.actions.moving import (
    activate,
    begin_assessment,
    begin_intake,
    mark_planned,
    prepare,
    receive,
    resume,
    suspend,
    take_over,
    transfer,
    withdraw,
)
from homeward.casework.cases.actions.notes import correct_note, write_note
from homeward.casework.cases.actions.opening import NewCase, open_case, open_many
from homeward.casework.cases.actions.registering import register
from homeward.casework.cases.actions.team import assign, name_contact, remove_from_team
from homeward.casework.cases.actions.ticking import tick

__all__ = [
    "NewCase",
    "activate",
    "add_document",
    "archive",
    "assign",
    "begin_assessment",
    "begin_intake",
    "confirm_closure",
    "correct_note",
    "count_waiting",
    "download_document",
    "end_involvement",
    "erase",
    "exclude",
    "involve",
    "keep_longer",
    "load_retention",
    "mark_planned",
    "name_contact",
    "open_case",
    "open_many",
    "prepare",
    "propose_closure",
    "propose_erasure",
    "receive",
    "register",
    "reject_closure",
    "remove_from_team",
    "reopen",
    "resume",
    "suspend",
    "take_over",
    "tick",
    "transfer",
    "withdraw",
    "write_note",
]
