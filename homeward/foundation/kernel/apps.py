"""The kernel as Django sees it: no tables, one command."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The closed list of things every other part of the house stands on."""

    name = "homeward.foundation.kernel"
    label = "kernel"
