"""The application that ties the rooms together and carries the operator's commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, addresses, sign-in and the commands that prepare an installation."""

    name = "homeward.config"
    label = "config"
