"""Learning without reading: from errors, plans, notices, the server's log, and from what is there and what is not."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from psycopg import sql

from tests.attacks.siege import Siege
from tests.attacks.stage import LOGINS, Outcome, attempt
from tools import devdb

# Columns of which to know that some hidden row holds this value tells nothing about anybody, and why.
HARMLESS = {
    "ref": "random, nobody can think of one",
    "state": "that some case somewhere is in this state",
    "due_on": "that something somewhere is due on this day",
    "expires_on": "that something somewhere ends on this day",
}
KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def hidden_and_missing(siege: Siege) -> Iterator[str]:
    """Whatever one asks about a case, a person or a row: the answer for a hidden one is that for one that is not there."""
    ours = siege.world.institutions
    for login in ("atrc-counsellor", "school-psychologist", "kcs-intelligence", "donor", "kps-officer"):
        reader = siege.readers[login]
        hidden = next(
            case
            for case in siege.facts.cases.values()
            if case.key not in reader.sights and (login, case.key) not in siege.facts.kept_away
        )
        nothing = uuid4()
        questions: list[tuple[str, Any, Any]] = [
            ("select sec.shares(%s)", [hidden.key], [nothing]),
            ("select sec.existing(%s)", [hidden.key], [nothing]),
            (
                "select sec.may_grant(%s, %s, (select id from app.sharing_protocol where code = 'dprrp-cso'))",
                [hidden.key, ours["atrc"]],
                [nothing, ours["atrc"]],
            ),
            (
                "select sec.involves((select id from app.involvement limit 1), %s, %s)",
                [hidden.key, ours["dprrp"]],
                [nothing, ours["dprrp"]],
            ),
            ("select sec.hand_over(%s, %s)", [hidden.key, ours["kps"]], [nothing, ours["kps"]]),
            ("select sec.erasure_kept_by(%s)", [hidden.key], [nothing]),
            ("select count(*) from sec.to_be_erased(%s)", [hidden.key], [nothing]),
            ("select sec.propose_erasure(%s, %s)", [reader.key, hidden.key], [reader.key, nothing]),
            ("select sec.erase_case(%s, %s)", [reader.key, hidden.key], [reader.key, nothing]),
            ("select sec.keep_longer(%s, %s, '2090-01-01')", [reader.key, hidden.key], [reader.key, nothing]),
            ("select sec.work_has_ended(%s)", [hidden.key], [nothing]),
            ("select sec.has_home(%s, '2026-01-01', null)", [hidden.key], [nothing]),
            (
                "select * from sec.check_support(%s, (select id from app.assistance_kind where code = 'rent'), '2026-01-01', '2026-01-02')",
                [hidden.key],
                [nothing],
            ),
        ]
        # The key of a door from a time when one was let in oneself tells nothing of who is let in today.
        door = siege.stage.one("select id from app.involvement where case_id = %s limit 1", [hidden.key])
        questions.extend(
            (
                "select sec.involves(%s, %s, %s)",
                [door, hidden.key, ours[office]],
                [door, nothing, ours[office]],
            )
            for office in ("dprrp", "kps", "kcs", "csw-mitrovica-south")
        )
        if not siege.pack_mandates(reader.office):
            questions.append(("select sec.registers(%s)", [hidden.person], [nothing]))
        for table in siege.tables:
            if table.shape in ("case", "person"):
                keys = (hidden.key, nothing) if table.shape == "case" else (hidden.person, nothing)
                name, column = sql.Identifier(table.name), sql.Identifier(table.key or "")
                questions.extend(
                    (statement.as_string(), [keys[0]], [keys[1]])
                    for statement in (
                        sql.SQL("select count(*) from app.{} where {} = %s").format(name, column),
                        sql.SQL("insert into app.{} ({}) values (%s)").format(name, column),
                    )
                )
        with siege.stage.as_member(login) as connection:
            for statement, one, other in questions:
                first, second = attempt(connection, statement, one), attempt(connection, statement, other)
                if _answer(first, one) != _answer(second, other) and not _registers(siege, reader, statement):
                    yield f"{login}: {statement}: hidden {_answer(first, one)}, missing {_answer(second, other)}"


def _registers(siege: Siege, reader: Any, statement: str) -> bool:
    """Institutions that register people learn of a key they already hold whether it is taken: it could be no other way,
    or a second case could be opened. Keys are random, and shown to those alone who see the person."""
    return statement.startswith("insert") and bool(siege.pack_mandates(reader.office))


def _answer(outcome: Outcome, params: list[Any]) -> str:
    if outcome.error is None:
        return f"{outcome.rows} {outcome.count}"
    diag = outcome.error.diag
    text = f"{outcome.state} {diag.message_primary} {diag.message_detail} {diag.message_hint}"
    for number, value in enumerate(params):
        text = text.replace(str(value), f"<{number}>")
    return KEY.sub("<key>", text)


def the_planner(siege: Siege) -> Iterator[str]:
    """A plan tells how many rows there may be (documented), never whose: no key but one's own, no value of a column."""
    for login in ("atrc-counsellor", "school-psychologist"):
        with siege.stage.as_member(login) as connection:
            for table in siege.tables:
                outcome = attempt(
                    connection,
                    f"explain (analyze, verbose, costs, timing off, format text) select * from app.{table.name}",
                )
                if outcome.refused:
                    yield f"{login} cannot be shown a plan of {table.name}: {outcome.error}"
                plan = "\n".join(row[0] for row in outcome.rows)
                own = {str(siege.world.members[login]), str(siege.readers[login].institution)}
                for key in KEY.findall(plan):
                    if key in siege.keys and key not in own:
                        yield f"{login} learns {key} from the plan of {table.name}"
    with siege.stage.nobody() as connection:
        for table in siege.tables:
            if not attempt(connection, f"explain analyze select * from app.{table.name}").refused:
                yield f"a plan of {table.name} is carried out for nobody"


def the_notices(siege: Siege) -> Iterator[str]:
    """What is announced between sessions says that there is work, and not what."""
    stage = siege.stage
    with stage.new_login("homeward_app") as listener:
        for channel in ("procrastinate_any_queue_v1", "procrastinate_queue_v1#default", "access", "audit"):
            listener.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        with stage.new_login("homeward_app") as worker, worker.transaction():
            worker.execute("select sec.enter(%s)", [stage.tokens["dprrp-coordinator"]])
            worker.execute(
                "select app.procrastinate_defer_jobs_v1(array[row('default', 'x', 0, null, null, %s::jsonb, null)"
                "::app.procrastinate_job_to_defer_v1])",
                [json.dumps({"ticket": "secret", "case": str(siege.case_of("dprrp"))})],
            )
            worker.execute(
                "select sec.audit(%s, 'case.noted', false, %s, 3, 'case', null, '{}')",
                [siege.world.members["dprrp-coordinator"], siege.case_of("dprrp")],
            )
        heard = list(listener.notifies(timeout=0.3))
        if not heard:
            yield "nothing was heard at all, so this attack proves nothing"
        for notice in heard:
            said = json.loads(notice.payload)
            if set(said) != {"type", "job_id"}:
                yield f"a notice says {said}"
    with stage.superuser.transaction():
        stage.superuser.execute("set local search_path = app")
        stage.superuser.execute("delete from procrastinate_jobs where task_name = 'x'")
    siege.forget()


def the_servers_log(siege: Siege) -> Iterator[str]:
    """What goes wrong is logged without what was asked, and no role's sessions log more than that."""
    mark = f"mark{uuid4().hex}"
    for role in ("homeward_app", "homeward_job", "homeward_auth"):
        with siege.stage.nobody(role) as connection:
            attempt(connection, f"select '{mark}' from nowhere")
            attempt(connection, "select %s::text::integer", [mark])
            attempt(connection, "select sec.enter(%s)", [mark])
    log = devdb.describe().state / "cluster" / "server.log"
    if log.exists() and mark in log.read_text("utf-8", "replace"):
        yield "the server's log holds what was asked"
    wanted = {
        "log_min_messages=log",
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        "log_statement=none",
        "log_min_duration_statement=-1",
        "log_parameter_max_length=0",
        "log_parameter_max_length_on_error=0",
    }
    for role in LOGINS[:3]:
        settings = siege.stage.one(
            "select coalesce((select setconfig from pg_db_role_setting s join pg_roles r on r.oid = s.setrole "
            "where r.rolname = %s and s.setdatabase = 0), '{}')",
            [role],
        )
        if missing := wanted - set(settings):
            yield f"sessions of {role} may log: {sorted(missing)}"


def the_sizes(siege: Siege) -> Iterator[str]:
    """No name, birthday or text of a person is kept where an equality could find it behind row-level security.

    Equality is leakproof: PostgreSQL asks an index first and the policy then, so the time tells whether there was a hit.
    Random keys and references are harmless, because nobody can think of one.
    """
    for table, index, column in {*siege.world.text_indexes, *siege.world.indexes_of_text()}:
        if column not in HARMLESS:
            yield f"app.{table}: index {index} finds hidden rows by their {column}"


ATTACKS = (hidden_and_missing, the_planner, the_notices, the_servers_log, the_sizes)
