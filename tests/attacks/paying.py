"""Learning from support who else helps a family, how much, or what has become of its case; and paying in others' names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

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
                "'2026-01-01', '2026-06-30', 'released', '', '', %s, now())",
                [entry, f"AS-{entry.hex[:12]}", case, offices[office], kind, member],
            )
            run(
                "insert into app.assistance_cover (entry_id, case_id, payer_id, unit, number, starts, ends, is_lasting) "
                "values (%s, %s, %s, %s, 1, '2026-01-01', '2026-06-30', true)",
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
                    "select k from unnest(%s::uuid[]) k where (select runs and ask is not null from sec.check_support(k, %s, '2026-02-01', '2026-02-01'))",
                    [cases, kind],
                    knows & at_home,
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
    for case, day in [
        *((case, "2020-01-01") for case in cases),
        *((case, "2999-01-01") for case in cases[:2]),
    ]:
        for payer in (reader.institution, siege.world.institutions["opm"]):
            place = len(rows)
            rows.append(
                {
                    "place": place, "id": str(uuid4()), "ref": f"AS-{place}-{uuid4().hex[:8]}", "case": str(case), "payer": str(payer),
                    "kind": str(kind), "source": "", "amount": 1, "currency": "EUR", "quantity": None, "starts_on": day,
                    "ends_on": day, "reference": "", "mark": None, "origin_file": "x", "origin_row": place,
                    "origin_mark": str(uuid4()),
                }
            )  # fmt: skip
            allowed = case in gives and (payer == reader.institution or case in oversees)
            taken = "kept" if day < "2999" else "begins_later"
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


ATTACKS = (asking_about_support, counting_the_payers)
