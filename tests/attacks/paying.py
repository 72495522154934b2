"""Learning from support who else helps a family, how much, or what has become of its case; and paying in others' names."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg

from tests.attacks.siege import Siege
from tests.attacks.stage import attempt
from tests.oracle.rows import Reader

# Who pays: offices that see who gives what, that see their own, that may enter nothing, and that have left.
PAYERS = "dprrp kps atrc csw-mitrovica-south krct csw-prizren school-demo-mitrovica-south kcs".split()
ANSWERING = {"coordinator", "supervisor"}


@contextmanager
def _paid(siege: Siege) -> Iterator[dict[Any, tuple[Any, str]]]:
    """In every household of two somebody is helped by one payer and the other by another, over the same days.

    Yields entry → (case, office of the payer). Every third case has been closed.
    """
    run = siege.stage.superuser.execute
    kind = siege.stage.one("select id from app.assistance_kind where code = 'rent'")
    member = siege.world.members["dprrp-officer"]
    homes = siege.stage.ask(
        "select m.household_id, array_agg(k.case_id order by k.case_id) from app.household_membership m "
        "join app.case_anchor k on k.person_id = m.person_id group by 1 having count(*) = 2 order by 1"
    )
    made: dict[Any, tuple[Any, str]] = {}
    offices = siege.world.institutions
    for number, (home, cases) in enumerate(homes):
        pair = []
        for place, case in enumerate(cases):
            office = PAYERS[(number + 3 * place) % len(PAYERS)]
            entry = uuid4()
            made[entry] = (case, office)
            pair.append((entry, case))
            run(
                "insert into app.assistance_entry (id, ref, case_id, payer_id, kind_id, source, amount, currency, starts_on, ends_on, state, "
                "reference, origin_file, requested_by_id, requested_at) values (%s, %s, %s, %s, %s, '', 100, 'EUR', "
                "sec.today() - 30, sec.today() + 30, 'released', '', '', %s, now())",
                [entry, f"AS-{entry.hex[:12]}", case, offices[office], kind, member],
            )
            run(
                "insert into app.assistance_cover (entry_id, case_id, payer_id, unit, number, starts, ends, is_lasting) "
                "values (%s, %s, %s, %s, 1, sec.today() - 30, sec.today() + 30, true)",
                [entry, case, offices[office], home],
            )
        (one, first), (two, second) = sorted(pair)
        run(
            "insert into app.assistance_overlap (id, first_id, second_id, first_case_id, second_case_id, unit, number, starts_on, days, "
            "found_at, because, outcome) values (%s, %s, %s, %s, %s, %s, 1, '2026-01-01', 181, now(), 'entered', '')",
            [uuid4(), one, two, first, second, home],
        )
    run(
        "update app.case_care c set state = 'closed' where c.case_id = any (%s)",
        [list(siege.facts.cases)[::3]],
    )
    siege.forget()
    try:
        yield made
    finally:
        keys = list(made)
        run("update app.case_care c set state = 'x' where state = 'closed'")
        run("delete from app.assistance_overlap where first_id = any (%s)", [keys])
        run("delete from app.assistance_cover where entry_id = any (%s)", [keys])
        run("delete from app.assistance_entry where id = any (%s)", [keys])
        siege.forget()


def _answers(reader: Reader) -> bool:
    return bool(reader.roles & ANSWERING) and "assistance" in reader.categories


def asking_about_support(siege: Siege) -> Iterator[str]:
    """Each function about support answers where the protocols let it, and everywhere else as if there were nothing."""
    with _paid(siege) as made:
        kind = siege.stage.one("select id from app.assistance_kind where code = 'rent'")
        closed = set(list(siege.facts.cases)[::3])
        cases = list(siege.facts.cases)
        refs = dict(
            siege.stage.ask("select id, ref from app.assistance_entry where id = any (%s)", [list(made)])
        )
        for login, reader in siege.readers.items():
            gives = {case for case in cases if reader.writes(case, "assistance")}
            knows = {case for case in cases if "assistance" in reader.sights.get(case, {})}
            oversees = {case for case in cases if reader.depth(case, "assistance") >= 2}
            own = {entry for entry, (_case, office) in made.items() if office == reader.office.code}
            told = {
                entry
                for entry, (case, _office) in made.items()
                if case in oversees or (entry in own and case in gives)
            }
            at_home = {case for case, _office in made.values()}
            for what, statement, params, expected in (
                (
                    "overlap_of",
                    "select e from unnest(%s::uuid[]) e where exists (select 1 from sec.overlap_of(e))",
                    [list(made)],
                    told,
                ),
                (
                    "check_support",
                    "select k from unnest(%s::uuid[]) k where (select runs and ask is not null from sec.check_support(k, %s, current_date, current_date))",
                    [cases, kind],
                    knows & at_home,
                ),
                (
                    "check_support of days long gone",
                    "select k from unnest(%s::uuid[]) k where exists (select 1 from sec.check_support(k, %s, current_date - 400, current_date))",
                    [cases, kind],
                    set(),
                ),
                (
                    "check_support of days far away",
                    "select k from unnest(%s::uuid[]) k where exists (select 1 from sec.check_support(k, %s, current_date, current_date + 400))",
                    [cases, kind],
                    set(),
                ),
                (
                    "work_has_ended",
                    "select k from unnest(%s::uuid[]) k where sec.work_has_ended(k)",
                    [cases],
                    gives & closed,
                ),
                (
                    "has_home",
                    "select k from unnest(%s::uuid[]) k where sec.has_home(k, '2026-01-01', null)",
                    [cases],
                    gives & at_home,
                ),
                (
                    "undecided_entries",
                    "select * from sec.undecided_entries(100)",
                    [],
                    {entry for entry in own if made[entry][0] in gives},
                ),
                (
                    "accounts",
                    "select ref from sec.accounts(null, null)",
                    [],
                    {refs[entry] for entry in own} if _answers(reader) else set(),
                ),
            ):
                with siege.stage.as_member(login) as connection:
                    outcome = attempt(connection, statement, params)
                found = {row[0] for row in outcome.rows}
                if outcome.refused or found != expected:
                    yield (
                        f"{login}: sec.{what} answers for {len(found)}, {len(found - expected)} too many "
                        f"of {len(expected)}: {outcome.error}"
                    )
            yield from _taking_in(siege, login, reader, gives, oversees)


def _taking_in(
    siege: Siege, login: str, reader: Reader, gives: set[Any], oversees: set[Any]
) -> Iterator[str]:
    """Support of the past is taken in for one's own institution, or for others by those who see who gives what."""
    kind = siege.stage.one("select id from app.assistance_kind where code = 'rent'")
    cases = [*sorted(gives)[:4], *sorted(oversees)[:4], *sorted(set(siege.facts.cases) - gives)[:4]]
    rows: list[dict[str, Any]] = []
    expected = []
    now = str(siege.oracle.today)
    for case, day, amount, taken in [
        *((case, "2020-01-01", 1, "kept") for case in cases),
        *((case, "2999-01-01", 1, "begins_later") for case in cases[:2]),
        *((case, now, 10**6, "unsigned") for case in cases[:2]),
        *((case, now, None, "unsigned") for case in cases[:2]),
    ]:
        for payer in (reader.institution, siege.world.institutions["opm"]):
            place = len(rows)
            rows.append(
                {
                    "place": place, "id": str(uuid4()), "ref": f"AS-{place}-{uuid4().hex[:8]}", "case": str(case), "payer": str(payer),
                    "kind": str(kind), "source": "", "amount": amount, "currency": "EUR", "quantity": None, "starts_on": day,
                    "ends_on": day, "reference": "", "mark": None, "origin_file": "x", "origin_row": place,
                    "origin_mark": str(uuid4()),
                }
            )  # fmt: skip
            allowed = case in gives and (payer == reader.institution or case in oversees)
            expected.append(taken if allowed else "missing")
    statement = "select place, outcome from sec.keep_history(%s, %s::jsonb) order by 1"
    with siege.stage.as_member(login) as connection:
        outcome = attempt(connection, statement, [reader.key, json.dumps(rows)])
        borrowed = attempt(connection, statement, [siege.world.members["dprrp-officer"], json.dumps(rows)])
    if not reader.roles & ANSWERING:
        if outcome.state != "42501":
            yield f"{login} takes in support without the role: {outcome.error or outcome.rows}"
    elif [row[1] for row in outcome.rows] != expected:
        yield f"{login}: sec.keep_history says {outcome.error or outcome.rows}, not {expected}"
    if login != "dprrp-officer" and borrowed.state != "42501":
        yield f"{login} takes in support in another's name"


def counting_the_payers(siege: Siege) -> Iterator[str]:
    """A payer who is told of an overlap reads nothing of the other: no row, no key, no sum, by no way."""
    with _paid(siege) as made:
        for login in ("atrc-counsellor", "csw-mitrovica-south", "csw-prizren"):
            reader = siege.readers[login]
            mine = {
                entry
                for entry, (case, office) in made.items()
                if (office == reader.office.code and reader.writes(case, "assistance"))
                or reader.depth(case, "assistance") >= 2
            }
            for table, column in (
                ("assistance_entry", "id"),
                ("assistance_cover", "entry_id"),
                ("assistance_step", "entry_id"),
                ("assistance_overlap", "first_id"),
            ):
                with siege.stage.as_member(login) as connection:
                    rows = attempt(
                        connection,
                        f"select {column} from app.{table} where {column} = any (%s)",
                        [list(made)],
                    ).rows
                if seen := {row[0] for row in rows} - mine:
                    yield f"{login} reads {len(seen)} rows of others in app.{table}"


# --- what one person alone must not bring about, told to the database itself

OURS = ("entry", "step", "note", "score", "grant", "station", "overlap")
FIRST, OTHER, OFFICER, ANALYST = "dprrp-coordinator", "dprrp-supervisor", "dprrp-officer", "dprrp-analyst"
STEP = (
    "insert into app.assistance_step (id, entry_id, case_id, payer_id, move, reason, taken_by_id, taken_at) "
    "values (gen_random_uuid(), %s, %s, %s, %s, '', %s, now())"
)
# Entries by name: kind, amount, first day from today, state, and who has done what with it.
ENTRIES: dict[str, tuple[str, str | None, int, str, tuple[tuple[str, str], ...]]] = {
    "without an amount": ("wood", None, 0, "requested", ()),
    "half of one": ("medicines", "400.00", 0, "requested", ()),
    "the other half": ("medicines", "400.00", 30, "requested", ()),
    "small": ("medicines", "400.00", 300, "requested", ()),
    "half of a household's": ("rent", "800.00", 0, "requested", ()),
    "beside one without an amount": ("furniture", "10.00", 300, "requested", ()),
    "one without an amount": ("furniture", None, 310, "requested", ()),
    "relief without an amount": ("food-package", None, 0, "requested", ()),
    "relief given": ("blankets", "60.00", -5, "relieved", ((OFFICER, "relieve"),)),
    "relief cut into two": ("blankets", "60.00", 0, "requested", ()),
    "relief that can wait": ("hygiene-kit", "60.00", 5, "requested", ()),
    "relief": ("hygiene-kit", "60.00", 0, "requested", ()),
    "not awarded": ("small-grant", "900.00", 0, "requested", ()),
    "signed once": ("rent", "2000.00", 400, "signed", ((FIRST, "approve"),)),
    "given at once": ("cash", "50.00", -300, "relieved", ((FIRST, "relieve"),)),
    "paid": ("rent", "100.00", 500, "released", ((FIRST, "approve"), (FIRST, "release"))),
    "overlapping": ("cash", "50.00", 0, "relieved", ((OFFICER, "relieve"),)),
    "justified": ("cash", "50.00", 600, "relieved", ((OFFICER, "relieve"), (OTHER, "justify"))),
    "settled as right": ("cash", "50.00", 700, "relieved", ((OFFICER, "relieve"),)),
    "settled as one too many": ("cash", "50.00", 800, "relieved", ((OFFICER, "relieve"),)),
}
# Who takes which step with it, in whose name, and what must come of it: a state, or the code of a refusal.
STEPS = (
    (FIRST, FIRST, "without an amount", "approve", "signed"),
    (FIRST, FIRST, "half of one", "approve", "signed"),
    (FIRST, FIRST, "small", "approve", "approved"),
    (FIRST, FIRST, "half of a household's", "approve", "signed"),
    (FIRST, FIRST, "beside one without an amount", "approve", "signed"),
    (OFFICER, OFFICER, "relief without an amount", "relieve", "assistance.relief"),
    (OFFICER, OFFICER, "relief cut into two", "relieve", "assistance.relief"),
    (OFFICER, OFFICER, "relief that can wait", "relieve", "assistance.relief"),
    (OFFICER, OFFICER, "small", "relieve", "assistance.relief"),
    (OFFICER, OFFICER, "relief", "relieve", "relieved"),
    (FIRST, FIRST, "not awarded", "approve", "assistance.awarded"),
    (FIRST, FIRST, "signed once", "countersign", "assistance.same_person"),
    (OFFICER, OFFICER, "signed once", "countersign", "assistance.unavailable"),
    (OFFICER, OTHER, "signed once", "stop", "assistance.unavailable"),
    (FIRST, OTHER, "signed once", "countersign", "assistance.unavailable"),
    (OTHER, OTHER, "signed once", "countersign", "approved"),
    (FIRST, FIRST, "given at once", "confirm", "assistance.same_person"),
    (FIRST, FIRST, "given at once", "reverse", "assistance.paid_by_you"),
    (OFFICER, OFFICER, "given at once", "confirm", "assistance.unavailable"),
    (OTHER, OTHER, "given at once", "confirm", "released"),
    (FIRST, FIRST, "paid", "take_back", "assistance.paid_by_you"),
    (FIRST, FIRST, "paid", "reverse", "assistance.paid_by_you"),
    (OFFICER, OFFICER, "paid", "reverse", "assistance.unavailable"),
    (ANALYST, ANALYST, "paid", "take_back", "assistance.unavailable"),
    (ANALYST, ANALYST, "small", "stop", "assistance.unavailable"),
    (OFFICER, OFFICER, "paid", "take_back", "returned"),
    (OTHER, OTHER, "paid", "reverse", "reversed"),
    (OTHER, OTHER, "overlapping", "confirm", "assistance.overlap"),
    (OTHER, OTHER, "justified", "confirm", "assistance.justified_by_you"),
    (FIRST, FIRST, "justified", "confirm", "released"),
    (OTHER, OTHER, "settled as right", "confirm", "assistance.settled_by_you"),
    (FIRST, FIRST, "settled as right", "confirm", "released"),
    (FIRST, FIRST, "settled as one too many", "confirm", "assistance.overlap"),
)

# The same when the work with the person has ended: nothing more is promised, and what was promised is kept.
STEPS_AFTER_THE_END = (
    (FIRST, FIRST, "small", "approve", "assistance.ended"),
    (OFFICER, OFFICER, "relief", "relieve", "assistance.ended"),
    (OTHER, OTHER, "signed once", "countersign", "assistance.ended"),
    (OTHER, OTHER, "given at once", "confirm", "released"),
    (OFFICER, OFFICER, "signed once", "stop", "stopped"),
)


@dataclass(frozen=True)
class _Desk:
    """What a payer's members have on their desk: entries by name, a plan that one person has scored and one that two have."""

    case: Any
    payer: Any
    entries: dict[str, Any]
    overlaps: dict[str, Any]
    grants: dict[str, Any]
    station: Any


@contextmanager
def _desk(siege: Siege) -> Iterator[_Desk]:
    """The desk, with the triggers of the ledger at work; the stage stands without them."""
    run, ask = siege.stage.superuser.execute, siege.stage.ask
    payer, members = siege.world.institutions["dprrp"], siege.world.members
    kinds = dict(ask("select code, id from app.assistance_kind"))
    numbers = dict(ask("select code, number from app.assistance_kind"))
    free = set(siege.cases_of("dprrp"))
    homes = ask(
        "select m.household_id, array_agg(k.case_id order by k.case_id) from app.household_membership m "
        "join app.case_anchor k on k.person_id = m.person_id group by 1 having count(*) = 2 order by 1"
    )
    home, (case, other) = next((home, cases) for home, cases in homes if set(cases) <= free)
    entries: dict[str, Any] = {}

    def put(name: str, whose: Any, kind: str, amount: Any, begins: int, state: str, by: str = OFFICER) -> Any:
        key = entries[name] = uuid4()
        run(
            "insert into app.assistance_entry (id, ref, case_id, payer_id, kind_id, source, amount, quantity, currency, starts_on, ends_on, "
            "state, reference, origin_file, requested_by_id, requested_at) values (%s, %s, %s, %s, %s, '', %s, 1, 'EUR', sec.today() + %s, "
            "sec.today() + %s, %s, '', '', %s, now())",
            [key, f"AS-{key.hex[:12]}", whose, payer, kinds[kind], amount, begins, begins, state, members[by]],
        )  # fmt: skip
        return key

    def cover(key: Any, whose: Any, kind: str, begins: int) -> None:
        run(
            "insert into app.assistance_cover (entry_id, case_id, payer_id, unit, number, starts, ends, is_lasting) "
            "values (%s, %s, %s, %s, %s, sec.today() + %s, sec.today() + %s, true)",
            [key, whose, payer, home, numbers[kind], begins, begins],
        )

    for name, (kind, amount, begins, state, steps) in ENTRIES.items():
        key = put(name, case, kind, amount, begins, state)
        for login, move in steps:
            run(STEP, [key, case, payer, move, members[login]])
    cover(entries["half of a household's"], case, "rent", 0)
    cover(put("the rest of the household's", other, "rent", "800.00", 20, "requested"), other, "rent", 20)
    overlaps = {}
    for name, begins, settled in (
        ("overlapping", 0, ""),
        ("justified", 600, ""),
        ("settled as right", 700, "accepted"),
        ("settled as one too many", 800, "stopped"),
    ):
        cover(entries[name], case, "cash", begins)
        cover(
            put(
                f"what meets the {name}",
                other,
                "cash",
                "1.00",
                begins,
                "released",
                by=FIRST if name == "justified" else OFFICER,
            ),
            other,
            "cash",
            begins,
        )
        one, two = sorted((entries[name], entries[f"what meets the {name}"]))
        overlaps[name] = uuid4()
        run(
            "insert into app.assistance_overlap (id, first_id, second_id, first_case_id, second_case_id, unit, number, starts_on, ends_on, "
            "days, found_at, because, outcome, settled_by_id, settled_at) values (%s, %s, %s, %s, %s, %s, %s, sec.today() + %s, sec.today() + %s, "
            "1, now() - interval '1 day', 'entered', %s, %s, now())",
            [overlaps[name], one, two, *([case, other] if one == entries[name] else [other, case]), home, numbers["cash"], begins, begins,
             settled, members[OTHER] if settled else None],
        )  # fmt: skip
    # Taken in from a list by the coordinator: nobody else has a hand in the other one.
    run(STEP, [entries["what meets the overlapping"], other, payer, "kept", members[FIRST]])
    grants = {}
    for name, scorers in (("one", (FIRST,)), ("two", (FIRST, OTHER)), ("another", (FIRST, OTHER))):
        grants[name] = uuid4()
        run(
            "insert into app.assistance_grant (id, ref, case_id, payer_id, purpose, asked, currency, state, ending, applied_by_id, applied_at) "
            "values (%s, %s, %s, %s, '', 1000, 'EUR', 'applied', '', %s, now())",
            [grants[name], f"SG-{grants[name].hex[:12]}", case, payer, members[OFFICER]],
        )
        for login in scorers:
            run(SCORE, [grants[name], case, payer, members[login]])
    put("for the grant", case, "small-grant", "900.00", 0, "requested")
    put("more than was asked for", case, "small-grant", "1000.01", 0, "requested")
    put("of another case", other, "small-grant", "900.00", 0, "requested")
    station = uuid4()
    run(STATION, [station, grants["two"], case, payer, members[OFFICER]])
    for table in OURS:
        run(f"alter table app.assistance_{table} enable trigger user")
    siege.forget()
    try:
        yield _Desk(case, payer, entries, overlaps, grants, station)
    finally:
        for table in OURS:
            run(f"alter table app.assistance_{table} disable trigger user")
        keys = list(entries.values())
        run("delete from app.assistance_overlap where first_id = any (%s)", [keys])
        for table, column, gone in (
            ("cover", "entry_id", keys),
            ("step", "entry_id", keys),
            ("entry", "id", keys),
            ("score", "grant_id", list(grants.values())),
            ("station", "grant_id", list(grants.values())),
            ("grant", "id", list(grants.values())),
        ):
            run(f"delete from app.assistance_{table} where {column} = any (%s)", [gone])
        siege.forget()


SCORE = (
    "insert into app.assistance_score (id, grant_id, case_id, payer_id, criterion, points, scored_by_id, scored_at) "
    "values (gen_random_uuid(), %s, %s, %s, 'market', 5, %s, now())"
)
STATION = (
    "insert into app.assistance_station (id, grant_id, case_id, payer_id, kind, what, due_on, result, found, planned_by_id) "
    "values (%s, %s, %s, %s, 'visit', 'x', current_date, '', '', %s)"
)
NOTE = (
    "insert into app.assistance_note (id, entry_id, case_id, payer_id, body, written_by_id, written_at) "
    "values (gen_random_uuid(), %s, %s, %s, 'x', %s, now())"
)
APPLY = (
    "insert into app.assistance_grant (id, ref, case_id, payer_id, purpose, asked, currency, state, ending, applied_by_id, applied_at) "
    "values (gen_random_uuid(), 'SG-x', %s, %s, '', 1, 'EUR', %s, '', %s, now())"
)
ENTER = (
    "insert into app.assistance_entry (id, ref, case_id, payer_id, kind_id, source, amount, currency, starts_on, state, reference, "
    "origin_file, requested_by_id, requested_at) select gen_random_uuid(), 'AS-x', %s, %s, k.id, '', 1, 'EUR', current_date, 'requested', '', "
    "'', %s, now() from app.assistance_kind k where k.code = 'medicines'"
)
DECIDE = "update app.assistance_grant set state = %s, entry_id = %s, decided_by_id = %s, decided_at = now() where id = %s"
RECORD = "update app.assistance_station set done_on = current_date + %s, result = 'reached', recorded_by_id = %s where id = %s"
SETTLE = "update app.assistance_overlap set outcome = 'accepted', settled_by_id = %s, settled_at = now() where id = %s"


def paying_alone(siege: Siege) -> Iterator[str]:
    """One member takes each step with an entry past the program: without the role, as the second of two, in another's name."""
    members = siege.world.members
    with _desk(siege) as desk:
        yield from _stepping(siege, desk, STEPS)
        with _ended(siege, desk.case):
            yield from _stepping(siege, desk, STEPS_AFTER_THE_END)
        for login, name, allowed in (
            (OFFICER, OFFICER, True),
            (OFFICER, FIRST, False),
            (ANALYST, ANALYST, False),
        ):
            mine = [desk.case, desk.payer, members[name]]
            for what, statement, params in (
                ("enters support", ENTER, mine),
                ("writes a note", NOTE, [desk.entries["small"], *mine]),
                ("scores a plan", SCORE, [desk.grants["one"], *mine]),
                ("plans a visit", STATION, [uuid4(), desk.grants["two"], *mine]),
                ("applies", APPLY, [desk.case, desk.payer, "applied", members[name]]),
            ):
                with siege.stage.as_member(login) as connection:
                    outcome = attempt(connection, statement, params)
                if outcome.refused == allowed:
                    yield f"{login} {what} as {name}: {outcome.error or 'done'}"


def _stepping(siege: Siege, desk: _Desk, steps: Sequence[tuple[str, str, str, str, str]]) -> Iterator[str]:
    members = siege.world.members
    for login, name, entry, move, expected in steps:
        key = desk.entries[entry]
        with siege.stage.as_member(login) as connection:
            became = _became(connection, STEP, [key, desk.case, desk.payer, move, members[name]], key)
        if became != expected:
            yield f"{login} takes the step {move} as {name} with what is {entry}: {became}, not {expected}"


@contextmanager
def _ended(siege: Siege, case: Any) -> Iterator[None]:
    """For a while the work with the person of this case has ended."""
    run, change = siege.stage.superuser.execute, "update app.case_care set state = %s where case_id = %s"
    [(before,)] = siege.stage.ask("select state from app.case_care where case_id = %s", [case])
    run(change, ["closed", case])
    try:
        yield
    finally:
        run(change, [before, case])


def deciding_alone(siege: Siege) -> Iterator[str]:
    """A grant is awarded that one person scored, or for more, or in another's name; an overlap is settled by who made it."""
    members = siege.world.members
    with _desk(siege) as desk:
        entry, grants = desk.entries, desk.grants
        one, two, another = grants["one"], grants["two"], grants["another"]
        award = [(DECIDE, ["awarded", entry["for the grant"], members[FIRST], two])]
        for login, before, statement, params, allowed in (
            (FIRST, [], DECIDE, ["awarded", entry["for the grant"], members[FIRST], two], True),
            (FIRST, [], DECIDE, ["awarded", entry["for the grant"], members[FIRST], one], False),
            (FIRST, [], DECIDE, ["awarded", entry["for the grant"], members[OTHER], two], False),
            (OFFICER, [], DECIDE, ["awarded", entry["for the grant"], members[OFFICER], two], False),
            (FIRST, [], DECIDE, ["awarded", None, members[FIRST], two], False),
            (FIRST, [], DECIDE, ["awarded", entry["small"], members[FIRST], two], False),
            (FIRST, [], DECIDE, ["awarded", entry["more than was asked for"], members[FIRST], two], False),
            (FIRST, [], DECIDE, ["awarded", entry["of another case"], members[FIRST], two], False),
            (FIRST, [], DECIDE, ["declined", None, members[FIRST], two], True),
            (FIRST, [], DECIDE, ["declined", entry["for the grant"], members[FIRST], two], False),
            (FIRST, [], DECIDE, ["finished", None, members[FIRST], one], False),
            (FIRST, [], DECIDE, ["applied", None, members[FIRST], two], False),
            (FIRST, award, DECIDE, ["awarded", entry["for the grant"], members[FIRST], another], False),
            (FIRST, award, DECIDE, ["finished", entry["for the grant"], members[FIRST], two], False),
            (FIRST, award, "update app.assistance_grant set entry_id = %s where id = %s", [entry["small"], two], False),
            (FIRST, [], APPLY, [desk.case, desk.payer, "awarded", members[FIRST]], False),
            (OFFICER, [], RECORD, [0, members[OFFICER], desk.station], True),
            (OFFICER, [], RECORD, [0, members[FIRST], desk.station], False),
            (OFFICER, [], RECORD, [2, members[OFFICER], desk.station], False),
            (ANALYST, [], RECORD, [0, members[ANALYST], desk.station], False),
            (OFFICER, [(RECORD, [0, members[OFFICER], desk.station])], RECORD, [0, members[OFFICER], desk.station], False),
            (OTHER, [], SETTLE, [members[OTHER], desk.overlaps["overlapping"]], True),
            (OTHER, [], SETTLE, [members[FIRST], desk.overlaps["overlapping"]], False),
            (FIRST, [], SETTLE, [members[FIRST], desk.overlaps["overlapping"]], False),  # took one of the two in
            (OTHER, [], SETTLE, [members[OTHER], desk.overlaps["justified"]], False),
            (FIRST, [], SETTLE, [members[FIRST], desk.overlaps["justified"]], False),  # asked for one of the two
        ):  # fmt: skip
            with siege.stage.as_member(login) as connection:
                for earlier, given in before:
                    connection.execute(earlier, given)
                outcome = attempt(connection, statement, params)
            done = not outcome.refused and outcome.count == 1
            if done != allowed:
                yield f"{login}: {statement[:60]}… {params[0]}: {outcome.error or outcome.count}"


def _became(connection: Any, statement: str, params: list[Any], entry: Any) -> str:
    """The state of the entry after the statement, or the code with which it was refused."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, params)
            return str(
                connection.execute(
                    "select state from app.assistance_entry where id = %s", [entry]
                ).fetchone()[0]
            )
    except psycopg.Error as error:
        return str(error).splitlines()[0]


ATTACKS = (asking_about_support, counting_the_payers, paying_alone, deciding_alone)
