"""From rows to people with cases: some hundred at a time, by the member who asked, through the actions of those rooms.

A stopped import goes on from where it was, because every row knows whether it was imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Case as Either
from django.db.models import IntegerField, Value, When
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from homeward.casework.assistance.actions import NO_CASE, HistoryRow, record_history
from homeward.casework.cases import actions as cases
from homeward.casework.cases.actions import NewCase
from homeward.casework.cases.models import Case
from homeward.casework.cases.rules.care import State as Care
from homeward.casework.people import actions as people
from homeward.casework.people.actions import NewName, NewPerson, NewReturn
from homeward.casework.people.models import Household, Person, Return, ReturnWave
from homeward.casework.people.queries import visible
from homeward.casework.people.rules.households import HEADS, Relation
from homeward.casework.people.rules.likeness import likeness
from homeward.casework.people.rules.persons import DocumentsStatus, NameKind, Sex
from homeward.casework.people.rules.returns import ReturnState
from homeward.doors.intake import queries
from homeward.doors.intake.actions.recalling import told_by
from homeward.doors.intake.actions.uploading import in_turn, locked
from homeward.doors.intake.models import IntakeBatch, IntakeRow, RowQuerySet
from homeward.doors.intake.queries import Given, Origin
from homeward.doors.intake.rules.batch import (
    BATCH,
    Verdict,
    check_can_import,
    check_is_latest,
    check_not_destroyed,
)
from homeward.doors.intake.rules.evidence import SOMEBODY_ELSE
from homeward.doors.intake.rules.faults import KEPT_FAULTS, Fault
from homeward.doors.intake.rules.gifts import is_same_gift
from homeward.doors.intake.rules.shapes import ARRIVED, ORGANISED, SUPPORT
from homeward.foundation.access import queries as access
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import action, record
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Institution, Member, Municipality
from homeward.foundation.kernel.clock import now, today
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken, Text
from homeward.foundation.kernel.rows import update_many

CHUNK = 1000
# Deadlines of reception count from the arrival, but nobody is late with somebody who came years before the list.
RECENT = timedelta(days=30)


@action
def begin_import(batch: IntakeBatch, *, by: Member) -> IntakeBatch:
    """From now on the rows that are decided become people and cases. What waits for a decision stays waiting."""
    batch = locked(batch, by=by)
    in_turn(batch)
    BATCH.check("begin_import", batch.state)
    if queries.sender(batch.sender, to=by).mapping.shape.registers:
        check_is_latest(
            is_overtaken=queries.sent_after(batch, to=by) is not None,
            is_behind=queries.is_behind(batch, to=by),
        )
    check_not_destroyed(destroyed=batch.destroyed_at is not None)
    rows = IntakeRow.objects.filter(batch=batch)
    check_can_import(rows.waiting().count(), rows.ready().count(), _without_their_row(rows))

    batch.state = BATCH.target("begin_import")
    batch.failure = ""
    batch.done = rows.imported().count()
    batch.save(update_fields=["state", "failure", "done"])

    record("intake.import_begun", batch, by=by)
    return batch


@action
def import_next(batch: IntakeBatch, *, by: Member, at_once: int = CHUNK) -> bool:
    """The next rows are imported, all of them or none. Is anything left after them?"""
    batch = locked(batch, by=by)
    in_turn(batch)
    BATCH.check("finish_import", batch.state)

    rows = _next(batch, at_once)
    refused = _Import(batch, rows, by).run()
    batch.refused_cells += len(refused)
    batch.faults = [*(fault.as_data() for fault in refused), *batch.faults][:KEPT_FAULTS]
    batch.done += len(rows)
    left = IntakeRow.objects.filter(batch=batch).ready().exists() and bool(rows)
    if not left:
        batch.state = BATCH.target("finish_import")
        batch.imported_by, batch.imported_at = by, now()
    batch.save(update_fields=["done", "state", "imported_by", "imported_at", "refused_cells", "faults"])

    record("intake.imported", batch, by=by, rows=len(rows) - len(refused), finished=not left)
    return left


@action
def stop_import(batch: IntakeBatch, *, by: Member, failure: str = "") -> IntakeBatch:
    """The import could not go on. What was imported stays; the rest can be imported once the reason is gone."""
    batch = locked(batch, by=by)
    BATCH.check("stop_import", batch.state)

    batch.state = BATCH.target("stop_import")
    batch.failure = failure[:300]
    batch.save(update_fields=["state", "failure"])

    record("intake.stopped", batch, by=by)
    return batch


def _without_their_row(rows: RowQuerySet) -> list[int]:
    """Rows that are to be the same as a row nobody will import."""
    same = dict(rows.ready().filter(same_as__isnull=False).values_list("position", "same_as"))
    if not same:
        return []
    left = rows.filter(
        verdict__in=[Verdict.REVIEW, Verdict.LEFT_OUT],
        position__in=[number for number in same.values() if number is not None],
        imported_at=None,
    )
    without = set(left.values_list("position", flat=True))
    return sorted(position for position, other in same.items() if other in without)


def _next(batch: IntakeBatch, at_once: int) -> list[IntakeRow]:
    # Who is known comes first: a new child joins the household of a mother we know, not the other way round. Who is
    # the same as another row of this list comes after that row.
    turn = Either(
        When(same_as__isnull=False, then=Value(2)),
        When(verdict=Verdict.NEW, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = IntakeRow.objects.filter(batch=batch).ready().order_by(turn, "position")
    found = list(rows.select_for_update()[:at_once])
    for row in found:
        row.batch = batch  # one for all of them: reading it with each row takes longer than reading the rows
    return found


class _Import:
    """Some rows of one list on their way."""

    def __init__(self, batch: IntakeBatch, rows: Sequence[IntakeRow], by: Member) -> None:
        self.batch, self.rows, self.by = batch, rows, by
        self.may_name = Category.IDENTITY in access.writable_categories(to=by)
        self.mapping = queries.sender(batch.sender, to=by).mapping
        self.registers = self.mapping.shape.registers
        self.places: dict[str, Municipality] = {
            place.code: place for place in institutions.municipalities(to=by)
        }
        self.households: dict[str, Household] = self._known_households()
        touched = [row.person_id for row in rows if row.verdict in (Verdict.SAME, Verdict.CHANGED)]
        self.people: dict[Any, Person] = {
            person.pk: person for person in visible(to=by).filter(pk__in=filter(None, touched)).with_names()
        }
        self.waves: dict[str, ReturnWave | None] = {}
        self.refused: list[Fault] = []

    def run(self) -> list[Fault]:
        """Import them. What is wrong with those that cannot be, and are refused one by one."""
        if self.registers:
            self._register()
        else:
            self._recognise()
            if self.mapping.shape is SUPPORT:
                self._keep_support()
        moment = now()
        for row in self.rows:
            row.imported_at = None if row.verdict == Verdict.REFUSED else moment
        update_many(
            self.rows,
            "verdict",
            "person_id",
            "household_id",
            "made_person",
            "undoing",
            "previous_id",
            "changed_fields",
            "imported_at",
        )
        return self.refused

    def _refuse(self, row: IntakeRow, reason: Text) -> None:
        """This row cannot be taken over as things stand; the next list that tells of it is compared anew."""
        row.verdict = Verdict.REFUSED
        fault = Fault("not_in_ledger", {"reason": reason})
        self.refused.append(fault.at(sheet=row.sheet, cell=str(row.line), row=row.position))

    def _recognise(self) -> None:
        """Records of people known already: from now on it is known whose they are, and nothing about anybody changes but
        this: a woman whom an office knows by another family name is found by that name, too, in the next list."""
        for row in self.rows:
            if row.verdict != Verdict.SAME:
                continue
            person, said = self._person(row), row.values
            family, given = said.get("surname", ""), said.get("given", "")
            known = max(
                (likeness(f"{given} {family}", name.full).score for name in person.names.all()), default=0
            )
            if family and known < SOMEBODY_ELSE and self.may_name:
                # Without the sender: whoever reads her name is not to learn that she stands in a prison's list.
                kind = NameKind.MARRIED if person.sex == Sex.FEMALE else NameKind.ALIAS
                people.add_name(person, family=family, given=given, kind=kind, by=self.by)
                self.people[person.pk] = visible(to=self.by).with_names().get(pk=person.pk)

    def _keep_support(self) -> None:
        """What a payer has given goes into the ledger, under the row in which it was told first: told again it stands there
        once, and what was corrected takes the place of the former entry."""
        given = queries.given_so_far(self.batch, to=self.by)
        overtaken = self._compare_again(given)
        self._tell_again(given, overtaken)
        before = queries.persons_of_rows(
            {row.previous_id for row in self.rows if row.previous_id}, to=self.by
        )
        fresh = [
            row
            for row in self.rows
            if row.person_id and row.pk not in overtaken and _says_something_new(row, before)
        ]
        cases = dict(
            Case.objects.filter(person_id__in=[row.person_id for row in fresh]).values_list("person_id", "pk")
        )
        for row in fresh:
            if row.person_id not in cases:
                self._refuse(row, NO_CASE)
        known = [(row, cases[row.person_id]) for row in fresh if row.person_id in cases]
        first = {row.pk: given.first(row.previous_id or row.pk) for row, _case in known}
        origins = queries.origins(first.values(), to=self.by)
        told = record_history(
            [self._history(row, case, origins[first[row.pk]], before) for row, case in known], by=self.by
        )
        for (row, _case), kept in zip(known, told, strict=True):
            if kept.is_refused:
                self._refuse(row, kept.reason)

    def _compare_again(self, given: Given) -> set[UUID]:
        """What a row corrects is what stands in the ledger now: another copy of the list may have been imported since the two
        were compared. Returned are the rows that a list sent later has overtaken; they change nothing.
        """
        overtaken: set[UUID] = set()
        for row in self.rows:
            gift = given.last(row.previous_id) if row.previous_id else None
            if gift is None:
                continue
            if gift.sent_at > self.batch.uploaded_at:
                overtaken.add(row.pk)
                row.changed_fields = []
            else:
                row.previous_id, row.changed_fields = gift.pk, gift.changed_by(row.values)
            if row.verdict in (Verdict.UNCHANGED, Verdict.CHANGED):
                row.verdict = Verdict.CHANGED if row.changed_fields else Verdict.UNCHANGED
        return overtaken

    def _tell_again(self, given: Given, overtaken: set[UUID]) -> None:
        """By now it is known whose a row is: somebody whom an earlier list wrote in another way, or whom a member named."""
        rows = IntakeRow.objects.filter(batch=self.batch).exclude(previous_id=None)
        taken = {given.first(previous) for previous in rows.values_list("previous_id", flat=True) if previous}
        for row in self.rows:
            if row.previous_id is None and row.person_id:
                gift = told_by(row, given.of_person.get(row.person_id, ()), taken)
                if gift is not None:
                    row.previous_id, row.changed_fields = gift.pk, gift.changed_by(row.values)
                    taken.add(gift.first)
                    if gift.sent_at > self.batch.uploaded_at:
                        overtaken.add(row.pk)
                        row.changed_fields = []

    def _history(
        self,
        row: IntakeRow,
        case: UUID,
        origin: Origin,
        before: Mapping[UUID, UUID | None],
    ) -> HistoryRow:
        said = row.values
        return HistoryRow(
            case=case,
            kind=said["kind"],
            starts_on=date.fromisoformat(said["starts_on"]),
            ends_on=_day(said, "ends_on"),
            amount=Decimal(said["amount"]),
            source=said.get("source", ""),
            payer=self._payer(row),
            file=origin.file,
            row=origin.number,
            first_row=origin.row,
            person_corrected=_is_another_person(row, before),
        )

    def _payer(self, row: IntakeRow) -> Institution:
        """Whose support it is: the payer the mapping names, or the institution of a kind in the row's municipality."""
        said = row.values
        code, kind = said.get("payer", ""), said.get("payer_kind", "")
        found = self.payers.get((code, "")) or self.payers.get((kind, said.get("municipality", "")))
        if found is None:
            raise RuleBroken(
                format_lazy(_("Row {row}: it is not known which institution paid this."), row=row.position),
                code="intake.payer",
            )
        return found

    @cached_property
    def payers(self) -> dict[tuple[str, str], Institution]:
        """Institutions by their code, and by their kind and municipality."""
        found: dict[tuple[str, str], Institution] = {}
        for one in institutions.institutions(to=self.by):
            found[one.code, ""] = one
            if one.municipality is not None:
                found.setdefault((one.kind, one.municipality.code), one)
        return found

    def _register(self) -> None:
        for row in self.rows:
            if row.verdict == Verdict.SAME and row.same_as is None:
                self._join(row)
            elif row.verdict == Verdict.CHANGED:
                self._correct(row)
        self._enter([row for row in self.rows if row.verdict == Verdict.NEW])
        for row in self.rows:
            if row.same_as is not None:
                self._join(row)

    def _known_households(self) -> dict[str, Household]:
        keys = queries.households_of(
            (row.family_key for row in self.rows if row.verdict != Verdict.UNCHANGED), to=self.by
        )
        found = Household.objects.in_bulk(set(keys.values()))
        return {family: found[pk] for family, pk in keys.items() if pk in found}

    # ── new people ──────────────────────────────────────────────────────────────────────────────────────

    def _enter(self, rows: Sequence[IntakeRow]) -> None:
        if not rows:
            return
        registered = people.register_many([self._new(row) for row in rows], by=self.by)
        cases.open_many(
            [NewCase(one.person, *self._standing(row)) for row, one in zip(rows, registered, strict=True)],
            by=self.by,
        )
        for row, one in zip(rows, registered, strict=True):
            row.person_id, row.made_person = one.person.pk, True
            row.household_id = one.household.pk if one.household else None
        self._tell_apart({one.person: row for row, one in zip(rows, registered, strict=True)})

    def _tell_apart(self, registered: Mapping[Person, IntakeRow]) -> None:
        """A member looked at these people beside the row and said that it is somebody else: nobody is asked again at night."""
        shown = {
            person: row.people_like_it for person, row in registered.items() if row.decided_by_id is not None
        }
        everybody = {key for keys in shown.values() for key in keys}
        known = {one.pk: one for one in visible(to=self.by).filter(pk__in=everybody)} if everybody else {}
        for person, keys in shown.items():
            others = [known[key] for key in keys if key in known]
            if others:
                people.tell_apart(person, others, by=self.by)

    def _new(self, row: IntakeRow) -> NewPerson:
        said = row.values
        return NewPerson(
            names=[
                NewName(
                    family=said.get("surname", ""),
                    given=said.get("given", ""),
                    father=said.get("father", ""),
                    source=row.batch.sender,
                )
            ],
            sex=said.get("sex", Sex.UNKNOWN),
            born=_born(said),
            birth_place=said.get("birthplace", ""),
            documents=said.get("documents"),
            municipality=self.places.get(said.get("municipality", "")),
            household=self.households.get(row.family_key) or row.family_key or None,
            relation=self._relation(row),
            return_=self._return(said),
        )

    def _relation(self, row: IntakeRow) -> str:
        relation = row.values.get("relation", Relation.UNKNOWN)
        # A member has looked and said that this is somebody else than the head we know: then it is no head.
        return Relation.UNKNOWN if relation in HEADS and row.family_key in self.households else relation

    def _return(self, said: Mapping[str, Any]) -> NewReturn:
        is_here = said.get("status") == ARRIVED
        return NewReturn(
            state=ReturnState.ARRIVED if is_here else ReturnState.EXPECTED,
            wave=self._wave(said),
            channel=said.get("channel", ""),
            origin=said.get("whereabouts", ""),
            arrived_on=_day(said, "arrived_on") if is_here else None,
        )

    def _wave(self, said: Mapping[str, Any]) -> ReturnWave | None:
        """Everybody who came with one flight came together; who came alone has no wave."""
        arrived = said.get("arrived_on")
        if said.get("channel") != ORGANISED or said.get("status") != ARRIVED or not arrived:
            return None
        if arrived not in self.waves:
            self.waves[arrived] = people.open_wave(
                by=self.by,
                code=arrived,
                on=date.fromisoformat(arrived),
                channel=said["channel"],
                organiser=said.get("organiser", ""),
            )
        return self.waves[arrived]

    def _standing(self, row: IntakeRow) -> tuple[str, date | None]:
        """Where the case begins, and since when."""
        if row.values.get("status") != ARRIVED:
            return Care.EXPECTED, None
        arrived = _day(row.values, "arrived_on")
        return Care.RECEPTION, arrived if arrived and today() - arrived <= RECENT else None

    # ── people known already ────────────────────────────────────────────────────────────────────────────

    def _person(self, row: IntakeRow) -> Person:
        if row.same_as is not None:
            row.person_id = self._row(row.same_as).person_id
        if row.person_id not in self.people:
            found = visible(to=self.by).filter(pk__in=[row.person_id]).with_names().first()
            if found is None:
                raise RuleBroken(
                    format_lazy(_("Row {row}: this person is out of your sight by now."), row=row.position),
                    code="intake.out_of_sight",
                )
            self.people[found.pk] = found
        return self.people[row.person_id]

    def _row(self, position: int) -> IntakeRow:
        here = next((row for row in self.rows if row.position == position), None)
        return here or IntakeRow.objects.get(batch=self.batch, position=position)

    def _join(self, row: IntakeRow) -> None:
        """A member said who this is: the list's spelling is kept, what was not known is filled in, and they may arrive."""
        person, said = self._person(row), row.values
        people.add_name(
            person,
            family=said.get("surname", ""),
            given=said.get("given", ""),
            father=said.get("father", ""),
            source=row.batch.sender,
            by=self.by,
        )
        fresh = _gaps_filled(person, said, self.places)
        if fresh:
            self._mend(row, person, fresh)
        self._come_home(row, person)
        self._move_in(row, person)

    def _correct(self, row: IntakeRow) -> None:
        """The sender corrects what it said before: exactly what changed is changed."""
        person, said, changed = self._person(row), row.values, set(row.changed_fields)
        fresh: dict[str, Any] = {}
        for field, ours in (
            ("surname", "family"),
            ("given", "given"),
            ("father", "father"),
            ("birthplace", "birth_place"),
        ):
            if field in changed:
                fresh[ours] = said.get(field, "")
        if "sex" in changed:
            fresh["sex"] = said.get("sex", Sex.UNKNOWN)
        if "born" in changed:
            fresh["born"] = _born(said)
        if "documents" in changed:
            fresh["documents"] = said.get("documents")
        if "municipality" in changed:
            fresh["municipality"] = self.places.get(said.get("municipality", ""))
        if fresh:
            self._mend(row, person, fresh)
        if changed & {"arrived_on", "whereabouts", "channel"}:
            self._tell_return_anew(row, person)
        if changed & {"family_no", "relation"}:
            self._move_in(row, person, must=True)
        else:
            row.household_id = self._household_of(person)

    def _mend(self, row: IntakeRow, person: Person, fresh: Mapping[str, Any]) -> None:
        before = person.theirs()
        mended = people.correct_person(person, version=person.version, by=self.by, **fresh)
        row.undoing |= {
            "version": mended.version,
            "before": {field: _kept(before[field]) for field in fresh},
        }
        self.people[person.pk] = visible(to=self.by).with_names().get(pk=person.pk)

    def _come_home(self, row: IntakeRow, person: Person) -> None:
        said = row.values
        returns = list(Return.objects.filter(person=person).exclude(state=ReturnState.CANCELLED))
        expected = next((one for one in returns if one.state == ReturnState.EXPECTED), None)
        if said.get("status") != ARRIVED:
            if not returns:
                people.expect_return(
                    person, channel=said.get("channel", ""), origin=said.get("whereabouts", ""), by=self.by
                )
                row.undoing["return"] = "expected"
            return
        arrived = _day(said, "arrived_on")
        if any(one.arrived_on == arrived for one in returns):
            return
        expected = expected or people.expect_return(person, channel=said.get("channel", ""), by=self.by)
        people.record_arrival(
            expected, arrived_on=arrived, wave=self._wave(said), channel=said.get("channel", ""), by=self.by
        )
        row.undoing["return"] = "arrived"
        case = Case.objects.filter(
            person=person, care__state__in=[Care.EXPECTED, Care.PREPARING, Care.WITHDRAWN]
        ).first()
        if case is not None:
            cases.receive(case, arrived_on=arrived, by=self.by)

    def _tell_return_anew(self, row: IntakeRow, person: Person) -> None:
        """What was said about the return was wrong: that is struck out, and what is right now stands beside it."""
        said = row.values
        for one in Return.objects.filter(person=person).exclude(state=ReturnState.CANCELLED):
            people.cancel_return(one, by=self.by)
        again = people.expect_return(
            person, channel=said.get("channel", ""), origin=said.get("whereabouts", ""), by=self.by
        )
        if said.get("status") == ARRIVED:
            people.record_arrival(
                again, arrived_on=_day(said, "arrived_on"), wave=self._wave(said), by=self.by
            )
        row.undoing["return"] = "told_anew"

    def _move_in(self, row: IntakeRow, person: Person, *, must: bool = False) -> None:
        """Somebody without a household joins the family of the list; who has one keeps it, and the family joins them."""
        present = person.memberships.filter(ends_on=None).first()
        row.household_id = present.household_id if present else None
        if not row.family_key or (present is not None and not must):
            if row.family_key and present is not None:
                self.households.setdefault(row.family_key, present.household)
            return
        home = self.households.get(row.family_key)
        relation = row.values.get("relation", Relation.UNKNOWN)
        moved = people.move_household(person, household=home, relation=relation, by=self.by)
        row.household_id = moved.household_id
        row.undoing["household"] = str(present.household_id) if present else ""
        self.households.setdefault(row.family_key, moved.household)

    def _household_of(self, person: Person) -> Any:
        return person.memberships.filter(ends_on=None).values_list("household_id", flat=True).first()


def _is_another_person(row: IntakeRow, before: Mapping[UUID, UUID | None]) -> bool:
    """Has the list corrected whose this row is?"""
    return row.previous_id is not None and before.get(row.previous_id) != row.person_id


def _says_something_new(row: IntakeRow, before: Mapping[UUID, UUID | None]) -> bool:
    """Does the ledger not hold it yet, or hold it otherwise?"""
    return row.previous_id is None or not is_same_gift(row.changed_fields) or _is_another_person(row, before)


def _gaps_filled(
    person: Person, said: Mapping[str, Any], places: Mapping[str, Municipality]
) -> dict[str, Any]:
    """What the list knows and we did not. What we know stays."""
    fresh: dict[str, Any] = {}
    born = _born(said)
    if born and (
        person.born is None
        or (_vaguer(person.born, born) and person.born.earliest <= born.earliest <= person.born.latest)
    ):
        fresh["born"] = born
    if person.sex == Sex.UNKNOWN and said.get("sex"):
        fresh["sex"] = said["sex"]
    if not person.birth_place and said.get("birthplace"):
        fresh["birth_place"] = said["birthplace"]
    if person.documents_status == DocumentsStatus.UNKNOWN and said.get("documents") is not None:
        fresh["documents"] = said["documents"]
    if person.municipality_id is None and said.get("municipality") in places:
        fresh["municipality"] = places[said["municipality"]]
    return fresh


def _vaguer(one: PartialDate, other: PartialDate) -> bool:
    return (one.approximate and not other.approximate) or len(one.iso.rstrip("~")) < len(
        other.iso.rstrip("~")
    )


def _born(said: Mapping[str, Any]) -> PartialDate | None:
    return PartialDate.parse(said["born"]) if said.get("born") else None


def _day(said: Mapping[str, Any], field: str) -> date | None:
    return date.fromisoformat(said[field]) if said.get(field) else None


def _kept(value: Any) -> Any:
    """A value as it can be stored to be put back."""
    if isinstance(value, PartialDate):
        return value.iso
    if isinstance(value, Municipality):
        return value.code
    return value
