"""The ledger of help in money and in kind as Django sees it, and what it adds to the menu, the case page and the home page."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class AssistanceConfig(AppConfig):
    """Who gave what to whom and for which days, and where two payers give the same."""

    name = "homeward.casework.assistance"
    label = "assistance"
    verbose_name = pgettext_lazy("support", "Support")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Everything that needs the models waits until they are there."""
        from homeward.casework.assistance import views
        from homeward.casework.assistance.rules.words import ERASED, WORDS
        from homeward.casework.cases.rules import retention
        from homeward.foundation.audit.rules import words

        words.add(WORDS)
        retention.add_kinds(ERASED)
        views.register()
