"""Which rows of every guarded table each member may see and change, by the oracle's word alone.

Tables of the common shapes need nothing here: `sec.guarded` says what they are about. A table with a rule of its own
(`ProtectWith`) needs one in `SPECIAL`, written from what its documentation promises, or the tests fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.attacks.filling import Table
from tests.attacks.world import World
from tests.oracle.oracle import FULL, Oracle, Sight
from tests.oracle.pack import CATEGORIES

OVERSIGHT = frozenset({"auditor", "data_protection"})
NOBODY = UUID(int=0)
TELLING = {"return", "case", "legal"}
Row = tuple[Any, ...]


@dataclass
class Reader:
    """One member, with everything the oracle knows of them."""

    login: str
    world: World
    oracle: Oracle

    def __post_init__(self) -> None:
        self.seat = self.world.facts.seats[self.login]
        self.office = self.world.pack.offices[self.seat.office]
        self.institution = self.world.institutions[self.seat.office]
        self.key = self.world.members[self.login]
        self.sights: dict[Any, Sight] = self.oracle.sights(self.login)
        self.roles = self.seat.roles if self.office.party == "oversight" else self.seat.roles - OVERSIGHT
        self.oversees = bool(self.roles & OVERSIGHT)
        self.people: dict[Any, list[Sight]] = {}
        for case, sight in self.sights.items():
            self.people.setdefault(self.world.facts.cases[case].person, []).append(sight)

    def is_kept_from(self, case: Any) -> bool:
        return (self.login, case) in self.world.facts.kept_away

    @property
    def takes_in_lists(self) -> bool:
        """A list names many people: whoever is kept away from one of them reads none."""
        return all(login != self.login for login, _case in self.world.facts.kept_away)

    def depth(self, case: Any, category: str) -> int:
        return self.sights.get(case, {}).get(category, (0, False))[0]

    def writes(self, case: Any, category: str) -> bool:
        return self.sights.get(case, {}).get(category, (0, False))[1]

    def reads_person(self, person: Any, category: str) -> bool:
        return any(sight.get(category, (0, False))[0] == FULL for sight in self.people.get(person, []))

    def writes_person(self, person: Any, category: str) -> bool:
        return any(sight.get(category, (0, False))[1] for sight in self.people.get(person, []))

    def knows_why(self, person: Any) -> bool:
        """Whether this member may know why there is a case about the person."""
        return any(TELLING & sight.keys() for sight in self.people.get(person, []))

    @property
    def has_mandate(self) -> bool:
        """Whether the institution leads cases of its own: some protocol in force has it on both sides."""
        return any(
            one.lets(self.office, self.office)
            and one.begins <= self.oracle.now < one.ends
            and one.code not in self.world.facts.resting
            for one in self.world.pack.protocols.values()
        )

    @property
    def categories(self) -> frozenset[str]:
        """What the unit's wall leaves."""
        if self.seat.unit:
            return self.office.units[self.seat.unit] or frozenset(CATEGORIES)
        return frozenset() if self.office.has_walls else frozenset(CATEGORIES)

    # --- tables of the common shapes

    def sees(self, table: Table, row: Row) -> bool:
        if table.shape == "reference":
            return True
        if table.shape == "owned":
            return self.takes_in_lists and bool(row[0] == self.institution)
        if table.shape == "person":
            told = not table.telling or self.knows_why(row[0])
            return told and self.reads_person(row[0], CATEGORIES[table.category or 0])
        case, category, author = unpacked(table, row)
        own = author == self.institution and self.writes(case, category)
        return own or self.depth(case, category) >= (table.depth or 0)

    def changes(self, table: Table, row: Row) -> bool:
        """Rows one sees and may change; which columns, the table's privileges say."""
        if table.shape == "owned":
            return self.takes_in_lists and bool(row[0] == self.institution)
        if table.shape == "person":
            category = CATEGORIES[table.category or 0]
            told = not table.telling or self.knows_why(row[0])
            return told and any(sight.get(category) == (FULL, True) for sight in self.people.get(row[0], []))
        case, category, author = unpacked(table, row)
        return self.sees(table, row) and self.writes(case, category) and author in (None, self.institution)

    def adds(self, table: Table, row: Row) -> bool:
        if table.shape == "owned":
            return self.takes_in_lists and bool(row[0] == self.institution)
        if table.shape == "person":
            told = not table.telling or self.knows_why(row[0])
            return told and self.writes_person(row[0], CATEGORIES[table.category or 0])
        case, category, author = unpacked(table, row)
        return self.writes(case, category) and author in (None, self.institution)


def unpacked(table: Table, row: Row) -> tuple[Any, str, Any]:
    """(case, category, author or None) of a row about a case."""
    values = dict(zip(table.columns, row, strict=True))
    number = values[table.category_column] if table.category_column else table.category
    return values[table.key], CATEGORIES[number or 0], values[table.owner] if table.owner else None


@dataclass(frozen=True)
class Special:
    """A table with a rule of its own: what to look at, and who sees such a row."""

    columns: str
    sees: Callable[[Reader, Row], bool]
    source: str = ""
    changes: Callable[[Reader, Row], bool] | None = (
        None  # None: tests/attacks/cheating.py tries it, or nobody may
    )


# Tables without a person in them that every member reads: the roles whose work it is to keep them, in institutions that
# lead cases. A table that is not named here is written by the operator alone.
WRITERS = {
    "app.return_wave": frozenset({"coordinator", "caseworker", "supervisor"}),
    "app.published_figure": frozenset({"coordinator", "analyst"}),
}


def _member(reader: Reader, row: Row) -> bool:
    _key, institution, hidden = row
    return institution == reader.institution or reader.oversees or not hidden


def _access(reader: Reader, row: Row) -> bool:
    institution, case, member, ends, mask = row
    bits = {CATEGORIES[bit] for bit in range(20) if mask >> bit & 1}
    return (
        institution == reader.institution
        and member in (NOBODY, reader.key)
        and _later(ends, reader)
        and bool(bits & reader.categories)
        and not reader.is_kept_from(case)
    )


def _anchor(reader: Reader, row: Row) -> bool:
    case, lead = row
    leads = lead == reader.institution and case in reader.sights
    return reader.oversees or leads or reader.depth(case, "case") >= 2


def _door(reader: Reader, row: Row) -> bool:
    case, institution = row
    own = institution == reader.institution and bool(reader.categories) and not reader.is_kept_from(case)
    return own or reader.oversees or reader.depth(case, "case") == FULL


def _look(reader: Reader, row: Row) -> bool:
    member, case, lead = row
    leads = lead == reader.institution and "case" in reader.categories and not reader.is_kept_from(case)
    return member == reader.key or reader.oversees or leads


def _exclusion(reader: Reader, row: Row) -> bool:
    member, institution = row
    answers = institution == reader.institution and bool(reader.roles & {"coordinator", "supervisor"})
    return member == reader.key or reader.oversees or answers


def _household(reader: Reader, row: Row) -> bool:
    return any(reader.reads_person(person, "household") for person in row[1])


def _event(reader: Reader, row: Row) -> bool:
    member, is_read, case, category = row
    told = not is_read and reader.depth(case, CATEGORIES[3 if category is None else category]) >= 2
    return reader.oversees or member == reader.key or told


def _overlap(reader: Reader, row: Row) -> bool:
    return all(reader.depth(case, "assistance") >= 2 for case in row)


def _twin(reader: Reader, row: Row) -> bool:
    works = bool(reader.roles & {"coordinator", "caseworker", "supervisor"}) and "case" in reader.categories
    leads = any(
        case.person in row and case.lead == reader.office.code and not reader.is_kept_from(key)
        for key, case in reader.world.facts.cases.items()
    )
    return works and leads and all(reader.reads_person(person, "identity") for person in row)


def _later(moment: datetime, reader: Reader) -> bool:
    return moment > reader.oracle.now


SPECIAL = {
    "app.member": Special(
        "m.id, m.institution_id, coalesce((select not u.listed from app.institution_unit u where u.id = m.unit_id), false)",
        _member,
        "app.member m",
    ),
    "app.case_access": Special("institution_id, case_id, member_id, expires_at, seen_mask", _access),
    "app.case_access_cat": Special("institution_id, case_id, member_id, expires_at, 1 << category", _access),
    "app.case_anchor": Special("case_id, lead_id", _anchor),
    "app.involvement": Special("case_id, institution_id", _door),
    "app.access_grant": Special("case_id, institution_id", _door),
    "app.break_glass": Special("member_id, case_id, lead_id", _look),
    "app.case_exclusion": Special("member_id, institution_id", _exclusion),
    "app.case_file": Special(
        "id",
        lambda reader, row: row[0] in reader.sights,
        changes=lambda reader, row: reader.writes(row[0], "case"),
    ),
    "app.person_name": Special(
        "person_id, kind = 'kunya' or script = 'arab'",
        lambda reader, row: (
            reader.reads_person(row[0], "identity") and (not row[1] or reader.knows_why(row[0]))
        ),
        changes=lambda reader, row: (
            reader.reads_person(row[0], "identity")
            and reader.writes_person(row[0], "identity")
            and (not row[1] or reader.knows_why(row[0]))
        ),
    ),
    "app.household": Special(
        "h.id, (select coalesce(array_agg(m.person_id), '{}') from app.household_membership m where m.household_id = h.id)",
        _household,
        "app.household h",
        changes=lambda reader, row: any(
            reader.reads_person(person, "household") and reader.writes_person(person, "household")
            for person in row[1]
        ),
    ),
    "app.assistance_overlap": Special(
        "first_case_id, second_case_id",
        _overlap,
        changes=lambda reader, row: (
            _overlap(reader, row) and bool(reader.roles & {"coordinator", "supervisor"})
        ),
    ),
    "app.assistance_booked": Special(
        "payer_id",
        lambda reader, row: row[0] == reader.institution and "assistance" in reader.categories,
    ),
    # Of two that became one there is only the one that was kept.
    "app.person_twin": Special(
        "case state when 'same' then kept_id else one_id end, case state when 'same' then kept_id else other_id end",
        _twin,
    ),
    "audit.event": Special("member_id, is_read, case_id, category", _event),
    "audit.seal": Special("number", lambda reader, row: reader.oversees),
}
