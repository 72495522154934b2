"""The room of the cases."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Cases, their teams, notes, documents and first checks."""

    name = "homeward.casework.cases"
    label = "cases"
    verbose_name = _("Cases")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hang the panels on the case page and the sources on everybody's page of what needs them today."""
        from homeward.casework.cases import views
        from homeward.casework.cases.rules.words import WORDS
        from homeward.foundation.audit.rules import words

        words.add(WORDS)
        views.register()
