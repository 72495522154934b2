"""A whole list is stored at once, and not row by row: people who wait at an airport should not wait for a computer.

The rows travel as one text that the database reads itself. Django would hand over each value by itself, which takes
several times as long as storing them. Who may write what is asked for each row all the same: the policies of the table,
its constraints and its triggers see an ordinary INSERT or UPDATE.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from django.db import connection, models


def insert_many(rows: Iterable[models.Model]) -> None:
    """Stores new rows of one kind, in their order, in one statement. Without any row nothing happens."""
    new = list(rows)
    if not new:
        return
    fields: list[Any] = list(new[0]._meta.concrete_fields)
    names = ", ".join(_quoted(field.column) for field in fields)
    _execute(f"insert into {_table(new)} ({names}) select {names} from {_told(fields)}", new, fields)  # noqa: S608 — names of our own columns
    for row in new:
        row._state.adding, row._state.db = False, connection.alias


def update_many(rows: Sequence[models.Model], *names: str) -> None:
    """Saves some fields of many rows of one kind, known by their `id`, in one statement."""
    if not rows:
        return
    fields: list[Any] = [rows[0]._meta.get_field(name) for name in ("id", *names)]
    changes = ", ".join(f"{_quoted(field.column)} = told.{_quoted(field.column)}" for field in fields[1:])
    _execute(
        f"update {_table(rows)} as kept set {changes} from {_told(fields)} where kept.id = told.id",  # noqa: S608 — as above
        rows,
        fields,
    )


def _execute(statement: str, rows: Sequence[models.Model], fields: Sequence[Any]) -> None:
    # Django's own fields hold what the text can say as it is; ours say themselves how they are stored.
    columns = [
        (
            field.column,
            field.attname,
            None if type(field).__module__.startswith("django.") else field.get_prep_value,
        )
        for field in fields
    ]
    told = [
        {
            column: prepared(getattr(row, name)) if prepared else getattr(row, name)
            for column, name, prepared in columns
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(told, default=_said, ensure_ascii=False)])


def _said(value: Any) -> str:
    """What is no text, number, list or nothing: keys, days, texts to be translated."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _told(fields: Sequence[Any]) -> str:
    types = ", ".join(f"{_quoted(field.column)} {field.db_type(connection)}" for field in fields)
    return f"json_to_recordset(%s::json) as told({types})"


def _table(rows: Sequence[models.Model]) -> str:
    return _quoted(rows[0]._meta.db_table)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
