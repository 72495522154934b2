-- Privileges on the tables of libraries, which bring their own migrations. Run after every migration.
do $$
declare t text;
begin
  for t in select tablename from pg_tables where schemaname = 'app'
           and (tablename like 'account\_%' or tablename like 'mfa\_%' or tablename in ('django_session', 'app_account')) loop
    execute format('grant select, insert, update, delete on app.%I to homeward_auth', t);
  end loop;
  for t in select tablename from pg_tables where schemaname = 'app' and tablename like 'procrastinate\_%' loop
    execute format('grant select, insert, update, delete on app.%I to homeward_job', t);
    execute format('grant select, insert, update on app.%I to homeward_app', t);
  end loop;
  for t in select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname = 'app' and p.proname like 'procrastinate\_%' loop
    execute format('grant execute on function %s to homeward_app, homeward_job', t);
  end loop;
  for t in select sequencename from pg_sequences where schemaname = 'app' and sequencename like 'procrastinate\_%' loop
    execute format('grant usage on sequence app.%I to homeward_app, homeward_job', t);
  end loop;
  for t in select sequencename from pg_sequences where schemaname = 'app'
           and (sequencename like 'account\_%' or sequencename like 'mfa\_%') loop
    execute format('grant usage on sequence app.%I to homeward_auth', t);
  end loop;
end $$;
grant select on app.django_migrations to homeward_app, homeward_job;
