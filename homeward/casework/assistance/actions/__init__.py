"""Everything that is done in the ledger."""

from homeward.casework.assistance.actions.asking import check_support
from homeward.casework.assistance.actions.deciding import (
    approve,
    confirm,
    countersign,
    justify,
    release,
    relieve,
    reverse,
    settle,
    stop,
    take_back,
)
from homeward.casework.assistance.actions.keeping import (
    HistoryRow,
    Kept,
    load_assistance,
    record_history,
    sweep,
)
from homeward.casework.assistance.actions.requesting import adjust, request

__all__ = [
    "HistoryRow",
    "Kept",
    "adjust",
    "approve",
    "check_support",
    "confirm",
    "countersign",
    "justify",
    "load_assistance",
    "record_history",
    "release",
    "relieve",
    "request",
    "reverse",
    "settle",
    "stop",
    "sweep",
    "take_back",
]
