"""A country on a stage: 336 cases led by four institutions, doors of every kind, walls, looks, and a few false friends.

Everything is done by the application's own actions, under members' tokens; what only time or an operator does (a
protocol that rests, a door that ended last week) is done by the superuser. What was decided is kept as facts. Nothing
is left to luck: two builds hold the same cases, doors and looks, so that an attack finds today what it found yesterday.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.attacks.stage import Stage, django_on
from tests.oracle.oracle import Case, Door, Facts, Look, is_about
from tests.oracle.pack import CATEGORIES, Protocol, Seat, load

PEOPLE = 336
FAR = datetime(9999, 12, 31, tzinfo=UTC)
RESTING = "dprrp-release-panel"
CHILD = date(2035, 1, 1)
YOUTH = datetime.now(UTC).date() + timedelta(days=740)  # sixteen in some days

# Members beside the demonstration's, each with something about them that must not help: login → (office, unit, roles).
FALSE_FRIENDS = {
    "dprrp-analyst": ("dprrp", "", ["analyst"]),
    "dprrp-cousin": ("dprrp", "", ["caseworker", "coordinator"]),
    "kcs-walker": ("kcs", "", ["coordinator", "caseworker"]),
    "kcs-colleague": ("kcs", "ve-management", ["caseworker"]),
    "kcs-watcher": ("kcs", "intelligence", ["coordinator"]),
    "kcs-breaker": ("kcs", "ve-management", ["caseworker", "break_glass"]),
    "kps-relative": ("kps", "", ["coordinator"]),
    "former": ("dprrp", "", ["coordinator"]),
    "future": ("dprrp", "", ["coordinator"]),
    "closed": ("csw-decan", "", ["coordinator", "caseworker"]),
    "police-officer": ("kosovo-police", "", ["caseworker", "coordinator", "break_glass"]),
    "donor-breaker": ("gcerf", "", ["coordinator", "break_glass"]),
    "school-auditor": ("school-demo-mitrovica-south", "", ["auditor", "data_protection"]),
    "csw-prizren": ("csw-prizren", "", ["coordinator", "caseworker", "break_glass"]),
    "court-clerk": ("court-mitrovice", "", ["caseworker"]),
    "krct-worker": ("krct", "back", ["coordinator", "caseworker", "supervisor"]),
    "krct-desk": ("krct", "desk", ["coordinator", "caseworker"]),
    "dprrp-helper": ("dprrp", "", ["caseworker"]),
    "imam": ("ick", "", ["caseworker"]),
    "kia-officer": ("kia", "", ["caseworker", "coordinator", "break_glass"]),
    "town-hall": ("municipality-mitrovica-south", "", ["coordinator", "break_glass"]),
}
# Protocols that give a counsellor everything, and must not: past, to come, proposed, ended, for others, about others.
NOW = datetime.now(UTC)
ALL_CLAUSES = dict.fromkeys(CATEGORIES, (3, True))
NOT_IN_FORCE = [
    Protocol("stage-past", "dprrp", "cso", NOW - timedelta(90), NOW - timedelta(1), None, None, ALL_CLAUSES),
    Protocol(
        "stage-to-come", "dprrp", "cso", NOW + timedelta(7), NOW + timedelta(90), None, None, ALL_CLAUSES
    ),
    Protocol(
        "stage-proposed", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), None, None, ALL_CLAUSES
    ),
    Protocol(
        "stage-ended", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), None, None, ALL_CLAUSES
    ),
    Protocol(
        "stage-for-others",
        "dprrp",
        "court",
        NOW - timedelta(90),
        NOW + timedelta(90),
        None,
        None,
        ALL_CLAUSES,
    ),
    Protocol("stage-adults", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), 18, None, ALL_CLAUSES),
    Protocol("stage-pupils", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), None, 16, ALL_CLAUSES),
]
# And some that are, of depths the country's own protocols do not give in every category.
SHALLOW = [
    Protocol(
        f"stage-{name}",
        "dprrp",
        "krct",
        NOW - timedelta(90),
        NOW + timedelta(90),
        None,
        None,
        dict.fromkeys(CATEGORIES, what),
    )
    for name, what in {
        "existence": (1, False),
        "own-file": (0, True),
        "nothing": (0, False),
        "summary": (2, True),
        "everything": (3, True),
    }.items()
]
# And what somebody might one day sign for a security body: everything. Most of it opens all the same; what was confided
# to a school, a doctor, a counsellor or those who protect a child does not.
TOO_MUCH = [
    Protocol(
        f"stage-{office}", "dprrp", office, NOW - timedelta(90), NOW + timedelta(90), None, None, ALL_CLAUSES
    )
    for office in ("kia", "kcs")
]
# Of a case only that it is there, and something else beside it.
NARROW = Protocol(
    "stage-narrow",
    "dprrp",
    "kps",
    NOW - timedelta(90),
    NOW + timedelta(90),
    None,
    None,
    {"identity": (3, False), "legal": (3, True), "case": (1, False)},
)
# One category each, to be given beside one another.
SINGLE = [
    Protocol(
        f"stage-{name}",
        "dprrp",
        "krct",
        NOW - timedelta(90),
        NOW + timedelta(90),
        None,
        None,
        {name: (3, True)},
    )
    for name in ("plan", "needs")
]
NOT_GIVEN = (*NOT_IN_FORCE, *SHALLOW, *TOO_MUCH, NARROW, *SINGLE)
# Two units of an organisation, one of which sees only what concerns its appointments.
DESK: dict[str, frozenset[str] | None] = {"desk": frozenset({"case", "service"}), "back": None}
STATES = {"stage-proposed": "proposed", "stage-ended": "ended"}
LEADS = {
    "dprrp": "dprrp-coordinator",
    "kps": "kps-supervisor",
    "kcs": "kcs-ve-unit",
    "csw-mitrovica-south": "csw-mitrovica-south",
}
GUESTS = (
    "dprrp kps kcs csw-mitrovica-south csw-prizren school-demo-mitrovica-south education-mitrovica-south atrc ick "
    "municipality-mitrovica-south mental-health-mitrovica-south kosovo-police kia court-mitrovice "
    "conditional-release-panel"
).split()


# Two guests who are sure to meet in a few cases, one of whom sees how the case is coordinated.
SURE = ("kps", "atrc")


class World:
    """The stage, the pack and the facts, with what attacks need to find their way."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        pack = load()
        self.pack = replace(
            pack,
            offices=pack.offices | {"krct": replace(pack.offices["krct"], units=DESK)},
            protocols=pack.protocols | {one.code: one for one in NOT_GIVEN},
        )
        self.facts = Facts()
        self.random = random.Random(11)
        self.members: dict[str, UUID] = {}
        self.institutions: dict[str, UUID] = {}
        self.unticked: list[
            tuple[Any, UUID]
        ] = []  # (case, institution): over, and nobody has folded it since
        self.text_indexes: list[tuple[Any, ...]] = []

    def build(self) -> None:
        self._seat()
        with django_on(self.stage.database):
            self._open()
            self._involve()
            self._keep_away()
            self._hand_over()
            self._look()
            self._leave_traces()
        self._let_time_pass()
        self._go_wrong()
        self.text_indexes = self.indexes_of_text()

    def indexes_of_text(self) -> list[tuple[Any, ...]]:
        """(table, index, column) of what an equality with a word or a day could be looked up in, today."""
        return self.stage.ask(
            "select g.table_name, c.relname, a.attname from sec.guarded g "
            "join pg_index i on i.indrelid = format('app.%I', g.table_name)::regclass "
            "join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam "
            "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] join pg_type t on t.oid = a.atttypid "
            "where g.shape in ('case', 'person') and m.amname in ('btree', 'hash') and t.typname in ('text', 'varchar', 'date')"
        )

    def _new(self) -> UUID:
        """A key that is the same in every build."""
        return UUID(int=self.random.getrandbits(128), version=4)

    # --- who is there

    def _seat(self) -> None:
        stage = self.stage
        self.institutions = dict(stage.ask("select code, id from app.institution"))
        self.facts.seats = dict(self.pack.seats)
        for unit, categories in DESK.items():
            stage.superuser.execute(
                "insert into app.institution_unit (id, institution_id, code, name, mask, listed) "
                "values (gen_random_uuid(), %s, %s, '{}', %s, true)",
                [
                    self.institutions["krct"],
                    unit,
                    None if categories is None else sum(1 << CATEGORIES.index(one) for one in categories),
                ],
            )
        for login, (office, unit, roles) in FALSE_FRIENDS.items():
            account = stage.one(
                "insert into app.app_account (id, username, password, email, language, is_active, created_at) "
                "values (gen_random_uuid(), %s, '!', '', 'sq', true, now()) returning id",
                [login],
            )
            stage.superuser.execute(
                "insert into app.member (id, account_id, institution_id, unit_id, name, code, roles, starts_on, ends_on) "
                "values (%s, %s, %s, (select id from app.institution_unit where institution_id = %s and code = %s), "
                "%s, '', %s, %s, %s)",
                [
                    self._new(),
                    account,
                    self.institutions[office],
                    self.institutions[office],
                    unit,
                    login,
                    roles,
                    datetime.now(UTC).date() + timedelta(30) if login == "future" else date(2020, 1, 1),
                    datetime.now(UTC).date() - timedelta(1) if login == "former" else None,
                ],
            )
            self.facts.seats[login] = Seat(login, office, unit, frozenset(roles))
        stage.superuser.execute(
            "update app.institution set closed_on = current_date where code = 'csw-decan'"
        )
        self.facts.gone = {"former", "future", "closed"}
        self.members = dict(
            stage.ask(
                "select c.username, m.id from app.member m join app.app_account c on c.id = m.account_id"
            )
        )
        for login, member in self.members.items():
            if login in self.facts.seats:
                stage.give_token(login, member)

    @property
    def serving(self) -> list[str]:
        """Everybody who can enter."""
        return [login for login in self.facts.seats if login not in self.facts.gone]

    # --- what is done

    def _open(self) -> None:
        from homeward.foundation.access.actions import Opened, open_own
        from homeward.foundation.kernel.refs import new_ref

        share = {"dprrp": PEOPLE - 60, "kps": 20, "kcs": 20, "csw-mitrovica-south": 20}
        for office, number in share.items():
            rows = []
            for _ in range(number):
                adult_on = self.random.choice([date(2010, 1, 1), date(2010, 1, 1), YOUTH, CHILD, None])
                if office == "kcs":  # prisons hold grown-ups
                    adult_on = date(2010, 1, 1)
                if office == "kps" and adult_on != date(2010, 1, 1):  # nobody under 14, says its mandate
                    adult_on = YOUTH
                case = Case(self._new(), self._new(), office, adult_on)
                self.facts.cases[case.key] = case
                rows.append(Opened(case.key, new_ref("HW"), case.person, datetime.now(UTC), adult_on))
            with self.acting(LEADS[office]) as member:
                open_own(rows, by=member)
            mandates = [
                one
                for one in self.pack.protocols.values()
                if one.lets(self.pack.offices[office], self.pack.offices[office])
            ]
            for row in rows:
                self.facts.doors += [
                    Door(row.case_id, office, one.code, datetime.now(UTC), FAR) for one in mandates
                ]

    def _involve(self) -> None:
        from homeward.foundation.access.actions import end_involvement, involve
        from homeward.foundation.access.models import SharingProtocol
        from homeward.foundation.institutions.models import Institution

        guests: dict[str, Any] = {}
        protocols: dict[str, Any] = {}
        for office, login in LEADS.items():
            ours = [case for case in self.facts.cases.values() if case.lead == office]
            for portion in range(0, len(ours), 24):
                with self.acting(login) as member:
                    guests = guests or {one.code: one for one in Institution.objects.filter(code__in=GUESTS)}
                    protocols = protocols or {one.code: one for one in SharingProtocol.objects.in_force()}
                    for number, case in enumerate(ours[portion : portion + 24]):
                        sure = SURE if portion == 96 and number < 12 else ()
                        drawn = self.random.sample(GUESTS, self.random.randint(0, 5))
                        for guest in dict.fromkeys((*sure, *drawn)):
                            self._let_in(case, guest, member, guests, protocols, involve, end_involvement)

    def _let_in(
        self, case: Case, guest: str, member: Any, guests: Any, protocols: Any, involve: Any, end: Any
    ) -> None:
        now = datetime.now(UTC)
        lead, receiver = self.pack.offices[case.lead], self.pack.offices[guest]
        possible = [
            one
            for one in load().protocols.values()
            if one.lets(lead, receiver) and is_about(one, case, now.date()) and guest != case.lead
        ]
        if not possible:
            return
        chosen = self.random.sample(possible, self.random.randint(1, len(possible)))
        until = self.random.choice([None, None, now + timedelta(days=30)])
        door = involve(
            case.key,
            guests[guest],
            protocols=[protocols[one.code] for one in chosen],
            reason="stage",
            until=until,
            by=member,
        )
        ends = until or FAR
        if self.random.random() < 0.15:
            end(door, reason="stage", by=member)
            ends = datetime.now(UTC)
        self.facts.doors += [Door(case.key, guest, one.code, now, ends) for one in chosen]

    def _keep_away(self) -> None:
        from homeward.foundation.access.actions import exclude

        for login in ("dprrp-cousin", "kps-officer", "kps-relative", "school-psychologist"):
            with self.acting(login) as member:
                for case in self.random.sample(sorted(self.facts.cases, key=str), 60):
                    exclude(case, member, reason="stage", by=member)
                    self.facts.kept_away.add((login, case))

    def _keep(self, case: Any, login: str) -> None:
        from homeward.foundation.access.actions import exclude

        if (login, case) not in self.facts.kept_away:
            with self.acting(login) as member:
                exclude(case, member, reason="stage", by=member)
            self.facts.kept_away.add((login, case))

    def _hand_over(self) -> None:
        from homeward.foundation.access.actions import hand_over_lead
        from homeward.foundation.institutions.models import Institution

        for office in ("kps", "csw-mitrovica-south"):
            inside = {
                door.case
                for door in self.facts.doors
                if door.office == office and door.ends > datetime.now(UTC)
            }
            ours = [key for key, case in self.facts.cases.items() if case.lead == "dprrp" and key in inside]
            with self.acting("dprrp-coordinator") as member:
                for key in ours[:6]:
                    hand_over_lead(key, Institution.objects.get(code=office), by=member)
                    self.facts.hand_over(key, self.pack.offices[office], self.pack, datetime.now(UTC))

    def _look(self) -> None:
        from homeward.foundation.access.actions import break_glass, review_break_glass
        from homeward.foundation.access.models import BreakGlass

        for login, others in (("kps-supervisor", "dprrp"), ("dprrp-coordinator", "kcs")):
            self.stage.give_token(login, self.members[login], assurance=2, factor_age=10)
            theirs = [key for key, case in self.facts.cases.items() if case.lead == others]
            # The first look is not justified and ends; the last one is at the same case, and runs.
            for number, key in enumerate((*theirs[:2], theirs[0])):
                reference = self.stage.one("select ref from app.case_anchor where case_id = %s", [key])
                with self.acting(login) as member:
                    look = break_glass(
                        reference=reference,
                        categories=[0, 4],
                        reason="The stage needs an emergency look here.",
                        by=member,
                    )
                ends = datetime.now(UTC) + timedelta(hours=4)
                if number == 0:
                    with self.acting(
                        LEADS[others] if others == "dprrp" else "data-protection-officer"
                    ) as reviewer:
                        seen = BreakGlass.objects.get(pk=look.pk)
                        review_break_glass(seen, verdict="unjustified", by=reviewer)
                    ends = datetime.now(UTC)
                if (
                    number == 1 and others == "dprrp"
                ):  # a look at a case that a colleague of the lead is kept from
                    self._keep(key, "dprrp-cousin")
                self.facts.looks.append(Look(key, login, frozenset({"identity", "legal"}), ends))

    def _leave_traces(self) -> None:
        """People of several institutions look at cases and do something there, in every category: the log remembers."""
        for login in ("dprrp-officer", "kps-officer", "csw-mitrovica-south", "atrc-counsellor"):
            member = self.members[login]
            cases = list(self.facts.cases)[:: 5 if login == "dprrp-officer" else 11]
            with self.stage.login("homeward_app").transaction():
                connection = self.stage.login("homeward_app")
                connection.execute("select sec.enter(%s)", [self.stage.tokens[login]])
                for number, case in enumerate(cases):
                    connection.execute(
                        "select sec.audit(%s, %s, %s, %s, %s, 'case', %s, '{}')",
                        [
                            member,
                            "case.viewed" if number % 2 else "case.noted",
                            bool(number % 2),
                            case,
                            (*range(len(CATEGORIES)), None)[number % 21],
                            case,
                        ],
                    )

    def _let_time_pass(self) -> None:
        """A protocol rests; some doors ended while no clock ticked; others begin next week."""
        stage = self.stage
        stage.superuser.execute(
            "update app.sharing_protocol set state = 'suspended' where code = %s", [RESTING]
        )
        self.facts.resting.add(RESTING)
        running = [door for door in self.facts.doors if door.office != self.facts.cases[door.case].lead]
        pairs = sorted({(str(door.case), door.office) for door in running if door.ends > datetime.now(UTC)})
        ended, later = set(pairs[::17]), set(pairs[1::17])
        past, week = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=7)
        with stage.superuser.transaction():
            stage.superuser.execute(
                "set local session_replication_role = replica"
            )  # no trigger folds: the clock stood still
            self.unticked += [(case, self.institutions[office]) for case, office in sorted(ended)]
            for case, office in ended:
                for table in ("case_access", "case_access_cat"):
                    stage.superuser.execute(
                        f"update app.{table} set expires_at = %s where case_id = %s and institution_id = %s and member_id = %s",
                        [past, case, self.institutions[office], UUID(int=0)],
                    )
        for case, office in later:
            stage.superuser.execute(
                "update app.involvement set starts_at = %s, ends_at = ends_at where case_id = %s and institution_id = %s "
                "and ended_by_id is null",
                [week, case, self.institutions[office]],
            )
        self.facts.doors = [self._moved(door, ended, later, past, week) for door in self.facts.doors]

    def _go_wrong(self) -> None:
        """Doors that should never have been there: under protocols not in force, for others, for adults; revoked ones.
        And a few of unusual depth."""
        run = self.stage.superuser.execute
        dprrp, keys = self.institutions["dprrp"], dict[str, UUID]()
        for protocol in NOT_GIVEN:
            key = keys[protocol.code] = self._new()
            receiver = self.institutions.get(protocol.receiver)
            run(
                "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
                "legal_basis, purpose, signatures, from_age, until_age, state, valid_from, valid_until, proposal) "
                "values (%s, %s, 1, '{}', %s, '', %s, %s, '{}', '{}', '[]', %s, %s, %s, %s, %s, '')",
                [
                    key,
                    protocol.code,
                    dprrp,
                    receiver,
                    "" if receiver else protocol.receiver,
                    protocol.from_age,
                    protocol.until_age,
                    STATES.get(protocol.code, "in_force"),
                    protocol.begins,
                    protocol.ends,
                ],
            )
            for name, (depth, writes) in protocol.clauses.items():
                run(
                    "insert into app.protocol_clause (id, protocol_id, category, depth, writes) values (gen_random_uuid(), %s, %s, %s, %s)",
                    [key, CATEGORIES.index(name), depth, writes],
                )
            if protocol is NARROW or protocol in SINGLE:
                continue
            office = protocol.receiver if receiver else "atrc"
            for case in self._never_visited(office):
                self._put_door(case, office, protocol.code, key)
        for case in self._never_visited("atrc"):  # a door whose grant was taken back, and one that has ended
            good = self.stage.one("select id from app.sharing_protocol where code = 'dprrp-cso'")
            self._put_door(case, "atrc", "dprrp-cso", good, revoked=True)
        self.facts.resting |= set(STATES)
        self._go_wrong_in_time(keys)
        self._go_wrong_for_the_lead(keys)

    def _go_wrong_in_time(self, keys: dict[str, UUID]) -> None:
        """Grants that begin later than their door or end sooner, doors that end before their grant, and a door that was
        closed and opened again under less, while nobody took the old grant back."""
        now = datetime.now(UTC)
        since, soon = now - timedelta(days=1), now + timedelta(days=10)
        everything = keys["stage-everything"]
        for begins, ends, until in (
            (soon, FAR, FAR),
            (since, now - timedelta(hours=1), FAR),
            (since, soon, FAR),
            (since, FAR, soon),
        ):
            for case in self._never_visited("krct"):
                self._put_door(
                    case, "krct", "stage-everything", everything, begins=begins, ends=ends, until=until
                )
        for case in self._never_visited("krct"):
            past = now - timedelta(hours=1)
            self._put_door(case, "krct", "stage-everything", everything, until=past, closed=True)
            self._put_door(case, "krct", "stage-existence", keys["stage-existence"])
        # Two grants at one door, of which the first is over or ends sooner than the other.
        for one, other, ends in (
            ("stage-past", "stage-existence", FAR),
            ("stage-everything", "stage-existence", now - timedelta(hours=1)),
            ("stage-everything", "stage-existence", soon),
            ("stage-needs", "stage-plan", soon),
        ):
            for case in self._never_visited("krct"):
                door = self._put_door(case, "krct", one, keys[one], ends=ends)
                self._put_grant(door, case, "krct", other, keys[other], since, FAR)

    def _go_wrong_for_the_lead(self, keys: dict[str, UUID]) -> None:
        """Cases of the probation service under which its own mandate was withdrawn: in some it keeps a little, in some
        one of its members looks in an emergency, and in some the mandate is over and no clock has ticked."""
        run, kps, past = self.stage.superuser.execute, self.institutions["kps"], datetime.now(UTC)
        ours = [key for key, case in self.facts.cases.items() if case.lead == "kps"][-9:]
        ours = [key for key in ours if ("kps-relative", key) not in self.facts.kept_away]
        for number, case in enumerate(ours):
            own = [case, kps]
            if number % 3 == 2:
                self.unticked.append((case, kps))
                with self.stage.superuser.transaction():
                    run("set local session_replication_role = replica")
                    for table in ("case_access", "case_access_cat"):
                        run(
                            f"update app.{table} set expires_at = now() where case_id = %s and institution_id = %s",
                            own,
                        )
            else:
                run(
                    "update app.access_grant set revoked_at = now() where case_id = %s and institution_id = %s",
                    own,
                )
            self.facts.doors = [
                replace(door, ends=min(door.ends, past))
                if (door.case, door.office) == (case, "kps")
                else door
                for door in self.facts.doors
            ]
            if number % 3 == 0:
                run(
                    "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until) "
                    "select gen_random_uuid(), v.id, v.case_id, v.institution_id, %s, now(), %s from app.involvement v "
                    "where v.case_id = %s and v.institution_id = %s and v.ended_by_id is null",
                    [keys["stage-narrow"], FAR, *own],
                )
                self.facts.doors.append(Door(case, "kps", "stage-narrow", past, FAR))
            if number % 3 == 1:
                self._look_oneself(case, "kps-relative", "case")
            self._put_door(case, "krct", "stage-everything", keys["stage-everything"])

    def _look_oneself(self, case: Any, login: str, category: str) -> None:
        """An emergency look as `sec.break_glass` leaves it, without the questions it asks, and found justified since."""
        run, ends = self.stage.superuser.execute, datetime.now(UTC) + timedelta(hours=4)
        run(
            "insert into app.break_glass (id, case_id, member_id, institution_id, lead_id, categories, reason, opened_at, expires_at, "
            "review_due_at, reviewed_at, verdict) select %s, %s, m.id, m.institution_id, k.lead_id, %s::smallint[], 'stage', now(), %s, %s, now(), "
            "'justified' "
            "from app.member m, app.case_anchor k where m.id = %s and k.case_id = %s",
            [self._new(), case, [CATEGORIES.index(category)], ends, FAR, self.members[login], case],
        )
        run(
            "select sec.fold(array[%s::uuid], array[%s::uuid])",
            [case, self.institutions[self.facts.seats[login].office]],
        )
        self.facts.looks.append(Look(case, login, frozenset({category}), ends))

    def _never_visited(self, office: str) -> list[Any]:
        """Six cases of the coordinating division, grown-ups' and children's, into which this office was never let."""
        inside = {door.case for door in self.facts.doors if door.office == office}
        free = [key for key, case in self.facts.cases.items() if case.lead == "dprrp" and key not in inside]
        grown = [key for key in free if self.facts.cases[key].adult_on == date(2010, 1, 1)]
        return [*grown[:3], *[key for key in free if key not in grown][:3]]

    def _put_door(
        self,
        case: Any,
        office: str,
        code: str,
        protocol: UUID,
        *,
        revoked: bool = False,
        begins: datetime | None = None,
        ends: datetime = FAR,
        until: datetime = FAR,
        closed: bool = False,
    ) -> UUID:
        """A door from yesterday `until` then, `closed` by somebody or not, and a grant that `begins` and `ends` then."""
        run, door, institution = self.stage.superuser.execute, self._new(), self.institutions[office]
        since, somebody = datetime.now(UTC) - timedelta(days=1), self.members["dprrp-coordinator"]
        run(
            "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, ended_by_id, "
            "end_reason) values (%s, %s, %s, '', %s, %s, %s, %s, '')",
            [door, case, institution, since, until, somebody, somebody if closed else None],
        )
        self._put_grant(
            door, case, office, code, protocol, begins or since, ends, revoked=revoked, until=until
        )
        return door

    def _put_grant(
        self,
        door: UUID,
        case: Any,
        office: str,
        code: str,
        protocol: UUID,
        begins: datetime,
        ends: datetime,
        *,
        revoked: bool = False,
        until: datetime = FAR,
    ) -> None:
        """A grant at this door, which is open `until` then."""
        now = datetime.now(UTC)
        self.stage.superuser.execute(
            "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until, revoked_at) "
            "values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)",
            [door, case, self.institutions[office], protocol, begins, ends, now if revoked else None],
        )
        self.facts.doors.append(Door(case, office, code, begins, now if revoked else min(ends, until)))

    def _moved(self, door: Door, ended: Any, later: Any, past: datetime, week: datetime) -> Door:
        pair = (str(door.case), door.office)
        if door not in self.facts.doors or door.ends <= datetime.now(UTC):
            return door
        if pair in ended:
            return replace(door, ends=min(past, door.ends))
        return replace(door, begins=week) if pair in later else door

    def acting(self, login: str) -> Any:
        from homeward.foundation.access import context

        return context.acting(self.stage.tokens[login])
