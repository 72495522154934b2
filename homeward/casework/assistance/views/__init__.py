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
from homeward.casework.assistance.views.overview import accounts, export, overlaps, settle, spread
from homeward.casework.assistance.views.rooms import register

__all__ = [
    "accounts",
    "adjust",
    "approve",
    "check",
    "confirm",
    "countersign",
    "entry",
    "export",
    "index",
    "justify",
    "overlaps",
    "register",
    "release",
    "relieve",
    "request",
    "reverse",
    "settle",
    "spread",
    "stop",
    "take_back",
]
