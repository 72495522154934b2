"""Learning from the search for double records who is known elsewhere, and deciding alone what two have to decide."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

from tests.attacks.cheating import agreed
from tests.attacks.siege import Siege
from tests.attacks.stage import Outcome, attempt
from tests.oracle.oracle import Oracle
from tests.oracle.rows import Reader

DESK = "dprrp-officer"
WORKING = {"coordinator", "caseworker", "supervisor"}
JUDGE = "select sec.judge_twin(%s, %s, %s, %s, 'stage')"
MERGE = "select sec.merge_twin(%s, %s)"
PART = "select sec.part_twin(%s, %s, 'stage')"


@contextmanager
def _pair(siege: Siege, one: Any, other: Any, **columns: Any) -> Iterator[UUID]:
    """A pair of the persons of two cases; afterwards nobody ever suspected them."""
    run, key = siege.stage.superuser.execute, uuid4()
    a, b = sorted(siege.facts.cases[case].person for case in (one, other))
    given = {
        "id": key,
        "one_id": a,
        "other_id": b,
        "state": "open",
        "source": "register",
        "probability": 0.9,
    } | columns
    run(
        f"insert into app.person_twin (evidence, found_at, reason, moved, {', '.join(given)}) "
        f"values ('[]', now(), '', '[]', {', '.join(['%s'] * len(given))})",
        list(given.values()),
    )
    try:
        yield key
    finally:
        run("delete from app.person_twin where id = %s", [key])


def _open_pairs(siege: Siege) -> dict[UUID, tuple[Any, Any]]:
    """The pairs of the stage nobody has decided about: key → the two cases."""
    case_of = {case.person: key for key, case in siege.facts.cases.items()}
    rows = siege.stage.ask(
        "select id, one_id, other_id from app.person_twin where state = 'open' order by one_id"
    )
    return {key: (case_of[one], case_of[other]) for key, one, other in rows}


def _standing(siege: Siege, login: str) -> dict[Any, Any]:
    """What the member sees without any emergency."""
    facts = replace(siege.facts, looks=[])
    return Oracle(siege.world.pack, facts, siege.oracle.now, siege.oracle.today).sights(login)


def _may_judge(reader: Reader, standing: dict[Any, Any], pair: tuple[Any, Any]) -> bool:
    return (
        bool(reader.roles & WORKING)
        and _leads_one(reader, pair)
        and all(standing.get(case, {}).get("identity", (0, False))[0] == 3 for case in pair)
    )


def _leads_one(reader: Reader, pair: Iterable[Any]) -> bool:
    """Is one of these cases the institution's own, and may this member see that it is?"""
    facts = reader.world.facts
    return "case" in reader.categories and any(
        facts.cases[case].lead == reader.office.code and not reader.is_kept_from(case) for case in pair
    )


def judging_in_an_emergency(siege: Siege) -> Iterator[str]:
    """Whoever looks at a case in an emergency writes nothing, and so says nothing about whose record it is."""
    tried = 0
    for look in siege.facts.looks:
        reader = siege.readers[look.login]
        standing = _standing(siege, look.login)
        known = [case for case, sight in standing.items() if sight.get("identity", (0, False))[0] == 3]
        if not reader.roles & WORKING or look.case in known or not known:
            continue
        with (
            _pair(siege, look.case, known[0]) as key,
            siege.stage.as_member(look.login) as connection,
        ):
            tried += 1
            if not attempt(connection, JUDGE, [reader.key, key, "different", None]).refused:
                yield f"{look.login} judges a case they look at in an emergency"
    if not tried:
        yield "the attack itself is broken: nobody looks in an emergency"


def _said(outcome: Outcome) -> str | None:
    return outcome.error.diag.message_primary if outcome.error else None


def judging(siege: Siege) -> Iterator[str]:
    """Whoever reads both in full may say that they are two; everybody else hears the same as for a key that is none."""
    pairs = dict(list(_open_pairs(siege).items())[:40])
    for login, reader in siege.readers.items():
        standing = _standing(siege, login)
        with siege.stage.as_member(login) as connection:
            unknown = attempt(connection, JUDGE, [reader.key, uuid4(), "different", None])
            for key, pair in pairs.items():
                outcome = attempt(connection, JUDGE, [reader.key, key, "different", None])
                if _may_judge(reader, standing, pair) == outcome.refused:
                    yield f"{login} judges {pair}: {outcome.error or 'done'}"
                if outcome.error and outcome.error.diag.message_primary != _said(unknown):
                    yield f"{login} hears {outcome.error} of a pair that is there"
            borrowed = attempt(
                connection,
                JUDGE,
                [siege.world.members["dprrp-officer"], next(iter(pairs)), "different", None],
            )
            if login != "dprrp-officer" and not borrowed.refused:
                yield f"{login} judges in another's name"


def _tried(siege: Siege, login: str, statement: str, *params: Any) -> Outcome:
    with siege.stage.as_member(login) as connection:
        return attempt(connection, statement, [siege.world.members[login], *params])


def _quietly(siege: Siege, statement: str, params: Any) -> None:
    """Nobody's session ends by it."""
    with siege.stage.superuser.transaction():
        siege.stage.superuser.execute("set local session_replication_role = replica")
        siege.stage.superuser.execute(statement, params)


def merging(siege: Siege) -> Iterator[str]:
    """Two people of the institution that leads both cases, and nobody else, by no other way."""
    run, members = siege.stage.superuser.execute, siege.world.members
    ours = siege.cases_of("dprrp", without="atrc")
    one, other = next(ours), next(ours)
    theirs = siege.case_of("kps")
    kept = siege.facts.cases[one].person
    proposal = {"kept_id": kept, "proposed_at": "2026-01-01", "proposed_by_id": members["dprrp-officer"]}

    def refused(what: str, code: str, outcome: Outcome) -> Iterator[str]:
        if outcome.state != "42501" or code not in str(outcome.error):
            yield f"{what}: {outcome.error or outcome.rows}"

    def done(what: str, outcome: Outcome) -> Iterator[str]:
        if outcome.refused:
            yield f"nobody can {what} any more: {outcome.error}"

    with _pair(siege, one, other) as key:
        yield from done("propose a merge", _tried(siege, "dprrp-officer", JUDGE, key, "propose", kept))
        yield from refused(
            "proposed without the record",
            "twin.unavailable",
            _tried(siege, "dprrp-officer", JUDGE, key, "propose", None),
        )
        yield from refused(
            "proposed for a third",
            "twin.unavailable",
            _tried(siege, "dprrp-officer", JUDGE, key, "propose", siege.facts.cases[theirs].person),
        )
        yield from refused(
            "judged otherwise", "twin.unavailable", _tried(siege, "dprrp-officer", JUDGE, key, "same", kept)
        )
        yield from refused(
            "withdrawn from nothing",
            "twin.not_proposed",
            _tried(siege, "dprrp-officer", JUDGE, key, "withdraw", None),
        )
        yield from refused(
            "merged without a proposal", "twin.not_proposed", _tried(siege, "dprrp-coordinator", MERGE, key)
        )
        yield from refused(
            "taken apart before", "twin.decided", _tried(siege, "dprrp-coordinator", PART, key)
        )
    with _pair(siege, one, other, **proposal) as key:
        yield from done("merge", _tried(siege, "dprrp-coordinator", MERGE, key))
        yield from done("withdraw", _tried(siege, "dprrp-coordinator", JUDGE, key, "withdraw", None))
        yield from refused(
            "proposed twice", "twin.proposed", _tried(siege, "dprrp-coordinator", JUDGE, key, "propose", kept)
        )
        yield from refused(
            "merged without the role", "twin.unavailable", _tried(siege, "dprrp-helper", MERGE, key)
        )
        yield from refused(
            "merged by an analyst", "twin.unavailable", _tried(siege, "dprrp-analyst", MERGE, key)
        )
        for login in ("kps-supervisor", "csw-mitrovica-south", "atrc-counsellor", "police-officer"):
            yield from refused(f"merged by {login}", "twin.", _tried(siege, login, MERGE, key))
        with siege.stage.as_member("dprrp-coordinator") as connection:
            yield from refused(
                "merged in another's name",
                "twin.unavailable",
                attempt(connection, MERGE, [members["dprrp-officer"], key]),
            )
        for state, code in (
            ("archived", "twin.archived"),
            ("closed", "twin.ended"),
            ("withdrawn", "twin.ended"),
        ):
            run("update app.case_care set state = %s where case_id = %s", [state, one])
            yield from refused(
                f"merged into what is {state}", code, _tried(siege, "dprrp-coordinator", MERGE, key)
            )
            run("update app.case_care set state = 'x' where case_id = %s", [one])
        run("update app.case_care set state = 'archived' where case_id = %s", [other])
        yield from refused(
            "merged what is archived", "twin.archived", _tried(siege, "dprrp-coordinator", MERGE, key)
        )
        run("update app.case_care set state = 'x' where case_id = %s", [other])
        for what, change, back in (
            ("by whoever proposed it from a second seat", "account_id = (select account_id from app.member where id = %(by)s), ends_on = '2099-01-01'", "account_id"),
            ("with one who has left", "ends_on = current_date", "ends_on"),
            ("with one who works with nobody", "roles = '{analyst}'", "roles"),
            ("with somebody of another institution", "institution_id = (select id from app.institution where code = 'opm')", "institution_id"),
        ):  # fmt: skip
            before = siege.stage.one(
                f"select {back} from app.member where id = %s", [members["dprrp-officer"]]
            )
            _quietly(
                siege,
                f"update app.member set {change} where id = %(it)s",
                {"by": members["dprrp-coordinator"], "it": members["dprrp-officer"]},
            )
            yield from refused(
                f"merged {what}", "twin.same_person", _tried(siege, "dprrp-coordinator", MERGE, key)
            )
            _quietly(
                siege, f"update app.member set {back} = %s where id = %s", [before, members["dprrp-officer"]]
            )
            _quietly(siege, "update app.member set ends_on = null where id = %s", [members["dprrp-officer"]])
        run(
            "insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at) "
            "select %s, %s, id, institution_id, '', now() from app.member where id = %s",
            [key, other, members["dprrp-officer"]],
        )
        yield from refused(
            "merged with one who is kept away",
            "twin.same_person",
            _tried(siege, "dprrp-coordinator", MERGE, key),
        )
        run("delete from app.case_exclusion where id = %s", [key])
    for what, state in (("merged", "same"), ("parted", "apart"), ("told apart", "different")):
        with _pair(siege, one, other, state=state, **proposal) as key:
            yield from refused(
                f"{what}, and merged again", "twin.decided", _tried(siege, "dprrp-coordinator", MERGE, key)
            )
            yield from refused(
                f"{what}, and judged again",
                "twin.decided",
                _tried(siege, "dprrp-officer", JUDGE, key, "different", None),
            )
    with _pair(siege, one, other, state="same", **proposal) as key:
        yield from done("take apart", _tried(siege, "dprrp-coordinator", PART, key))
        yield from refused(
            "taken apart without the role", "twin.unavailable", _tried(siege, "dprrp-officer", PART, key)
        )
        yield from refused(
            "taken apart by others", "twin.unavailable", _tried(siege, "kps-supervisor", PART, key)
        )
        third = next(ours)
        inside = {**proposal, "kept_id": siege.facts.cases[third].person, "state": "same"}
        with _pair(siege, one, third, **inside):
            yield from refused(
                "taken apart inside a third", "twin.", _tried(siege, "dprrp-coordinator", PART, key)
            )
    with _pair(siege, one, theirs, state="same", **proposal) as key:
        yield from refused(
            "taken apart under another lead",
            "twin.led_elsewhere",
            _tried(siege, "dprrp-coordinator", PART, key),
        )
    said = {"decided_by_id": members["dprrp-officer"], "decided_at": "2026-01-01"}
    with _pair(siege, one, other, **said) as key:
        yield from done(
            "say so as the second", _tried(siege, "dprrp-coordinator", JUDGE, key, "different", None)
        )
        yield from refused(
            "told apart twice by one person",
            "twin.said_before",
            _tried(siege, "dprrp-officer", JUDGE, key, "different", None),
        )
    with _pair(siege, one, other, state="different", **said) as key:
        yield from done("look again", _tried(siege, "dprrp-officer", JUDGE, key, "reopen", None))
    for led, by in ((theirs, "dprrp-coordinator"), (theirs, "kps-supervisor")):
        with _pair(siege, one, led, **proposal) as key:
            yield from refused(f"merged by {by} over two leads", "twin.", _tried(siege, by, MERGE, key))


def telling_apart(siege: Siege) -> Iterator[str]:
    """Whoever registers people writes down that two of whom they read both are different, in their own name, and no more."""
    pairs = [(a, b) for a, b in list(_open_pairs(siege).values())[:12]]
    columns = "id, one_id, other_id, state, source, probability, evidence, found_at, reason, moved, decided_by_id, decided_at"
    insert = f"insert into app.person_twin ({columns}) values (%s, %s, %s, %s, %s, 0, '[]', now(), '', %s, %s, now())"
    for login, reader in siege.readers.items():
        opens = bool(reader.roles & WORKING) and "case" in reader.categories and reader.has_mandate
        with siege.stage.as_member(login) as connection:
            for a, b in pairs:
                people = [siege.facts.cases[case].person for case in (a, b)]
                allowed = (
                    opens
                    and _leads_one(reader, (a, b))
                    and all(reader.reads_person(one, "identity") for one in people)
                )
                said = attempt(connection, insert, [uuid4(), *people, "different", "desk", "[]", reader.key])
                if said.refused == allowed:
                    yield f"{login} tells two apart: {said.error or 'done'}"
                stranger = siege.world.members["dprrp-officer" if login != "dprrp-officer" else "kps-officer"]
                for what in (
                    ("same", "desk", "[]", reader.key),
                    ("open", "desk", "[]", reader.key),
                    ("different", "register", "[]", reader.key),
                    ("different", "desk", "[{}]", reader.key),
                    ("different", "desk", "[]", stranger),
                ):
                    if not attempt(connection, insert, [uuid4(), *people, *what]).refused:
                        yield f"{login} writes a pair that is {what}"
                for column, value in (
                    ("kept_id", people[0]),
                    ("proposed_by_id", reader.key),
                    ("asked_at", "2026-01-01"),
                ):
                    more = insert.replace("decided_at)", f"decided_at, {column})").replace(
                        "now())", "now(), %s)"
                    )
                    if not attempt(
                        connection, more, [uuid4(), *people, "different", "desk", "[]", reader.key, value]
                    ).refused:
                        yield f"{login} writes {column} of a pair"
    # Whoever leads one case and is told of another only that there is one, and a unit that is shown no names.
    worker, desk = siege.readers["krct-worker"], siege.readers["krct-desk"]
    known = sorted(one for one in worker.people if worker.reads_person(one, "identity"))
    by_name = next(one for one in sorted(worker.people) if known[0] < one < known[-1] and one not in known)
    led = "update app.case_anchor set lead_id = %s where person_id = any (%s)"
    own = [known[0], known[1], known[-1]]
    leads = {case.person: case.lead for case in siege.facts.cases.values() if case.person in own}
    with agreed(siege, "krct", "krct"):
        with siege.stage.as_member("krct-worker") as connection:
            told = [uuid4(), known[0], known[1], "different", "desk", "[]", worker.key]
            if not attempt(connection, insert, told).refused:
                yield "krct-worker tells two apart of whom krct leads neither"
        _quietly(siege, led, [siege.world.institutions["krct"], own])
        for reader, login, both, allowed in (
            (worker, "krct-worker", (known[0], known[1]), True),
            (worker, "krct-worker", (known[0], by_name), False),
            (worker, "krct-worker", (by_name, known[-1]), False),
            (desk, "krct-desk", (known[0], known[1]), False),
        ):
            with siege.stage.as_member(login) as connection:
                said = attempt(connection, insert, [uuid4(), *both, "different", "desk", "[]", reader.key])
            if said.refused == allowed:
                yield f"{login} under a mandate tells two apart: {said.error or 'done'}"
        # The same with a pair that waits: who is shown it, and may say something about it.
        case_of = {case.person: key for key, case in siege.facts.cases.items()}
        taken = set(siege.stage.ask("select one_id, other_id from app.person_twin"))
        two_known = next(two for two in combinations(known, 2) if two not in taken and known[0] in two)
        # Of the two in a pair it may be either of whom only the name is known.
        by_name_in = [
            (one, other)
            for one, other in ((known[0], by_name), (by_name, known[-1]))
            if (min(one, other), max(one, other)) not in taken
        ]
        for reader, login, both, allowed in (
            (worker, "krct-worker", two_known, True),
            *((worker, "krct-worker", two, False) for two in by_name_in),
            (desk, "krct-desk", two_known, False),
        ):
            with (
                _pair(siege, *(case_of[one] for one in both)) as pair,
                siege.stage.as_member(login) as connection,
            ):
                seen = attempt(connection, "select 1 from app.person_twin where id = %s", [pair])
                said = attempt(connection, JUDGE, [reader.key, pair, "different", None])
            if bool(seen.rows) != allowed or said.refused == allowed:
                yield f"{login} under a mandate is shown {len(seen.rows)} pairs, and judges: {said.error or 'done'}"
        for person, lead in leads.items():
            _quietly(siege, led, [siege.world.institutions[lead], [person]])


def _for_the_desk(siege: Siege, pairs: dict[UUID, tuple[Any, Any]]) -> set[UUID]:
    """Pairs that no institution reads whole, by what stands open in full."""
    whole = {
        key
        for (key,) in siege.stage.ask(
            "select t.id from app.person_twin t join app.case_anchor m on m.person_id = t.one_id join app.case_anchor n on n.person_id = t.other_id "
            "join app.case_access_cat a on a.case_id = m.case_id join app.case_access_cat b on b.case_id = n.case_id and b.institution_id = a.institution_id "
            "where a.institution_id in (m.lead_id, n.lead_id) and a.category = 0 and b.category = 0 and a.depth = 3 and b.depth = 3 and a.member_id = %(all)s and b.member_id = %(all)s "
            "and a.expires_at > now() and b.expires_at > now()",
            {"all": UUID(int=0)},
        )
    }
    # Whoever was merged into another is nobody to ask about.
    lost = {
        person
        for (person,) in siege.stage.ask(
            "select case kept_id when one_id then other_id else one_id end from app.person_twin where state = 'same'"
        )
    }
    gone = {key for key, pair in pairs.items() if {siege.facts.cases[case].person for case in pair} & lost}
    return set(pairs) - whole - gone


def _sheltered(siege: Siege) -> set[Any]:
    """Cases in which somebody wrote about the protection of a child or about gender-based violence."""
    found = set()
    for table in siege.tables:
        if table.shape == "case":
            column = table.category_column or str(table.category)
            rows = siege.stage.ask(
                f"select distinct {table.key} from app.{table.name} where {column} in (16, 17)"
            )
            found |= {case for (case,) in rows}
    return found


def asking_the_desk(siege: Siege) -> Iterator[str]:
    """Only the desk sees pairs nobody reads whole, and of each what identifies. What it asks reaches the two leads alone, and
    nobody where a child is protected or somebody survived violence."""
    pairs = _open_pairs(siege)
    waiting = _for_the_desk(siege, pairs)
    if not waiting:
        yield "the attack itself is broken: nothing waits for the desk"
        return
    sheltered = _sheltered(siege)
    safe = sorted(key for key in waiting if not set(pairs[key]) & sheltered)
    unsafe = sorted(key for key in waiting if set(pairs[key]) & sheltered)
    known = sorted(set(pairs) - waiting)
    desk = "select sec.desk_judge(%s, %s, %s, '')"
    for login, reader in siege.readers.items():
        is_desk = login == DESK
        with siege.stage.as_member(login) as connection:
            listed = {row[0] for row in attempt(connection, "select id from sec.desk_twins(200)").rows}
            if listed != (waiting if is_desk else set()):
                yield f"{login} is told of {len(listed)} pairs at the desk, not {len(waiting) if is_desk else 0}"
            for key in (*safe[:3], *unsafe[:3], *known[:3], uuid4()):
                looked = attempt(connection, "select lead_id from sec.desk_twin(%s, %s)", [reader.key, key])
                if looked.refused == (is_desk and key in waiting):
                    yield f"{login} looks at a pair at the desk: {looked.error or looked.rows}"
                for verdict in ("different", "contact", "same"):
                    said = attempt(connection, desk, [reader.key, key, verdict])
                    allowed = is_desk and key in waiting and verdict in ("different", "contact")
                    if said.refused == allowed:
                        yield f"{login} says {verdict} at the desk: {said.error or 'done'}"
                    if not is_desk and "desk.unavailable" not in str(said.error):
                        yield f"{login} hears {said.error} from the desk"
        if (
            not is_desk
            and not _tried(
                siege, login, "select * from sec.desk_twin(%s, %s)", safe[0] if safe else unsafe[0]
            ).refused
        ):
            yield f"{login} sits at the desk"
    with siege.stage.as_member("dprrp-coordinator") as connection:
        borrowed = attempt(connection, desk, [siege.world.members[DESK], min(waiting), "different"])
        if not borrowed.refused:
            yield "somebody sits at the desk in another's name"
    yield from _shut_out(siege, min(waiting), pairs[min(waiting)])
    yield from _being_asked(siege, pairs, safe, unsafe, known)
    # An institution that knows of both and reads who they are of one only does not read both.
    with siege.stage.superuser.transaction(force_rollback=True):
        run = siege.stage.superuser.execute
        run(
            "update app.case_access set cat_mask = cat_mask & ~1 where case_id = any (%s)",
            [[pairs[key][0] for key in known]],
        )
        held = run(
            "select bool_and(sec.is_for_the_desk(t)) from app.person_twin t where t.id = any (%s) and not exists ("
            "select 1 from app.person_twin w where w.state = 'same' and (w.one_id in (t.one_id, t.other_id) or w.other_id in (t.one_id, t.other_id)))",
            [known],
        ).fetchone()
        if held != (True,):
            yield f"a pair that nobody reads both of does not wait for the desk: {held}"


def _shut_out(siege: Siege, key: UUID, pair: tuple[Any, Any]) -> Iterator[str]:
    """Whoever sits at the desk and is kept away from one of the two cases does not find the pair."""
    run, member = siege.stage.superuser.execute, siege.world.members[DESK]
    for case in pair:
        run(
            "insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at) "
            "select %s, %s, id, institution_id, '', now() from app.member where id = %s",
            [key, case, member],
        )
        with siege.stage.as_member(DESK) as connection:
            listed = {row[0] for row in attempt(connection, "select id from sec.desk_twins(200)").rows}
            looked = attempt(connection, "select 1 from sec.desk_twin(%s, %s)", [member, key])
        run("delete from app.case_exclusion where id = %s", [key])
        if key in listed or not looked.refused:
            yield "the desk is told of a case that it is kept away from"


def _being_asked(
    siege: Siege, pairs: dict[UUID, tuple[Any, Any]], safe: list[UUID], unsafe: list[UUID], known: list[UUID]
) -> Iterator[str]:
    run = siege.stage.superuser.execute
    safe = safe[:24:2]  # of the others nobody was asked
    asked = [*safe[:12], *unsafe[:12], *known[:12]]
    run("update app.person_twin set asked_at = now() where id = any (%s)", [asked])
    cases, offices = siege.facts.cases, siege.world.institutions
    for login, reader in siege.readers.items():
        expected = set()
        if reader.roles & {"coordinator", "supervisor"} and "case" in reader.categories:
            for one, other in (pairs[key] for key in safe[:12]):
                for mine, theirs in ((one, other), (other, one)):
                    if cases[mine].lead == reader.office.code and not reader.is_kept_from(mine):
                        expected.add((mine, offices[cases[theirs].lead]))
        with siege.stage.as_member(login) as connection:
            outcome = attempt(connection, "select case_id, institution_id from sec.contacts_asked()")
        if outcome.refused or set(outcome.rows) != expected:
            yield f"{login} is asked for contact about {len(outcome.rows)} cases, not {len(expected)}: {outcome.error}"
        if asked and login == DESK:
            again = _tried(siege, login, "select sec.desk_judge(%s, %s, 'contact', '')", asked[0])
            if "desk.asked" not in str(again.error):
                yield f"the desk asks twice: {again.error}"
    run("update app.person_twin set asked_at = null")


def seating_a_desk(siege: Siege) -> Iterator[str]:
    """No institution makes a desk of one of its own; whoever sits there can still be given less, or leave."""
    change = "update app.member set roles = %s where id = %s"
    members = siege.world.members
    for login, colleague in (("dprrp-coordinator", "dprrp-helper"), ("kps-supervisor", "kps-officer")):
        with siege.stage.as_member(login) as connection:
            usual = attempt(connection, change, [["caseworker", "supervisor"], members[colleague]])
            desk = attempt(connection, change, [["caseworker", "linkage_desk"], members[colleague]])
        if usual.refused or not usual.count:
            yield f"{login} cannot change the roles of a colleague any more: {usual.error}"
        if not desk.refused:
            yield f"{login} seats a linkage desk"
    with siege.stage.as_member("dprrp-coordinator") as connection:
        for what, params in (
            (change, [["caseworker"], members[DESK]]),
            ("update app.member set name = %s where id = %s", ["x", members[DESK]]),
        ):
            if attempt(connection, what, params).refused:
                yield "whoever sits at the desk can no longer be changed"


ATTACKS = (seating_a_desk, judging_in_an_emergency, judging, merging, telling_apart, asking_the_desk)
