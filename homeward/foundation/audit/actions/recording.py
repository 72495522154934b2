"""Writing into the log: `@action` around every write, `record` inside it.

An action without a record is a bug that shows at once: it raises `Unaudited` and is rolled back.
"""

import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from inspect import Parameter, signature
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, connections, models, transaction

from homeward.foundation.audit.models import Event
from homeward.foundation.audit.rules import Actor, Operator
from homeward.foundation.kernel.errors import Unaudited

P = ParamSpec("P")
R = TypeVar("R")
_recorded: ContextVar[int] = ContextVar("recorded", default=0)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Something a member does: all of it or nothing, and never without a trace.

    The function takes a keyword-only `by`; it runs in a transaction; it must call `record` or `record_many`.
    Raises `Unaudited` (and undoes everything) if it did not.
    """
    by = signature(function).parameters.get("by")
    if by is None or by.kind is not Parameter.KEYWORD_ONLY:
        raise TypeError(f"{function.__qualname__} is an action and needs a keyword-only 'by'")

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        before = _recorded.get()
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                if _recorded.get() == before:
                    raise Unaudited(function.__qualname__)
        except BaseException:
            _recorded.set(before)  # what was undone is no trace: an action around this one needs its own
            raise
        return result

    wrapper.is_action = True  # type: ignore[attr-defined]
    return wrapper


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Something the operator does to an installation (loading a pack): in one transaction, recorded as the operator's.

    Runs as the deploying role, which passes row-level security by attribute and reaches only tables it was granted.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        before = _recorded.get()
        with transaction.atomic(using="migrate"):
            with connections["migrate"].cursor() as cursor:
                cursor.execute("set local role none")
            result = function(*args, **kwargs)
            if _recorded.get() == before:
                raise Unaudited(function.__qualname__)
        return result

    wrapper.is_action = True  # type: ignore[attr-defined]
    return wrapper


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Actor,
    case: UUID | models.Model | None = None,
    category: int | None = None,
    **detail: object,
) -> None:
    """Writes into the log that `by` did `verb` to `subject`.

    `case` defaults to `subject.case_id`; `category` to the subject's own, and decides which readers of the case see
    the event. `detail` holds keys, codes, dates and numbers only. The database takes the actor from the signed
    context and refuses if it is not `by`.
    """
    _write(verb, subject, by=by, case=case, category=category, is_read=False, detail=detail)


def record_view(
    verb: str,
    subject: models.Model,
    *,
    to: Actor,
    case: UUID | models.Model | None = None,
    category: int | None = None,
    **detail: object,
) -> None:
    """Writes into the log that `to` looked at `subject`. Shown to oversight and to the person, not to colleagues."""
    _write(verb, subject, by=to, case=case, category=category, is_read=True, detail=detail)


def recorded(verb: str, subject: models.Model, *, by: Actor) -> None:
    """Confirms that a database function just called has itself written that `by` did `verb` to `subject`.

    Emergencies and the passing of a lead are recorded by the function that does them, so that no caller can leave it
    out. Raises `Unaudited` if the event is not there.
    """
    if not Event.objects.filter(subject_id=subject.pk, verb=verb, member_id=by.pk).exists():
        raise Unaudited(verb)
    _recorded.set(_recorded.get() + 1)


def record_many(
    verb: str, subjects: Iterable[models.Model], *, by: Actor, category: int | None = None, **detail: object
) -> int:
    """The same as `record` for many subjects of one kind, in one statement. Returns how many events were written."""
    rows = list(subjects)
    if not rows:
        _recorded.set(_recorded.get() + 1)  # nothing to do was done: that is no missing trace
        return 0
    cases = [_case_of(row) for row in rows]
    if category is None:
        category = getattr(rows[0], "category", None)
    with connection.cursor() as cursor:
        cursor.execute(
            "select sec.audit_many(%s, %s, %s, %s, %s::uuid[], %s::uuid[], %s::jsonb)",
            [by.pk, verb, rows[0]._meta.model_name, category, cases, [row.pk for row in rows], _json(detail)],
        )
        written: int = cursor.fetchone()[0]
    _recorded.set(_recorded.get() + 1)
    return written


def record_operation(verb: str, subject_type: str, *, by: Operator, **detail: object) -> None:
    """Writes into the log what the operator did; inside `@operation`."""
    with connections["migrate"].cursor() as cursor:
        cursor.execute(
            "select sec.audit_operator(%s, %s, null, %s::jsonb)",
            [verb, subject_type, _json({"operator": by.name} | detail)],
        )
    _recorded.set(_recorded.get() + 1)


def _write(
    verb: str,
    subject: models.Model,
    *,
    by: Actor,
    case: UUID | models.Model | None,
    category: int | None,
    is_read: bool,
    detail: dict[str, object],
) -> None:
    case_id = case.pk if isinstance(case, models.Model) else case or _case_of(subject)
    if category is None:
        category = getattr(subject, "category", None)
    with connection.cursor() as cursor:
        cursor.execute(
            "select sec.audit(%s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
            [by.pk, verb, is_read, case_id, category, subject._meta.model_name, subject.pk, _json(detail)],
        )
    _recorded.set(_recorded.get() + 1)


def _case_of(subject: models.Model) -> UUID | None:
    return getattr(subject, "case_id", None)


def _json(detail: dict[str, object]) -> str:
    return json.dumps(detail, default=str, sort_keys=True)
