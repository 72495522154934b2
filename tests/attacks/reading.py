"""Trying to read: as nobody, as somebody else, as a member of another institution."""

from collections.abc import Iterator

from psycopg import sql

from tests.attacks.siege import Siege, reads_of, wrong_reads
from tests.attacks.stage import NO_CONTEXT, attempt
from tests.oracle.rows import SPECIAL

# Tables of schema app that are no business of row-level security, and why.
LIBRARIES = {
    "account_emailaddress": "sign-in library: addresses of accounts, read by the sign-in role alone",
    "account_emailconfirmation": "sign-in library: as above",
    "app_account": "who can sign in: read by the sign-in role alone, names no person in care",
    "auth_group": "required by Django, always empty, readable by nobody",
    "auth_group_permissions": "required by Django, always empty, readable by nobody",
    "auth_permission": "required by Django: names of models, readable by nobody",
    "django_content_type": "required by Django: names of models, readable by nobody",
    "django_migrations": "which changes of the schema were applied",
    "django_session": "browser sessions: read by the sign-in role alone",
    "mfa_authenticator": "second factors: read by the sign-in role alone",
    "procrastinate_events": "the queue's own log: no arguments, read by the worker alone",
    "procrastinate_jobs": "work put off: keys and tickets, read by the worker alone",
    "procrastinate_periodic_defers": "which clock job ran when, read by the worker alone",
    "procrastinate_workers": "heartbeats, read by the worker alone",
}
# What a role may read without any context: none of it is about a person.
OPEN_TO = {
    "homeward_app": {"sec.guarded", "app.django_migrations"},
    "homeward_job": {"sec.guarded", "app.django_migrations"}
    | {f"app.{name}" for name in LIBRARIES if name.startswith("procrastinate_")},
    "homeward_auth": {
        f"app.{name}"
        for name in LIBRARIES
        if name.startswith(("account_", "mfa_")) or name in ("app_account", "django_session")
    },
    "homeward_sealer": {"audit.event", "audit.seal"},
    "homeward_auditor": {"audit.event", "audit.seal"},
}
WAYS = (
    "select 1 from {} limit 1",
    "select count(*) from {}",
    "copy (select * from {}) to stdout",
    "copy {} to stdout",
)


def without_a_context(siege: Siege) -> Iterator[str]:
    """Every role, every table, every way of reading; loud where rows exist, never an empty answer."""
    for role, open_ones in OPEN_TO.items():
        for table in siege.every_table:
            if table in open_ones:
                continue
            for way in WAYS:
                with siege.stage.nobody(role) as connection:
                    outcome = attempt(connection, way.format(table))
                if not outcome.refused:
                    yield f"{role} reads {table} without a context ({way.split()[0]}): {outcome.rows[:1]}"
                elif outcome.state not in ("42501", NO_CONTEXT):
                    yield f"{role}, {table}: refused for another reason: {outcome.error}"


def with_a_forged_context(siege: Siege) -> Iterator[str]:
    """Settings of one's own making: guessed, shortened, with one's own true signature under another's name."""
    stage = siege.stage
    with stage.as_member("atrc-counsellor") as connection:
        genuine = connection.execute("select current_setting('app.ctx')").fetchone()[0]
    with stage.as_member("dprrp-coordinator") as connection:
        wanted = connection.execute("select split_part(current_setting('app.ctx'), '.', 1)").fetchone()[0]
    signature = genuine.split(".")[1]
    forgeries = {
        "nothing signed": wanted,
        "an empty signature": f"{wanted}.",
        "a guessed signature": f"{wanted}.{'0' * 64}",
        "somebody else's signature": f"{wanted}.{signature}",
        "an old context of one's own": genuine,
        "an old context of one's own, in capitals": genuine.upper(),
        "two contexts": f"{genuine},{wanted}.{signature}",
        "a blank": " ",
        "a dot": ".",
    }
    for name, forged in forgeries.items():
        for role in ("homeward_app", "homeward_job"):
            for level in ("true", "false"):
                with stage.nobody(role) as connection:
                    connection.execute(f"select set_config('app.ctx', %s, {level})", [forged])
                    for table in ("app.member", "app.case_access", "app.sharing_protocol"):
                        outcome = attempt(connection, f"select count(*) from {table}")
                        if outcome.state != NO_CONTEXT:
                            yield f"{role} reads {table} with {name}: {outcome.rows or outcome.error}"


def with_a_changed_context(siege: Siege) -> Iterator[str]:
    """One's own signed context, with other roles, another institution, a wider mask or fewer exclusions written in."""
    stage = siege.stage
    dprrp = siege.world.institutions["dprrp"]
    with stage.as_member("kcs-ve-unit") as connection:
        genuine = connection.execute("select current_setting('app.ctx')").fetchone()[0]
        payload, signature = genuine.split(".")
        fields = payload.split(",")
        for place, value in (
            (1, str(dprrp)),
            (2, "1048575"),
            (3, "auditor"),
            (4, "2"),
            (5, "9999999999"),
            (6, "job"),
        ):
            changed = ",".join([*fields[:place], value, *fields[place + 1 :]])
            with connection.transaction(force_rollback=True):
                connection.execute("select set_config('app.ctx', %s, true)", [f"{changed}.{signature}"])
                outcome = attempt(connection, "select count(*) from app.case_access")
                if outcome.state != NO_CONTEXT:
                    yield f"a context whose field {place} was changed still counts: {outcome.rows or outcome.error}"


def with_a_replayed_context(siege: Siege) -> Iterator[str]:
    """A genuine context carried into another transaction, another session, another role, and past its time."""
    stage = siege.stage
    first = stage.login("homeward_app")
    with first.transaction(force_rollback=True):
        first.execute("select sec.enter(%s)", [stage.tokens["dprrp-coordinator"]])
        genuine = first.execute("select current_setting('app.ctx')").fetchone()[0]
        for role in ("homeward_app", "homeward_job"):
            with stage.new_login(role) as second, second.transaction(force_rollback=True):
                second.execute("select set_config('app.ctx', %s, true)", [genuine])
                outcome = attempt(second, "select count(*) from app.case_access")
                if outcome.state != NO_CONTEXT:
                    yield f"a context of a running transaction serves another session of {role}"
    with first.transaction(force_rollback=True):
        if not attempt(first, "select count(*) from app.case_access").refused:
            yield "the context outlives its transaction"
        first.execute("select set_config('app.ctx', %s, true)", [genuine])
        if not attempt(first, "select count(*) from app.case_access").refused:
            yield "a context serves the next transaction of the same session"
    with first.transaction():
        first.execute("select sec.enter(%s)", [stage.tokens["dprrp-coordinator"]])
        first.execute("select set_config('app.ctx', current_setting('app.ctx'), false)")
    with first.transaction(force_rollback=True):
        outcome = attempt(first, "select count(*) from app.case_access")
        if outcome.state != NO_CONTEXT:
            yield "a context stored for the whole session serves its next transaction"
    first.execute("reset app.ctx")
    # Two sessions that begin in the same microsecond are not waited for: on the stage the clock of the signature stands still.
    source = stage.one("select pg_get_functiondef('sec.sign(text)'::regprocedure)")
    try:
        stage.superuser.execute(source.replace("extract(epoch from transaction_timestamp())::text", "'noon'"))
        with first.transaction(force_rollback=True):
            first.execute("select sec.enter(%s)", [stage.tokens["dprrp-coordinator"]])
            genuine = first.execute("select current_setting('app.ctx')").fetchone()[0]
            if attempt(first, "select count(*) from app.case_access").refused:
                yield "the attack itself is broken: a context does not serve its own session"
            with stage.new_login("homeward_app") as second, second.transaction(force_rollback=True):
                second.execute("select set_config('app.ctx', %s, true)", [genuine])
                if attempt(second, "select count(*) from app.case_access").state != NO_CONTEXT:
                    yield "a context serves another session that began in the same moment"
    finally:
        stage.superuser.execute(source)


def as_every_member(siege: Siege) -> Iterator[str]:
    """Every guarded table, row by row, as everybody in the country: as the oracle says, not a row more, not one less."""
    for table in siege.tables:
        yield from reads_of(siege, table)
    for name in ("audit.event", "audit.seal"):
        special = SPECIAL[name]
        yield from wrong_reads(siege, name, special.columns, special.sees)


def through_a_plan_made_for_another(siege: Siege) -> Iterator[str]:
    """Connections are shared and questions prepared: each who asks one again is answered for themselves, not as its first asker."""
    names = [sql.Identifier(table.name) for table in siege.tables]
    with siege.stage.new_login("homeward_app") as connection:
        connection.prepare_threshold = None  # what is prepared here is prepared below, in so many words
        for place, name in enumerate(names):
            asked = sql.Identifier(f"asked_{place}")
            connection.execute(sql.SQL("prepare {} as select ctid::text from app.{}").format(asked, name))
        for login in ("dprrp-coordinator", *sorted(siege.readers)):
            with connection.transaction(force_rollback=True):
                connection.execute("select sec.enter(%s)", [siege.stage.tokens[login]])
                for place, name in enumerate(names):
                    asked = sql.Identifier(f"asked_{place}")
                    again = set(connection.execute(sql.SQL("execute {}").format(asked)))
                    anew = set(connection.execute(sql.SQL("select ctid::text from app.{}").format(name)))
                    if again != anew:
                        yield f"{login} is answered with {len(again)} rows of {name} instead of {len(anew)}"


def by_asking_what_exists(siege: Siege) -> Iterator[str]:
    """`sec.existing` tells that something is written, in no category that one may not know of."""
    present: dict[object, set[str]] = {}
    for table in siege.tables:
        if table.shape == "case":
            for row in siege.truth(f"app.{table.name}", ", ".join(table.columns)).values():
                from tests.oracle.rows import unpacked

                case, category, _author = unpacked(table, row)
                present.setdefault(case, set()).add(category)
    from tests.oracle.pack import CATEGORIES

    for login, reader in siege.readers.items():
        with siege.stage.as_member(login) as connection:
            for case in list(siege.facts.cases)[::9]:
                told = {CATEGORIES[row[0]] for row in connection.execute("select sec.existing(%s)", [case])}
                expected = {name for name in present.get(case, set()) if reader.depth(case, name) >= 1}
                if told != expected:
                    yield f"{login} is told {sorted(told)} exist on {case}, may know {sorted(expected)}"


def with_row_security_off(siege: Siege) -> Iterator[str]:
    """Asking PostgreSQL to leave the policies out."""
    for role in ("homeward_app", "homeward_job"):
        with siege.stage.as_member("atrc-counsellor", role) as connection:
            connection.execute("set local row_security = off")
            for table in siege.tables:
                outcome = attempt(
                    connection, sql.SQL("select 1 from app.{}").format(sql.Identifier(table.name))
                )
                if not outcome.refused:
                    yield f"{role} reads app.{table.name} with row security off"


ATTACKS = (
    without_a_context,
    with_a_forged_context,
    with_a_changed_context,
    with_a_replayed_context,
    as_every_member,
    through_a_plan_made_for_another,
    by_asking_what_exists,
    with_row_security_off,
)
