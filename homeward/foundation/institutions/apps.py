"""Institutions, their units and members, municipalities, and sign-in."""

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """Who works here, for whom, and since when."""

    name = "homeward.foundation.institutions"
    label = "institutions"
