"""The register of people as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Persons, names, households, returns and published figures."""

    name = "homeward.casework.people"
    label = "people"
    verbose_name = _("People")
