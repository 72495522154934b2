"""Which language a page speaks: the one chosen last, else the one the browser asks for.

Serbian is written in two scripts, and many browsers in the region ask for Bosnian, Croatian or Montenegrin:
for their owners Serbian in Latin letters is the page they can read. Nobody is asked what they are.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header

ALBANIAN, SERBIAN, SERBIAN_LATIN, ENGLISH = "sq", "sr", "sr-latn", "en"

# How each language calls itself, and the mark that fonts and screen readers understand.
LANGUAGES = [
    (ALBANIAN, "Shqip"),
    (SERBIAN_LATIN, "Srpski"),
    (SERBIAN, "Српски"),
    (ENGLISH, "English"),
]
MARKS = {ALBANIAN: "sq", SERBIAN_LATIN: "sr-Latn", SERBIAN: "sr-Cyrl", ENGLISH: "en"}

_READ_IN_LATIN = {"bs", "hr", "sh", "cnr"}


def best_language(request: HttpRequest) -> str:
    """The language code for this request; the language of the settings when nothing fits."""
    offered = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").lower()
    if chosen in offered:
        return chosen
    for asked, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if (found := spoken(asked)) in offered:
            return found
    return settings.LANGUAGE_CODE


def spoken(tag: str) -> str:
    """Our code for a language tag of a browser: `sr-Latn-RS` and `hr` are `sr-latn`, `sq-XK` is `sq`."""
    language, *rest = tag.lower().split("-")
    if language in _READ_IN_LATIN or (language == SERBIAN and "latn" in rest):
        return SERBIAN_LATIN
    return language


class LanguageMiddleware(LocaleMiddleware):
    """Speaks the reader's language for the length of one request."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose, and remember the choice on the request."""
        translation.activate(best_language(request))
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


TOO_SHORT = ngettext_lazy(  # said by Django, whose Albanian does not have it yet
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
    12,
)
# What the sign-in library says of itself. It knows no Albanian, so its sentences are translated with ours.
SAID_BY_THE_SIGN_IN_LIBRARY = (
    _("Be patient, you are sending too many requests."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("New Password"),
    _("New Password (again)"),
    _("Invalid or expired key."),
    _("Please type your current password."),
    _("The email address is not assigned to any user account."),
    _("The new value must be different from the current one."),
    _("The password reset token was invalid."),
    _("The username and/or password you specified are not correct."),
    _("This account is currently inactive."),
    _("Too many failed login attempts. Try again later."),
    _("Use a security key"),
    _("Use authenticator app or code"),
    _("Use your password"),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You must type the same password each time."),
)
