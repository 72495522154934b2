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
from homeward.casework.assistance.actions.granting import (
    apply,
    award,
    decline,
    finish,
    plan_milestone,
    record_milestone,
    score,
)
from homeward.casework.assistance.actions.keeping import (
    NO_CASE,
    HistoryRow,
    Kept,
    load_assistance,
    record_history,
    sweep,
)
from homeward.casework.assistance.actions.requesting import adjust, enter, request

__all__ = [
    "NO_CASE",
    "HistoryRow",
    "Kept",
    "adjust",
    "apply",
    "approve",
    "award",
    "check_support",
    "confirm",
    "countersign",
    "decline",
    "enter",
    "finish",
    "justify",
    "load_assistance",
    "plan_milestone",
    "record_history",
    "record_milestone",
    "release",
    "relieve",
    "request",
    "reverse",
    "score",
    "settle",
    "stop",
    "sweep",
    "take_back",
]
