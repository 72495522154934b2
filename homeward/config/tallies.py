"""Counting attempts to sign in, once for the whole installation: whoever tries passwords cannot start anew at the next
web process, and a code of a telephone that was used at one is used at all of them.

Django's own cache in the database unpickles what it reads, so a row somebody wrote there could run as code. Here
values are JSON, keys are hashed with a secret (they hold addresses and names), and the table is reached through four
functions that only the sign-in role may call (access/sql/sessions.sql).
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connections

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


class Tallies(BaseCache):
    """A cache of small JSON values in the database. The database's clock decides what has run out."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keeps the value unless there is one already; whether it did. Of two at once, one does."""
        return bool(self._ask("tally_add", key, version, json.dumps(value), self._until(timeout)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or the default where there is none or it has run out."""
        found = self._ask("tally_read", key, version)
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keeps the value, whatever was there."""
        self._ask("tally_write", key, version, json.dumps(value), self._until(timeout))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keeps what is there for longer; whether there was anything."""
        found = self._ask("tally_read", key, version)
        if found is not None:
            self._ask("tally_write", key, version, found, self._until(timeout))
        return found is not None

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forgets the value; whether there was one."""
        return bool(self._ask("tally_forget", key, version))

    def clear(self) -> None:
        """Nobody forgets all attempts at once."""
        raise NotImplementedError("limits on signing in run out by themselves")

    def _until(self, timeout: Any) -> datetime:
        ends = self.get_backend_timeout(timeout)
        return FOR_EVER if ends is None else datetime.fromtimestamp(ends, tz=UTC)

    def _ask(self, function: str, key: str, version: int | None, *more: Any) -> Any:
        made = self.make_and_validate_key(key, version=version)
        digest = hmac.new(settings.SECRET_KEY.encode(), made.encode(), hashlib.sha256).digest()
        with connections["auth"].cursor() as cursor:
            places = ", ".join(["%s"] * (1 + len(more)))
            cursor.execute(f"select sec.{function}({places})", [digest, *more])
            return cursor.fetchone()[0]
