-- What one database needs before its first migration; run by the superuser inside it. Safe to run again.
do $$ begin execute format('revoke all on database %I from public', current_database()); end $$;
do $$ begin
  execute format('grant connect on database %I to homeward_app, homeward_job, homeward_auth, homeward_migrate, homeward_sealer, homeward_auditor, homeward_backup',
                 current_database());
end $$;
revoke all on schema public from public;
create schema if not exists app   authorization homeward_owner;
create schema if not exists sec   authorization homeward_definer;
create schema if not exists audit authorization homeward_owner;
alter default privileges revoke execute on functions from public;
alter default privileges for role homeward_definer revoke execute on functions from public;
alter default privileges for role homeward_owner revoke execute on functions from public;
grant usage on schema app to homeward_app, homeward_job, homeward_auth, homeward_definer, homeward_migrate;
grant usage on schema sec to homeward_app, homeward_job, homeward_auth, homeward_sealer, homeward_owner, homeward_migrate;
grant usage on schema audit to homeward_app, homeward_job, homeward_definer, homeward_auditor, homeward_sealer, homeward_migrate;

-- What PostgreSQL lets everybody do, and nobody here needs: leave objects that no row-level security covers, read what
-- other sessions ask at this moment and how many rows they touched, end them.
do $$
declare f text;
begin
  for f in select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
           and (p.proname like 'pg\_stat\_get\_%' or p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_open', 'lo_put',
             'lowrite', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_lock_status', 'pg_prepared_statement', 'pg_prepared_xact')) loop
    execute format('revoke execute on function %s from public', f);
  end loop;
end $$;
revoke select on pg_catalog.pg_stat_activity, pg_catalog.pg_locks, pg_catalog.pg_prepared_xacts from public;
