"""Small words for the pages about sharing: `{% load sharing %}`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from homeward.foundation.access.rules import Depth
from homeward.foundation.institutions.rules import in_language
from homeward.foundation.web.templatetags.components import day

register = template.Library()

MARKS = {Depth.NONE: "", Depth.EXISTENCE: "·", Depth.SUMMARY: "◐", Depth.FULL: "●"}


@register.simple_tag
def depth_mark(depth: Depth, writes: bool) -> SafeString:
    """How deep one may look, as a sign for the eye and as words for a screen reader."""
    words = str(depth.label) + (_(", and may write") if writes else "")
    sign = MARKS[depth] + ("✎" if writes else "")
    return format_html(
        '<span aria-hidden="true" title="{}">{}</span><span class="govuk-visually-hidden">{}</span>',
        words,
        sign,
        words,
    )


@register.simple_tag
def depth_words(given: tuple[Depth, bool] | None) -> str:
    """How deep one may look and whether one may write, in words; what is not shared at all says so."""
    if given is None:
        return _("Nothing")
    depth, writes = given
    return str(depth.label) + (_(", and may write") if writes else "")


@register.simple_tag
def signed_on(signature: Mapping[str, Any]) -> SafeString:
    """The day of a signature, as the reader writes days."""
    return day(date.fromisoformat(str(signature.get("on", ""))))


@register.simple_tag
def localised(texts: Any) -> str:
    """A text that stands in several languages, in the reader's."""
    return in_language(texts) if isinstance(texts, Mapping) else str(texts or "")


@register.filter
def at(values: Mapping[Any, Any] | list[Any], key: Any) -> Any:
    """What stands under a key, or nothing."""
    return values.get(key) if isinstance(values, Mapping) else None
