"""The rule as the database folds it equals what a plain reading of doors, protocols and times says, whatever they are."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.attacks.stage import Stage
from tests.oracle.oracle import Case, Door, Facts, Look, Oracle
from tests.oracle.pack import CATEGORIES, Pack, Protocol, load

OFFICES = ("dprrp", "kcs", "atrc", "csw-prizren")
READERS = ("dprrp-officer", "kcs-ve-unit", "kcs-intelligence", "atrc-counsellor", "kps-officer")
KINDS = ("coordination-division", "correctional-service", "cso", "social-work-centre")
SOME = ("identity", "case", "security", "education", "needs")
# Hours from now: two days and an hour ago, in an hour, in two days. Half an hour off any moment at which we look.
MOMENTS = st.sampled_from([-48, -1, 1, 48])
# Sixteen, and so between one age and another.
YOUTH = datetime.now(UTC).date() + timedelta(days=700)
CASES = [UUID(int=number) for number in (101, 102, 103)]

Ages: TypeAlias = tuple[int | None, int | None]
concerned = st.sampled_from([(None, None), (None, None), (18, None), (14, None), (None, 20), (14, 20)])
clauses = st.dictionaries(st.sampled_from(SOME), st.tuples(st.integers(0, 3), st.booleans()), max_size=4)
protocols = st.lists(
    st.tuples(
        st.sampled_from(OFFICES + KINDS),
        MOMENTS,
        MOMENTS,
        st.sampled_from(["in_force", "in_force", "in_force", "suspended", "proposed", "ended"]),
        concerned,
        clauses,
    ),
    min_size=1,
    max_size=5,
)
doors = st.dictionaries(
    st.tuples(st.integers(0, 2), st.sampled_from(OFFICES)),
    st.tuples(
        MOMENTS, MOMENTS, st.lists(st.tuples(st.integers(0, 4), MOMENTS, MOMENTS, st.booleans()), max_size=3)
    ),
    max_size=8,
)
looks = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(READERS),
        st.sets(st.sampled_from(["identity", "case"]), min_size=1),
        MOMENTS,
    ),
    max_size=2,
)
away = st.sets(st.tuples(st.sampled_from(READERS), st.integers(0, 2)), max_size=3)
ages = st.tuples(*[st.sampled_from([None, date(2000, 1, 1), YOUTH, date(2035, 1, 1)]) for _case in CASES])
changes = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["in_force", "suspended", "ended"]),
        MOMENTS,
        clauses,
        concerned,
    ),
    max_size=2,
)


@pytest.fixture(scope="module")
def stage(django_db_setup: None) -> Iterator[Any]:
    """A database in which nothing is true yet, and readers who may enter."""
    built = Stage("fold")
    built.build()
    try:
        members = dict(
            built.ask(
                "select c.username, m.id from app.member m join app.app_account c on c.id = m.account_id"
            )
        )
        for login in READERS:
            built.give_token(login, members[login])
        institutions = dict(built.ask("select code, id from app.institution"))
        yield SimpleNamespace(stage=built, members=members, institutions=institutions)
    finally:
        built.drop()


class Told:
    """One story, told to the database row by row and to the oracle fact by fact."""

    def __init__(self, on: Any) -> None:
        self.on = on
        self.now = datetime.now(UTC)
        self.run = on.stage.superuser.execute
        self.pack = Pack({}, load().offices, load().seats)
        self.facts = Facts(seats={login: load().seats[login] for login in READERS})
        self.keys: list[UUID] = []
        self.grants: list[tuple[Any, str, int, int, int, int, int, bool]] = []
        self.run(
            "truncate app.case_access, app.case_access_cat, app.access_grant, app.involvement, app.break_glass, "
            "app.case_exclusion, app.protocol_clause, app.sharing_protocol, app.case_anchor cascade"
        )
        self.run("update sec.clock set applied_until = clock_timestamp()")

    def at(self, hours: int) -> datetime:
        return self.now + timedelta(hours=hours)

    def tell(self, agreed: Any, opened: Any, looked: Any, kept: Any, born: Any) -> None:
        for number, (case, adult_on) in enumerate(zip(CASES, born, strict=True)):
            self.facts.cases[case] = Case(case, UUID(int=200 + number), "dprrp", adult_on)
            self.run(
                "insert into app.case_anchor (case_id, ref, person_id, lead_id, opened_at, adult_on) values (%s, %s, %s, %s, now(), %s)",
                [case, f"HW-{number}", UUID(int=200 + number), self.on.institutions["dprrp"], adult_on],
            )
        for number, (receiver, begins, ends, state, ages, said) in enumerate(agreed):
            self._agree(number, receiver, begins, ends, state, ages, said)
        for (case, office), (begins, ends, grants) in opened.items():
            self._open(CASES[case], office, begins, max(begins, ends), grants)
        for case, login, categories, ends in looked:
            self._look(CASES[case], login, categories, ends)
        for login, case in kept:
            self.facts.kept_away.add((login, CASES[case]))
            self.run(
                "insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at) "
                "select gen_random_uuid(), %s, m.id, m.institution_id, 'x', now() from app.member m where m.id = %s",
                [CASES[case], self.on.members[login]],
            )

    def _agree(
        self, number: int, receiver: str, begins: int, ends: int, state: str, ages: Ages, said: Any
    ) -> None:
        begins, ends = (begins, ends) if begins < ends else (begins, begins + 1)
        key, institution = uuid4(), self.on.institutions.get(receiver)
        self.keys.append(key)
        self.pack.protocols[str(number)] = Protocol(
            str(number), "dprrp", receiver, self.at(begins), self.at(ends), *ages, said
        )
        if state != "in_force":
            self.facts.resting.add(str(number))
        self.run(
            "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
            "legal_basis, purpose, signatures, from_age, until_age, state, valid_from, valid_until, proposal) values "
            "(%s, %s, 1, '{}', %s, '', %s, %s, '{}', '{}', '[]', %s, %s, %s, %s, %s, '')",
            [
                key,
                f"p{number}",
                self.on.institutions["dprrp"],
                institution,
                "" if institution else receiver,
                *ages,
                state,
                self.at(begins),
                self.at(ends),
            ],
        )
        self._say(key, said)

    def _say(self, key: UUID, said: Any) -> None:
        for name, (depth, writes) in said.items():
            self.run(
                "insert into app.protocol_clause (id, protocol_id, category, depth, writes) values (gen_random_uuid(), %s, %s, %s, %s)",
                [key, CATEGORIES.index(name), depth, writes],
            )

    def _open(self, case: UUID, office: str, begins: int, ends: int, grants: Any) -> None:
        door, institution = uuid4(), self.on.institutions[office]
        self.run(
            "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, end_reason) "
            "values (%s, %s, %s, '', %s, %s, %s, '')",
            [door, case, institution, self.at(begins), self.at(ends), self.on.members["dprrp-officer"]],
        )
        for which, valid_from, valid_until, revoked in grants:
            if which >= len(self.keys):
                continue
            self.run(
                "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until, "
                "revoked_at) values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)",
                [
                    door,
                    case,
                    institution,
                    self.keys[which],
                    self.at(valid_from),
                    self.at(valid_until),
                    self.now if revoked else None,
                ],
            )
            if not revoked:
                self.facts.doors.append(
                    Door(
                        case,
                        office,
                        str(which),
                        self.at(max(begins, valid_from)),
                        self.at(min(ends, valid_until)),
                    )
                )

    def _look(self, case: UUID, login: str, categories: set[str], ends: int) -> None:
        self.facts.looks.append(Look(case, login, frozenset(categories), self.at(ends)))
        self.run(
            "insert into app.break_glass (id, case_id, member_id, institution_id, lead_id, categories, reason, opened_at, expires_at, "
            "review_due_at, verdict) select gen_random_uuid(), %s, m.id, m.institution_id, %s, %s, 'x', now(), %s, now(), '' "
            "from app.member m where m.id = %s",
            [
                case,
                self.on.institutions["dprrp"],
                [CATEGORIES.index(name) for name in categories],
                self.at(ends),
                self.on.members[login],
            ],
        )
        # What sec.break_glass does when it has written the look.
        self.run(
            "select sec.fold(array[%s::uuid], array[(select institution_id from app.member where id = %s)])",
            [case, self.on.members[login]],
        )

    def change(self, which: int, state: str, ends: int, said: Any, ages: Ages) -> None:
        """A protocol is changed while doors stand open under it."""
        if which >= len(self.keys):
            return
        old = self.pack.protocols[str(which)]
        ends_at = max(self.at(ends), old.begins + timedelta(minutes=1))
        self.pack.protocols[str(which)] = Protocol(
            old.code, old.provider, old.receiver, old.begins, ends_at, *ages, said
        )
        self.facts.resting = self.facts.resting - {str(which)} | (
            {str(which)} if state != "in_force" else set()
        )
        key = self.keys[which]
        self.run(
            "update app.sharing_protocol set state = %s, valid_until = %s, from_age = %s, until_age = %s where id = %s",
            [state, ends_at, *ages, key],
        )
        self.run("delete from app.protocol_clause where protocol_id = %s", [key])
        self._say(key, said)

    def let_pass(self, hours: int) -> None:
        """So much time goes by and no clock ticks: everything in the database moves back, and nothing is folded."""
        with self.on.stage.superuser.transaction():
            self.run("set local session_replication_role = replica")
            for table, columns in {
                "app.sharing_protocol": ("valid_from", "valid_until"),
                "app.involvement": ("starts_at", "ends_at"),
                "app.access_grant": ("valid_from", "valid_until"),
                "app.break_glass": ("expires_at",),
                "app.case_access": ("expires_at", "folded_at"),
                "app.case_access_cat": ("expires_at",),
                "sec.clock": ("applied_until",),
            }.items():
                moved = ", ".join(f"{column} = {column} - interval '{hours} hours'" for column in columns)
                self.run(f"update {table} set {moved}")
        self.now -= timedelta(hours=hours)
        moved_back = timedelta(hours=hours)
        self.pack.protocols.update(
            {
                code: Protocol(
                    one.code,
                    one.provider,
                    one.receiver,
                    one.begins - moved_back,
                    one.ends - moved_back,
                    one.from_age,
                    one.until_age,
                    one.clauses,
                )
                for code, one in self.pack.protocols.items()
            }
        )
        self.facts.doors = [
            Door(one.case, one.office, one.protocol, one.begins - moved_back, one.ends - moved_back)
            for one in self.facts.doors
        ]
        self.facts.looks = [
            Look(one.case, one.login, one.categories, one.ends - moved_back) for one in self.facts.looks
        ]

    def tick(self) -> int:
        ticked: int = self.on.stage.login("homeward_job").execute("select sec.tick()").fetchone()[0]
        return ticked

    def expected(self) -> dict[tuple[str, UUID, str], tuple[int, bool]]:
        oracle = Oracle(self.pack, self.facts, datetime.now(UTC), datetime.now(UTC).date())
        return {
            (login, case, name): what
            for login in READERS
            for case, sight in oracle.sights(login).items()
            for name, what in sight.items()
        }

    def actual(self, *, folded: bool = True) -> dict[tuple[str, UUID, str], tuple[int, bool]]:
        """What each of them may see and write, by category. `folded`: no tick was missed."""
        found = {}
        for login in READERS:
            with self.on.stage.as_member(login) as connection:
                rows = connection.execute(
                    "select case_id, category, max(depth), bool_or(can_write) from app.case_access_cat group by 1, 2"
                ).fetchall()
                masks = {
                    case: (full, write)
                    for case, full, write in connection.execute(
                        "select case_id, bit_or(cat_mask), bit_or(write_mask) from app.case_access group by 1"
                    )
                }
                [(unit,)] = connection.execute("select sec.mask()").fetchall()
            for case, category, depth, writes in rows:
                found[login, case, CATEGORIES[category]] = (depth, writes)
                # Two tables tell the same rule: one by category, one by masks. A case's masks end with the first of its
                # categories, and are told anew by the tick that follows: until then they say less, never more.
                full, write = masks.get(case, (0, 0)) if not folded else masks[case]
                assert bool(full >> category & 1) <= (depth == 3)
                assert bool(write >> category & 1) <= writes
                if folded:
                    assert (bool(full >> category & 1), bool(write >> category & 1)) == (depth == 3, writes)
            # Nor do masks open a category of which there is no row, leaving out what a unit may not see: that the policies take off.
            cells = {(case, category) for case, category, _, _ in rows}
            for case, (full, write) in masks.items():
                for category in range(len(CATEGORIES)):
                    assert (case, category) in cells or not (full | write) & unit & (1 << category)
        return found


QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@QUICK
@given(agreed=protocols, opened=doors, looked=looks, kept=away, born=ages, later=changes)
def test_the_fold_is_what_doors_protocols_units_and_exclusions_say(
    stage: Any, agreed: Any, opened: Any, looked: Any, kept: Any, born: Any, later: Any
) -> None:
    story = Told(stage)
    story.tell(agreed, opened, looked, kept, born)
    assert story.actual() == story.expected()

    for change in later:
        story.change(*change)
        assert story.actual() == story.expected()


def _two_looks(first: int, second: int) -> Any:
    """One officer looked into one case twice, out of need, and one look ends before the other."""
    return example(
        agreed=[("dprrp", -48, -48, "in_force", (None, None), {})],
        opened={},
        looked=[
            (2, "dprrp-officer", {"identity"}, first),
            (2, "dprrp-officer", {"case", "identity"}, second),
        ],
        kept=set(),
        born=(None, None, None),
        hours=2,
    )


def _one_door(office: str, *, ages: Ages = (None, None), begins: int = -48, **said: tuple[int, bool]) -> Any:
    """A door that opened a short while ago under one agreement, and two hours later."""
    return example(
        agreed=[(office, begins, 48, "in_force", ages, said)],
        opened={(0, office): (-48, 48, [(0, -1, 48, False)])},
        looked=[],
        kept=set(),
        born=(None, None, None),
        hours=2,
    )


@QUICK
@given(
    agreed=protocols,
    opened=doors,
    looked=looks,
    kept=away,
    born=ages,
    hours=st.sampled_from([2, 30, 49]),
)
# Doors that give nothing are not folded again each minute.
@_one_door("dprrp", begins=47, identity=(0, True))
@_one_door("dprrp", ages=(18, None), identity=(3, False))
@_one_door("dprrp", security=(3, False))
@_one_door("kcs", education=(3, False))
@_two_looks(1, 48)
def test_a_missed_tick_fails_closed_and_a_tick_sets_it_right(
    stage: Any, agreed: Any, opened: Any, looked: Any, kept: Any, born: Any, hours: int
) -> None:
    story = Told(stage)
    story.tell(agreed, opened, looked, kept, born)
    story.let_pass(hours)

    expected, actual = story.expected(), story.actual(folded=False)
    for cell, (depth, writes) in actual.items():
        may = expected.get(cell, (-1, False))
        assert depth <= may[0], f"{cell} is still open although its time is over"
        assert may[1] or not writes, f"{cell} may still be written"

    story.tick()
    assert story.actual() == story.expected()
    assert story.tick() == 0
