"""Institutions, their units and members, municipalities, and sign-in."""

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """Who works here, for whom, and since when."""

    name = "homeward.foundation.institutions"
    label = "institutions"

    def ready(self) -> None:
        """The log speaks of what happens here in words."""
        from homeward.foundation.audit.rules import words
        from homeward.foundation.institutions.rules import WORDS

        words.add(WORDS)
