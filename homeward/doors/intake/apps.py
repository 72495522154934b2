"""The intake as Django sees it, and what it adds to the menu and to the home page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """Lists from other offices, on their way into the shared record."""

    name = "homeward.doors.intake"
    label = "intake"
    verbose_name = _("Lists")

    def ready(self) -> None:
        """Everything that needs the models waits until they are there; importing the actions declares the work."""
        from homeward.doors.intake import permissions, views
        from homeward.doors.intake.rules.events import WORDS
        from homeward.foundation.audit.rules import words
        from homeward.foundation.web import navigation, worklist

        words.add(WORDS)

        navigation.register(navigation.Item(_("Lists"), "intake:index", permissions.use, order=50))
        worklist.register(
            worklist.Source(
                "intake",
                _("Lists that wait for a decision"),
                views.waiting,
                order=40,
                empty=_("No list waits for a decision."),
            )
        )
