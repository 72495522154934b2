"""Who may see which case, why, and until when."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Protocols, grants, break-glass, and the row-level security of the database."""

    name = "homeward.foundation.access"
    label = "access"

    def ready(self) -> None:
        """The log speaks of what happens here in words."""
        from homeward.foundation.access.rules import WORDS
        from homeward.foundation.audit.rules import words

        words.add(WORDS)
