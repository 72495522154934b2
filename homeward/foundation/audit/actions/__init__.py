"""Writing the log, and sealing it."""

from homeward.foundation.audit.actions.recording import (
    action,
    operation,
    record,
    record_many,
    record_operation,
    record_view,
    recorded,
)
from homeward.foundation.audit.actions.sealing import restored, seal
from homeward.foundation.audit.rules import Actor, Operator

__all__ = [
    "Actor",
    "Operator",
    "action",
    "operation",
    "record",
    "record_many",
    "record_operation",
    "record_view",
    "recorded",
    "restored",
    "seal",
]
