"""Members who try to decide alone what two have to decide: what is shared, who gets a password, which case is erased."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.attacks.cheating import Court, attempt_kept, insert, inserting, worked
from tests.attacks.siege import Siege
from tests.attacks.stage import Outcome, attempt
from tests.oracle.pack import CATEGORIES

SIGN = "select sec.sign_protocol(%s, %s)"
CLOSE = "select sec.close_proposal(%s, %s, %s)"
SAME_PARTIES = "provider_id, provider_kind, receiver_id, receiver_kind, from_age, until_age, valid_until"


@contextmanager
def _proposed(
    siege: Siege,
    of: str,
    *clauses: tuple[str, int, bool],
    by: str = "reviewer",
    signed: tuple[tuple[str, str], ...] = (),
    **changed: Any,
) -> Iterator[tuple[UUID, str]]:
    """(key, digest) of a proposal for what is in force, with these clauses changed or added and signed by these members
    for these sides; afterwards it was never made."""
    run, key = siege.stage.superuser.execute, uuid4()
    try:
        run(
            f"insert into app.sharing_protocol (id, code, version, title, {SAME_PARTIES}, legal_basis, purpose, signatures, state, "
            f"valid_from, proposed_by_id, proposal, closing_reason) select %s, code, 2, title, {SAME_PARTIES}, legal_basis, purpose, "
            "'[]', 'proposed', now(), %s, 'x', '' from app.sharing_protocol where code = %s and version = 1",
            [key, siege.world.members[by], of],
        )
        run(
            "insert into app.protocol_clause (id, protocol_id, category, depth, writes) select gen_random_uuid(), %s, l.category, l.depth, "
            "l.writes from app.protocol_clause l join app.sharing_protocol p on p.id = l.protocol_id where p.code = %s and p.version = 1",
            [key, of],
        )
        for name, depth, writes in clauses:
            run(
                "insert into app.protocol_clause (id, protocol_id, category, depth, writes) values (gen_random_uuid(), %s, %s, %s, %s) "
                "on conflict (protocol_id, category) do update set depth = excluded.depth, writes = excluded.writes",
                [key, CATEGORIES.index(name), depth, writes],
            )
        if changed:
            columns = ", ".join(f"{column} = %s" for column in changed)
            run(f"update app.sharing_protocol set {columns} where id = %s", [*changed.values(), key])
        digest = siege.stage.one("select sec.protocol_digest(%s)", [key])
        for side, login in signed:
            run(
                "update app.sharing_protocol set signatures = signatures || jsonb_build_object('side', %s::text, 'member', %s::text, "
                "'digest', %s::text) where id = %s",
                [side, str(siege.world.members.get(login, login)), digest, key],
            )
        yield key, digest
    finally:
        run("delete from app.protocol_clause where protocol_id = %s", [key])
        run("delete from app.sharing_protocol where id = %s", [key])


@contextmanager
def _without_the_stages_own(siege: Siege) -> Iterator[None]:
    """What the stage shares beside the country's protocols crosses every line there is; for a while it does not count."""
    run, change = (
        siege.stage.superuser.execute,
        "update app.sharing_protocol set state = %s where id = any (%s)",
    )
    mine = [
        key
        for (key,) in siege.stage.ask(
            "select id from app.sharing_protocol where code like 'stage-%%' and state = 'in_force'"
        )
    ]

    def declared(state: str) -> None:
        with siege.stage.superuser.transaction():
            run("set local session_replication_role = replica")
            run(change, [state, mine])

    declared("ended")
    try:
        yield
    finally:
        declared("in_force")


def signing(siege: Siege) -> Iterator[str]:
    """A protocol is signed by the coordinators of its two parties, each for its own side, as it was read, and inside the
    red lines; by nobody else, and by no single person for both."""
    with _without_the_stages_own(siege):
        yield from _signing(siege)
        yield from _leading_on(siege)


def _signing(siege: Siege) -> Iterator[str]:
    court, ours = Court(siege), siege.world.institutions
    lead, guest = "dprrp-coordinator", "kps-supervisor"

    def refused(what: str, login: str, proposal: Any, code: str, digest: Any = ...) -> None:
        key, true = proposal
        outcome = court.tried(login, (SIGN, [key, true if digest is ... else digest]))
        if outcome.state != "42501" or f"protocol.{code}" not in str(outcome.error):
            court.breaches.append(f"{login} {what}: {outcome.error or outcome.rows}")

    def signs(what: str, login: str, proposal: Any) -> None:
        outcome = court.tried(login, (SIGN, list(proposal)))
        if outcome.refused:
            court.breaches.append(f"{login} cannot any more {what}: {outcome.error}")

    with _proposed(siege, "dprrp-kps", ("plan", 2, False)) as fair:
        signs("sign what it gives", lead, fair)
        signs("sign what it gets", guest, fair)
        refused("signs without the role", "dprrp-officer", fair, "unavailable")
        refused("signs for others", "csw-mitrovica-south", fair, "unavailable")
        refused("signs as data protection", "data-protection-officer", fair, "unavailable")
        refused("signs unread", lead, fair, "changed", "0" * 64)
        refused("signs nothing", lead, fair, "changed", None)
    force = siege.stage.one("select id from app.sharing_protocol where code = 'dprrp-kps'")
    digest = siege.stage.one("select sec.protocol_digest(%s)", [force])
    refused("signs what is in force", lead, (force, digest), "unavailable")
    with _proposed(siege, "dprrp-kps", signed=(("receiver", guest),)) as half:
        siege.stage.superuser.execute(
            "update app.protocol_clause set depth = 3 where protocol_id = %s and category = 11", [half[0]]
        )
        read = siege.stage.one("select sec.protocol_digest(%s)", [half[0]])
        refused("signs what the other has not read", lead, (half[0], read), "changed")
    with _proposed(siege, "dprrp-kps", signed=(("provider", lead),)) as half:
        refused("signs twice for its side", lead, half, "signed")
        signs("sign what the other has signed", guest, half)
    twin = insert(
        siege,
        "member",
        id=uuid4(),
        account_id=siege.stage.one(
            "select account_id from app.member where id = %s", [siege.world.members[guest]]
        ),
        institution_id=ours["dprrp"],
        roles=["coordinator"],
        starts_on="2020-01-01",
    )
    with _proposed(siege, "dprrp-kps", signed=(("provider", str(twin)),)) as half:
        refused("signs for both parties from two seats", guest, half, "both")
    siege.stage.superuser.execute("delete from app.member where id = %s", [twin])
    with _proposed(siege, "mandate-dprrp", ("health", 1, True)) as own:
        refused("signs its own mandate", lead, own, "mandate")
    with _proposed(siege, "mandate-csw") as own:
        refused("signs the mandate of its kind", "csw-mitrovica-south", own, "mandate")
    with _proposed(siege, "csw-school", ("plan", 1, False)) as everybodys:
        refused("gives away what all of its kind hold", "csw-mitrovica-south", everybodys, "many")
    with _proposed(siege, "dprrp-release-panel") as resting:
        refused("signs what was suspended", lead, resting, "suspended")
    later = datetime.now(UTC) + timedelta(days=9999)
    others: list[tuple[str, str, str, dict[str, Any]]] = [
        ("with another receiver", "dprrp-kps", lead, {"receiver_kind": "cso"}),
        (
            "with one institution instead of all",
            "dprrp-kps",
            lead,
            {"receiver_kind": "", "receiver_id": ours["kps"]},
        ),
        ("with another receiving institution", "kps-dprrp", guest, {"receiver_id": ours["opm"]}),
        ("with another provider", "dprrp-kps", guest, {"provider_id": ours["opm"]}),
        ("with providers of another kind", "csw-dprrp", lead, {"provider_kind": "probation-service"}),
        ("about grown-ups only", "dprrp-kps", lead, {"from_age": 18}),
        ("about pupils only", "dprrp-kps", lead, {"until_age": 20}),
        ("of another name", "dprrp-kps", lead, {"title": "{}"}),
        ("on another basis", "dprrp-kps", lead, {"legal_basis": "{}"}),
        ("for another purpose", "dprrp-kps", lead, {"purpose": "{}"}),
        ("for longer", "dprrp-kps", lead, {"valid_until": later}),
        (
            "that is over",
            "dprrp-kps",
            lead,
            {
                "valid_from": datetime.now(UTC) - timedelta(days=9),
                "valid_until": datetime.now(UTC) - timedelta(days=1),
            },
        ),
        ("of which nothing is in force", "dprrp-kps", lead, {"code": "new"}),
        ("older than what is in force", "dprrp-kps", lead, {"version": 0}),
    ]
    for what, of, login, changed in others:
        with _proposed(siege, of, **changed) as proposal:
            refused(f"signs a proposal {what}", login, proposal, "other")
    crossed: list[tuple[str, tuple[str, int, bool], str]] = [
        *(
            ("dprrp-csw", (name, 2, False), "confided")
            for name in ("health", "counselling", "gender_violence", "intelligence")
        ),
        *(
            (code, (name, 1, False), "sheltered")
            for code in ("dprrp-police", "dprrp-kia", "dprrp-kps")
            for name in ("education", "health", "counselling", "child_protection", "gender_violence")
        ),
        *(
            (code, (name, 1, False), "sheltered")
            for code in ("dprrp-court", "dprrp-prosecution")
            for name in ("education", "child_protection")
        ),
        *(("dprrp-kia", (name, 0, True), "sheltered") for name in ("education", "health")),
        # Half of assistance is all the division may read itself: the rest is the payers' to give.
        ("dprrp-kps", ("assistance", 3, False), "beyond"),
        ("dprrp-police", ("legal", 2, False), "security"),
    ]
    for code, clause, fault in crossed:
        with _proposed(siege, code, clause) as proposal:
            refused(f"signs {clause[0]} away in {code}", lead, proposal, fault)
    with _proposed(siege, "dprrp-police", ("security", 1, False), ("education", 1, False)) as proposal:
        refused("signs schooling away to those who write nothing", lead, proposal, "sheltered")
    # What receivers of a kind are given already counts: a second protocol may not bring together what one may not.
    with (
        _proposed(
            siege,
            "kps-health",
            receiver_kind="probation-service",
            receiver_id=None,
            code="aside",
            state="in_force",
        ) as _,
        _proposed(siege, "dprrp-kps") as proposal,
    ):
        outcome = siege.stage.one("select sec.protocol_fault(%s)", [proposal[0]])
        if outcome != "protocol.sheltered":
            court.breaches.append(f"two protocols bring together what one may not: {outcome}")
    for party in ("donor", "oversight"):
        with siege.stage.superuser.transaction(force_rollback=True):
            siege.stage.superuser.execute(
                "update app.institution_kind set party = %s where code = 'probation-service'", [party]
            )
            with _proposed(siege, "dprrp-kps") as proposal:
                if siege.stage.one("select sec.protocol_fault(%s)", [proposal[0]]) != "protocol.nobody":
                    court.breaches.append(f"something is shared with a body of {party}")
    with _proposed(siege, "dprrp-kcs", ("intelligence", 1, True)) as proposal:
        refused("signs about data behind the wall of another unit", "kcs-ve-unit", proposal, "view")
    with _proposed(siege, "dprrp-kcs", ("needs", 2, True)) as proposal:
        signs("sign about its own unit's data", "kcs-ve-unit", proposal)
    yield from court.breaches


def _leading_on(siege: Siege) -> Iterator[str]:
    """With the second signature open doors lead on under the new version, no longer than before; shut ones stay shut."""
    run = siege.stage.superuser.execute
    old = siege.stage.one("select id from app.sharing_protocol where code = 'dprrp-csw'")
    doors = (
        "select g.involvement_id, min(g.valid_until), max(g.valid_from) from app.access_grant g where g.protocol_id = %s "
        "and g.revoked_at is null group by g.involvement_id"
    )
    ended = (
        "select v.id from app.involvement v join app.access_grant g on g.involvement_id = v.id where g.protocol_id = %s "
        "and (v.ended_by_id is not null or v.ends_at <= now() or g.valid_until <= now())"
    )
    soon = datetime.now(UTC) + timedelta(days=30)
    with siege.stage.superuser.transaction(force_rollback=True):
        # One door was closed and its grant forgotten, one ended by itself, one grant ended before its door.
        some = [
            key
            for (key,) in run(
                "select involvement_id from app.access_grant where protocol_id = %s and revoked_at is null "
                "order by involvement_id limit 5",
                [old],
            ).fetchall()
        ]
        run("set local session_replication_role = replica")
        run("update app.involvement set ended_by_id = involved_by_id where id = %s", [some[0]])
        run(
            "update app.involvement set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' where id = %s",
            [some[1]],
        )
        run(
            "update app.access_grant set valid_until = now() - interval '1 hour' where involvement_id = %s",
            [some[2]],
        )
        run(
            "update app.access_grant set valid_from = now() + interval '1 hour' where involvement_id = %s",
            [some[3]],
        )
        run("update app.access_grant set revoked_at = now() where involvement_id = %s", [some[4]])
        run("set local session_replication_role = origin")
        before = {door: (until, since) for door, until, since in run(doors, [old]).fetchall()}
        shut = {door for (door,) in run(ended, [old]).fetchall()}
        with _proposed(siege, "dprrp-csw", ("plan", 2, False), valid_until=soon) as (key, _digest):
            other = uuid4()
            run(
                f"insert into app.sharing_protocol (id, code, version, title, {SAME_PARTIES}, legal_basis, purpose, signatures, state, "
                f"valid_from, proposal, closing_reason) select %s, code, 3, title, {SAME_PARTIES}, legal_basis, purpose, '[]', "
                "'proposed', now(), 'x', '' from app.sharing_protocol where id = %s",
                [other, key],
            )
            digest = siege.stage.one("select sec.protocol_digest(%s)", [key])
            for login in ("dprrp-coordinator", "csw-mitrovica-south"):
                run("select set_config('app.ctx', '', true)")
                run(
                    "update app.member set roles = '{coordinator}' where id = %s",
                    [siege.world.members[login]],
                )
                run("set local role homeward_app")
                run("select sec.enter(%s)", [siege.stage.tokens[login]])
                signed = attempt_kept(siege.stage.superuser, SIGN, [key, digest])
                run("reset role")
                if signed.refused:
                    yield f"{login} cannot any more sign: {signed.error}"
                elif signed.value is not (login != "dprrp-coordinator"):
                    yield f"after the signature of {login} it is in force: {signed.value}"
            after = {door: (until, since) for door, until, since in run(doors, [key]).fetchall()}
            states = dict(
                run(
                    "select id, state from app.sharing_protocol where id = any (%s)", [[old, key, other]]
                ).fetchall()
            )
            left = run(doors, [old]).fetchall()
            run("delete from app.access_grant where protocol_id = %s", [key])
            run("delete from app.sharing_protocol where id = %s", [other])
    if not after or not shut:
        yield "the attack itself is broken: no door was there to lead on"
    if states != {old: "ended", key: "in_force", other: "ended"}:
        yield f"after two signatures the versions are {sorted(states.values())}"
    if left:
        yield f"{len(left)} grants stand open under a version that has ended"
    if after.keys() & shut or after.keys() - before.keys():
        yield f"{len(after.keys() & shut)} doors that were shut lead on"
    if after.keys() != before.keys() - shut:
        yield f"{len(before.keys() - shut - after.keys())} open doors do not lead on"
    for door in after.keys() & before.keys():
        until, since = after[door]
        if until > min(before[door][0], soon) or since < before[door][1]:
            yield f"a door lasts from {since} until {until}, lasted from {before[door][1]} until {before[door][0]}"


def closing(siege: Siege) -> Iterator[str]:
    """A proposal is withdrawn by those who made it or declined by a party, with a reason; by nobody else, and once."""
    court = Court(siege)
    with _proposed(siege, "dprrp-kps", by="csw-mitrovica-south") as (key, _digest):
        withdraw, decline = (CLOSE, [key, "withdrawn", "x"]), (CLOSE, [key, "declined", "x"])
        court.must_work("withdraw its own proposal", "csw-mitrovica-south", withdraw)
        court.must_work("decline as a giver", "dprrp-coordinator", decline)
        court.must_work("decline as a taker", "kps-supervisor", decline)
        court.must_fail("withdraws another's proposal", "dprrp-coordinator", withdraw)
        court.must_fail("withdraws a stranger's proposal", "csw-prizren", withdraw)
        court.must_fail("declines what is none of its business", "csw-mitrovica-south", decline)
        court.must_fail("declines without the role", "kps-officer", decline)
        for state in ("ended", "in_force", "proposed", "suspended", "", None):
            court.must_fail(f"declares it {state!r}", "dprrp-coordinator", (CLOSE, [key, state, "x"]))
        for reason in ("", " ", None):
            court.must_fail("declines for no reason", "dprrp-coordinator", (CLOSE, [key, "declined", reason]))
        siege.stage.superuser.execute(
            "update app.sharing_protocol set state = 'declined' where id = %s", [key]
        )
        court.must_fail("declines a second time", "dprrp-coordinator", decline)
    with _proposed(siege, "dprrp-kps", by="dprrp-officer") as (key, _digest):
        withdraw = (CLOSE, [key, "withdrawn", "x"])
        court.must_work("withdraw a colleague's proposal", "dprrp-coordinator", withdraw)
        court.must_fail("withdraws a colleague's proposal without the role", "dprrp-analyst", withdraw)
    force = siege.stage.one("select id from app.sharing_protocol where code = 'dprrp-kps'")
    court.must_fail("declines what is in force", "dprrp-coordinator", (CLOSE, [force, "declined", "x"]))
    yield from court.breaches


# --- a first password

INVITE = "select sec.invite(%s, %s)"


@contextmanager
def _newcomer(
    siege: Siege,
    office: str,
    *,
    ends_on: Any = None,
    elsewhere: str = "",
    chosen: bool = False,
    unit: Any = None,
) -> Iterator[tuple[UUID, UUID]]:
    """(account, member) of somebody whom their institution gave an account and a seat, and who has no password yet."""
    run, ours = siege.stage.superuser.execute, siege.world.institutions
    account, member = uuid4(), uuid4()
    insert(siege, "app_account", id=account, username=f"new-{account}", is_active=True, password="!")
    run(
        "insert into sec.newcomer (account_id, chosen_at) values (%s, case when %s then now() end)",
        [account, chosen],
    )
    seats = [(member, office, unit), *([(uuid4(), elsewhere, None)] if elsewhere else [])]
    for key, where, part in seats:
        insert(
            siege,
            "member",
            id=key,
            account_id=account,
            institution_id=ours[where],
            unit_id=part,
            roles=["caseworker"],
            starts_on="2020-01-01",
            ends_on=ends_on,
        )
    try:
        yield account, member
    finally:
        run("delete from app.member where account_id = %s", [account])
        run("delete from sec.newcomer where account_id = %s", [account])
        run("delete from app.app_account where id = %s", [account])


def inviting(siege: Siege) -> Iterator[str]:
    """An account is made by those who seat people and opens nothing; its first password is chosen by whoever holds the one
    link of its own institution, once; and no link is ever made into an account that is in use."""
    court, people, stage = Court(siege), siege.world.members, siege.stage
    link, office = hashlib.sha256(b"link").digest(), "csw-mitrovica-south"
    make = "select sec.new_account(%s, %s, '', 'sq')"
    court.must_work("make an account", office, (make, [uuid4(), "new.colleague"]))
    court.must_fail("makes an account without the role", "kps-officer", (make, [uuid4(), "new.colleague"]))
    for name in ("donor", "", None, "A", "x y", "ab", "-abc", "a" * 61, "Ana"):
        court.must_fail(f"makes an account named {name!r}", office, (make, [uuid4(), name]))
    with stage.as_member(office) as connection:
        connection.execute(make, [key := uuid4(), "new.colleague"])
        for statement in (
            "select password from app.app_account",
            f"update app.app_account set password = 'x' where id = '{key}'",
        ):
            if not attempt(connection, statement).refused:
                court.breaches.append(f"the web reaches passwords: {statement}")
    with _newcomer(siege, office) as (account, member):
        court.must_work("invite a newcomer", office, (INVITE, [member, link]))
        court.must_fail("invites another's newcomer", "dprrp-coordinator", (INVITE, [member, link]))
        court.must_fail("invites with a short secret", office, (INVITE, [member, b"x"]))
        court.must_fail("invites with no secret", office, (INVITE, [member, None]))
        yield from _choosing(siege, account, member, link)
    for login in ("dprrp-officer", office, "csw-prizren"):
        court.must_fail("makes a link into an account in use", office, (INVITE, [people[login], link]))
    with _newcomer(siege, office, chosen=True) as (_account, member):
        court.must_fail("invites somebody who has a password", office, (INVITE, [member, link]))
    with _newcomer(siege, office, ends_on="2024-01-01") as (_account, member):
        court.must_fail("invites somebody who has left", office, (INVITE, [member, link]))
    with _newcomer(siege, office, elsewhere="dprrp") as (_account, member):
        court.must_fail("invites somebody who sits elsewhere too", office, (INVITE, [member, link]))
    with _newcomer(siege, "kps") as (_account, member):
        court.must_fail("invites a colleague without the role", "kps-officer", (INVITE, [member, link]))
    watch = stage.one(
        "select u.id from app.institution_unit u where u.code = 'intelligence' and u.institution_id = %s",
        [siege.world.institutions["kcs"]],
    )
    with _newcomer(siege, "kcs", unit=watch) as (_account, member):
        court.must_fail("invites past the wall of its unit", "kcs-ve-unit", (INVITE, [member, link]))
        yield from _listed(siege, "kcs-ve-unit", member, False)
    yield from court.breaches
    for listed, options in (
        (True, {}),
        (False, {"chosen": True}),
        (False, {"ends_on": "2024-01-01"}),
        (False, {"elsewhere": "dprrp"}),
    ):
        with _newcomer(siege, office, **options) as (_account, member):
            yield from _listed(siege, office, member, listed)
            yield from _listed(siege, "dprrp-coordinator", member, False)
    with _newcomer(siege, "kps") as (_account, member):
        yield from _listed(siege, "kps-officer", member, False)


def _listed(siege: Siege, login: str, member: UUID, expected: bool) -> Iterator[str]:
    with siege.stage.as_member(login) as connection:
        told = {key for (key,) in connection.execute("select member_id from sec.newcomers()")}
    if (member in told) != expected:
        yield f"{login} {'is told of a newcomer who is none of its own to invite' if not expected else 'misses a newcomer'}"


def _choosing(siege: Siege, account: UUID, member: UUID, link: bytes) -> Iterator[str]:
    """The sign-in role lets in whoever brings the link, while it lasts and while nothing about the seat has changed."""
    run, may = siege.stage.superuser.execute, "select sec.may_choose_password(%s, %s)"
    wrong = hashlib.sha256(b"guess").digest()

    def chooses(secret: Any = link, of: UUID = account) -> bool:
        with siege.stage.nobody("homeward_auth") as connection:
            return attempt(connection, may, [of, secret]).value is True

    def invited(expires: str = "3 days") -> None:
        run(
            "update sec.newcomer set token_hash = %s, expires_at = now() + %s::interval, chosen_at = null where account_id = %s",
            [link, expires, account],
        )

    if chooses(None) or chooses():
        yield "somebody chooses a password who was never invited"
    invited()
    if not chooses():
        yield "a newcomer cannot any more choose a password"
    stranger = siege.stage.one(
        "select account_id from app.member where id = %s", [siege.world.members["donor"]]
    )
    if chooses(wrong) or chooses(None) or chooses(of=uuid4()) or chooses(of=stranger):
        yield "a guessed link chooses a password"
    invited("-1 second")
    if chooses():
        yield "a link that has run out chooses a password"
    invited()
    run("update app.app_account set is_active = false where id = %s", [account])
    if chooses():
        yield "a link opens an account that was closed"
    run("update app.app_account set is_active = true where id = %s", [account])
    for change in ("roles = '{coordinator}'", "unit_id = null", "ends_on = '2030-01-01'"):
        invited()
        run(f"update app.member set {change} where id = %s", [member])
        if chooses():
            yield f"a link outlives a change of the seat it was made for: {change}"
    run("update app.member set ends_on = null, roles = '{caseworker}' where id = %s", [member])
    other = insert(
        siege,
        "member",
        id=uuid4(),
        account_id=account,
        institution_id=siege.world.institutions["dprrp"],
        roles=["coordinator"],
        starts_on="2020-01-01",
    )
    invited()
    if chooses():
        yield "a link of one institution opens a seat in another"
    run("delete from app.member where id = %s", [other])
    invited()
    with siege.stage.login("homeward_auth").transaction():
        siege.stage.login("homeward_auth").execute("select sec.has_chosen_password(%s)", [account])
    run("update sec.newcomer set token_hash = %s where account_id = %s", [link, account])
    if chooses():
        yield "a password is chosen a second time"
    run("update sec.newcomer set chosen_at = null, token_hash = null where account_id = %s", [account])


# --- the end of a case

PROPOSE = "select sec.propose_erasure(%s, %s)"
ERASE = "select sec.erase_case(%s, %s)"
KEEP = "select sec.keep_longer(%s, %s, %s)"


@contextmanager
def _over(siege: Siege, case: Any, *, proposed_by: Any = None, **changed: Any) -> Iterator[None]:
    """A case that was archived and whose last day has passed; afterwards it is as it was."""
    run = siege.stage.superuser.execute
    columns = ("state", "keep_until", "erasure_proposed_by_id", "erasure_proposed_at")
    before = siege.stage.ask(f"select {', '.join(columns)} from app.case_care where case_id = %s", [case])[0]
    values = {
        "state": "archived",
        "keep_until": datetime.now(UTC).date() - timedelta(days=2),
        "erasure_proposed_by_id": proposed_by,
        "erasure_proposed_at": datetime.now(UTC) if proposed_by else None,
    } | changed
    update = (
        f"update app.case_care set {', '.join(f'{column} = %s' for column in columns)} where case_id = %s"
    )
    run(update, [*(values[column] for column in columns), case])
    try:
        yield
    finally:
        run(update, [*before, case])


def erasing(siege: Siege) -> Iterator[str]:
    """A case is erased when its time is over, by two people of the institution that leads it, and never by one."""
    court, people, ours = Court(siege), siege.world.members, siege.world.institutions
    case = siege.case_of("dprrp", with_guest="kps")
    officer, chief = people["dprrp-officer"], people["dprrp-coordinator"]

    def propose(login: str, what: Any = case, by: Any = None) -> tuple[str, Any]:
        return PROPOSE, [by or people[login], what]

    def erase(login: str, what: Any = case, by: Any = None) -> tuple[str, Any]:
        return ERASE, [by or people[login], what]

    kept, lost = siege.kept_from("dprrp-cousin", "dprrp"), _without_its_mandate(siege)
    with _over(siege, case):
        court.must_work("propose an erasure", "dprrp-officer", propose("dprrp-officer"))
        court.must_fail("proposes as an analyst", "dprrp-analyst", propose("dprrp-analyst"))
        court.must_fail("proposes as a guest", "kps-supervisor", propose("kps-supervisor"))
        court.must_fail("proposes as a stranger", "atrc-counsellor", propose("atrc-counsellor"))
        court.must_fail("proposes in a colleague's name", "dprrp-officer", propose("dprrp-officer", by=chief))
        court.must_fail("erases what nobody proposed", "dprrp-coordinator", erase("dprrp-coordinator"))
    for what, changed in _NOT_YET.items():
        with _over(siege, case, **changed):
            court.must_fail(f"proposes to erase a case {what}", "dprrp-officer", propose("dprrp-officer"))
        with _over(siege, case, proposed_by=officer, **changed):
            court.must_fail(f"erases a case {what}", "dprrp-coordinator", erase("dprrp-coordinator"))
    with _over(siege, kept, proposed_by=officer):
        court.must_fail("proposes where kept away", "dprrp-cousin", propose("dprrp-cousin", kept))
        court.must_fail("erases where kept away", "dprrp-cousin", erase("dprrp-cousin", kept))
    for one in lost:
        with _over(siege, one, proposed_by=people["kps-officer"]):
            court.must_fail("proposes without a mandate", "kps-officer", propose("kps-officer", one))
            court.must_fail("erases without a mandate", "kps-supervisor", erase("kps-supervisor", one))
    with _over(siege, case, proposed_by=officer):
        court.must_work("erase what a colleague proposed", "dprrp-coordinator", erase("dprrp-coordinator"))
        court.must_fail("erases without the role", "dprrp-helper", erase("dprrp-helper"))
        court.must_fail("erases as a guest", "kps-supervisor", erase("kps-supervisor"))
        court.must_fail(
            "erases in a colleague's name",
            "dprrp-coordinator",
            erase("dprrp-coordinator", by=people["dprrp-cousin"]),
        )
        child = siege.facts.cases[next(key for key in siege.cases_of("dprrp") if _is_child(siege, key))]
        duty = insert(
            siege,
            "guardianship",
            id=uuid4(),
            child_id=child.person,
            guardian_id=siege.facts.cases[case].person,
            ends_on=None,
        )
        court.must_fail("erases whoever answers for a child", "dprrp-coordinator", erase("dprrp-coordinator"))
        siege.stage.superuser.execute(
            "update app.guardianship set ends_on = '2024-01-01' where id = %s", [duty]
        )
        court.must_work("erase who answered for a child", "dprrp-coordinator", erase("dprrp-coordinator"))
        siege.stage.superuser.execute("delete from app.guardianship where id = %s", [duty])
        for verdict, reviewed in (("", None), ("needs_more", datetime.now(UTC))):
            look = insert(
                siege,
                "break_glass",
                id=uuid4(),
                case_id=case,
                member_id=people["kps-supervisor"],
                institution_id=ours["kps"],
                lead_id=ours["dprrp"],
                categories=[0],
                verdict=verdict,
                reviewed_at=reviewed,
                expires_at=datetime.now(UTC),
            )
            court.must_fail(
                "erases the trace of a look nobody judged", "dprrp-coordinator", erase("dprrp-coordinator")
            )
            siege.stage.superuser.execute("delete from app.break_glass where id = %s", [look])
    with _over(siege, case, proposed_by=chief):
        court.must_fail("erases alone", "dprrp-coordinator", erase("dprrp-coordinator"))
    twin = insert(
        siege,
        "member",
        id=uuid4(),
        account_id=siege.stage.one("select account_id from app.member where id = %s", [chief]),
        institution_id=ours["dprrp"],
        roles=["caseworker"],
        starts_on="2020-01-01",
        ends_on="2030-01-01",
    )
    with _over(siege, case, proposed_by=twin):
        court.must_fail("erases alone from two seats", "dprrp-coordinator", erase("dprrp-coordinator"))
    siege.stage.superuser.execute("delete from app.member where id = %s", [twin])
    yield from _second_persons(siege, case)
    with _over(siege, case, proposed_by=people["kps-supervisor"]):
        court.must_fail(
            "erases on the word of a former lead", "dprrp-coordinator", erase("dprrp-coordinator")
        )
    for column in ("keep_until", "erasure_proposed_by_id", "erasure_proposed_at"):
        court.must_fail(
            f"writes {column}", "dprrp-coordinator", (f"update app.case_care set {column} = {column}", [])
        )
    yield from court.breaches
    yield from _told_of_the_end(siege, case)


def _second_persons(siege: Siege, case: Any) -> Iterator[str]:
    """Whoever proposed an erasure has to be somebody who still may, and who has been a colleague for a while."""
    court, chief = Court(siege), siege.world.members["dprrp-coordinator"]
    today, run = siege.oracle.today, siege.stage.superuser.execute
    account = siege.stage.one(
        "select account_id from app.member where id = %s", [siege.world.members["donor"]]
    )
    for what, changed, may in (
        ("somebody who works here", {}, True),
        ("somebody who has left", {"ends_on": today}, False),
        ("somebody who only analyses", {"roles": ["analyst"]}, False),
        ("somebody who came last week", {"starts_on": today - timedelta(days=7)}, False),
        ("somebody who is kept away", {}, False),
    ):
        other = insert(
            siege,
            "member",
            **{
                "id": uuid4(),
                "account_id": account,
                "institution_id": siege.world.institutions["dprrp"],
                "roles": ["caseworker"],
                "starts_on": "2020-01-01",
                "ends_on": "2090-01-01",
                **changed,
            },
        )
        if what == "somebody who is kept away":
            insert(
                siege,
                "case_exclusion",
                id=uuid4(),
                case_id=case,
                member_id=other,
                institution_id=siege.world.institutions["dprrp"],
                lifted_at=None,
            )
        with _over(siege, case, proposed_by=other):
            tried = court.must_work if may else court.must_fail
            tried(f"erases on the word of {what}", "dprrp-coordinator", (ERASE, [chief, case]))
        run("delete from app.case_exclusion where member_id = %s", [other])
        run("delete from app.member where id = %s", [other])
    # Nor does a chief who came last week confirm anything.
    since = siege.stage.one("select starts_on from app.member where id = %s", [chief])
    run("update app.member set starts_on = %s where id = %s", [today - timedelta(days=7), chief])
    with _over(siege, case, proposed_by=siege.world.members["dprrp-officer"]):
        court.must_fail("erases in the first week", "dprrp-coordinator", (ERASE, [chief, case]))
    run("update app.member set starts_on = %s where id = %s", [since, chief])
    # What an erasure would destroy is counted only for those who may, and only when it may be.
    count = "select count(*) from sec.to_be_erased(%s)"
    nothing: dict[str, Any] = {}
    for login, but, may in (
        ("dprrp-officer", nothing, True),
        ("dprrp-officer", {"keep_until": date(2090, 1, 1)}, False),
        ("dprrp-officer", {"state": "closed"}, False),
        ("dprrp-analyst", nothing, False),
        ("kps-supervisor", nothing, False),
    ):
        with _over(siege, case, **but):
            told = court.tried(login, (count, [case])).value
        if bool(told) is not may:
            court.breaches.append(
                f"{login} is told of {told} kinds of rows, of a case {but or 'that is over'}"
            )
    yield from court.breaches


_NOT_YET: dict[str, dict[str, Any]] = {
    "that is closed": {"state": "closed"},
    "that is at work": {"state": "active"},
    "whose last day is today": {"keep_until": datetime.now(UTC).date() + timedelta(days=1)},
    "that is kept for years": {"keep_until": date(2090, 1, 1)},
    "of which nobody knows until when": {"keep_until": None},
}


def _is_child(siege: Siege, case: Any) -> bool:
    adult_on = siege.facts.cases[case].adult_on
    return adult_on is None or adult_on > siege.oracle.today


def _without_its_mandate(siege: Siege) -> list[Any]:
    """Cases of the probation service which it may not write in today."""
    reader = siege.readers["kps-supervisor"]
    return [
        key
        for key, case in siege.facts.cases.items()
        if case.lead == "kps" and not reader.writes(key, "case") and not reader.is_kept_from(key)
    ][:6]


def _told_of_the_end(siege: Siege, case: Any) -> Iterator[str]:
    """What an erasure would destroy and what keeps a case is told to those who decide it, and nothing to anybody else."""
    decides = {"dprrp-officer", "dprrp-coordinator", "dprrp-supervisor"}
    with _over(siege, case):
        for login in siege.readers:
            with siege.stage.as_member(login) as connection:
                told = attempt(connection, "select * from sec.to_be_erased(%s)", [case])
                kept = attempt(connection, "select * from sec.erasure_kept_by(%s)", [case])
            if told.refused or kept.refused:
                yield f"{login}: the end of a case cannot be asked about: {told.error or kept.error}"
            if bool(told.rows) != (
                login in decides | _COLLEAGUES and not siege.readers[login].is_kept_from(case)
            ):
                yield f"{login} is told {len(told.rows)} numbers about the end of a case"
    look = siege.stage.one(
        "select case_id from app.break_glass where verdict = '' and lead_id = %s limit 1",
        [siege.world.institutions["dprrp"]],
    )
    for login in siege.readers:
        with siege.stage.as_member(login) as connection:
            kept = attempt(connection, "select * from sec.erasure_kept_by(%s)", [look])
        expected = login in decides | _COLLEAGUES and not siege.readers[login].is_kept_from(look)
        if bool(kept.rows) != expected:
            yield f"{login} is told {kept.rows} about what keeps a case"


_COLLEAGUES = {"dprrp-cousin", "dprrp-helper"}  # the same division; one of them is kept from some cases


def keeping_longer(siege: Siege) -> Iterator[str]:
    """A case is kept longer by those who could confirm its erasure, for a time; and its standing goes one way only."""
    court, people = Court(siege), siege.world.members
    case, year = siege.case_of("dprrp", with_guest="kps"), datetime.now(UTC).date() + timedelta(days=365)

    def keep(login: str, until: Any = year, what: Any = case, by: Any = None) -> tuple[str, Any]:
        return KEEP, [by or people[login], what, until]

    with _over(siege, case):
        court.must_work("keep a case longer", "dprrp-coordinator", keep("dprrp-coordinator"))
        court.must_fail("keeps it without the role", "dprrp-officer", keep("dprrp-officer"))
        court.must_fail("keeps it as a guest", "kps-supervisor", keep("kps-supervisor"))
        court.must_fail(
            "keeps it in a colleague's name",
            "dprrp-coordinator",
            keep("dprrp-coordinator", by=people["dprrp-officer"]),
        )
        for what, until in (
            ("until yesterday", datetime.now(UTC).date() - timedelta(days=1)),
            ("until today", datetime.now(UTC).date() - timedelta(days=1)),
            ("for ever", date(2999, 1, 1)),
            ("for no time", None),
        ):
            court.must_fail(f"keeps it {what}", "dprrp-coordinator", keep("dprrp-coordinator", until))
    with _over(siege, case, keep_until=datetime.now(UTC).date() + timedelta(days=500)):
        court.must_fail("shortens how long it is kept", "dprrp-coordinator", keep("dprrp-coordinator"))
    with _over(siege, case, state="closed"):
        court.must_fail("keeps what is not archived", "dprrp-coordinator", keep("dprrp-coordinator"))
    for one in _without_its_mandate(siege):
        with _over(siege, one):
            court.must_fail("keeps it without a mandate", "kps-supervisor", keep("kps-supervisor", what=one))
    yield from court.breaches
    yield from _standing(siege, case)


def _standing(siege: Siege, case: Any) -> Iterator[str]:
    """Who archives a case sets its last day by that alone; it neither comes back nor is declared erased by hand."""
    run = siege.stage.superuser.execute
    change = "update app.case_care set state = %s where case_id = %s"
    # Filling the stage switches the triggers of this table off.
    run("alter table app.case_care enable trigger retention_begins")
    try:
        for before, after, allowed in (
            ("closed", "archived", True),
            ("withdrawn", "archived", True),
            ("active", "archived", False),
            ("active", "erased", False),
            ("archived", "erased", False),
            ("archived", "closed", False),
            ("archived", "active", False),
            ("active", "closed", True),
        ):
            run("alter table app.case_care disable trigger retention_begins")
            with _over(siege, case, state=before):
                run("alter table app.case_care enable trigger retention_begins")
                with siege.stage.as_member("dprrp-coordinator") as connection:
                    outcome = attempt(connection, change, [after, case])
                run("alter table app.case_care disable trigger retention_begins")
            if worked(outcome) != allowed or (outcome.refused and outcome.state != "42501"):
                yield f"from {before} to {after}: {outcome.error or 'done'}"
        run("alter table app.case_care enable trigger retention_begins")
        for state, extra, value in (
            ("archived", "keep_until", None),
            ("erased", "keep_until", None),
            ("active", "keep_until", "2020-01-01"),
            ("active", "erasure_proposed_by_id", siege.world.members["dprrp-officer"]),
        ):
            made = _made(siege, state, extra, value)
            if made.state != "42501":
                yield f"a case is opened as {state} with {extra} {value}: {made.error or 'done'}"
        if (fresh := _made(siege, "active", "keep_until", None)).refused:
            yield f"a case cannot any more be opened: {fresh.error}"
    finally:
        run("alter table app.case_care disable trigger retention_begins")
    yield from _last_days(siege, case)


def _made(siege: Siege, state: str, column: str, value: Any) -> Outcome:
    """A row of a case's standing as the owner of the table would write it: past every right, not past the trigger."""
    given = {"id": uuid4(), "case_id": siege.case_of("dprrp"), "state": state, column: value}
    return attempt(siege.stage.superuser, *inserting(siege, "case_care", given))


def _last_days(siege: Siege, case: Any) -> Iterator[str]:
    """The short period is for whoever never came; who was a child is kept until they could ask for their own file."""
    run, person = siege.stage.superuser.execute, siege.facts.cases[case].person
    days = lambda state: siege.stage.one("select sec.keep_until(%s, %s) - sec.today()", [case, state])  # noqa: E731
    with siege.stage.superuser.transaction(force_rollback=True):
        run("update app.case_anchor set adult_on = '2010-01-01' where case_id = %s", [case])
        run("delete from app.person_return where person_id = %s", [person])
        never, closed = days("withdrawn"), days("closed")
        run(
            "insert into app.person_return (id, person_id, channel, origin, state, version, entered_at, entered_by_id) "
            "values (gen_random_uuid(), %s, 'x', '', 'arrived', 1, now(), gen_random_uuid())",
            [person],
        )
        came = days("withdrawn")
        run("update app.case_anchor set adult_on = sec.today() + 3650 where case_id = %s", [case])
        child = days("closed")
    if not 360 < never < 370 or closed < 5 * 365 or came != closed or child < 3650 + 3 * 365:
        yield f"kept for {never}, {came}, {closed} and, of a child, {child} days"


def asking_what_has_ended(siege: Siege) -> Iterator[str]:
    """The list of cases whose time is over names those one's institution leads, and whose standing one may know."""
    run = siege.stage.superuser.execute
    over = list(siege.facts.cases)[::4] + _without_its_mandate(siege)
    proposer = siege.world.members["dprrp-officer"]
    run(
        "update app.case_care c set lead_id = k.lead_id, keep_until = case when c.case_id = any (%s) then sec.today() - 1 else sec.today() end "
        "from app.case_anchor k where k.case_id = c.case_id",
        [over],
    )
    run(
        "update app.case_care set erasure_proposed_by_id = %s where case_id = any (%s)", [proposer, over[::3]]
    )
    siege.forget()
    for login, reader in siege.readers.items():
        mine = {
            key
            for key in over
            if siege.facts.cases[key].lead == reader.office.code and reader.depth(key, "case") >= 2
        }
        for proposed in (False, True):
            with siege.stage.as_member(login) as connection:
                outcome = attempt(connection, "select case_id from sec.ended_cases(%s, 1000)", [proposed])
            told = {case for (case,) in outcome.rows}
            which = {
                key
                for key in mine
                if (key in over[::3]) == proposed and not (proposed and reader.key == proposer)
            }
            if outcome.refused or told != which:
                yield f"{login} is told {len(told)} cases that ended, {len(told - which)} too many of {len(which)}: {outcome.error}"
    run("update app.case_care set keep_until = null, erasure_proposed_by_id = null")
    siege.forget()


ATTACKS = (signing, closing, inviting, erasing, keeping_longer, asking_what_has_ended)
