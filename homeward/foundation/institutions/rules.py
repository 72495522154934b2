"""What roles there are, and what a name in several languages is. Pure: no database."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("sq", "sr", "sr-latn", "en")


class Role(TextChoices):
    """What a member may be asked to do in an institution. A member may hold several."""

    COORDINATOR = "coordinator", _("Coordinator")
    CASEWORKER = "caseworker", _("Caseworker")
    SUPERVISOR = "supervisor", _("Supervisor")
    SECURITY_OFFICER = "security_officer", _("Security officer")
    FOCAL_POINT = "focal_point", _("Focal point")
    DATA_PROTECTION = "data_protection", _("Data protection officer")
    AUDITOR = "auditor", _("Auditor")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")
    BREAK_GLASS = "break_glass", _("May look in an emergency")


def in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in the reader's language, else in the nearest one there is: never empty if any text stands there."""
    wanted = (language or get_language() or "en").lower()
    for code in (wanted, wanted.split("-")[0], "en", *texts):
        if texts.get(code):
            return texts[code]
    return ""
