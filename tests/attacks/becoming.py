"""Trying to become somebody who may: another role, the owner, the maker of a function, the reader of a secret."""

from collections.abc import Iterator

import psycopg

from tests.attacks.allowed import ALLOWED, JOB_PREFIX
from tests.attacks.siege import Siege
from tests.attacks.stage import LOGINS, attempt

ROLES = (
    "homeward_owner",
    "homeward_definer",
    "homeward_migrate",
    "homeward_backup",
    "homeward_superuser",
    "postgres",
)


def another_role(siege: Siege) -> Iterator[str]:
    """SET ROLE, SET SESSION AUTHORIZATION, and the settings that only the server's master may change."""
    for role in LOGINS:
        others = [other for other in (*ROLES, *LOGINS) if other != role]
        statements = [f"set role {other}" for other in others]
        statements += [f"set session authorization {other}" for other in others]
        statements += [
            "set session_replication_role = replica",
            "set log_statement = 'all'",
            "set log_min_error_statement = 'debug5'",
            "set log_parameter_max_length = -1",
            f"alter role {role} superuser",
            f"alter role {role} bypassrls",
            f"alter role {role} set log_statement = 'all'",
            "grant homeward_owner to current_user",
            "alter role homeward_owner login password 'x'",
            "create role intruder login superuser",
            "reassign owned by homeward_owner to current_user",
        ]
        with siege.stage.nobody(role) as connection:
            for statement in statements:
                outcome = attempt(connection, statement)
                # A role of that name may not be there at all: then nobody can become it.
                if outcome.state not in ("42501", "22023"):
                    yield f"{role}: {statement}: {outcome.error}"


def a_maker_of_things(siege: Siege) -> Iterator[str]:
    """Tables, functions, triggers, rules, policies, extensions, schemas, temporary ones too, and objects without a table."""
    body = "returns int language sql as 'select 1'"
    statements = [
        "create temp table mine (x int)",
        "create temp view mine as select 1 as x",
        f"create function pg_temp.mine() {body}",
        "create schema mine",
        "create extension pg_trgm",
        "create extension dblink",
        "create extension file_fdw",
        "create publication mine for all tables",
        "create event trigger mine on ddl_command_start execute function sec.immutable()",
        "create language mine handler plpgsql_call_handler",
        "create cast (text as int) with inout as implicit",
        "create foreign data wrapper mine",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'x')",
        "select lo_creat(-1)",
        "select pg_reload_conf()",
        "checkpoint",
    ]
    for schema in ("app", "sec", "audit", "public", "pg_catalog"):
        statements += [
            f"create table {schema}.mine (x int)",
            f"create view {schema}.mine as select 1 as x",
            f"create function {schema}.mine() {body}",
            f"create materialized view {schema}.mine as select 1 as x",
            f"create type {schema}.mine as enum ('a')",
            f"create operator {schema}.=== (leftarg = text, rightarg = text, function = texteq)",
            f"create sequence {schema}.mine",
            f"alter schema {schema} owner to current_user",
            f"drop schema {schema} cascade",
        ]
    for table in ("app.case_access", "app.member", "audit.event", "sec.session", "sec.guarded"):
        statements += [
            f"alter table {table} disable row level security",
            f"alter table {table} no force row level security",
            f"alter table {table} disable trigger all",
            f"alter table {table} owner to current_user",
            f"create policy mine on {table} using (true)",
            f"create rule mine as on select to {table} do instead select 1",
            f"create trigger mine before insert on {table} for each row execute function sec.immutable()",
            f"create index mine on {table} ((1))",
            f"drop table {table}",
            f"comment on table {table} is 'mine'",
            f"create statistics app.mine on institution_id, case_id from {table}",
        ]
    statements += [
        "alter function sec.ctx() security invoker",
        "alter function sec.enter(text) reset search_path",
        "drop function sec.ctx()",
        "create or replace function sec.ctx() returns text[] language sql as $$ select array['x'] $$",
    ]
    for role in LOGINS:
        with siege.stage.nobody(role) as connection:
            for statement in statements:
                outcome = attempt(connection, statement)
                if outcome.state != "42501":
                    yield f"{role}: {statement}: {outcome.error}"
        # These two cannot be tried inside a transaction.
        for statement in ("create database mine", "alter system set log_statement = 'all'"):
            try:
                siege.stage.login(role).execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                continue
            yield f"{role}: {statement}"


def a_caller_of_more(siege: Siege) -> Iterator[str]:
    """No role may call a function that nobody has thought about; every definer's function pins where it looks for names."""
    rows = siege.stage.ask(
        """select n.nspname, p.proname, r.role from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           cross join unnest(%s::text[]) r(role)
           where n.nspname in ('app', 'sec', 'audit', 'public') and has_function_privilege(r.role, p.oid, 'EXECUTE')
             and has_schema_privilege(r.role, n.oid, 'USAGE')
             and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
        [list(LOGINS)],
    )
    for schema, name, role in rows:
        if name not in ALLOWED[role] and not (role == "homeward_job" and name.startswith(JOB_PREFIX)):
            yield f"{role} may call {schema}.{name}, and tests/attacks/allowed.py does not say why"
    for (name,) in siege.stage.ask(
        """select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname in ('app', 'sec', 'audit', 'public') and p.prosecdef
             and not coalesce((select bool_or(c ~ '^search_path=("?app"?, )?pg_catalog, pg_temp$') from unnest(p.proconfig) c), false)"""
    ):
        yield f"{name} runs with its owner's rights and looks for names wherever the caller says"
    for (name,) in siege.stage.ask(
        """select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname in ('app', 'sec', 'audit') and (p.proacl is null or exists (
             select 1 from aclexplode(p.proacl) a where a.grantee = 0)) and p.prorettype <> 'trigger'::regtype"""
    ):
        yield f"{name} may be called by everybody"


def a_reader_of_secrets(siege: Siege) -> Iterator[str]:
    """Keys, tokens, passwords, files, other sessions' queries, statistics of hidden rows, counters of the log."""
    statements = [
        "select k from sec.signing_key",
        "select token_hash from sec.session",
        "select * from sec.clock",
        "select sec.sign('x')",
        "select rolpassword from pg_authid",
        "select passwd from pg_shadow",
        "select pg_read_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "copy (select 1) to program 'id'",
        "copy (select 1) to '/tmp/mine'",
        "select query from pg_stat_activity",
        "select * from pg_stat_get_activity(null)",
        "select * from pg_locks",
        "select n_live_tup from pg_stat_all_tables where relname = 'case_access'",
        "select * from pg_stat_xact_user_tables",
        "select pg_terminate_backend(pg_backend_pid())",
        "select stavalues1 from pg_statistic",
        "select most_common_vals from pg_stats_ext",
        "select last_value from audit.event_id_seq",
        "select nextval('audit.event_id_seq')",
        "select setval('audit.event_id_seq', 1)",
        "select currval('audit.event_id_seq')",
        "select * from pg_hba_file_rules",
        "select * from pg_file_settings",
        "select * from pg_config",
    ]
    for role in LOGINS:
        with siege.stage.nobody(role) as connection:
            for statement in statements:
                outcome = attempt(connection, statement)
                if not outcome.refused and outcome.rows:
                    yield f"{role}: {statement}: {outcome.rows[:1]}"
            known = attempt(
                connection,
                "select tablename, attname from pg_stats where schemaname in ('app', 'audit', 'sec')",
            )
            guarded = {table.name for table in siege.tables} | {"event", "seal"}
            for table, column in known.rows:
                if table in guarded:
                    yield f"{role} reads the most common values of {table}.{column}"


def a_user_of_privileges(siege: Siege) -> Iterator[str]:
    """What was granted, by the catalogue's own word: no role owns, deletes, truncates, refers or grants on."""
    for table, role, privilege in siege.stage.ask(
        """select c.oid::regclass::text, r.role, p.privilege from pg_class c join pg_namespace n on n.oid = c.relnamespace
           cross join unnest(%s::text[]) r(role)
           cross join unnest(array['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'UPDATE', 'SELECT WITH GRANT OPTION']) p(privilege)
           where n.nspname in ('app', 'sec', 'audit') and c.relkind in ('r', 'p', 'v', 'm', 'f')
             and has_table_privilege(r.role, c.oid, p.privilege)""",
        [list(LOGINS)],
    ):
        name = table.removeprefix("app.")
        queue = role == "homeward_job" and name.startswith("procrastinate_")
        sign_in = role == "homeward_auth" and (
            name.startswith(("account_", "mfa_")) or name in ("app_account", "django_session")
        )
        if not ((queue or sign_in) and privilege in ("DELETE", "UPDATE")):
            yield f"{role} has {privilege} on {table}"
    for table, kind in siege.stage.ask(
        "select c.oid::regclass::text, c.relkind::text from pg_class c where c.relnamespace in "
        "('app'::regnamespace, 'audit'::regnamespace, 'sec'::regnamespace) and c.relkind in ('v', 'm', 'f') "
        "and not coalesce('security_invoker=true' = any (c.reloptions), false)"
    ):
        yield f"{table} is a view ({kind}) that shows what its owner sees"
    for role, what in siege.stage.ask(
        """select rolname, case when rolsuper then 'superuser' when rolbypassrls then 'bypassrls' when rolcreaterole then 'createrole'
                                when rolcreatedb then 'createdb' when rolreplication then 'replication' else 'inherits' end
           from pg_roles where rolname = any (%s)
             and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit)""",
        [list(LOGINS)],
    ):
        yield f"{role} is {what}"
    for role, member in siege.stage.ask(
        "select r.rolname, m.rolname from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member "
        "where m.rolname = any (%s)",
        [list(LOGINS)],
    ):
        yield f"{member} is a member of {role}"
    for schema, role in siege.stage.ask(
        "select n.nspname, r.role from pg_namespace n cross join unnest(%s::text[]) r(role) "
        "where n.nspname !~ '^pg_toast' and has_schema_privilege(r.role, n.oid, 'CREATE')",
        [list(LOGINS)],
    ):
        yield f"{role} may create in {schema}"
    for (role,) in siege.stage.ask(
        "select r.role from unnest(%s::text[]) r(role) "
        "where has_database_privilege(r.role, current_database(), 'TEMP') or has_database_privilege(r.role, current_database(), 'CREATE')",
        [list(LOGINS)],
    ):
        yield f"{role} may make temporary tables or schemas"


def one_with_forced_policies_only(siege: Siege) -> Iterator[str]:
    """Row-level security is on and forced, and no policy is for everybody, on every table that is guarded."""
    for name, enabled, forced in siege.stage.ask(
        "select c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity from pg_class c where c.relkind = 'r' and "
        "(c.relnamespace = 'audit'::regnamespace or (c.relnamespace = 'app'::regnamespace and c.relname in (select table_name from sec.guarded)))"
    ):
        if not enabled or not forced:
            yield f"{name}: row-level security is {'not forced' if enabled else 'off'}"
    for table, policy in siege.stage.ask(
        "select format('%I.%I', schemaname, tablename), policyname from pg_policies where 'public' = any (roles)"
    ):
        yield f"{table}: policy {policy} is for everybody"
    for table, policy in siege.stage.ask(
        "select format('%I.%I', schemaname, tablename), policyname from pg_policies "
        "where ('homeward_app' = any (roles)) <> ('homeward_job' = any (roles))"
    ):
        yield f"{table}: policy {policy} treats the worker otherwise than the web, in whose name it works"


ATTACKS = (
    another_role,
    a_maker_of_things,
    a_caller_of_more,
    a_reader_of_secrets,
    a_user_of_privileges,
    one_with_forced_policies_only,
)
