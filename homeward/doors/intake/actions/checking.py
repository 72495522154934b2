"""Reading a list, and comparing its rows with what is known already. Neither changes anything that is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from uuid import UUID

from django.db import transaction

from homeward.casework.people.rules.households import HEADS
from homeward.doors.intake import queries
from homeward.doors.intake.actions.recalling import Recalled, recalled
from homeward.doors.intake.actions.uploading import locked
from homeward.doors.intake.models import IntakeBatch, IntakeRow, fingerprints_of, identity_of
from homeward.doors.intake.queries import Known
from homeward.doors.intake.rules.batch import BATCH, BatchState, Verdict
from homeward.doors.intake.rules.checking import CheckedRow, Checking, Report
from homeward.doors.intake.rules.evidence import (
    SAME_ROW_AGREES,
    SHOWN_GUESSES,
    Evidence,
    certain,
    changes,
    content,
    family_key,
    list_key,
)
from homeward.doors.intake.rules.faults import KEPT_FAULTS, FileRefused
from homeward.doors.intake.rules.gifts import is_version
from homeward.doors.intake.rules.shapes import SUPPORT
from homeward.doors.intake.rules.tables import open_table
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.refs import new_id
from homeward.foundation.kernel.rows import insert_many, update_many

CHUNK = 500


class _Refused(Exception):
    """Nothing of a faulty list is kept but the report."""


@action
def check(batch: IntakeBatch, *, by: Member) -> Report:
    """Every cell of a list is read. One that cannot be taken over refuses the whole list, and nothing is kept of it.

    Of records about people known already only the faulty rows are refused. Returns the report; the list is `checked` or
    `refused` then.
    """
    batch = locked(batch, by=by)
    BATCH.check("check", batch.state)

    report, may_go_on = _read(batch, by=by)
    batch.state = BATCH.target("check", BatchState.CHECKED if may_go_on else BatchState.REFUSED)
    batch.rows, batch.done = report.rows, 0
    batch.refused_cells, batch.warned_cells = report.refused_cells, report.warned_cells
    batch.faults = [fault.as_data() for fault in (*report.refused, *report.warned)[:KEPT_FAULTS]]
    batch.save(update_fields=["state", "rows", "done", "refused_cells", "warned_cells", "faults", "list_key"])

    record(
        "intake.checked",
        batch,
        by=by,
        rows=report.rows,
        refused=report.refused_cells,
        warned=report.warned_cells,
    )
    return report


def _read(batch: IntakeBatch, *, by: Member) -> tuple[Report, bool]:
    """The report, whether the list may go on, and the rows stored when it may."""
    try:
        checking = Checking(
            open_table(queries.file_of(batch, to=by)),
            queries.sender(batch.sender, to=by).mapping,
            queries.surroundings(to=by),
            queries.let_go(batch.sender, to=by),
        )
        with transaction.atomic():
            _store(batch, checking)
            if not checking.may_go_on:
                raise _Refused
    except FileRefused as refused:
        report = Report()
        report.add(refused.fault)
        return report, False
    except _Refused:
        pass
    return checking.report, checking.may_go_on


def _store(batch: IntakeBatch, checking: Checking) -> None:
    scope = checking.layout.titles.get(checking.mapping.scope) if checking.mapping.scope else None
    # Nothing in a list of support or of sessions says which month's it is: each is its own, until it turns out to be one sent
    # again.
    shape = checking.mapping.shape
    own = batch.sha256[:16] if shape is SUPPORT or shape.goes_on else None
    batch.list_key = list_key(batch.sender, scope or own)
    rows = checking.rows()
    while chunk := list(islice(rows, CHUNK)):
        # Once the list is refused the rest is only read for its faults.
        if checking.may_go_on:
            scope = checking.mapping.family_scope
            insert_many(_stored(batch, row, scope, checking.let_go) for row in chunk)


def _stored(batch: IntakeBatch, row: CheckedRow, family_scope: str, let_go: Collection[str]) -> IntakeRow:
    values = {} if row.is_refused else content(row.values, let_go)
    number = row.values.get("number")
    key = new_id()
    return IntakeRow(
        id=key,
        batch_id=batch.pk,
        institution_id=batch.institution_id,
        list_key=batch.list_key,
        sheet=row.sheet[:40],
        line=row.line,
        position=row.position,
        row_key=number if isinstance(number, int) and 0 < number < 2**31 else row.position,
        identity="" if row.is_refused else identity_of(Evidence.of_row(row.values).identity),
        verdict=Verdict.REFUSED if row.is_refused else Verdict.NEW,
        family_key=family_key(family_scope, batch.sender, batch.list_key, row.values.get("family_no"))[:120],
        fingerprints=fingerprints_of(key, values),
        values=values,
        raw={} if row.is_refused else row.raw,
    )


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────


@action
def match(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """Every row is compared with what this sender said before, with people already known, and with the other rows.

    The same row again is known by itself. Everything else that could be somebody known waits for a member.
    """
    batch = locked(batch, by=by)
    BATCH.check("match", batch.state)

    shape = queries.sender(batch.sender, to=by).mapping.shape
    if shape is SUPPORT:
        _match_gifts(batch, by=by)
    else:
        if shape.goes_on:
            _find_version(batch, by=by)
        _match_rows(batch, registers=shape.registers, by=by)
    batch.state = BATCH.target("match")
    batch.waiting_rows = IntakeRow.objects.filter(batch=batch).waiting().count()
    batch.save(update_fields=["state", "waiting_rows", "list_key"])

    record("intake.matched", batch, by=by, waiting=batch.waiting_rows)
    return batch


def _find_version(batch: IntakeBatch, *, by: Member) -> None:
    """A list of what goes on, such as sessions, is an earlier one sent again when the same rows stand in it: the same of the
    same person. The name of the file says nothing, an office calls each month's the same."""
    rows = list(IntakeRow.objects.filter(batch=batch).exclude(verdict=Verdict.REFUSED))
    told: dict[str, list[queries.Told]] = {}
    earlier: Counter[UUID] = Counter()
    for one in queries.told_elsewhere(batch, to=by):
        told.setdefault(one.identity, []).append(one)
        earlier[one.batch_id] += 1
    again: Counter[UUID] = Counter()
    for row in rows:
        again.update({one.batch_id for one in told.get(row.identity, ()) if not one.changed_by(row.values)})
    for version, shared in again.most_common():
        if is_version(shared, earlier[version], len(rows)):
            batch.list_key = queries.batch(version, to=by).list_key
            return


def _match_gifts(batch: IntakeBatch, *, by: Member) -> None:
    """Support is known again gift by gift: next month's list says something new about the same people."""
    before, version = recalled(batch, by=by)
    if version is not None:
        batch.list_key = queries.batch(version, to=by).list_key
    for rows in _chunks(batch):
        again = {row.position: before[row.position] for row in rows if row.position in before}
        _recognise([row for row in rows if not _is_told_again(row, again.get(row.position))], by=by)
        for row in rows:
            known = again.get(row.position)
            row.previous_id = known.gift.pk if known else None
            row.changed_fields = list(known.changed) if known else []
        update_many(rows, "verdict", "previous_id", "changed_fields", "candidates", "person_id")


def _is_told_again(row: IntakeRow, known: Recalled | None) -> bool:
    """Does it tell of an earlier gift to the same person? Whose it is by now, if not theirs, is looked for anew."""
    if known is None or not known.is_same_person:
        return False
    row.person_id, row.candidates = known.gift.person_id, []
    row.verdict = Verdict.CHANGED if known.changed else Verdict.UNCHANGED
    return True


def _match_rows(batch: IntakeBatch, *, registers: bool, by: Member) -> None:
    again = _Again(batch, by)
    twice = queries.RowsSoFar()
    for rows in _chunks(batch):
        strangers = [row for row in rows if not again.knows(row, twice)]
        if not registers:
            _recognise(strangers, by=by)
            update_many(rows, "verdict", "previous_id", "changed_fields", "candidates", "person_id")
            continue
        people = queries.possible_people(
            [(row.position, Evidence.of_row(row.values)) for row in strangers], to=by
        )
        heads = queries.heads_of((row.family_key for row in strangers), to=by)
        for row in strangers:
            _judge(row, again, people.get(row.position, []), twice)
            _expect_one_head(row, heads)
        update_many(rows, "verdict", "previous_id", "changed_fields", "candidates", "person_id")


def _chunks(batch: IntakeBatch) -> Iterator[list[IntakeRow]]:
    """The rows not decided by a member yet, in their order, some hundred at a time."""
    last = 0
    while rows := list(
        IntakeRow.objects.filter(batch=batch, position__gt=last, imported_at=None)
        .exclude(verdict=Verdict.REFUSED)
        .order_by("position")[:CHUNK]
    ):
        last = rows[-1].position
        yield rows


class _Again:
    """Knows the rows of an earlier upload of the same list again."""

    def __init__(self, batch: IntakeBatch, by: Member) -> None:
        self._by_identity: dict[str, Known | None] = {}
        self._by_number: dict[int, Known] = {}
        self._by = by
        self._forgotten: set[UUID] = set()
        for earlier in queries.latest_known(batch.list_key, to=by):
            there = self._by_identity.setdefault(earlier.identity, earlier)
            if there is not None and there.person_id != earlier.person_id:
                # Two people of whom the list says the same: neither is known by that alone.
                self._by_identity[earlier.identity] = None
            self._by_number[earlier.row_key] = earlier
            if earlier.evidence is None:
                self._forgotten.add(earlier.person_id)
        in_file = Counter(
            IntakeRow.objects.filter(batch=batch).values_list("identity", flat=True)
            if self._by_number
            else ()
        )
        self._once = {identity for identity, times in in_file.items() if times == 1}
        # Whoever is found by what the row says is not free to be found by a number that has moved.
        self._claimed = {
            known.pk for identity in self._once if (known := self._by_identity.get(identity)) is not None
        }

    def knows(self, row: IntakeRow, twice: queries.RowsSoFar) -> bool:
        """Is this an earlier row again, or a correction of one? Then it is judged."""
        known = self._find(row)
        if known is None:
            return False
        row.previous_id, row.person_id, row.candidates = known.pk, known.person_id, []
        row.changed_fields = changes(known.fingerprints, fingerprints_of(known.pk, row.values))
        row.verdict = Verdict.CHANGED if row.changed_fields else Verdict.UNCHANGED
        twice.find_and_add(row.position, Evidence.of_row(row.values))
        twice.is_about(row.position, known.person_id)
        return True

    def _find(self, row: IntakeRow) -> Known | None:
        numbered = self._by_number.get(row.row_key)
        if numbered is not None and numbered.identity == row.identity:
            return numbered
        known = self._by_identity.get(row.identity)
        if known is not None and row.identity in self._once:
            return known
        if numbered is None or numbered.pk in self._claimed:
            return None
        said = Evidence.of_row(row.values)
        if max((one.agreeing(said) for one in self._evidence(numbered)), default=0) < SAME_ROW_AGREES:
            return None
        self._claimed.add(numbered.pk)
        return numbered

    def _evidence(self, known: Known) -> Sequence[Evidence]:
        """Whom an earlier row spoke of: by its own words or, when those are destroyed, by what is on record of the person."""
        if known.evidence is not None:
            return [known.evidence]
        return self._on_record.get(known.person_id, ())

    @cached_property
    def _on_record(self) -> Mapping[UUID, Sequence[Evidence]]:
        """Asked once for the whole list, and only if there is somebody to ask about."""
        return queries.on_record(self._forgotten, to=self._by)

    def replaced_by(self, row: IntakeRow) -> Known | None:
        """The earlier row of the same number, when this one says somebody else and it stands nowhere else now."""
        numbered = self._by_number.get(row.row_key)
        return None if numbered is None or numbered.pk in self._claimed else numbered


def _recognise(rows: Sequence[IntakeRow], *, by: Member) -> None:
    """Records about people known already: who is certainly meant is taken, everybody else waits for a member."""
    found = queries.recognised(
        [(row.position, Evidence.of_row(row.values), row.values) for row in rows], to=by
    )
    for row in rows:
        guesses = found.get(row.position, [])
        sure = certain(guesses)
        row.previous_id, row.changed_fields = None, []
        row.candidates = [
            {"person": str(one.person), "why": "sure" if one is sure else "maybe"}
            for one in [guess for guess in guesses if guess.is_worth_a_look or guess is sure][:SHOWN_GUESSES]
        ]
        row.person_id = sure.person if sure else None
        row.verdict = Verdict.SAME if sure else Verdict.REVIEW


def _expect_one_head(row: IntakeRow, heads: Mapping[str, UUID]) -> None:
    """A family that has a head already does not get a second one without anybody looking."""
    if row.verdict == Verdict.NEW and row.values.get("relation") in HEADS and row.family_key in heads:
        row.candidates = [{"person": str(heads[row.family_key]), "why": "head"}]
        row.verdict = Verdict.REVIEW


def _judge(row: IntakeRow, again: _Again, people: Sequence[UUID], twice: queries.RowsSoFar) -> None:
    """A row nobody sent before: a new person, unless somebody known or somebody in this list is like that."""
    before = twice.find_and_add(row.position, Evidence.of_row(row.values))
    # Who stands in an earlier row of this list is asked about once, as that row.
    asked_already = twice.people_in(before)
    row.previous_id, row.person_id, row.changed_fields = None, None, []
    row.candidates = [
        *({"row": position, "why": "twice"} for position in before),
        *({"person": str(person), "why": "alike"} for person in people if person not in asked_already),
    ]
    replaced = again.replaced_by(row)
    if replaced is not None and str(replaced.person_id) not in {one.get("person") for one in row.candidates}:
        row.candidates.append({"person": str(replaced.person_id), "why": "number"})
    row.verdict = Verdict.REVIEW if row.candidates else Verdict.NEW
