"""All attacks there are, for the tests that run them and for the proof that weakens what they attack."""

from tests.attacks import becoming, cheating, deciding, listening, matching, paying, reading, writing
from tests.attacks.siege import Attack

MODULES = (reading, writing, cheating, deciding, becoming, listening, matching, paying)
ATTACKS: tuple[Attack, ...] = (
    *reading.ATTACKS,
    *writing.ATTACKS,
    *cheating.ATTACKS,
    *deciding.ATTACKS,
    *becoming.ATTACKS,
    *listening.ATTACKS,
    *matching.ATTACKS,
    *paying.ATTACKS,
)


def name_of(attack: Attack) -> str:
    """`reading.as_every_member`, as people and reports call it."""
    return f"{attack.__module__.split('.')[-1]}.{attack.__name__}"
