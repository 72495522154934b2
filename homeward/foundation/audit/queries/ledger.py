"""The log and its seals as the sealer's role reads them: all of it, hashes included, nothing else of the database."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connections

from homeward.foundation.audit.rules import Header, Row

ALIAS = "sealer"
EVENTS = (
    "select id, epoch, xid::text::bigint, at, member_id, institution_id, via, verb, is_read, case_id, category, subject_type, "
    "subject_id, detail::text, salt, leaf from audit.event "
)
SEALS = (
    "select number, epoch_from, xid_from::text::bigint, epoch_to, xid_to::text::bigint, first_id, last_id, events, root, "
    "previous, hash, sealed_at from audit.seal order by number"
)


def take_turns() -> None:
    """Until this transaction ends nobody else seals: a seal and its anchor come into being together."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(77102)")


def moment_there() -> datetime:
    """What time it is in the database."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def headers() -> list[Header]:
    """Every seal in the database, oldest first."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(SEALS)
        return [_header(row) for row in cursor.fetchall()]


def rows_between(begins: tuple[int, int], ends: tuple[int, int] | None) -> Iterator[Row]:
    """The events from one place of the log up to, and without, another (or to its end), in their order."""
    where, params = "(epoch, xid) >= (%s, %s::text::xid8)", [begins[0], str(begins[1])]
    if ends is not None:
        where += " and (epoch, xid) < (%s, %s::text::xid8)"
        params += [ends[0], str(ends[1])]
    yield from _rows(f"where {where} order by epoch, xid, id", params)


def rows_by_id(ids: list[int]) -> Iterator[Row]:
    """These events, wherever in the log they stand."""
    yield from _rows("where id = any(%s) order by id", [ids])


def guards_off() -> list[str]:
    """The triggers that keep the log append-only and are missing or switched off."""
    wanted = {(table, name) for table in ("event", "seal") for name in ("append_only", "no_truncate")}
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "select c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid "
            "where c.relnamespace = 'audit'::regnamespace and t.tgenabled = 'O'"
        )
        return sorted(f"audit.{table}: {name}" for table, name in wanted - set(cursor.fetchall()))


def sealable(begins: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int], bytes]]:
    """From a place on, the (event, place, leaf) of events that can no longer change, in their order."""
    sql = "select id, epoch, xid::text::bigint, leaf from sec.sealable(%s, %s::text::xid8)"
    for event, epoch, xid, leaf in _streamed(sql, [begins[0], str(begins[1])]):
        yield event, (epoch, xid), bytes(leaf)


def horizon() -> tuple[int, int]:
    """The place below which nothing changes any more."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("select epoch, xid::text::bigint from sec.horizon()")
        epoch, xid = cursor.fetchone()
    return epoch, xid


def _rows(rest: str, params: list[Any]) -> Iterator[Row]:
    for id_, epoch, xid, *columns, leaf in _streamed(EVENTS + rest, params):
        yield Row(*[id_, (epoch, xid), *columns, bytes(leaf)])


def _streamed(sql: str, params: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Row after row without holding all of them. Needs the transaction of the caller."""
    connections[ALIAS].ensure_connection()
    with connections[ALIAS].connection.cursor(name=f"log_{uuid4().hex}") as cursor:
        cursor.itersize = 5000
        cursor.execute(sql, params)
        yield from cursor


def _header(row: tuple[Any, ...]) -> Header:
    number, epoch_from, xid_from, epoch_to, xid_to, first, last, events, root, previous, hash_, sealed_at = (
        row
    )
    return Header(
        number=number,
        begins=(epoch_from, xid_from),
        ends=(epoch_to, xid_to),
        first_id=first,
        last_id=last,
        events=events,
        root=bytes(root),
        previous=bytes(previous),
        hash=bytes(hash_),
        sealed_at=sealed_at,
    )
