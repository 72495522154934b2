-- Privileges on the tables of libraries, which bring their own migrations. Run after every migration.
do $$
declare t text;
begin
  for t in select tablename from pg_tables where schemaname = 'app'
           and (tablename like 'account\_%' or tablename like 'mfa\_%' or tablename in ('django_session', 'app_account')) loop
    execute format('grant select, insert, update, delete on app.%I to homeward_auth', t);
  end loop;
  -- The queue holds tickets with which work goes on as the member who asked. The web's role may put work in and can
  -- neither read nor change what lies there: with a ticket out of the queue a web session could have work of its own
  -- choosing done in another member's name.
  for t in select tablename from pg_tables where schemaname = 'app' and tablename like 'procrastinate\_%' loop
    execute format('revoke all on app.%I from homeward_app', t);
    execute format('grant select, insert, update, delete on app.%I to homeward_job', t);
  end loop;
  for t in select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname = 'app' and p.proname like 'procrastinate\_%' loop
    execute format('revoke all on function %s from public, homeward_app', t);
    execute format('grant execute on function %s to homeward_job', t);
    if t like '%procrastinate\_defer\_jobs\_v%' then
      execute format('alter function %s owner to homeward_owner', t);
      execute format('alter function %s security definer set search_path = app, pg_catalog, pg_temp', t);
      execute format('grant execute on function %s to homeward_app', t);
    end if;
  end loop;
  for t in select sequencename from pg_sequences where schemaname = 'app' and sequencename like 'procrastinate\_%' loop
    execute format('revoke all on sequence app.%I from homeward_app', t);
    execute format('grant usage on sequence app.%I to homeward_job', t);
  end loop;
  for t in select sequencename from pg_sequences where schemaname = 'app'
           and (sequencename like 'account\_%' or sequencename like 'mfa\_%') loop
    execute format('grant usage on sequence app.%I to homeward_auth', t);
  end loop;
end $$;
grant select on app.django_migrations to homeward_app, homeward_job;
