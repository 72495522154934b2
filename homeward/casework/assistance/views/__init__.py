"""The pages of the ledger."""

from homeward.casework.assistance.views.asking import check
from homeward.casework.assistance.views.entries import (
    adjust,
    approve,
    confirm,
    countersign,
    entry,
    index,
    justify,
    release,
    relieve,
    request,
    reverse,
    stop,
    take_back,
)
from homeward.casework.assistance.views.grants import (
    apply,
    award,
    decline,
    finish,
    grant,
    plan_milestone,
    record_milestone,
    score,
)
from homeward.casework.assistance.views.overview import accounts, export, overlaps, settle, spread
from homeward.casework.assistance.views.rooms import register

__all__ = [
    "accounts",
    "adjust",
    "apply",
    "approve",
    "award",
    "check",
    "confirm",
    "countersign",
    "decline",
    "entry",
    "export",
    "finish",
    "grant",
    "index",
    "justify",
    "overlaps",
    "plan_milestone",
    "record_milestone",
    "register",
    "release",
    "relieve",
    "request",
    "reverse",
    "score",
    "settle",
    "spread",
    "stop",
    "take_back",
]
