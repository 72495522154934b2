-- The hands that may touch the database, made once per cluster by its superuser. Safe to run again.
-- Nobody but these has a name here, and none of them can do another's work (ADR on access roles).
do $$
declare r text;
begin
  foreach r in array array['homeward_owner', 'homeward_definer', 'homeward_migrate', 'homeward_app', 'homeward_job',
                           'homeward_auth', 'homeward_sealer', 'homeward_auditor', 'homeward_backup'] loop
    if not exists (select 1 from pg_roles where rolname = r) then
      execute format('create role %I nologin noinherit', r);
    end if;
  end loop;
end $$;
alter role homeward_owner   nologin nobypassrls noinherit;                    -- owns every table; row-level security is forced on it too
alter role homeward_definer nologin bypassrls   noinherit;                    -- owns the functions of schema sec and nothing else
alter role homeward_migrate login   bypassrls   noinherit connection limit 6; -- deployment only: becomes owner or definer to change the schema
alter role homeward_app     login   nobypassrls noinherit;                    -- every web request
alter role homeward_job     login   nobypassrls noinherit;                    -- background work, inside the requester's context
alter role homeward_auth    login   nobypassrls noinherit;                    -- sign-in: accounts and sessions, no data of persons
alter role homeward_sealer  login   nobypassrls noinherit connection limit 4; -- reads hashes of the audit log, writes seals
alter role homeward_auditor login   nobypassrls noinherit connection limit 4; -- reads the audit log, nothing else
alter role homeward_backup  login   bypassrls   noinherit connection limit 2; -- reads everything for the encrypted backup
grant homeward_owner, homeward_definer to homeward_migrate;
grant pg_read_all_data to homeward_backup;

-- PostgreSQL lets every role change its own defaults. Whoever managed to get at one's session could leave something there
-- for all that follow, so every preparation begins from nothing.
do $$
declare r text;
begin
  foreach r in array array['homeward_app', 'homeward_job', 'homeward_auth', 'homeward_migrate', 'homeward_sealer',
                           'homeward_auditor', 'homeward_backup'] loop
    execute format('alter role %I reset all', r);
  end loop;
end $$;
alter role homeward_app set search_path = app, audit;
alter role homeward_job set search_path = app, audit;
alter role homeward_auth set search_path = app;
alter role homeward_migrate set search_path = app;
alter role homeward_sealer set search_path = audit;
alter role homeward_auditor set search_path = audit;
alter role homeward_backup set search_path = app;
alter role homeward_app set row_security = on;
alter role homeward_job set row_security = on;
alter role homeward_app set statement_timeout = '20s';
alter role homeward_app set idle_in_transaction_session_timeout = '60s';

-- The server's log must never receive the text, the parameters or the details of what these sessions ask.
do $$
declare r text;
begin
  foreach r in array array['homeward_app', 'homeward_job', 'homeward_auth', 'homeward_migrate'] loop
    execute format('alter role %I set log_min_messages = log', r);  -- the text of an error may quote what was asked
    execute format('alter role %I set log_min_error_statement = panic', r);
    execute format('alter role %I set log_error_verbosity = terse', r);
    execute format('alter role %I set log_statement = none', r);
    execute format('alter role %I set log_min_duration_statement = -1', r);
    execute format('alter role %I set log_parameter_max_length = 0', r);
    execute format('alter role %I set log_parameter_max_length_on_error = 0', r);
  end loop;
end $$;
