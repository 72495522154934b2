"""An uploaded list does not stay for ever: it was a way in, and what came in by it is on record elsewhere."""

from __future__ import annotations

from typing import Any

from homeward.foundation.audit.actions import Operator
from homeward.foundation.jobs.actions import clockwork


@clockwork
def destroy_lists(cursor: Any, *, by: Operator) -> int:
    """Destroys the files, and what stood in their cells, of every list whose days are over. Returns how many lists.

    What is needed to know its rows again when the sender sends it anew stays (sql/forgetting.sql).
    """
    cursor.execute("select sec.destroy_lists()")
    destroyed: int = cursor.fetchone()[0]
    return destroyed
