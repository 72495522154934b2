"""Two records of one person: somebody says so, a second person confirms, and it can be taken back (ADR 0030).

The database asks everything again by itself and moves the rows (sql/twins.sql): what belongs to whom is nothing that a
statement of the application could settle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, connections, transaction

from homeward.casework.people import permissions
from homeward.casework.people.actions.linking import records_of_the_register
from homeward.casework.people.models import Person, PersonTwin
from homeward.casework.people.rules import twins as rules
from homeward.casework.people.rules.linkage import REVIEW_FROM, SAME_FROM, Link, linked
from homeward.casework.people.rules.twins import Source, State, Verdict
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator, action, operation, record, record_operation, recorded
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.clock import now
from homeward.foundation.kernel.errors import Missing, Refusal, RuleBroken
from homeward.foundation.kernel.rows import insert_many

# So many pairs are handed to the database at once.
_AT_ONCE = 5_000


@action
def judge(twin: PersonTwin, *, verdict: str, kept: UUID | None = None, reason: str, by: Member) -> PersonTwin:
    """One member says what they think: two people, which is remembered; or one, which a second person must confirm."""
    require(by, permissions.review_twins, twin)
    rules.check_verdict(verdict, kept, (twin.one_id, twin.other_id), reason)

    _ask("select sec.judge_twin(%s, %s, %s, %s, %s)", by.pk, twin.pk, verdict, kept, reason.strip())

    verb = "twin.proposed" if verdict == Verdict.PROPOSE else "twin.different"
    record(verb, twin, by=by, category=Category.IDENTITY)
    return PersonTwin.objects.get(pk=twin.pk)


@action
def withdraw(twin: PersonTwin, *, by: Member) -> PersonTwin:
    """The proposal falls; the pair waits to be looked at again."""
    require(by, permissions.review_twins, twin)

    _ask("select sec.judge_twin(%s, %s, 'withdraw', null, '')", by.pk, twin.pk)

    record("twin.withdrawn", twin, by=by, category=Category.IDENTITY)
    return PersonTwin.objects.get(pk=twin.pk)


@action
def reopen(twin: PersonTwin, *, reason: str, by: Member) -> PersonTwin:
    """Somebody has found out more about two who were said to be two people: the pair is looked at again."""
    require(by, permissions.review_twins, twin)
    rules.check_verdict(Verdict.DIFFERENT, None, (), reason)

    _ask("select sec.judge_twin(%s, %s, 'reopen', null, %s)", by.pk, twin.pk, reason.strip())

    record("twin.reopened", twin, by=by, category=Category.IDENTITY)
    return PersonTwin.objects.get(pk=twin.pk)


@action
def confirm_merge(twin: PersonTwin, *, by: Member) -> PersonTwin:
    """A second person agrees: everything about the two stands in one record from now on, and can be taken apart again."""
    rules.check_can_confirm(twin.proposed_by_id, by.pk)
    require(by, permissions.confirm_merge, twin)

    _ask("select sec.merge_twin(%s, %s)", by.pk, twin.pk)

    recorded("twin.merged", twin, by=by)
    return PersonTwin.objects.get(pk=twin.pk)


@action
def take_apart(twin: PersonTwin, *, reason: str, by: Member) -> PersonTwin:
    """They were two people after all: each has again what was theirs; what was written since stays with the record it was
    written to."""
    require(by, permissions.take_apart, twin)
    rules.check_verdict(Verdict.DIFFERENT, None, (), reason)

    _ask("select sec.part_twin(%s, %s, %s)", by.pk, twin.pk, reason.strip())

    recorded("twin.parted", twin, by=by)
    return PersonTwin.objects.get(pk=twin.pk)


@action
def tell_apart(person: Person, others: Sequence[Person], *, by: Member) -> None:
    """Whoever registered a person has looked at these others and says that they are somebody else: nobody is asked again."""
    require(by, permissions.register, by.institution)
    insert_many(
        PersonTwin(
            one_id=min(person.pk, other.pk, key=str),
            other_id=max(person.pk, other.pk, key=str),
            state=State.DIFFERENT,
            source=Source.DESK,
            decided_by=by,
            decided_at=now(),
        )
        for other in others
    )
    for other in others:
        record("person.told_apart", other, by=by, category=Category.IDENTITY, other=str(person.pk))


# --- the linkage desk --------------------------------------------------------------------------------------------


@action
def desk_judge(twin: PersonTwin, *, verdict: str, reason: str = "", by: Member) -> None:
    """The desk says that two records are two people, or asks the two institutions to speak to each other."""
    if not by.has("linkage_desk"):
        raise Missing

    _ask("select sec.desk_judge(%s, %s, %s, %s)", by.pk, twin.pk, verdict, reason.strip())

    recorded("twin.different" if verdict == Verdict.DIFFERENT else "twin.contact_asked", twin, by=by)


# --- the clock ---------------------------------------------------------------------------------------------------


@operation
def find_twins(*, by: Operator) -> int:
    """Goes through the whole register and keeps the pairs nobody knew of. Returns how many those are. Nothing is merged.

    What somebody said alone at a desk is asked once more, of somebody else, where nearly everything fits.
    """
    links = linked(records_of_the_register(by_key=True), least=REVIEW_FROM)
    found = 0
    with connections["migrate"].cursor() as cursor:
        for start in range(0, len(links), _AT_ONCE):
            pairs = json.dumps([_pair(link) for link in links[start : start + _AT_ONCE]])
            cursor.execute("select sec.keep_twins(%s::jsonb, %s)", [pairs, SAME_FROM])
            found += cursor.fetchone()[0]
    record_operation("twins.found", "persontwin", by=by, pairs=len(links), new=found)
    return found


def _pair(link: Link) -> dict[str, Any]:
    evidence = [{"what": one.what, "how": one.how, "weight": one.weight} for one in link.evidence]
    return {
        "one": link.one,
        "other": link.other,
        "probability": round(link.probability, 4),
        "evidence": evidence,
    }


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
            return RuleBroken(message, code=code)
    raise error
