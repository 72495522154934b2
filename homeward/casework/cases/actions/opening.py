"""Opening cases: one at a desk, or a whole list of arrivals at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from homeward.casework.cases import permissions, queries
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.rules.care import State, check_can_open, check_not_in_the_future
from homeward.casework.cases.rules.checks import adult_on
from homeward.casework.people.models import Person
from homeward.foundation.access.actions import Opened, open_own
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record_many
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.errors import RuleBroken
from homeward.foundation.kernel.rows import insert_many


@dataclass(frozen=True)
class NewCase:
    """A case to be opened: whose, as expected or in reception, and since which day (today, if not said)."""

    person: Person
    state: str = State.RECEPTION
    entered_on: date | None = None


@action
def open_many(rows: Iterable[NewCase], *, by: Member) -> list[Case]:
    """Cases for many people at once, led by `by`'s institution under its own mandate; in the order of the rows.

    All of them or none. Raises `RuleBroken` (code `case.exists`) when one of the people has a case already.
    """
    require(by, permissions.open_case, by.institution)
    wanted = list(rows)
    for row in wanted:
        check_can_open(row.state)
        check_not_in_the_future(row.entered_on, today(), "entered_on")
    if len({row.person.pk for row in wanted}) < len(wanted):
        raise _already_open()

    cases = _opened(wanted, by=by)

    record_many("case.opened", cases, by=by, category=Category.CASE)
    return cases


@action
def open_case(
    person: Person, *, state: str = State.RECEPTION, entered_on: date | None = None, by: Member
) -> Case:
    """A case for one person, who is expected or stands at the door."""
    [case] = open_many([NewCase(person, state, entered_on)], by=by)
    return case


def _opened(wanted: Sequence[NewCase], *, by: Member) -> list[Case]:
    try:
        with transaction.atomic():
            return _stored(wanted, by=by)
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise _already_open() from error
        raise


def _stored(wanted: Sequence[NewCase], *, by: Member) -> list[Case]:
    opened_at = now()
    cases = [Case(ref=row.person.ref, person=row.person, opened_at=opened_at) for row in wanted]
    # First the door, so that the people behind it come into sight; then the case that stands behind the door.
    open_own(
        [
            Opened(case.pk, case.ref, case.person_id, opened_at, adult_on(born.latest if born else None))
            for case, born in zip(cases, (row.person.born for row in wanted), strict=True)
        ],
        by=by,
    )
    needed = queries.checks_needed([row.person for row in wanted], to=by)
    standings = []
    for case, row in zip(cases, wanted, strict=True):
        case.checks = needed[case.person_id] if row.state == State.RECEPTION else []
        care = Care(case=case, lead=by.institution, state=row.state)
        care.enter(row.entered_on or today())
        standings.append(care)
    insert_many(cases)
    insert_many(standings)
    return cases


def _already_open() -> RuleBroken:
    return RuleBroken(_("This person has a case already."), field="person", code="case.exists")
