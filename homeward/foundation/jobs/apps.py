"""Work in the background, done as the member who asked for it."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs and what the clock does by itself."""

    name = "homeward.foundation.jobs"
    label = "jobs"
