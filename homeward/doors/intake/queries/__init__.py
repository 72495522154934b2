"""Reading lists, their rows, and the mappings by which they are read."""

from homeward.doors.intake.queries.comparing import Compared, Fact, compared, facts, in_words
from homeward.doors.intake.queries.lists import (
    Result,
    batch,
    batches,
    file_of,
    first_waiting,
    next_waiting,
    result,
    row,
    rows,
    waiting_batches,
)
from homeward.doors.intake.queries.recognising import (
    Known,
    Linked,
    RowsSoFar,
    heads_of,
    households_of,
    latest_known,
    linked,
    on_record,
    possible_people,
)
from homeward.doors.intake.queries.senders import Sender, sender, senders, surroundings

__all__ = [
    "Compared",
    "Fact",
    "Known",
    "Linked",
    "Result",
    "RowsSoFar",
    "Sender",
    "batch",
    "batches",
    "compared",
    "facts",
    "file_of",
    "first_waiting",
    "heads_of",
    "households_of",
    "in_words",
    "latest_known",
    "linked",
    "next_waiting",
    "on_record",
    "possible_people",
    "result",
    "row",
    "rows",
    "sender",
    "senders",
    "surroundings",
    "waiting_batches",
]
