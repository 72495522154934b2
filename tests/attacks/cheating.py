"""Members with a true context who try to get more than their part. Each attempt stands beside one that must succeed,
so that nothing is refused merely because it was mistyped."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from tests.attacks.filling import required_values
from tests.attacks.siege import Siege
from tests.attacks.stage import NO_CONTEXT, Outcome, attempt
from tests.attacks.world import CHILD, FAR, YOUTH
from tests.oracle.oracle import outgrows
from tests.oracle.pack import CATEGORIES

ANCHOR = "insert into app.case_anchor (case_id, ref, person_id, lead_id, opened_at) values (gen_random_uuid(), %s, %s, %s, now())"
DOOR = (
    "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, ended_by_id, end_reason) "
    "values (%s, %s, %s, '', now(), %s, %s, %s, '')"
)
GRANT = (
    "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until) "
    "values (gen_random_uuid(), %s, %s, %s, (select id from app.sharing_protocol where code = %s and version = 1), now(), %s)"
)
KEEP = (
    "insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at) "
    "values (gen_random_uuid(), %s, %s, %s, 'x', now())"
)
SEAT = (
    "insert into app.member (id, account_id, institution_id, unit_id, name, code, roles, starts_on, ends_on) "
    "values (gen_random_uuid(), %s, %s, %s, 'x', '', %s, (now() at time zone 'Europe/Belgrade')::date, %s)"
)
PROPOSE = (
    "insert into app.sharing_protocol (id, code, version, title, provider_kind, receiver_kind, legal_basis, purpose, "
    "signatures, from_age, until_age, state, valid_from, valid_until, proposed_by_id, proposal) values "
    "(%s, 'new', 1, '{}', 'cso', 'cso', '{}', '{}', '[]', null, null, %s, now(), now() + interval '1 day', %s, 'x')"
)
CLAUSE = "insert into app.protocol_clause (id, protocol_id, category, depth, writes) values (gen_random_uuid(), %s, 19, 3, true)"
# Constraints that are part of the guard: one case for each person, no role that there is not, nothing but codes in the log.
GUARDING = ("case_anchor_person_id_key", "member_roles_known", "event_codes")
REASON = "Somebody is in danger tonight and nobody answers."


def worked(outcome: Outcome) -> bool:
    """Whether it changed, told or allowed anything."""
    if outcome.refused or outcome.count == 0:
        return False
    return outcome.value is not False and (not outcome.rows or outcome.rows != [(None,)])


def refused_by_the_guard(outcome: Outcome) -> bool:
    """Whether it failed for want of a right, and not because the attack was mistyped or something else stood in its way."""
    if outcome.error is None or outcome.state in ("42501", NO_CONTEXT):
        return True
    return outcome.error.diag.constraint_name in GUARDING


class Court:
    """Collects what must fail and what must work, each attempt in a transaction of its own."""

    def __init__(self, siege: Siege) -> None:
        self.siege = siege
        self.world = siege.world
        self.breaches: list[str] = []

    def tried(self, login: str, *statements: tuple[str, Any], role: str = "homeward_app") -> Outcome:
        """The last of several statements of one transaction; the ones before must have worked."""
        with self.siege.stage.as_member(login, role) as connection:
            for statement, params in statements[:-1]:
                before = attempt_kept(connection, statement, params)
                if before.refused:
                    return before
            return attempt(connection, *statements[-1])

    def must_fail(
        self, what: str, login: str, *statements: tuple[str, Any], role: str = "homeward_app"
    ) -> Outcome:
        outcome = self.tried(login, *statements, role=role)
        if worked(outcome):
            self.breaches.append(f"{login}: {what}: {outcome.rows or outcome.count}")
        elif not refused_by_the_guard(outcome):
            self.breaches.append(f"{login}: {what}: refused, but not by the guard: {outcome.error}")
        if told := self.tells_of_others(login, outcome, statements):
            self.breaches.append(f"{login}: {what}: the refusal tells of {told}")
        return outcome

    def tells_of_others(self, login: str, outcome: Outcome, statements: tuple[tuple[str, Any], ...]) -> str:
        """A key in a refusal that the asker neither brought along nor is."""
        if outcome.error is None:
            return ""
        diag = outcome.error.diag
        parts = (diag.message_primary, diag.message_detail, diag.message_hint, diag.context)
        own = self.world.institutions[self.siege.facts.seats[login].office]
        brought = json.dumps([params for _statement, params in statements], default=str)
        brought += f"{self.world.members[login]} {own}"
        words = re.findall(r"[0-9a-f-]{36}", " ".join(part for part in parts if part))
        return next((word for word in words if word in self.siege.keys and word not in brought), "")

    def must_work(
        self, what: str, login: str, *statements: tuple[str, Any], role: str = "homeward_app"
    ) -> None:
        outcome = self.tried(login, *statements, role=role)
        if not worked(outcome):
            self.breaches.append(f"{login} cannot any more: {what}: {outcome.error or outcome.rows}")


def attempt_kept(connection: psycopg.Connection[Any], statement: str, params: Any) -> Outcome:
    """Tries a statement and keeps what it did, for the next one to build on."""
    try:
        with connection.transaction():
            cursor = connection.execute(statement, params)
            return Outcome(rows=cursor.fetchall() if cursor.description else [], count=cursor.rowcount)
    except psycopg.Error as error:
        return Outcome(error=error, state=error.sqlstate or "")


@contextmanager
def agreed(
    siege: Siege,
    provider: str,
    receiver: str,
    *,
    state: str = "in_force",
    days: tuple[int, int] = (-1, 1),
    ages: tuple[int | None, int | None] = (None, None),
    clauses: dict[int, tuple[int, bool]] | None = None,
    proposed_by: str = "",
    signatures: str = "[]",
) -> Iterator[UUID]:
    """One more agreement between two institutions, for as long as it is tried, and then no more."""
    key, ours, run = uuid4(), siege.world.institutions, siege.stage.superuser.execute
    begins, ends = (datetime.now(UTC) + timedelta(days=day) for day in days)
    run(
        "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
        "legal_basis, purpose, signatures, from_age, until_age, state, valid_from, valid_until, proposed_by_id, proposal) "
        "values (%s, 'tried', 1, '{}', %s, '', %s, '', '{}', '{}', %s, %s, %s, %s, %s, %s, %s, '')",
        [
            key,
            ours[provider],
            ours[receiver],
            signatures,
            *ages,
            state,
            begins,
            ends,
            siege.world.members.get(proposed_by),
        ],
    )
    for category, (depth, writes) in (clauses or {}).items():
        run(
            "insert into app.protocol_clause (id, protocol_id, category, depth, writes) values (gen_random_uuid(), %s, %s, %s, %s)",
            [key, category, depth, writes],
        )
    try:
        yield key
    finally:
        run("delete from app.protocol_clause where protocol_id = %s", [key])
        run("delete from app.sharing_protocol where id = %s", [key])


# Agreements that open nothing: not signed, withdrawn, over, not begun.
VOID: dict[str, dict[str, Any]] = {
    "a proposed": {"state": "proposed"},
    "a suspended": {"state": "suspended"},
    "a past": {"days": (-9, -1)},
    "a future": {"days": (1, 9)},
}


def opening(siege: Siege) -> Iterator[str]:
    """Cases are opened by those who work in an institution with a mandate, under its own name."""
    court, ours = Court(siege), siege.world.institutions
    new = lambda office: [f"HW-{uuid4().hex[:8]}", uuid4(), ours[office]]  # noqa: E731
    court.must_work("open a case", "dprrp-officer", (ANCHOR, new("dprrp")))
    court.must_work("open a case", "csw-mitrovica-south", (ANCHOR, new("csw-mitrovica-south")))
    court.must_fail("opens a case without a mandate", "atrc-counsellor", (ANCHOR, new("atrc")))
    court.must_fail("opens a case without a mandate", "donor-breaker", (ANCHOR, new("gcerf")))
    with agreed(siege, "atrc", "atrc"):
        court.must_work("open a case under a mandate", "atrc-counsellor", (ANCHOR, new("atrc")))
    for what, how in VOID.items():
        with agreed(siege, "atrc", "atrc", **how):
            court.must_fail(f"opens a case under {what} mandate", "atrc-counsellor", (ANCHOR, new("atrc")))
    with agreed(siege, "atrc", "kps"):
        court.must_fail("opens a case because it shares", "atrc-counsellor", (ANCHOR, new("atrc")))
    court.must_fail("opens a case in another's name", "dprrp-officer", (ANCHOR, new("kps")))
    court.must_fail("opens a case as an analyst", "dprrp-analyst", (ANCHOR, new("dprrp")))
    court.must_fail("opens a case through the wall of a unit", "kcs-intelligence", (ANCHOR, new("kcs")))
    court.must_fail("opens a case without a side of the wall", "kcs-walker", (ANCHOR, new("kcs")))
    taken = siege.facts.cases[siege.case_of("dprrp")].person
    court.must_fail(
        "opens a second case of a person", "kps-supervisor", (ANCHOR, ["HW-2", taken, ours["kps"]])
    )
    case = siege.case_of("dprrp")
    for column, value in (
        ("lead_id", ours["kps"]),
        ("person_id", uuid4()),
        ("ref", "HW-X"),
        ("adult_on", "2000-01-01"),
    ):
        court.must_fail(
            f"changes {column} of an anchor",
            "dprrp-coordinator",
            (f"update app.case_anchor set {column} = %s where case_id = %s", [value, case]),
        )
    yield from court.breaches


def letting_in(siege: Siege) -> Iterator[str]:
    """Doors are opened by those who work on the case in the leading institution, under a protocol between the two."""
    court, world = Court(siege), siege.world
    ours, people = world.institutions, world.members
    free = siege.case_of("dprrp", without="atrc")
    door = uuid4()

    def let(case: Any, office: str, by: str, *, ended: Any = None) -> tuple[str, Any]:
        return DOOR, [door, case, ours[office], FAR, people[by], people.get(ended) if ended else None]

    def give(case: Any, office: str, protocol: str) -> tuple[str, Any]:
        return GRANT, [door, case, ours[office], protocol, FAR]

    officer = "dprrp-officer"
    court.must_work(
        "let a counsellor in", officer, let(free, "atrc", officer), give(free, "atrc", "dprrp-cso")
    )
    court.must_fail("lets itself in", "atrc-counsellor", let(free, "atrc", "atrc-counsellor"))
    court.must_fail("lets in where another leads", "kps-supervisor", let(free, "atrc", "kps-supervisor"))
    court.must_fail("lets in as an analyst", "dprrp-analyst", let(free, "atrc", "dprrp-analyst"))
    court.must_fail("lets in in a colleague's name", officer, let(free, "atrc", "dprrp-coordinator"))
    court.must_fail("lets in with the end already set", officer, let(free, "atrc", officer, ended=officer))
    kept = siege.kept_from("dprrp-cousin", "dprrp")
    court.must_fail("lets in where kept away", "dprrp-cousin", let(kept, "opm", "dprrp-cousin"))
    kcs = siege.case_of("kcs")
    court.must_fail("lets in past the wall of a unit", "kcs-walker", let(kcs, "opm", "kcs-walker"))
    inside = let(free, "atrc", officer)
    for protocol in ("dprrp-police", "mandate-dprrp", "kps-cso", "csw-cso", "dprrp-court"):
        court.must_fail(
            f"gives a counsellor what {protocol} gives others", officer, inside, give(free, "atrc", protocol)
        )
    for protocol in ("stage-past", "stage-to-come", "stage-proposed", "stage-ended"):
        court.must_fail(
            f"gives under a protocol not in force ({protocol})", officer, inside, give(free, "atrc", protocol)
        )
    child = next(
        key
        for key in siege.cases_of("dprrp", without="atrc")
        if (adult := siege.facts.cases[key].adult_on) is None or adult > siege.oracle.today
    )
    court.must_fail(
        "gives what is for adults in a child's case",
        officer,
        let(child, "atrc", officer),
        give(child, "atrc", "stage-adults"),
    )
    grown = next(
        key
        for key in siege.cases_of("dprrp", without="atrc")
        if siege.facts.cases[key].adult_on == date(2010, 1, 1)
    )
    court.must_fail(
        "gives what is for children in a grown-up's case",
        officer,
        let(grown, "atrc", officer),
        give(grown, "atrc", "stage-pupils"),
    )
    youth = next(
        key for key in siege.cases_of("dprrp", without="kps") if siege.facts.cases[key].adult_on == YOUTH
    )
    court.must_work(
        "let probation in for a youth", officer, let(youth, "kps", officer), give(youth, "kps", "dprrp-kps")
    )
    for what, adult_on in (("small child's", CHILD), ("case of somebody whose age nobody knows", None)):
        small = next(
            key
            for key in siege.cases_of("dprrp", without="kps")
            if siege.facts.cases[key].adult_on == adult_on
        )
        court.must_fail(
            f"lets probation into the {what}",
            officer,
            let(small, "kps", officer),
            give(small, "kps", "dprrp-kps"),
        )
    empty = siege.case_of("dprrp", without="csw-decan")
    court.must_fail(
        "lets in an institution that is closed",
        officer,
        let(empty, "csw-decan", officer),
        give(empty, "csw-decan", "dprrp-csw"),
    )
    other = next(case for case in siege.cases_of("dprrp", without="atrc") if case != free)
    court.must_fail("gives through another case's door", officer, inside, give(other, "atrc", "dprrp-cso"))
    court.must_fail(
        "gives through another institution's door", officer, inside, give(free, "cbm", "dprrp-cso")
    )
    theirs = siege.case_of("kps")
    foreign = siege.stage.one("select id from app.involvement where case_id = %s limit 1", [theirs])
    court.must_fail(
        "gives in another's case", officer, (GRANT, [foreign, theirs, ours["kps"], "dprrp-kps", FAR])
    )
    # Asked directly, the same functions answer about one's own cases alone, whatever else is true of a case.
    grown = next(
        key
        for key in siege.cases_of("kps", without="dprrp")
        if (adult := siege.facts.cases[key].adult_on) is not None and adult <= siege.oracle.today
    )
    could = "select sec.may_grant(%s, %s, (select id from app.sharing_protocol where code = 'dprrp-kcs'))"
    court.must_fail("is told that a stranger is of age", "dprrp-coordinator", (could, [grown, ours["kcs"]]))
    for table in ("case_access", "case_access_cat"):
        court.must_fail(
            f"writes the rule itself into {table}",
            officer,
            (f"insert into app.{table} select * from app.{table}", []),
        )
        court.must_fail(
            f"changes the rule itself in {table}", officer, (f"update app.{table} set expires_at = now()", [])
        )
    yield from court.breaches


def prolonging(siege: Siege) -> Iterator[str]:
    """A door is closed by the lead, and stays closed."""
    court, ours = Court(siege), siege.world.institutions
    officer = "dprrp-officer"
    me = siege.world.members[officer]
    case = siege.case_of("dprrp", with_guest="kps")
    now = datetime.now(UTC)
    end = (
        "update app.involvement set ends_at = %s, ended_by_id = %s, end_reason = 'x' where case_id = %s and institution_id = %s"
        " and ended_by_id is null"
    )
    take = "update app.access_grant set revoked_at = %s, revoked_by_id = %s where case_id = %s and institution_id = %s"
    closing = (end, [now, me, case, ours["kps"]])
    court.must_work("close a guest's door", officer, closing)
    court.must_work("take a guest's grant back", officer, (take, [now, me, case, ours["kps"]]))
    court.must_fail("closes the lead's own door", officer, (end, [now, me, case, ours["dprrp"]]))
    court.must_fail("takes the lead's own mandate", officer, (take, [now, me, case, ours["dprrp"]]))
    colleague = siege.world.members["dprrp-coordinator"]
    court.must_fail("takes in a colleague's name", officer, (take, [now, colleague, case, ours["kps"]]))
    court.must_fail(
        "closes in a colleague's name",
        officer,
        (end, [now, siege.world.members["dprrp-coordinator"], case, ours["kps"]]),
    )
    court.must_fail(
        "closes a door as an analyst",
        "dprrp-analyst",
        (end, [now, siege.world.members["dprrp-analyst"], case, ours["kps"]]),
    )
    guest = siege.world.members["kps-supervisor"]
    court.must_fail(
        "closes another's door as a guest", "kps-supervisor", (end, [now, guest, case, ours["dprrp"]])
    )
    court.must_fail(
        "prolongs its own door as a guest", "kps-supervisor", (end, [FAR, guest, case, ours["kps"]])
    )
    # A guest who sees how the case is coordinated, and a stranger who asks for everything at once.
    both = next(
        key
        for key in siege.cases_of("dprrp", with_guest="kps")
        if key in set(siege.cases_of("dprrp", with_guest="atrc"))
        and siege.readers["kps-supervisor"].depth(key, "case") == 3
    )
    court.must_fail("closes another guest's door", "kps-supervisor", (end, [now, guest, both, ours["atrc"]]))
    court.must_fail("takes another guest's grant", "kps-supervisor", (take, [now, guest, both, ours["atrc"]]))
    for login in ("atrc-counsellor", "dprrp-analyst", "school-psychologist"):
        stranger = siege.world.members[login]
        everything = ("update app.access_grant set revoked_at = now(), revoked_by_id = %s", [stranger])
        court.must_fail("takes every grant there is", login, everything)
        everything = ("update app.involvement set ends_at = now(), ended_by_id = %s", [stranger])
        court.must_fail("closes every door there is", login, everything)
    again = (
        "update app.involvement set ends_at = %s, ended_by_id = %s where case_id = %s and institution_id = %s"
    )
    court.must_fail("opens a door again", officer, closing, (again, [FAR, me, case, ours["kps"]]))
    court.must_fail(
        "changes why a door was closed",
        officer,
        closing,
        (again, [now - timedelta(days=1), me, case, ours["kps"]]),
    )
    short = (
        "select case_id, institution_id from app.involvement where ends_at < now() + interval '1 year' and ends_at > now() "
        "and ended_by_id is null and case_id in (select case_id from app.case_anchor where lead_id = %s) limit 1"
    )
    limited, office = siege.stage.ask(short, [ours["dprrp"]])[0]
    court.must_fail("prolongs a door", officer, (again, [FAR, me, limited, office]))
    taken = (take, [now, me, case, ours["kps"]])
    court.must_fail("gives back what was taken", officer, taken, (take, [None, me, case, ours["kps"]]))
    court.must_fail(
        "prolongs a grant",
        officer,
        ("update app.access_grant set valid_until = %s where case_id = %s", [FAR, case]),
    )
    for table, column in (("involvement", "ends_at"), ("access_grant", "valid_until")):
        longer = f"update app.{table} set {column} = {column} + interval '1 day' where case_id = %s"
        if attempt(siege.stage.superuser, longer, [case]).state != "42501":
            court.breaches.append(f"even the superuser, with the guards on, prolongs {column} of {table}")
    for table, column in (
        ("involvement", "institution_id"),
        ("involvement", "case_id"),
        ("access_grant", "protocol_id"),
    ):
        court.must_fail(
            f"changes {column} of a door", officer, (f"update app.{table} set {column} = {column}", [])
        )
    yield from court.breaches


def handing_over(siege: Siege) -> Iterator[str]:
    """The lead passes from its coordinator to a guest with a mandate, and in no other way."""
    court, ours = Court(siege), siege.world.institutions
    call = "select sec.hand_over(%s, %s)"
    case = siege.case_of("dprrp", with_guest="kps")
    court.must_work("hand the lead over", "dprrp-coordinator", (call, [case, ours["kps"]]))
    court.must_fail("hands over as a caseworker", "dprrp-officer", (call, [case, ours["kps"]]))
    court.must_fail("takes the lead as a guest", "kps-supervisor", (call, [case, ours["kps"]]))
    court.must_fail("hands over to itself", "dprrp-coordinator", (call, [case, ours["dprrp"]]))
    alone = siege.case_of("dprrp", without="kps")
    court.must_fail("hands over to somebody outside", "dprrp-coordinator", (call, [alone, ours["kps"]]))
    helped = siege.case_of("dprrp", with_guest="atrc")
    court.must_fail(
        "hands over to one without a mandate", "dprrp-coordinator", (call, [helped, ours["atrc"]])
    )
    kept = siege.kept_from("dprrp-cousin", "dprrp", with_guest="kps")
    court.must_fail("hands over where kept away", "dprrp-cousin", (call, [kept, ours["kps"]]))
    with agreed(siege, "atrc", "atrc"):
        court.must_work(
            "hand over to one with a new mandate", "dprrp-coordinator", (call, [helped, ours["atrc"]])
        )
    for what, how in VOID.items():
        with agreed(siege, "atrc", "atrc", **how):
            court.must_fail(
                f"hands over under {what} mandate", "dprrp-coordinator", (call, [helped, ours["atrc"]])
            )
    for provider, receiver in (("atrc", "kps"), ("dprrp", "atrc")):
        with agreed(siege, provider, receiver):
            court.must_fail(
                f"hands over because {provider} shares with {receiver}",
                "dprrp-coordinator",
                (call, [helped, ours["atrc"]]),
            )
    young = next(
        key
        for key in siege.cases_of("dprrp", with_guest="atrc")
        if (adult := siege.facts.cases[key].adult_on) is None or adult > siege.oracle.today
    )
    with agreed(siege, "atrc", "atrc", ages=(18, None)):
        court.must_fail(
            "hands a child over under a mandate for adults",
            "dprrp-coordinator",
            (call, [young, ours["atrc"]]),
        )
    for what, begins, ends in (("has left", "-9", "-1"), ("has yet to come", "1", "9")):
        key = siege.case_of("dprrp", without="csw-prizren")
        with _past_door(siege, key, "csw-prizren", int(begins), int(ends)):
            court.must_fail(
                f"hands over to one that {what}", "dprrp-coordinator", (call, [key, ours["csw-prizren"]])
            )
    with siege.stage.as_member("dprrp-coordinator") as connection:
        connection.execute(call, [case, ours["kps"]])
        left = {
            row[0]
            for row in connection.execute(
                "select category from app.case_access_cat where case_id = %s", [case]
            )
        }
        if left:
            court.breaches.append(f"the old lead still sees categories {sorted(left)} under its own mandate")
    hidden = court.tried("kps-supervisor", (call, [siege.case_of("kcs", without="kps"), ours["kps"]]))
    missing = court.tried("kps-supervisor", (call, [uuid4(), ours["kps"]]))
    if str(hidden.error) != str(missing.error):
        court.breaches.append(
            f"hand_over answers a hidden case otherwise than a missing one: {hidden.error}, {missing.error}"
        )
    traced = "select count(*) from audit.event where verb = 'access.lead_handed_over' and case_id = %s and at > now() - interval '1 minute'"
    with siege.stage.as_member("dprrp-coordinator") as connection:
        before = connection.execute(traced, [case]).fetchone()[0]
        connection.execute(call, [case, ours["kps"]])
        connection.execute("select set_config('app.ctx', '', true)")
        connection.execute("select sec.enter(%s)", [siege.stage.tokens["kps-supervisor"]])
        if connection.execute(traced, [case]).fetchone()[0] != before + 1:
            court.breaches.append("the lead was handed over without a trace")
    yield from court.breaches


@contextmanager
def _past_door(siege: Siege, case: Any, office: str, begins: int, ends: int) -> Iterator[None]:
    """An institution takes part from one day to another, counted from today; it is not let in under anything."""
    key, now, run = uuid4(), datetime.now(UTC), siege.stage.superuser.execute
    run(
        "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, end_reason) "
        "values (%s, %s, %s, '', %s, %s, %s, '')",
        [
            key,
            case,
            siege.world.institutions[office],
            now + timedelta(days=begins),
            now + timedelta(days=ends),
            siege.world.members["dprrp-coordinator"],
        ],
    )
    try:
        yield
    finally:
        run("delete from app.involvement where id = %s", [key])


def withdrawing(siege: Siege) -> Iterator[str]:
    """Whatever a door was made of is taken back: it is shut in the same moment, and not when a clock ticks."""
    stage, ours = siege.stage, siege.world.institutions
    case = next(
        key
        for key in siege.cases_of("dprrp", with_guest="kps")
        if siege.readers["kps-officer"].depth(key, "risk")
        and ("kps-officer", key) not in siege.facts.kept_away
    )
    guarded = next(
        key
        for key in siege.cases_of("dprrp", with_guest="csw-mitrovica-south")
        if siege.readers["csw-mitrovica-south"].depth(key, "child_protection")
    )
    here, under = (
        "case_id = %(case)s and institution_id = %(kps)s",
        (
            "in (select protocol_id from app.access_grant where case_id = %(case)s and institution_id = %(kps)s)"
        ),
    )
    aside = (
        "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
        "legal_basis, purpose, signatures, from_age, until_age, state, valid_from, valid_until, proposal, closing_reason) "
        "select gen_random_uuid(), 'aside', 1, title, provider_id, provider_kind, receiver_id, receiver_kind, legal_basis, purpose, "
        "signatures, from_age, until_age, 'ended', valid_from, valid_until, proposal, '' from app.sharing_protocol where code = 'dprrp-kps'"
    )
    move = "update app.protocol_clause set protocol_id = (select id from app.sharing_protocol where code = 'aside') where protocol_id "
    nothing: list[int] = list(range(20))
    ways: dict[str, tuple[list[str], list[int]]] = {
        "the door is closed": ([f"update app.involvement set ends_at = now() where {here}"], nothing),
        "the grants are taken back": (
            [f"update app.access_grant set revoked_at = now() where {here}"],
            nothing,
        ),
        "the protocol is suspended": (
            [f"update app.sharing_protocol set state = 'suspended' where id {under}"],
            nothing,
        ),
        "the protocol is over": (
            [f"update app.sharing_protocol set valid_until = now() where id {under}"],
            nothing,
        ),
        "its clauses are struck out": (
            [f"delete from app.protocol_clause where protocol_id {under}"],
            nothing,
        ),
        "its clauses give nothing": (
            [f"update app.protocol_clause set depth = 0, writes = false where protocol_id {under}"],
            nothing,
        ),
        "its clauses go elsewhere": ([aside, move + under], nothing),
        "the institution becomes another": (
            ["update app.institution set kind = 'donor' where id = %(kps)s"],
            nothing,
        ),
        "the person turns out to be a child": (
            ["update app.case_anchor set adult_on = '2035-01-01' where case_id = %(case)s"],
            [CATEGORIES.index("risk")],
        ),
    }
    names = {"case": case, "kps": ours["kps"]}
    for what, (statements, gone) in ways.items():
        if left := _seen_after(siege, "kps-officer", case, statements, names) & set(gone):
            yield f"{what}, and a guest still sees {sorted(left)}"
    turned = ["update app.institution_kind set party = 'security' where code = 'social-work-centre'"]
    left = _seen_after(siege, "csw-mitrovica-south", guarded, turned, names) & set(range(13, 18))
    if left:
        yield f"a kind of institution becomes a security body and still sees {sorted(left)}"
    before = stage.one("select count(*) from app.sharing_protocol where code = 'aside'")
    if before or not _seen_after(siege, "kps-officer", case, [], names):
        yield "the attack itself is broken: nothing was there to be shut"


def _seen_after(
    siege: Siege, login: str, case: Any, statements: list[str], names: dict[str, Any]
) -> set[int]:
    """The categories of a case that this member still sees when that has been done, in the very transaction."""
    connection = siege.stage.superuser
    with connection.transaction(force_rollback=True):
        for statement in statements:
            connection.execute(statement, names)
        connection.execute("set local role homeward_app")
        connection.execute("select sec.enter(%s)", [siege.stage.tokens[login]])
        return {
            row[0]
            for row in connection.execute(
                "select category from app.case_access_cat where case_id = %s", [case]
            )
        }


# Members of security bodies, and of the unit that keeps intelligence inside another one.
SECURITY = {"police-officer": "kosovo-police", "kia-officer": "kia", "kcs-intelligence": "kcs"}
CONFIDED = [
    CATEGORIES.index(name)
    for name in ("education", "health", "counselling", "child_protection", "gender_violence")
]


def signed_away(office: str, *, leads: bool = False) -> list[str]:
    """What an operator would do who put everything there is into one protocol with this institution, for one case
    (`%(case)s`): as a guest, or as the one who leads it."""
    whose = "code = 'dprrp'" if not leads else f"code = '{office}'"
    lead = [
        f"update app.case_anchor set lead_id = (select id from app.institution where code = '{office}') where case_id = %(case)s"
    ]
    return [
        *(lead if leads else []),
        (
            "insert into app.sharing_protocol (id, code, version, title, provider_id, provider_kind, receiver_id, receiver_kind, "
            "legal_basis, purpose, signatures, from_age, until_age, state, valid_from, valid_until, proposal) "
            "select gen_random_uuid(), 'away', 1, '{}', l.id, '', r.id, '', '{}', '{}', '[]', null, null, 'in_force', now() - interval '1 day', "
            f"now() + interval '1 day', '' from app.institution l, app.institution r where l.{whose} and r.code = '{office}'"
        ),
        (
            "insert into app.protocol_clause (id, protocol_id, category, depth, writes) "
            "select gen_random_uuid(), p.id, c, 3, true from app.sharing_protocol p, generate_series(0, 19) c where p.code = 'away'"
        ),
        (
            "insert into app.involvement (id, case_id, institution_id, reason, starts_at, ends_at, involved_by_id, end_reason) "
            "select gen_random_uuid(), %(case)s, i.id, 'away', now() - interval '1 day', 'infinity', (select id from app.member limit 1), '' "
            f"from app.institution i where i.code = '{office}'"
        ),
        (
            "insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until) "
            "select gen_random_uuid(), v.id, v.case_id, v.institution_id, p.id, now() - interval '1 day', 'infinity' "
            "from app.involvement v, app.sharing_protocol p where v.reason = 'away' and p.code = 'away'"
        ),
    ]


def walling(siege: Siege) -> Iterator[str]:
    """A security body is given everything there is: what was confided to others does not come with it, and no unit of
    intelligence can be told to look at it."""
    for login, office in SECURITY.items():
        case = next(
            key
            for key in siege.cases_of("dprrp", without=office)
            if (adult := siege.facts.cases[key].adult_on) is not None and adult <= siege.oracle.today
        )
        for leads in (False, True):
            seen = _seen_after(siege, login, case, signed_away(office, leads=leads), {"case": case})
            if seen & set(CONFIDED):
                yield f"{login} sees {sorted(seen & set(CONFIDED))}"
            if not {0, 18} <= seen:
                yield f"the attack itself is broken: {login} sees {sorted(seen)}"
    widen = (
        "update app.institution_unit set mask = mask | %s where code = 'intelligence' and mask is not null"
    )
    for category in CONFIDED:
        if not attempt(siege.stage.superuser, widen, [1 << category]).refused:
            yield f"a unit of intelligence is told to look at {CATEGORIES[category]}"


def outliving(siege: Siege) -> Iterator[str]:
    """Every line of the rule ends with the first of what it was made from: door, grant, protocol or look. So a clock that
    stands still shuts too much and never too little."""
    now, oracle, offices = siege.oracle.now, siege.oracle, siege.world.pack.offices
    code = {key: name for name, key in siege.world.institutions.items()}
    login = {key: name for name, key in siege.world.members.items()}
    ends: dict[tuple[Any, ...], datetime] = {}
    for door in siege.facts.doors:
        protocol = siege.world.pack.protocols[door.protocol]
        if oracle.is_open(door, offices[door.office]):
            for name in oracle.said(door.protocol, offices[door.office]):
                line = (door.office, door.case, None, name)
                outgrown = outgrows(protocol, oracle.facts.cases[door.case], FAR)
                ends[line] = min(ends.get(line, FAR), door.ends, protocol.ends, outgrown)
    for look in siege.facts.looks:
        if look.ends > now:
            for name in look.categories:
                ends[siege.facts.seats[look.login].office, look.case, look.login, name] = look.ends
    first: dict[tuple[Any, ...], datetime] = {}
    for institution, case, member, category, until in siege.stage.ask(
        "select institution_id, case_id, member_id, category, expires_at from app.case_access_cat where expires_at > now()"
    ):
        told = (code[institution], case, login.get(member), CATEGORIES[category])
        if told not in ends or until > ends[told] + timedelta(seconds=5):
            yield f"{told} lasts until {until}, may last until {ends.get(told)}"
        whole = (institution, case, member)
        first[whole] = min(first.get(whole, FAR), until)
    for institution, case, member, until in siege.stage.ask(
        "select institution_id, case_id, member_id, expires_at from app.case_access where expires_at > now()"
    ):
        if until > first[institution, case, member]:
            yield f"{code[institution]} sees {case} until {until}, and a part of it only until {first[institution, case, member]}"


def keeping_away(siege: Siege) -> Iterator[str]:
    """One keeps oneself away, or a coordinator a colleague; never strangers, and nobody lets themselves back in."""
    court, world = Court(siege), siege.world
    ours, people = world.institutions, world.members
    case = siege.case_of("dprrp")
    court.must_work("keep oneself away", "kps-officer", (KEEP, [case, people["kps-officer"], ours["kps"]]))
    court.must_work(
        "keep a colleague away", "kps-supervisor", (KEEP, [case, people["kps-officer"], ours["kps"]])
    )
    court.must_fail(
        "keeps a colleague away", "kps-officer", (KEEP, [case, people["kps-supervisor"], ours["kps"]])
    )
    stranger = people["dprrp-coordinator"]
    court.must_fail("keeps a stranger away", "atrc-counsellor", (KEEP, [case, stranger, ours["atrc"]]))
    court.must_fail(
        "keeps a stranger away in their name", "atrc-counsellor", (KEEP, [case, stranger, ours["dprrp"]])
    )
    lift = "update app.case_exclusion set lifted_at = now() where member_id = %s"
    court.must_work("let a colleague back", "kps-supervisor", (lift, [people["kps-officer"]]))
    court.must_fail("lets itself back", "kps-officer", (lift, [people["kps-officer"]]))
    court.must_fail("lets itself back as a coordinator", "dprrp-cousin", (lift, [people["dprrp-cousin"]]))
    court.must_fail("lets a colleague back without the role", "kps-officer", (lift, [people["kps-relative"]]))
    for login in ("atrc-counsellor", "kps-officer"):
        court.must_fail("lets everybody back", login, ("update app.case_exclusion set lifted_at = now()", []))
    outcome = court.tried("kps-supervisor", ("update app.case_exclusion set lifted_at = now()", []))
    own = siege.stage.one(
        "select count(*) from app.case_exclusion where institution_id = %s and member_id <> %s",
        [ours["kps"], people["kps-supervisor"]],
    )
    if outcome.count != own:
        court.breaches.append(f"kps-supervisor lets {outcome.count} back, {own} colleagues are kept away")
    court.must_fail("lets a stranger back", "atrc-counsellor", (lift, [people["dprrp-cousin"]]))
    for column in ("case_id", "member_id", "reason"):
        court.must_fail(
            f"changes {column}", "kps-supervisor", (f"update app.case_exclusion set {column} = {column}", [])
        )
    yield from court.breaches


def seating(siege: Siege) -> Iterator[str]:
    """Seats are given in the own institution, never to oneself, never wider than one's own view, never for oversight."""
    court, world = Court(siege), siege.world
    ours, people, stage = world.institutions, world.members, siege.stage
    account = stage.one("select c.id from app.app_account c where c.username = 'donor'")
    units = {
        (office, unit): key
        for office, unit, key in stage.ask(
            "select i.code, u.code, u.id from app.institution_unit u join app.institution i on i.id = u.institution_id"
        )
    }
    own = lambda login: stage.one("select account_id from app.member where id = %s", [people[login]])  # noqa: E731

    def seat(
        office: str, roles: list[str], unit: Any = None, who: Any = account, ends: Any = None
    ) -> tuple[str, Any]:
        return SEAT, [who, ours[office], unit, roles, ends]

    csw, ve, watch = "csw-mitrovica-south", units["kcs", "ve-management"], units["kcs", "intelligence"]
    court.must_work("seat a colleague", csw, seat(csw, ["caseworker", "break_glass"]))
    court.must_work("seat a colleague in one's own unit", "kcs-ve-unit", seat("kcs", ["caseworker"], ve))
    early, params = seat(csw, ["caseworker"])
    court.must_fail(
        "slips a seat in before the others", csw, (early.replace("::date, %s)", "::date - 1, %s)"), params)
    )
    court.must_fail("seats somebody elsewhere", csw, seat("dprrp", ["coordinator"]))
    court.must_fail("seats as a caseworker", "kps-officer", seat("kps", ["caseworker"]))
    for roles in (["auditor"], ["data_protection"], ["caseworker", "auditor"]):
        court.must_fail(f"makes a colleague {roles}", csw, seat(csw, roles))
    for roles in (
        [],
        ["king"],
        ["coordinator,2,9999999999,web,"],
        ["coordinator auditor"],
        ["coordinator", ""],
    ):
        court.must_fail(f"writes {roles} as roles", csw, seat(csw, roles))
    court.must_fail("takes a second seat", csw, seat(csw, ["coordinator"], who=own(csw), ends="2030-01-01"))
    court.must_fail("seats in a foreign unit", csw, seat(csw, ["caseworker"], ve))
    for name, unit in (("the other unit", watch), ("no unit", None)):
        court.must_fail(f"seats a colleague in {name}", "kcs-ve-unit", seat("kcs", ["caseworker"], unit))
    court.must_fail(
        "seats itself behind the wall",
        "kcs-ve-unit",
        seat("kcs", ["coordinator"], watch, own("kcs-ve-unit"), "2030-01-01"),
    )
    court.must_fail("seats without a side of the wall", "kcs-walker", seat("kcs", ["caseworker"], None))
    change = "update app.member set {} where id = %s"
    colleague, me = people["kcs-colleague"], people["kcs-ve-unit"]
    court.must_work(
        "change a colleague's roles",
        "kcs-ve-unit",
        (change.format("roles = '{caseworker,coordinator}'"), [colleague]),
    )
    court.must_fail("changes its own roles", "kcs-ve-unit", (change.format("roles = '{caseworker}'"), [me]))
    court.must_fail(
        "makes a colleague an auditor", "kcs-ve-unit", (change.format("roles = '{auditor}'"), [colleague])
    )
    for name, unit in (
        ("the other unit", watch),
        ("no unit", None),
        ("a foreign unit", units["kps", "office-peje"]),
    ):
        court.must_fail(
            f"moves a colleague to {name}",
            "kcs-ve-unit",
            ("update app.member set unit_id = %s where id = %s", [unit, colleague]),
        )
    court.must_fail(
        "changes a member behind the wall",
        "kcs-ve-unit",
        (change.format("roles = '{caseworker}'"), [people["kcs-intelligence"]]),
    )
    court.must_fail(
        "dismisses a stranger", csw, (change.format("ends_on = current_date"), [people["dprrp-coordinator"]])
    )
    for column in ("account_id", "institution_id", "starts_on", "id"):
        court.must_fail(
            f"changes {column} of a member", "kcs-ve-unit", (f"update app.member set {column} = {column}", [])
        )
    post = "update app.focal_point set member_id = %s where institution_id = %s"
    court.must_work(
        "fill one's own post",
        "town-hall",
        (post, [people["municipal-focal-point"], ours["municipality-mitrovica-south"]]),
    )
    town, other = ours["municipality-mitrovica-south"], ours["municipality-decan"]
    new_post = (
        "insert into app.focal_point (id, municipality_id, institution_id, member_id, starts_on, ends_on) "
        "select gen_random_uuid(), i.municipality_id, i.id, %s, current_date, current_date from app.institution i where i.id = %s"
    )
    court.must_work("make a post", "town-hall", (new_post, [people["municipal-focal-point"], town]))
    court.must_fail("makes another's post", "town-hall", (new_post, [None, other]))
    court.must_fail("makes a post for a stranger", "town-hall", (new_post, [people["donor"], town]))
    court.must_fail("makes a post without the role", "municipal-focal-point", (new_post, [None, town]))
    court.must_fail(
        "empties every post", "municipal-focal-point", ("update app.focal_point set member_id = null", [])
    )
    court.must_fail(
        "fills the own post with a stranger",
        "town-hall",
        (post, [people["donor"], ours["municipality-mitrovica-south"]]),
    )
    court.must_fail("fills another's post", "town-hall", (post, [None, ours["municipality-decan"]]))
    court.must_fail(
        "fills the post without the role",
        "municipal-focal-point",
        (post, [None, ours["municipality-mitrovica-south"]]),
    )
    yield from court.breaches


def proposing(siege: Siege) -> Iterator[str]:
    """A proposal is a proposal: it opens nothing, and nobody writes into an agreement."""
    court, world = Court(siege), siege.world
    people = world.members
    key = uuid4()
    proposal = (PROPOSE, [key, "proposed", people["kps-supervisor"]])
    court.must_work("propose", "kps-supervisor", proposal)
    court.must_work("write one's own proposal", "kps-supervisor", proposal, (CLAUSE, [key]))
    court.must_fail(
        "proposes without the role", "kps-officer", (PROPOSE, [key, "proposed", people["kps-officer"]])
    )
    court.must_fail(
        "proposes in another's name",
        "kps-supervisor",
        (PROPOSE, [key, "proposed", people["dprrp-coordinator"]]),
    )
    for state in ("in_force", "suspended", "ended"):
        court.must_fail(
            f"declares a protocol {state}",
            "kps-supervisor",
            (PROPOSE, [key, state, people["kps-supervisor"]]),
        )
    force = siege.stage.one("select id from app.sharing_protocol where code = 'dprrp-kps'")
    court.must_fail("adds a clause to an agreement", "kps-supervisor", (CLAUSE, [force]))
    court.must_fail("adds one beside its own proposal", "kps-supervisor", proposal, (CLAUSE, [force]))
    with agreed(siege, "kps", "atrc", proposed_by="kps-supervisor") as signed:
        court.must_fail("adds a clause to what was signed since", "kps-supervisor", (CLAUSE, [signed]))
    with agreed(
        siege,
        "kps",
        "atrc",
        state="proposed",
        proposed_by="kps-supervisor",
        signatures='[{"side": "provider"}]',
    ) as half:
        court.must_fail("adds a clause to what one party has signed", "kps-supervisor", (CLAUSE, [half]))
    forged = PROPOSE.replace("'[]'", """'[{"side": "provider"}, {"side": "receiver"}]'""")
    court.must_fail(
        "proposes what is signed already",
        "kps-supervisor",
        (forged, [key, "proposed", people["kps-supervisor"]]),
    )
    others = siege.stage.one("select id from app.sharing_protocol where code = 'stage-proposed'")
    court.must_fail("adds a clause to another's proposal", "kps-supervisor", (CLAUSE, [others]))
    for table, column in (
        ("sharing_protocol", "state"),
        ("sharing_protocol", "valid_until"),
        ("protocol_clause", "depth"),
    ):
        court.must_fail(
            f"changes {column}",
            "kps-supervisor",
            proposal,
            (f"update app.{table} set {column} = {column}", []),
        )
    yield from court.breaches


def breaking_glass(siege: Siege) -> Iterator[str]:
    """An emergency look needs the role, a factor just shown, a reason, harmless categories, and reviews that keep up."""
    court, stage, people = Court(siege), siege.stage, siege.world.members
    reference = lambda case: stage.one("select ref from app.case_anchor where case_id = %s", [case])  # noqa: E731
    case = reference(siege.case_of("kcs", without="kps"))
    call = "select sec.break_glass(%s, %s, %s::smallint[], %s)"

    def look(where: Any = case, categories: Any = (0, 3), reason: Any = REASON) -> tuple[str, Any]:
        return call, [uuid4(), where, list(categories) if categories is not None else None, reason]

    for login in (
        "kps-supervisor",
        "kcs-breaker",
        "csw-prizren",
        "police-officer",
        "donor-breaker",
        "town-hall",
        "kia-officer",
        "dprrp-officer",
    ):
        stage.give_token(login, people[login], assurance=2, factor_age=5)
    court.must_work("look in an emergency", "kps-supervisor", look())
    court.must_work("say why in Serbian", "kps-supervisor", look(reason="Дете је вечерас у опасности."))
    court.must_fail("looks without the role", "dprrp-officer", look())
    for name, changed in {
        "no reason": look(reason=""),
        "a short reason": look(reason="x" * 19),
        "blanks for a reason": look(reason="x" + " " * 40),
        "lines for a reason": look(reason="x" + "\n\t" * 30),
        "invisible characters for a reason": look(reason="x" + "\u200b\u00a0\u2003" * 10 + "y"),
        "nothing for a reason": look(reason=None),
        "no category": look(categories=()),
        "nothing for a category": look(categories=None),
        "an empty category": look(categories=(0, None)),
        "a category there is not": look(categories=(20,)),
        "a category below all": look(categories=(-1,)),
        "a reference there is not": look(where="HW-0000-0000-0"),
        "no reference": look(where=None),
        "a part of a reference": look(where=case[:-1] + "%"),
    }.items():
        court.must_fail(f"looks with {name}", "kps-supervisor", changed)
    for category in (2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19):
        court.must_fail(f"looks into category {category}", "kps-supervisor", look(categories=(category,)))
        court.must_fail(
            f"looks into category {category} beside others", "kps-supervisor", look(categories=(0, category))
        )
    away = siege.kept_from("kps-relative", "dprrp")
    stage.superuser.execute(
        "update app.member set roles = '{coordinator,break_glass}' where id = %s", [people["kps-relative"]]
    )
    stage.give_token("kps-relative", people["kps-relative"], assurance=2, factor_age=5)
    court.must_work("look elsewhere", "kps-relative", look())
    court.must_fail("looks where kept away", "kps-relative", look(where=reference(away)))
    stage.superuser.execute(
        "update app.member set roles = '{coordinator}' where id = %s", [people["kps-relative"]]
    )
    far = reference(siege.case_of("dprrp", without="kcs"))
    court.must_work("look from within a unit", "kcs-breaker", look(where=far, categories=(0, 4)))
    court.must_fail("looks past the wall of the unit", "kcs-breaker", look(where=far, categories=(0, 1)))
    court.must_work("look at what a protocol gives", "csw-prizren", look(where=far, categories=(0, 3)))
    court.must_fail("looks at what no protocol gives", "csw-prizren", look(where=far, categories=(0, 4)))
    for login in ("police-officer", "donor-breaker", "town-hall"):
        court.must_fail("looks although no protocol ever names it", login, look())
    child = next(
        siege.facts.cases[key]
        for key in siege.cases_of("dprrp", without="csw-prizren")
        if (adult := siege.facts.cases[key].adult_on) is None or adult > siege.oracle.today
    )
    custody, known = {0: (3, False), 5: (3, False)}, reference(siege.case_of("dprrp", without="csw-prizren"))
    adult = next(
        key
        for key in siege.cases_of("dprrp", without="csw-prizren")
        if (since := siege.facts.cases[key].adult_on) is not None and since <= siege.oracle.today
    )
    looks = {"where": reference(adult), "categories": (0, 5)}
    with agreed(siege, "dprrp", "csw-prizren", clauses=custody):
        court.must_work("look at what a new protocol gives", "csw-prizren", look(**looks))
    for what, how in VOID.items():
        with agreed(siege, "dprrp", "csw-prizren", clauses=custody, **how):
            court.must_fail(f"looks at what {what} protocol gives", "csw-prizren", look(**looks))
    with agreed(siege, "dprrp", "csw-prizren", clauses=custody, ages=(18, None)):
        court.must_work("look at a grown-up under it", "csw-prizren", look(**looks))
        court.must_fail(
            "looks at a child under what is for adults",
            "csw-prizren",
            look(where=reference(child.key), categories=(0, 5)),
        )
    # That something exists is no reason to be shown who it is about.
    with agreed(siege, "dprrp", "gcerf", clauses={0: (1, False), 4: (3, False)}):
        court.must_fail(
            "looks at whom it may not identify", "donor-breaker", look(where=known, categories=(4,))
        )
    # A security body to which somebody has signed everything away: who and where, and no more in an emergency either.
    court.must_work("look as a security body", "kia-officer", look(where=known))
    for category in range(13, 18):
        court.must_fail(
            f"looks into category {category} as a security body",
            "kia-officer",
            look(where=known, categories=(0, category)),
        )
    court.must_fail("looks a fourth time before any review", "kps-supervisor", look(), look())
    mine = "select id from app.break_glass where member_id = %s and reviewed_at is null"
    waiting = [key for (key,) in stage.ask(mine, [people["kps-supervisor"]])]
    asked = "update app.break_glass set verdict = %s, reviewed_at = %s where id = any (%s)"
    stage.superuser.execute(asked, ["needs_more", siege.oracle.now, waiting])
    court.must_fail("looks a fourth time before it has answered", "kps-supervisor", look(), look())
    stage.superuser.execute(asked, ["", None, waiting])
    counted: tuple[str, list[Any]] = (
        "select count(*) from audit.event where verb = 'break_glass.opened' and member_id = sec.member()",
        [],
    )
    with stage.as_member("kps-supervisor") as connection:
        before = connection.execute(*counted).fetchone()[0]
        connection.execute(*look())
        if connection.execute(*counted).fetchone()[0] != before + 1:
            court.breaches.append("an emergency look leaves no trace in the log")
        hours = connection.execute(
            "select max(extract(epoch from expires_at - opened_at)) / 3600 from app.break_glass"
        ).fetchone()[0]
        if hours > 4:
            court.breaches.append(f"an emergency look lasts {hours} hours")
    for name, assurance, age in (("an old factor", 2, 301), ("no factor", 1, None), ("half a factor", 1, 5)):
        stage.give_token("kps-supervisor", people["kps-supervisor"], assurance=assurance, factor_age=age)
        court.must_fail(f"looks with {name}", "kps-supervisor", look())
    stage.give_token("kps-supervisor", people["kps-supervisor"], assurance=2, factor_age=5)
    court.must_fail(
        "writes a look itself", "kps-supervisor", ("insert into app.break_glass default values", [])
    )
    court.must_fail(
        "prolongs its look", "kps-supervisor", ("update app.break_glass set expires_at = expires_at", [])
    )
    yield from court.breaches


def reviewing(siege: Siege) -> Iterator[str]:
    """A look is judged once, by another institution, by those who answer for it."""
    court, stage, world = Court(siege), siege.stage, siege.world
    call = "select sec.review_break_glass(%s, %s)"
    looks = stage.ask(
        "select b.id, b.case_id, b.member_id, b.verdict from app.break_glass b join app.institution l on l.id = b.lead_id "
        "join app.institution i on i.id = b.institution_id where l.code = 'dprrp' and i.code = 'kps' order by b.opened_at"
    )
    done = next(key for key, _case, _member, verdict in looks if verdict == "unjustified")
    waiting = next(key for key, _case, _member, verdict in looks if not verdict)
    court.must_work("judge as the lead", "dprrp-coordinator", (call, [waiting, "justified"]))
    court.must_work("judge as data protection", "data-protection-officer", (call, [waiting, "unjustified"]))
    for name, login in {
        "its own look": "kps-supervisor",
        "a colleague's look": "kps-relative",
        "a look as a caseworker of the lead": "dprrp-officer",
        "a look as an auditor": "auditor",
        "a look of strangers": "csw-mitrovica-south",
        "a look as a self-made officer": "school-auditor",
    }.items():
        court.must_fail(f"judges {name}", login, (call, [waiting, "justified"]))
    own = stage.one(
        "select b.id from app.break_glass b join app.institution l on l.id = b.lead_id where l.code = 'kps' and "
        "b.institution_id = l.id limit 1"
    )
    again = "update app.break_glass set verdict = %s, reviewed_at = %s where id = %s"
    stage.superuser.execute(again, ["", None, own])
    court.must_work("judge it from outside", "data-protection-officer", (call, [own, "justified"]))
    court.must_fail("judges a look into its own cases", "kps-supervisor", (call, [own, "justified"]))
    stage.superuser.execute(again, ["justified", siege.oracle.now, own])
    court.must_fail("judges a second time", "data-protection-officer", (call, [done, "justified"]))
    for verdict in ("", "fine", None):
        court.must_fail(f"judges {verdict!r}", "data-protection-officer", (call, [waiting, verdict]))
    court.must_work(
        "judge after more was asked for",
        "data-protection-officer",
        (call, [waiting, "needs_more"]),
        (call, [waiting, "justified"]),
    )
    with stage.as_member("data-protection-officer") as connection:
        connection.execute(call, [waiting, "unjustified"])
        connection.execute("select set_config('app.ctx', '', true)")
        connection.execute("select sec.enter(%s)", [stage.tokens["kps-supervisor"]])
        case = next(case for key, case, _member, _verdict in looks if key == waiting)
        rows = connection.execute(
            "select count(*) from app.case_access_cat where case_id = %s and member_id = sec.member()", [case]
        ).fetchone()[0]
        if rows:
            court.breaches.append("a look that was not justified goes on")
    theirs = stage.one(
        "select b.id from app.break_glass b join app.institution l on l.id = b.lead_id where l.code = 'kcs' and b.verdict = '' limit 1"
    )
    court.must_work("judge as the lead's unit", "kcs-ve-unit", (call, [theirs, "justified"]))
    court.must_fail("judges behind the wall of its unit", "kcs-watcher", (call, [theirs, "justified"]))
    stage.superuser.execute(
        "insert into app.member (id, account_id, institution_id, name, code, roles, starts_on) "
        "select %s, m.account_id, %s, 'x', '', '{coordinator}', current_date from app.member m where m.id = %s",
        [other := uuid4(), world.institutions["dprrp"], world.members["kps-supervisor"]],
    )
    stage.give_token("kps-supervisor-elsewhere", other)
    siege.facts.seats["kps-supervisor-elsewhere"] = replace(
        siege.facts.seats["dprrp-coordinator"], login="kps-supervisor-elsewhere"
    )
    world.members["kps-supervisor-elsewhere"] = other
    court.must_fail(
        "judges its own look from another seat", "kps-supervisor-elsewhere", (call, [waiting, "justified"])
    )
    del siege.facts.seats["kps-supervisor-elsewhere"], world.members["kps-supervisor-elsewhere"]
    stage.superuser.execute("delete from sec.session where member_id = %s", [other])
    stage.superuser.execute("delete from app.member where id = %s", [other])
    stage.superuser.execute(
        "insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at) "
        "select %s, b.case_id, %s, %s, 'x', now() from app.break_glass b where b.id = %s",
        [kept := uuid4(), world.members["dprrp-coordinator"], world.institutions["dprrp"], waiting],
    )
    court.must_fail("judges where kept away", "dprrp-coordinator", (call, [waiting, "justified"]))
    stage.superuser.execute("delete from app.case_exclusion where id = %s", [kept])
    court.must_fail(
        "judges by hand", "data-protection-officer", ("update app.break_glass set verdict = 'justified'", [])
    )
    hidden = court.tried("csw-mitrovica-south", (call, [waiting, "justified"]))
    missing = court.tried("csw-mitrovica-south", (call, [uuid4(), "justified"]))
    if str(hidden.error) != str(missing.error):
        court.breaches.append("a hidden look is answered otherwise than a missing one")
    yield from court.breaches


def entering(siege: Siege) -> Iterator[str]:
    """Tokens that are worth nothing: revoked, expired, idle, of people who left, of the worker, of another account."""
    stage, people = siege.stage, siege.world.members
    run = stage.superuser.execute

    def entered(token: str, role: str = "homeward_app", before: str = "select 1") -> bool:
        with stage.nobody(role) as connection:
            connection.execute(before)
            return not attempt(connection, "select sec.enter(%s)", [token]).refused

    def token(login: str, changed: str = "", **options: Any) -> str:
        made = stage.give_token(f"try-{login}", people[login], **options)
        if changed:
            run(f"update sec.session set {changed} where token_hash = %s", [digest(made)])
        return made

    def digest(made: str) -> bytes:
        return hashlib.sha256(made.encode()).digest()

    def dropped(made: str) -> None:
        run("delete from sec.session where token_hash = %s", [digest(made)])

    for name, login, changed, options, expected in (
        ("a good token", "dprrp-officer", "", {}, True),
        ("a revoked token", "dprrp-officer", "revoked_at = now()", {}, False),
        ("an expired token", "dprrp-officer", "expires_at = now() - interval '1 second'", {}, False),
        (
            "a browser just used",
            "dprrp-officer",
            "last_seen_at = now() - interval '29 minutes'",
            {"kind": "web"},
            True,
        ),
        (
            "a browser left alone",
            "dprrp-officer",
            "last_seen_at = now() - interval '31 minutes'",
            {"kind": "web"},
            False,
        ),
        ("a worker's ticket in the web", "dprrp-officer", "", {"kind": "job"}, False),
        ("a token of a former member", "former", "", {}, False),
        ("a token of a future member", "future", "", {}, False),
        ("a token of a closed institution", "closed", "", {}, False),
        ("a token of another account's member", "dprrp-officer", "account_id = gen_random_uuid()", {}, False),
    ):
        made = token(login, changed, **options)
        if entered(made) != expected:
            yield f"{name} {'opens' if not expected else 'does not open'}"
        dropped(made)
    made = token("dprrp-officer", kind="job")
    if not entered(made, "homeward_job"):
        yield "a worker's ticket does not open for the worker"
    dropped(made)
    for word in ("", "x", "' or true --", "0" * 64):
        if entered(word):
            yield f"the token {word!r} opens"
    made = token("atrc-counsellor")
    account = stage.one("select account_id from app.member where id = %s", [people["atrc-counsellor"]])
    run("update app.app_account set is_active = false where id = %s", [account])
    if entered(made):
        yield "a token of a closed account opens"
    run("update app.app_account set is_active = true where id = %s", [account])
    run(
        "update app.member set ends_on = (now() at time zone 'Europe/Belgrade')::date where id = %s",
        [people["dprrp-analyst"]],
    )
    made = token("dprrp-analyst")
    # One of these zones has another day than Belgrade at every hour: yesterday until noon, tomorrow from then on.
    zones = ("UTC", "Etc/GMT+12", "Pacific/Kiritimati", "Pacific/Pago_Pago")
    for zone in zones:
        if entered(made, before=f"set local timezone = '{zone}'"):
            yield f"somebody who left today still enters with the clock of {zone}"
    run(
        "update app.member set ends_on = (now() at time zone 'Europe/Belgrade')::date + 1 where id = %s",
        [people["dprrp-analyst"]],
    )
    staying = token("dprrp-analyst")
    for zone in zones:
        if not entered(staying, before=f"set local timezone = '{zone}'"):
            yield f"the clock of {zone} says which day it is"
    dropped(staying)
    run(
        "update app.member set ends_on = (now() at time zone 'Europe/Belgrade')::date where id = %s",
        [people["dprrp-analyst"]],
    )
    if stage.one(
        "select count(*) from sec.session where member_id = %s and revoked_at is null and token_hash <> %s",
        [people["dprrp-analyst"], digest(made)],
    ):
        yield "sessions outlive the membership"
    dropped(made)
    run("update app.member set ends_on = null where id = %s", [people["dprrp-analyst"]])
    run("update sec.session set revoked_at = null where member_id = %s", [people["dprrp-analyst"]])
    yield from _from_another_seat(siege)
    yield from _signing_in(siege)


def _from_another_seat(siege: Siege) -> Iterator[str]:
    """A cousin stays a cousin in every seat: who is kept away in one institution is kept away in all."""
    stage, cousin = siege.stage, siege.world.members["dprrp-cousin"]
    twin = insert(
        siege,
        "member",
        id=uuid4(),
        account_id=stage.one("select account_id from app.member where id = %s", [cousin]),
        institution_id=siege.world.institutions["kps"],
        roles=["caseworker"],
        starts_on="2020-01-01",
        ends_on="2090-01-01",
    )
    made = stage.give_token("try-twin", twin)
    with stage.nobody("homeward_app") as connection:
        connection.execute("select sec.enter(%s)", [made])
        if attempt(connection, "select cardinality(sec.excluded())").value == 0:
            yield "somebody who is kept away comes back from another seat"
    stage.superuser.execute("delete from sec.session where member_id = %s", [twin])
    stage.superuser.execute("delete from app.member where id = %s", [twin])
    del stage.tokens["try-twin"]


def _signing_in(siege: Siege) -> Iterator[str]:
    """What the sign-in role can be made to do, and what a ticket can be."""
    stage, people = siege.stage, siege.world.members
    account = stage.one("select account_id from app.member where id = %s", [people["atrc-counsellor"]])
    create = "select sec.create_session(%s, %s, %s, %s, %s, %s, %s)"
    soon, hour = datetime.now(UTC) + timedelta(minutes=1), timedelta(hours=1)

    def made(
        member: str, kind: str = "web", assurance: int = 1, factor: Any = None, lasting: Any = hour
    ) -> list[Any]:
        return [uuid4().bytes, account, people[member], kind, assurance, factor, lasting]

    with stage.nobody("homeward_auth") as connection:
        if not worked(attempt(connection, create, made("atrc-counsellor"))):
            yield "nobody can sign in any more"
        for name, arguments in {
            "as another account's member": made("dprrp-coordinator"),
            "as the worker": made("atrc-counsellor", kind="job"),
            "with a factor from the future": made("atrc-counsellor", assurance=2, factor=soon),
            "with a second factor never shown": made("atrc-counsellor", assurance=2),
            "with a factor of the third kind": made("atrc-counsellor", assurance=3, factor=datetime.now(UTC)),
            "with an assurance beyond all factors": made("atrc-counsellor", assurance=3),
            "with no assurance at all": made("atrc-counsellor", assurance=0),
        }.items():
            if worked(attempt(connection, create, arguments)):
                yield f"signs in {name}"
        for login in ("former", "future", "closed"):
            theirs = stage.one("select account_id from app.member where id = %s", [people[login]])
            if worked(
                attempt(connection, create, [uuid4().bytes, theirs, people[login], "web", 1, None, hour])
            ):
                yield f"{login} signs in"
        with _out_of_use(siege, account):
            if worked(attempt(connection, create, made("atrc-counsellor"))):
                yield "somebody signs in with an account that was closed"
        session = made("atrc-counsellor", lasting=timedelta(days=30))
        connection.execute(create, session)
        if worked(
            attempt(connection, "select sec.choose_member(%s, %s)", [session[0], people["dprrp-coordinator"]])
        ):
            yield "a session changes to another account's member"
        if not worked(
            attempt(connection, "select sec.choose_member(%s, %s)", [session[0], people["atrc-counsellor"]])
        ):
            yield "a session cannot change to a membership of its own"
        ended, operators = made("atrc-counsellor"), made("atrc-counsellor", kind="operator")
        for one in (ended, operators):
            connection.execute(create, one)
        connection.execute("select sec.revoke_session(%s)", [ended[0]])
        for name, one in (("that was ended", ended), ("of an operator", operators)):
            if worked(
                attempt(connection, "select sec.choose_member(%s, %s)", [one[0], people["atrc-counsellor"]])
            ):
                yield f"a session {name} changes to another member"
    with stage.login("homeward_auth").transaction():
        stage.login("homeward_auth").execute(create, session)
    yield from _signing_out(siege, account)
    hours = stage.one(
        "select extract(epoch from expires_at - now()) / 3600 from sec.session where token_hash = %s",
        [session[0]],
    )
    if hours > 12:
        yield f"a session lasts {hours} hours"
    stage.login("homeward_auth").execute("select sec.confirm_factor(%s, %s)", [session[0], soon])
    if stage.one("select assurance from sec.session where token_hash = %s", [session[0]]) != 1:
        yield "a factor from the future was believed"
    stage.superuser.execute("delete from sec.session where token_hash = %s", [session[0]])
    ticket = uuid4().hex
    connection = stage.login("homeward_app")
    with connection.transaction():
        connection.execute("select sec.enter(%s)", [stage.tokens["atrc-counsellor"]])
        connection.execute(
            "select sec.delegate(%s, %s)", [hashlib.sha256(ticket.encode()).digest(), timedelta(days=3)]
        )
    kind, member, hours = stage.ask(
        "select kind, member_id, extract(epoch from expires_at - now()) / 3600 from sec.session where token_hash = %s",
        [hashlib.sha256(ticket.encode()).digest()],
    )[0]
    if (kind, member) != ("job", people["atrc-counsellor"]) or hours > 6:
        yield f"a ticket is {kind} of {member} for {hours} hours"
    with stage.nobody() as connection:
        if attempt(connection, "select sec.enter(%s)", [ticket]).state != NO_CONTEXT:
            yield "the web enters with a ticket of its own making"
    stage.superuser.execute(
        "delete from sec.session where token_hash = %s", [hashlib.sha256(ticket.encode()).digest()]
    )


@contextmanager
def _out_of_use(siege: Siege, account: Any) -> Iterator[None]:
    """An account that was closed, and afterwards is open again."""
    run = siege.stage.superuser.execute
    run("update app.app_account set is_active = false where id = %s", [account])
    try:
        yield
    finally:
        run("update app.app_account set is_active = true where id = %s", [account])


def _signing_out(siege: Siege, account: Any) -> Iterator[str]:
    """Whoever signs out is out: of this browser, or of all; and a factor shown afterwards brings nothing back."""
    stage = siege.stage
    for name, way, which in (
        ("one session", "select sec.revoke_session(%s)", lambda digest: digest),
        ("every session of the account", "select sec.revoke_account(%s)", lambda _digest: account),
    ):
        token = stage.give_token("try-out", siege.world.members["atrc-counsellor"])
        digest = hashlib.sha256(token.encode()).digest()
        kept = stage.ask(
            "select token_hash from sec.session where account_id = %s and revoked_at is null", [account]
        )
        with stage.login("homeward_auth").transaction():
            stage.login("homeward_auth").execute(way, [which(digest)])
            stage.login("homeward_auth").execute(
                "select sec.confirm_factor(%s, now() - interval '1 second')", [digest]
            )
        with stage.nobody() as connection:
            if not attempt(connection, "select sec.enter(%s)", [token]).refused:
                yield f"signing out of {name} leaves the door open"
        if stage.one("select assurance from sec.session where token_hash = %s", [digest]) != 1:
            yield "a factor is believed in a session that was ended"
        stage.superuser.execute("delete from sec.session where token_hash = %s", [digest])
        stage.superuser.execute(
            "update sec.session set revoked_at = null where token_hash = any (%s)", [[one for (one,) in kept]]
        )
    del stage.tokens["try-out"]


def staying(siege: Siege) -> Iterator[str]:
    """A transaction held open for ever does not keep its context for ever."""
    stage, people = siege.stage, siege.world.members
    stage.give_token("try-web", people["dprrp-officer"], kind="web")
    with stage.as_member("try-web") as connection:
        pid = connection.info.backend_pid
        context = connection.execute("select current_setting('app.ctx')").fetchone()[0]
    # Nobody waits five minutes here: the function's own clock is asked with the stage's limit of one millisecond.
    source = stage.one("select pg_get_functiondef('sec.ctx()'::regprocedure)")
    quick = source.replace("interval '5 minutes'", "interval '1 millisecond'")
    if quick == source:
        yield "sec.ctx knows no limit of five minutes for the web"
    try:
        stage.superuser.execute(quick)
        with stage.nobody() as connection:
            connection.execute("select sec.enter(%s)", [stage.tokens["try-web"]])
            connection.execute("select pg_sleep(0.01)")
            if attempt(connection, "select count(*) from app.member").state != NO_CONTEXT:
                yield f"a context serves past its time (session {pid}, {context[:8]})"
    finally:
        stage.superuser.execute(source)
        stage.superuser.execute(
            "delete from sec.session where token_hash = %s",
            [hashlib.sha256(stage.tokens.pop("try-web").encode()).digest()],
        )


def logging(siege: Siege) -> Iterator[str]:
    """The log is written in one's own name, in codes, and read by those it is for."""
    court, people = Court(siege), siege.world.members
    write = "select sec.audit(%s, %s, false, %s, 3, %s, %s, '{}')"
    case, me = siege.case_of("dprrp"), people["dprrp-officer"]
    court.must_work("write into the log", "dprrp-officer", (write, [me, "case.noted", case, "case", uuid4()]))
    court.must_fail(
        "writes in a colleague's name",
        "dprrp-officer",
        (write, [people["dprrp-coordinator"], "case.noted", case, "case", uuid4()]),
    )
    court.must_fail(
        "writes in nobody's name", "dprrp-officer", (write, [None, "case.noted", case, "case", uuid4()])
    )
    for verb, kind in (
        ("Ana Berisha came home", "case"),
        ("case.noted\x1fcase", "case"),
        ("case.noted", "a name"),
        ("", ""),
        ("noted", "case"),
    ):
        court.must_fail(
            f"writes {verb!r} about {kind!r}", "dprrp-officer", (write, [me, verb, case, kind, uuid4()])
        )
    many = "select sec.audit_many(%s, 'case.noted', 'case', 3, %s, %s, '{}')"
    court.must_fail(
        "writes many in a colleague's name",
        "dprrp-officer",
        (many, [people["dprrp-coordinator"], [case], [uuid4()]]),
    )
    for role in ("homeward_app", "homeward_job"):
        court.must_fail(
            "writes past the function",
            "dprrp-officer",
            ("insert into audit.event (verb) values ('x.y')", []),
            role=role,
        )
        court.must_fail(
            "makes a seal", "auditor", ("insert into audit.seal (number) values (9)", []), role=role
        )
    with siege.stage.nobody("homeward_sealer") as connection:
        for statement in (
            "insert into audit.event (verb) values ('x.y')",
            "update audit.event set verb = verb",
            "update audit.seal set number = number",
            "delete from audit.seal",
            "truncate audit.seal",
        ):
            if not attempt(connection, statement).refused:
                court.breaches.append(f"the sealer: {statement}")
    for table in ("audit.event", "audit.seal"):
        for statement in (
            f"update {table} set {'id = id' if table == 'audit.event' else 'number = number'}",
            f"delete from {table}",
            f"truncate {table}",
        ):
            if not attempt(siege.stage.superuser, statement).refused:
                court.breaches.append(f"even the superuser, with the guards on: {statement}")
    yield from court.breaches


def undoing(siege: Siege) -> Iterator[str]:
    """The one function that deletes takes away what one's own institution brought in, and tells nothing of the rest."""
    stage = siege.stage
    lone = uuid4()
    insert(siege, "person", id=lone, version=1)
    try:
        for name, person in (
            ("a person another institution leads", siege.facts.cases[siege.case_of("dprrp")].person),
            ("a person whom nobody leads", lone),
        ):
            for login in ("atrc-counsellor", "csw-mitrovica-south"):
                batch = uuid4()
                # A list of their own making, which says of itself that it brought this person in.
                with stage.as_member(login) as connection:
                    for statement, params in _import(siege, batch, siege.facts.seats[login].office, person):
                        if (made := attempt_kept(connection, statement, params)).refused:
                            yield f"the attack itself is broken: {made.error}"
                    outcome = attempt(connection, UNDO, [siege.world.members[login], batch])
                    if any(ref or people for ref, people in outcome.rows):
                        yield f"{login} undoes {name}: {outcome.rows}"
    finally:
        stage.superuser.execute("delete from app.person where id = %s", [lone])
    yield from _undoing_ones_own(siege)


UNDO = "select ref, people from sec.undo_import(%s, %s)"


def _undoing_ones_own(siege: Siege) -> Iterator[str]:
    """What a coordinator may undo, nobody else may, nor in another state, nor what somebody has built on since."""
    stage, people, office = siege.stage, siege.world.members, "csw-mitrovica-south"
    batch, person, case, other = uuid4(), uuid4(), uuid4(), uuid4()
    me, lead, elsewhere = people[office], siege.world.institutions[office], siege.world.institutions["atrc"]
    run = stage.superuser.execute

    def undone(login: str, by: Any) -> bool:
        with stage.as_member(login) as connection:
            return any(told for _ref, told in attempt(connection, UNDO, [by, batch]).rows)

    insert(siege, "person", id=person, version=1)
    insert(siege, "case_anchor", case_id=case, ref="HW-UNDO", person_id=person, lead_id=lead)
    for statement, params in _import(siege, batch, office, person):
        run(statement, params)
    colleague = insert(
        siege,
        "member",
        id=other,
        account_id=stage.one("select account_id from app.member where id = %s", [people["donor"]]),
        institution_id=lead,
        roles=["caseworker"],
        starts_on="2020-01-01",
    )
    stage.give_token("csw-caseworker", other)
    try:
        if not undone(office, me):
            yield "a coordinator cannot any more undo what was just imported"
        if undone(office, other):
            yield "an import is undone in a colleague's name"
        if undone("csw-caseworker", other):
            yield "a caseworker undoes an import"
        if undone("dprrp-coordinator", people["dprrp-coordinator"]):
            yield "another institution undoes an import"
        run("update app.intake_batch set institution_id = %s where id = %s", [elsewhere, batch])
        if undone(office, me):
            yield "whoever leads a case by now undoes the import of another institution"
        run("update app.intake_batch set institution_id = %s where id = %s", [lead, batch])
        for table, changed in (
            ("intake_batch", "state = 'waiting'"),
            ("intake_row", "made_person = false"),
            ("intake_row", "imported_at = null"),
        ):
            key = "id" if table == "intake_batch" else "batch_id"
            run(f"update app.{table} set {changed} where {key} = %s", [batch])
            if undone(office, me):
                yield f"a person is taken away although {changed}"
            run(
                f"update app.{table} set {'state' if key == 'id' else 'made_person'} = %s where {key} = %s",
                ["imported" if key == "id" else True, batch],
            )
            if key == "batch_id":
                run("update app.intake_row set imported_at = now() where batch_id = %s", [batch])
        another = siege.case_of(office)
        away = insert(siege, "case_exclusion", id=uuid4(), case_id=another, member_id=me, institution_id=lead)
        if undone(office, me):
            yield "an import is undone by somebody who is kept away from a person, and so reads no lists"
        run("delete from app.case_exclusion where id = %s", [away])
        note = insert(siege, "case_note", id=uuid4(), case_id=case, category=14, institution_id=elsewhere)
        if undone(office, me):
            yield "a person is taken away of whom somebody has written since"
        run("delete from app.case_note where id = %s", [note])
    finally:
        run("delete from sec.session where member_id = %s", [colleague])
        run("delete from app.member where id = %s", [colleague])
        run("delete from app.intake_row where batch_id = %s", [batch])
        run("delete from app.intake_batch where id = %s", [batch])
        run("delete from app.case_anchor where case_id = %s", [case])
        run("delete from app.person where id = %s", [person])
        del stage.tokens["csw-caseworker"]


def _import(siege: Siege, batch: Any, office: str, person: Any) -> Iterator[tuple[str, list[Any]]]:
    """The statements that write down that this list was imported and brought that person in."""
    institution = siege.world.institutions[office]
    for table, given in (
        ("intake_batch", {"id": batch, "institution_id": institution, "state": "imported", "sender": "x"}),
        (
            "intake_row",
            {
                "batch_id": batch,
                "institution_id": institution,
                "person_id": person,
                "made_person": True,
                "imported_at": datetime.now(UTC),
            },
        ),
    ):
        yield inserting(siege, table, given)


def inserting(siege: Siege, table: str, given: dict[str, Any]) -> tuple[str, list[Any]]:
    columns, values = required_values(siege.world, table, list(given))
    names = ", ".join([*given, *columns])
    marks = ", ".join(["%s"] * (len(given) + len(columns)))
    return f"insert into app.{table} ({names}) values ({marks})", [*given.values(), *values]


def insert(siege: Siege, table: str, **given: Any) -> Any:
    """A row with these values and whatever else it needs, written behind the scene; its first value."""
    siege.stage.superuser.execute(*inserting(siege, table, given))
    return next(iter(given.values()))


def searching(siege: Siege) -> Iterator[str]:
    """The search and the matching find persons in sight and no others, whatever is asked, of few people and of many."""
    yield from _searching(siege)
    # From five thousand cases on both begin from the index of names. Nobody here has as many, so the stage says so.
    source = siege.stage.one("select pg_get_functiondef('sec.sees_many()'::regprocedure)")
    many = source.replace("> 5000", ">= 0")
    if many == source:
        yield "sec.sees_many knows no limit of five thousand"
    try:
        siege.stage.superuser.execute(many)
        yield from (f"among many, {breach}" for breach in _searching(siege))
    finally:
        siege.stage.superuser.execute(source)


# Nobody is called so: none of it may be taken for an operator of the search, or for SQL.
TYPED = (
    "x' | !'zzz",
    "x' | 'stage",
    "stage'",
    "\\",
    "x\\' | stage",
    "!zzz",
    "zzz | stage",
    "zzz <-> stage",
    "') or true --",
    "'; select 1; --",
    "%s %L %1$s",
    "$1",
    "{stage}",
)


def _searching(siege: Siege) -> Iterator[str]:
    stage, everybody = siege.stage, {case.person for case in siege.facts.cases.values()}
    # Names that tell where somebody has been are another word, and so are their keys.
    tells = "(n.kind = 'kunya' or n.script = 'arab')"
    stage.superuser.execute(
        f"update app.person_name n set folded = array[case when {tells} then 'told' else 'stage' end], "
        f"skeletons = array[case when {tells} then 'tld' else 'stg' end], "
        f"keys = array[p.place + case when {tells} then 1000000 else 0 end] from "
        "(select id, row_number() over () as place from app.person) p where p.id = n.person_id"
    )
    siege.forget()
    number = stage.one("select count(*)::integer from app.person")
    search = "select person_id from sec.search_person(%s, %s, null, null, 50)"
    # The same by the keys under which names are filed: of two words, and with a slip in one of them.
    by_keys = {
        "two words": "select person_id from sec.search_person(%s, %s, null, null, 50, %s)",
        "a slip": "select person_id from sec.search_person(%s, %s, null, null, 50, '{}', '{}', %s)",
    }
    nobody = Jsonb([{"fold": "zzz", "skeletons": [], "beginnings": []}])
    # A list with one row for each person there is.
    match = "select person_id from sec.match_people(%s, %s, %s, %s)"
    words = {
        "told": (Jsonb([{"fold": "told", "skeletons": ["tld"], "beginnings": ["tol"]}]), 1000001),
        "stage": (Jsonb([{"fold": "stage", "skeletons": ["stg"], "beginnings": ["sta"]}]), 1),
    }
    for login, reader in siege.readers.items():
        known = {person for person in everybody if reader.reads_person(person, "identity")}
        for word, (typed, first) in words.items():
            listed = [list(range(number)), list(range(first, first + number)), [True] * number]
            with stage.as_member(login) as connection:
                found = attempt(connection, search, [reader.key, typed])
                matched = attempt(connection, match, [reader.key, *listed])
                keyed = {
                    name: attempt(connection, statement, [reader.key, nobody, listed[1]])
                    for name, statement in by_keys.items()
                }
            sight = {person for person in known if word == "stage" or reader.knows_why(person)}
            for name, outcome in (("search", found), ("matching", matched), *keyed.items()):
                if name in keyed and len(outcome.rows) < min(50, len(sight)):
                    yield f"{login} misses persons in sight by {name}: {len(outcome.rows)} of {len(sight)}"
                if outcome.refused:
                    yield f"{login}: the {name} is broken: {outcome.error}"
                if beyond := {person for (person,) in outcome.rows} - sight:
                    yield f"{login} finds {len(beyond)} persons out of sight by {name} of what is {word}"
            if len(found.rows) < min(50, len(sight)) or len(matched.rows) != len(sight):
                yield f"{login} misses persons in sight: {len(found.rows)} and {len(matched.rows)} of {len(sight)}"
    # Of nobody the birth is known for a moment, so that everybody can be anybody's parent. No guard is told of it.
    sheet = stage.ask("select id, born, sex from app.person")
    run = stage.superuser.execute
    try:
        run("set session_replication_role = replica")
        run(
            "update app.person set born = null, sex = case when hashtext(id::text) % 2 = 0 then 'F' else 'M' end"
        )
        yield from _searching_parents(siege, everybody)
    finally:
        for person, born, sex in sheet:
            run("update app.person set born = %s, sex = %s where id = %s", [born, sex, person])
        run("set session_replication_role = origin")
    stranger = siege.world.members["donor"]
    typed = words["stage"][0]
    with stage.as_member("dprrp-officer") as connection:
        for hostile in TYPED:
            said = Jsonb([{"fold": hostile, "skeletons": [hostile], "beginnings": [hostile]}])
            outcome = attempt(connection, search, [siege.world.members["dprrp-officer"], said])
            if outcome.refused or outcome.rows:
                yield f"{hostile!r} is taken for more than a word: {outcome.error or len(outcome.rows)}"
        for statement, params in ((search, [stranger, typed]), (match, [stranger, [1], [1], [True]])):
            if attempt(connection, statement, params).state != NO_CONTEXT:
                yield f"somebody asks in another's name: {statement}"


def _searching_parents(siege: Siege, everybody: set[Any]) -> Iterator[str]:
    """A kunya finds the parent at home with a child, if both are seen as people of that household, and nobody else."""
    stage = siege.stage
    people = {
        person: (sex, int(born[:4]) if born else None)
        for person, sex, born in stage.ask("select id, sex, born from app.person")
    }
    mates: dict[Any, set[Any]] = {}
    for one, other in stage.ask(
        "select a.person_id, b.person_id from app.household_membership a join app.household_membership b using (household_id) "
        "where a.person_id <> b.person_id and a.ends_on is null and b.ends_on is null"
    ):
        mates.setdefault(one, set()).add(other)
    search = "select person_id from sec.search_person(%s, %s, null, null, 50)"
    some = False
    for (word, child), sex in product((("stage", "stg"), ("told", "tld")), "MFX"):
        kunya = Jsonb(
            [{"fold": "um_zzz", "skeletons": ["um_ZZZ"], "beginnings": [], "parent": sex, "child": [child]}]
        )
        for login, reader in siege.readers.items():
            home = {
                person
                for person in everybody
                if reader.reads_person(person, "identity") and reader.reads_person(person, "household")
            }
            sight = {
                person
                for person in home
                if people[person][0] == sex
                and reader.knows_why(person)
                and any(
                    (word == "stage" or reader.knows_why(mate))
                    and _can_be_parent(people[person][1], people[mate][1])
                    for mate in mates.get(person, set()) & home
                )
            }
            with stage.as_member(login) as connection:
                found = attempt(connection, search, [reader.key, kunya])
            some = some or bool(sight)
            if found.refused:
                yield f"{login}: the search for a parent is broken: {found.error}"
            if beyond := {person for (person,) in found.rows} - sight:
                yield f"{login} finds {len(beyond)} parents out of sight by a child whose name is {word}"
            if len(found.rows) < min(50, len(sight)):
                yield f"{login} misses parents in sight by a child whose name is {word}: {len(found.rows)} of {len(sight)}"
    if not some:
        yield "nobody could find a parent, so nothing was tried"


def _can_be_parent(one: int | None, other: int | None) -> bool:
    return one is None or other is None or one + 13 <= other


def carrying_work(siege: Siege) -> Iterator[str]:
    """The web puts work into the queue and cannot look at it or change it."""
    with siege.stage.as_member("atrc-counsellor") as connection:
        defer = (
            "select app.procrastinate_defer_jobs_v1(array[row('default', 'x', 0, null, null, '{\"ticket\": \"t\"}'::jsonb, null)"
            "::app.procrastinate_job_to_defer_v1])"
        )
        if attempt(connection, defer).refused:
            yield "the web cannot put work into the queue"
        for statement in (
            "select args from app.procrastinate_jobs",
            "update app.procrastinate_jobs set args = '{}'",
            "insert into app.procrastinate_jobs (task_name) values ('x')",
            "select * from app.procrastinate_fetch_job_v2(null, 1)",
            "select app.procrastinate_retry_job_v1(1, now(), 1, 'x', 'x')",
            "select app.procrastinate_cancel_job_v1(1, true, true)",
        ):
            if not attempt(connection, statement).refused:
                yield f"the web: {statement}"


def asking_what_is_led(siege: Siege) -> Iterator[str]:
    """The list of what is most urgent names cases one's institution leads, and whose standing one may know."""
    stage = siege.stage
    # One case is due each day, so that a hundred days at a time show them all.
    stage.superuser.execute(
        "update app.case_care c set lead_id = k.lead_id, due_on = date '2026-01-01' + k.place::integer from "
        "(select case_id, lead_id, row_number() over (order by case_id) as place from app.case_anchor) k where k.case_id = c.case_id"
    )
    siege.forget()
    days = [
        date(2026, 1, 1) + timedelta(days=100 * part) for part in range(len(siege.facts.cases) // 100 + 2)
    ]
    ask = "select case_id from sec.led_cases(null, null, %s, %s, false, 100000)"
    for login, reader in siege.readers.items():
        with stage.as_member(login) as connection:
            outcomes = [attempt(connection, ask, list(window)) for window in pairwise(days)]
            everything = attempt(connection, ask, [None, None])
        mine = {
            case.key
            for case in siege.facts.cases.values()
            if case.lead == reader.office.code and reader.depth(case.key, "case") >= 2
        }
        told = {case for outcome in outcomes for (case,) in outcome.rows}
        if any(outcome.refused for outcome in outcomes) or told != mine:
            yield f"{login} is told {len(told)} cases it leads, {len(told - mine)} too many of {len(mine)}: {outcomes[0].error}"
        if len(everything.rows) > 100:
            yield f"{login} is told {len(everything.rows)} cases at once"


ATTACKS = (
    opening,
    letting_in,
    prolonging,
    handing_over,
    withdrawing,
    walling,
    outliving,
    keeping_away,
    seating,
    proposing,
    breaking_glass,
    reviewing,
    entering,
    staying,
    logging,
    undoing,
    searching,
    asking_what_is_led,
    carrying_work,
)
