"""A country on a stage: 336 cases led by four institutions, doors of every kind, walls, looks, and a few false friends.

Everything is done by the application's own actions, under members' tokens; what only time or an operator does (a
protocol that rests, a door that ended last week) is done by the superuser. Returns what was decided as facts.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.attacks.stage import Stage, django_on
from tests.oracle.oracle import Case, Door, Facts, Look
from tests.oracle.pack import CATEGORIES, Protocol, Seat, load

PEOPLE = 336
FAR = datetime(9999, 12, 31, tzinfo=UTC)
RESTING = "dprrp-release-panel"
CHILD = date(2035, 1, 1)

# Members beside the demonstration's, each with something about them that must not help: login → (office, unit, roles).
FALSE_FRIENDS = {
    "dprrp-analyst": ("dprrp", "", ["analyst"]),
    "dprrp-cousin": ("dprrp", "", ["caseworker", "coordinator"]),
    "kcs-walker": ("kcs", "", ["coordinator", "caseworker"]),
    "kcs-colleague": ("kcs", "ve-management", ["caseworker"]),
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
    "imam": ("ick", "", ["caseworker"]),
    "town-hall": ("municipality-mitrovica-south", "", ["coordinator", "break_glass"]),
}
# Protocols that give a counsellor everything, and are all not in force: past, to come, proposed, ended.
NOW = datetime.now(UTC)
ALL_CLAUSES = dict.fromkeys(CATEGORIES, (3, True))
NOT_IN_FORCE = [
    Protocol("stage-past", "dprrp", "cso", NOW - timedelta(90), NOW - timedelta(1), False, ALL_CLAUSES),
    Protocol("stage-to-come", "dprrp", "cso", NOW + timedelta(7), NOW + timedelta(90), False, ALL_CLAUSES),
    Protocol("stage-proposed", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), False, ALL_CLAUSES),
    Protocol("stage-ended", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), False, ALL_CLAUSES),
    Protocol(
        "stage-for-others", "dprrp", "court", NOW - timedelta(90), NOW + timedelta(90), False, ALL_CLAUSES
    ),
    Protocol("stage-adults", "dprrp", "cso", NOW - timedelta(90), NOW + timedelta(90), True, ALL_CLAUSES),
]
# And some that are, of depths the country's own protocols do not give in every category.
SHALLOW = [
    Protocol(
        f"stage-{name}",
        "dprrp",
        "krct",
        NOW - timedelta(90),
        NOW + timedelta(90),
        False,
        dict.fromkeys(CATEGORIES, what),
    )
    for name, what in {
        "existence": (1, False),
        "own-file": (0, True),
        "summary": (2, True),
        "everything": (3, True),
    }.items()
]
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


class World:
    """The stage, the pack and the facts, with what attacks need to find their way."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        pack = load()
        self.pack = replace(
            pack,
            offices=pack.offices | {"krct": replace(pack.offices["krct"], units=DESK)},
            protocols=pack.protocols | {one.code: one for one in (*NOT_IN_FORCE, *SHALLOW)},
        )
        self.facts = Facts()
        self.random = random.Random(11)
        self.members: dict[str, UUID] = {}
        self.institutions: dict[str, UUID] = {}
        self.text_indexes: list[tuple[str, str, str]] = []

    def build(self) -> None:
        self._seat()
        with django_on(self.stage.database):
            self._open()
            self._involve()
            self._keep_away()
            self._hand_over()
            self._look()
        self._let_time_pass()
        self._go_wrong()
        self.text_indexes = self.stage.ask(
            "select g.table_name, c.relname, a.attname from sec.guarded g "
            "join pg_index i on i.indrelid = format('app.%I', g.table_name)::regclass "
            "join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam "
            "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] join pg_type t on t.oid = a.atttypid "
            "where g.shape in ('case', 'person') and m.amname in ('btree', 'hash') and t.typname in ('text', 'varchar', 'date')"
        )

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
                    uuid4(),
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
                adult_on = self.random.choice([date(2010, 1, 1), date(2010, 1, 1), CHILD, None])
                if office == "kcs":  # prisons hold grown-ups, and its mandate says so
                    adult_on = date(2010, 1, 1)
                case = Case(uuid4(), uuid4(), office, adult_on)
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
                    for case in ours[portion : portion + 24]:
                        for guest in self.random.sample(GUESTS, self.random.randint(0, 5)):
                            self._let_in(case, guest, member, guests, protocols, involve, end_involvement)

    def _let_in(
        self, case: Case, guest: str, member: Any, guests: Any, protocols: Any, involve: Any, end: Any
    ) -> None:
        now = datetime.now(UTC)
        is_adult = case.adult_on is not None and case.adult_on <= datetime.now(UTC).date()
        lead, receiver = self.pack.offices[case.lead], self.pack.offices[guest]
        possible = [
            one
            for one in load().protocols.values()
            if one.lets(lead, receiver) and (is_adult or not one.adults_only) and guest != case.lead
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
            for number, (key, _case) in enumerate(
                [(key, case) for key, case in self.facts.cases.items() if case.lead == others][:3]
            ):
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
        dprrp = self.institutions["dprrp"]
        inside = {door.case for door in self.facts.doors if door.office == "atrc"}
        cases = [key for key, case in self.facts.cases.items() if case.lead == "dprrp" and key not in inside]
        for number, protocol in enumerate((*NOT_IN_FORCE, *SHALLOW)):
            key = uuid4()
            receiver = self.institutions.get(protocol.receiver)
            run(
                "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
                "legal_basis, purpose, signatures, adults_only, state, valid_from, valid_until, proposal) "
                "values (%s, %s, 1, '{}', %s, '', %s, %s, '{}', '{}', '[]', %s, %s, %s, %s, '')",
                [
                    key,
                    protocol.code,
                    dprrp,
                    receiver,
                    "" if receiver else protocol.receiver,
                    protocol.adults_only,
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
            for case in cases[number * 6 : number * 6 + 6]:
                self._put_door(case, "krct" if receiver else "atrc", protocol.code, key)
        for case in cases[60:66]:  # a door whose grant was taken back, and one that has ended
            good = self.stage.one("select id from app.sharing_protocol where code = 'dprrp-cso'")
            self._put_door(case, "atrc", "dprrp-cso", good, revoked=True)
        self.facts.resting |= set(STATES)

    def _put_door(self, case: Any, office: str, code: str, protocol: UUID, *, revoked: bool = False) -> None:
        run, door, institution = self.stage.superuser.execute, uuid4(), self.institutions[office]
        since = datetime.now(UTC) - timedelta(days=1)
        run(
            "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, end_reason) "
            "values (%s, %s, %s, '', %s, %s, %s, '')",
            [door, case, institution, since, FAR, self.members["dprrp-coordinator"]],
        )
        run(
            "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until, revoked_at) "
            "values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)",
            [door, case, institution, protocol, since, FAR, datetime.now(UTC) if revoked else None],
        )
        self.facts.doors.append(Door(case, office, code, since, datetime.now(UTC) if revoked else FAR))

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
