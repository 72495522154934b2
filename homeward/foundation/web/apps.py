"""The pages as Django sees them: no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Page shapes and components that every room of the house uses."""

    name = "homeward.foundation.web"
    label = "web"
