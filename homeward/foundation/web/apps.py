"""The pages as Django sees them: no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Page shapes and components that every room of the house uses."""

    name = "homeward.foundation.web"
    label = "web"

    def ready(self) -> None:
        """Put the foundation's own rooms into the menu and on the work list, before anybody asks for a page."""
        from homeward.foundation.web.rooms import directory, oversight, sharing, staff  # noqa: F401
