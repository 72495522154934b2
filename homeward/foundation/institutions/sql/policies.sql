-- Reference data is read by every member with a context; a directory hides the members of unlisted units; posts are
-- changed only in one's own institution, by those who hold the role for it.
set local role homeward_owner;
do $$ declare t text; begin
  foreach t in array array['district', 'municipality', 'institution_kind', 'institution', 'institution_unit', 'focal_point', 'member'] loop
    execute format('alter table app.%I enable row level security', t);
    execute format('alter table app.%I force row level security', t);
    execute format('grant select on app.%I to homeward_app, homeward_job', t);
    execute format('grant select on app.%I to homeward_definer', t);
    execute format('grant select, insert, update on app.%I to homeward_migrate', t);
  end loop;
  foreach t in array array['district', 'municipality', 'institution_kind', 'institution', 'institution_unit', 'focal_point'] loop
    execute format('create policy known on app.%I for select to homeward_app, homeward_job using ((select sec.member()) is not null)', t);
  end loop;
end $$;
create policy listed on app.member for select to homeward_app, homeward_job using (
  institution_id = (select sec.institution()) or (select sec.holds('auditor', 'data_protection'))
  or unit_id is null or unit_id in (select u.id from app.institution_unit u where u.listed));
create policy appointed on app.member for insert to homeward_app, homeward_job with check (
  institution_id = (select sec.institution()) and (select sec.holds('administrator', 'coordinator')));
create policy changed on app.member for update to homeward_app, homeward_job
  using (institution_id = (select sec.institution()) and id <> (select sec.member()) and (select sec.holds('administrator', 'coordinator')))
  with check (institution_id = (select sec.institution()));
create policy filled on app.focal_point for insert to homeward_app, homeward_job with check (
  institution_id = (select sec.institution()) and (select sec.holds('administrator', 'coordinator')));
create policy changed on app.focal_point for update to homeward_app, homeward_job
  using (institution_id = (select sec.institution()) and (select sec.holds('administrator', 'coordinator')))
  with check (institution_id = (select sec.institution()));
grant insert on app.member, app.focal_point to homeward_app;
grant update (roles, unit_id, ends_on, name) on app.member to homeward_app;
grant update (ends_on, member_id) on app.focal_point to homeward_app;
grant select, insert on app.app_account to homeward_migrate;
reset role;
