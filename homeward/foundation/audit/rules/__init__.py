"""How the log is sealed, and what its verbs are called. Pure."""

from homeward.foundation.audit.rules.sealing import (
    BEGINNING,
    GENESIS,
    PER_SEAL,
    Actor,
    Header,
    Operator,
    Row,
    canonical,
    check_can_seal,
    hash_of,
    leaf_of,
    micros,
    moment,
    root_of,
)

__all__ = [
    "BEGINNING",
    "GENESIS",
    "PER_SEAL",
    "Actor",
    "Header",
    "Operator",
    "Row",
    "canonical",
    "check_can_seal",
    "hash_of",
    "leaf_of",
    "micros",
    "moment",
    "root_of",
]
