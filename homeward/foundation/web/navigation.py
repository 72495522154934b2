"""The main menu: every room adds its entry, and a member sees those they can use.

The same permission that guards a page decides about its entry, so nobody is shown a door that stays shut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from homeward.foundation.access.permissions import NOBODY, Permission
from homeward.foundation.kernel.errors import Missing, Text
from homeward.foundation.kernel.refs import check_ref, normalise_ref
from homeward.foundation.web.languages import LANGUAGES, MARKS


@dataclass(frozen=True)
class Item:
    """One entry of the menu; without a permission every member sees it."""

    title: Text
    url_name: str
    permission: Permission | None = None
    order: int = 100


@dataclass(frozen=True)
class Entry:
    """An entry as it is drawn for one member on one page."""

    title: Text
    url: str
    is_current: bool


@dataclass(frozen=True)
class Search:
    """The box at the top of every page. What is typed there is posted: addresses end up in logs."""

    url_name: str
    field: str
    label: Text
    permission: Permission | None = None


_items: dict[str, Item] = {}
_searches: list[Search] = []
_places: dict[str, Callable[..., str]] = {}


def register(item: Item) -> None:
    """Add an entry to the menu."""
    if item.url_name in _items and _items[item.url_name] != item:
        raise ValueError(f"There is already an entry for {item.url_name!r}.")
    _items[item.url_name] = item


def register_search(search: Search) -> None:
    """Say where the box at the top leads. There is one box, so there is one answer."""
    if _searches and _searches != [search]:
        raise ValueError(f"The search already leads to {_searches[0].url_name!r}.")
    _searches[:] = [search]


def registered() -> list[Item]:
    """All entries in the order in which they stand."""
    return sorted(_items.values(), key=lambda item: (item.order, item.url_name))


def may(member: Any, permission: Permission | None) -> bool:
    """Whether this permission can be true of anything at all for this member."""
    return member is not None and (permission is None or not is_nobody(permission(member)))


def is_nobody(rule: Q) -> bool:
    """Whether a rule is certainly false, whatever row it is asked about."""
    if rule.negated:
        return False
    if rule == NOBODY:
        return True
    parts = [is_nobody(part) if isinstance(part, Q) else part == ("pk__in", []) for part in rule.children]
    if not parts:
        return False
    return all(parts) if rule.connector == Q.OR else any(parts)


def menu(request: HttpRequest) -> list[Entry]:
    """What stands in the menu of the member who asks; the longest address that fits is the current one."""
    member = getattr(request, "member", None)
    found = [(item.title, _address(item.url_name)) for item in registered() if may(member, item.permission)]
    fitting = [url for _title, url in found if url and _inside(request.path, url)]
    current = max(fitting, key=len, default=None)
    return [Entry(title, url, url == current) for title, url in found if url]


def register_place(prefix: str, place: Callable[..., str]) -> None:
    """References with this prefix are found by the search: `place(reference, to=member)` gives the address, or raises Missing."""
    _places[prefix] = place


def place_of(text: str, *, to: Any) -> str:
    """Where the thing with this reference stands; nothing for what nobody gave out, or what the member may not know of."""
    reference = normalise_ref(text)
    place = _places.get(reference.partition("-")[0]) if check_ref(reference) else None
    if place is None:
        return ""
    try:
        return place(reference, to=to)
    except Missing:
        return ""


def search_box(request: HttpRequest) -> dict[str, Any] | None:
    """Where the search of this member leads and what it asks; None for whom it is not."""
    member = getattr(request, "member", None)
    for search in _searches:
        if may(member, search.permission) and (url := _address(search.url_name)):
            return {"url": url, "field": search.field, "label": search.label}
    return None


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the header and the footer of every page need. Asks the database nothing."""
    return {
        "member": getattr(request, "member", None),
        "memberships": getattr(request, "memberships", ()),
        "menu": menu(request),
        "search_box": search_box(request),
        "languages": [(code, name, MARKS[code]) for code, name in LANGUAGES],
        "is_demonstration": getattr(settings, "DEMONSTRATION", False),
    }


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _inside(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
