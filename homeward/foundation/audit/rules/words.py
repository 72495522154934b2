"""What the log calls an event, in words that people read: on the timeline of a case, and on the page of oversight.

The log holds verbs (`case.received`), never sentences. Every room adds the words for its own verbs when it starts; a
verb without words is shown as it is, so that nothing that happened is left out. `make test` fails on such a verb.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import Text

_words: dict[str, Text] = {
    "audit.restored": _("The log was restored from a backup"),
}


def add(words: Mapping[str, Text]) -> None:
    """Add the words for the verbs of a room."""
    _words.update(words)


def of(verb: str) -> Text:
    """What this verb means to people."""
    return _words.get(verb, verb.replace(".", ": ").replace("_", " "))


def known() -> Mapping[str, Text]:
    """Every verb that has words."""
    return dict(_words)
