"""Lists from other offices, on their way into the shared record."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The intake."""

    name = "homeward.doors.intake"
    label = "intake"

    def ready(self) -> None:
        """Declare the background work of this door to whoever carries it out."""
        from homeward.doors.intake import actions  # noqa: F401 — importing declares
