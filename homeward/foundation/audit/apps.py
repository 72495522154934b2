"""The log of what was done, by whom, and its seals."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit: every write leaves a trace, every look at a person too."""

    name = "homeward.foundation.audit"
    label = "audit"
