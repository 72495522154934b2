"""Turning the pages of a long list: each page starts after the last row of the one before.

Counting rows to skip would make the hundredth page slow and repeat rows while others work; a place in the list
does neither. The place travels in the address, encrypted: it holds values of a row, and addresses are written
down in logs and browsers.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"


@dataclass(frozen=True)
class Key:
    """One field of the order of a list: its path, its direction, and whether rows may lack it.

    Rows without a value come last when ascending and first when descending, as PostgreSQL keeps its indexes.
    """

    path: str
    descending: bool
    nullable: bool

    def reversed(self) -> Key:
        """The same field, read from the other end of the list."""
        return Key(self.path, not self.descending, self.nullable)

    def ordering(self) -> OrderBy:
        """The key as a database orders by it."""
        field = F(self.path)
        return field.desc(nulls_first=True) if self.descending else field.asc(nulls_last=True)

    def same(self, value: Any) -> Q:
        """Rows that stand at this value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any) -> Q | None:
        """Rows that come after this value; None when none can."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.descending else None
        if self.descending:
            return Q(**{f"{self.path}__lt": value})
        later = Q(**{f"{self.path}__gt": value})
        return later | Q(**{f"{self.path}__isnull": True}) if self.nullable else later

    def bound(self, value: Any) -> Q | None:
        """A plain range around everything from this value on, with which an index finds the place at once."""
        if value is None or (self.nullable and not self.descending):
            return None
        return Q(**{f"{self.path}__{'lte' if self.descending else 'gte'}": value})

    def value(self, row: Any) -> Any:
        """What stands in a row, followed through related rows."""
        if isinstance(row, Mapping):
            return row[self.path]
        for step in self.path.split("__"):
            row = getattr(row, step, None)
            if row is None:
                return None
        return row


def keys(rows: QuerySet[Any], order: Sequence[str]) -> list[Key]:
    """The order of a list as keys. The last field must be unique, or rows of equal keys could be skipped."""
    return [
        Key(path := field.removeprefix("-"), field.startswith("-"), _nullable(rows, path)) for field in order
    ]


def beyond(order: Sequence[Key], values: Sequence[Any]) -> Q:
    """Everything that comes after the row with these values."""
    found = Q(pk__in=[])
    standing = Q()
    for key, value in zip(order, values, strict=True):
        later = key.beyond(value)
        if later is not None:
            found |= standing & later
        standing &= key.same(value)
    bound = order[0].bound(values[0])
    return found if bound is None else bound & found


@dataclass(frozen=True)
class Page:
    """The rows that are shown, and the addresses of the pages around them (empty at either end)."""

    rows: list[Any]
    next_url: str = ""
    previous_url: str = ""
    is_filtered: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows)


def turn(
    rows: QuerySet[Any], order: Sequence[str], request: HttpRequest, size: int, *, is_filtered: bool
) -> Page:
    """The page of a list that the request asks for; one query, whatever the length of the list."""
    ordering = keys(rows, order)
    place = opened(request.GET.get(AFTER) or request.GET.get(BEFORE) or "", order)
    backwards = place is not None and AFTER not in request.GET
    walked = [key.reversed() for key in ordering] if backwards else ordering
    if place is not None:
        rows = rows.filter(beyond(walked, place))
    # One row more than fits says whether there is a further page, without counting.
    found = list(rows.order_by(*(key.ordering() for key in walked))[: size + 1])
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    before, after = (more, True) if backwards else (place is not None, more)

    def address(way: str, row: Any) -> str:
        query = request.GET.copy()
        for name in (AFTER, BEFORE):
            query.pop(name, None)
        query[way] = sealed([key.value(row) for key in ordering], order)
        return f"?{query.urlencode()}"

    return Page(
        rows=shown,
        next_url=address(AFTER, shown[-1]) if after and shown else "",
        previous_url=address(BEFORE, shown[0]) if before and shown else "",
        is_filtered=is_filtered,
    )


class Exactly(DjangoJSONEncoder):
    """Values as they stand. Django's own writing drops the microseconds, and then every further row of that instant (a
    list that was taken in opens all its cases at one) would seem to lie before the place, and be skipped."""

    def default(self, value: Any) -> Any:
        """An instant or a time of day to its last digit; everything else as Django writes it."""
        return value.isoformat() if isinstance(value, (datetime, time)) else super().default(value)


def sealed(values: Sequence[Any], order: Sequence[str]) -> str:
    """A place in a list as text that nobody else can read or make."""
    written = json.dumps([list(order), list(values)], cls=Exactly, separators=(",", ":"))
    return _cipher().encrypt(written.encode()).decode().rstrip("=")


def opened(text: str, order: Sequence[str]) -> list[Any] | None:
    """The place behind such a text; None for one of another list, another installation or nobody's."""
    if not text:
        return None
    try:
        written = _cipher().decrypt(text + "=" * (-len(text) % 4))
    except (InvalidToken, ValueError):
        return None
    made_for, values = json.loads(written)
    return values if made_for == list(order) else None


def _cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"a place in a list:" + str(secret).encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def _nullable(rows: QuerySet[Any], path: str) -> bool:
    """Whether a row can lack this value; what is computed by the query always may."""
    if path in rows.query.annotations:
        return True
    model: type[Model] = rows.model
    for step in path.split("__"):
        if step == "pk":
            return False
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:
            if step.endswith("_id"):
                return _nullable(model._default_manager.none(), step.removesuffix("_id"))
            return True
        if getattr(field, "null", True):
            return True
        if isinstance(field.related_model, type):
            model = field.related_model
    return False
