"""Reading the log, and proving that nobody changed it."""

from homeward.foundation.audit.queries.log import events, events_of_case, history, looks_at_case, seals
from homeward.foundation.audit.queries.verification import Fault, Report, verify

__all__ = [
    "Fault",
    "Report",
    "events",
    "events_of_case",
    "history",
    "looks_at_case",
    "seals",
    "verify",
]
