"""The application that ties the rooms together and carries the operator's commands."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

# A case page asks some fifty questions, all pages together a few hundred. With fewer places than questions, each would be
# forgotten just before it is asked again.
REMEMBERED = 400


class ConfigConfig(AppConfig):
    """Settings, addresses, sign-in and the commands that prepare an installation."""

    name = "homeward.config"
    label = "config"

    def ready(self) -> None:
        connection_created.connect(_remember, dispatch_uid="homeward.config.remember")


def _remember(connection: Any, **_signal: Any) -> None:
    """Gives a connection places enough for the questions of all pages."""
    connection.connection.prepared_max = REMEMBERED
