"""The end of retention: a case is kept longer, or two people agree and it is erased.

The database asks everything again by itself and writes the log itself (sql/retention.sql, sql/erasure.sql): what is
erased does not come back, so nobody can leave a question out, not even this file.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import DatabaseError, connection, connections, transaction

from homeward.casework.cases import permissions, queries
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.models.retention import retention, retention_in
from homeward.casework.cases.rules import closing_blockers
from homeward.casework.cases.rules import retention as rules
from homeward.casework.cases.rules.care import State, check_reason
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import Operator, action, operation, record_operation, recorded
from homeward.foundation.institutions.models import Member
from homeward.foundation.jobs.actions import clockwork
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Refusal, RuleBroken
from homeward.foundation.kernel.packs import Pack


@action
def keep_longer(case: Case, *, until: date, reason: str, by: Member, version: int | None = None) -> Care:
    """An archived case is still needed, such as by a court or by the person: it is kept some years more.

    A proposal to erase it falls with that.
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.end_retention, case)
    rules.check_can_keep_longer(care.state, care.keep_until, until, today(), retention())
    check_reason(reason)

    care.remember("keep_longer", State.ARCHIVED, by=by, reason=reason)
    _ask("select sec.keep_longer(%s, %s, %s)", by.pk, care.case_id, until)

    recorded("case.kept_longer", care.case, by=by)
    return _as_it_stands(care)


@action
def propose_erasure(case: Case, *, remark: str = "", by: Member, version: int | None = None) -> Care:
    """The retention has ended and nothing speaks against it: somebody asks a second person to look."""
    care = Care.objects.locked(case, version)
    require(by, permissions.work, case)
    rules.check_can_propose_erasure(
        care.state,
        care.keep_until,
        today(),
        proposed_by=care.erasure_proposed_by_id,
        by=by.pk,
        kept=_kept(care.case, by=by),
    )

    care.remember("propose_erasure", State.ARCHIVED, by=by, reason=remark)
    _ask("select sec.propose_erasure(%s, %s)", by.pk, care.case_id)

    recorded("case.erasure_proposed", care.case, by=by)
    return _as_it_stands(care)


@action
def erase(case: Case, *, by: Member, version: int | None = None) -> None:
    """A second person agrees: everything about the case and the person is destroyed, in every institution, for good.

    What remains is the log, which has keys and codes and no name.
    """
    care = Care.objects.locked(case, version)
    require(by, permissions.end_retention, case)
    rules.check_can_erase(
        care.state,
        care.keep_until,
        today(),
        proposed_by=care.erasure_proposed_by_id,
        by=by.pk,
        kept=_kept(care.case, by=by),
    )

    _ask("select sec.erase_case(%s, %s)", by.pk, care.case_id)

    recorded("case.erased", care.case, by=by)


@operation
def load_retention(pack: Pack, *, by: Operator) -> None:
    """The periods of a country pack hold from now on, for what is archived or uploaded from now on."""
    periods = retention_in(pack)
    with connections["migrate"].cursor() as cursor:
        cursor.execute(
            "select sec.set_retention(%s, %s, %s, %s, %s)",
            [
                periods.never_arrived_years,
                periods.closed_years,
                periods.child_until_age,
                periods.longer_years,
                periods.list_days,
            ],
        )
    record_operation("retention.loaded", "retention", by=by, pack=pack.name, **vars(periods))


@clockwork
def count_waiting(cursor: Any, *, by: Operator) -> int:
    """How many archived cases wait, their last day passed, for somebody to decide. A number, and nobody's."""
    cursor.execute("select sec.retention_waiting()")
    waiting: int = cursor.fetchone()[0]
    return waiting


def _kept(case: Case, *, by: Member) -> list[Any]:
    """What keeps a case from being erased: what would keep it from closing, and what the database knows besides."""
    return [*closing_blockers.of(case, by=by), *queries.kept_by(case, to=by)]


def _as_it_stands(care: Care) -> Care:
    """Where the case stands, after the database itself has written it."""
    fresh = Care.objects.get(pk=care.pk)
    fresh.case = care.case
    return fresh


def _ask(statement: str, *given: Any) -> None:
    """Have a function of the database do it. Raises RuleBroken with its reason, in the member's words."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, given)
    except DatabaseError as error:
        raise _refused(error) from error


def _refused(error: DatabaseError) -> Refusal:
    words = str(error).splitlines()[0]
    for code, message in rules.REFUSED.items():
        if code in words:
            return RuleBroken(message, field="until" if code.startswith("retention.") else None, code=code)
    raise error
