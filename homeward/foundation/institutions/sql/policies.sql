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

-- Roles stand in the signed context, separated by blanks and commas: only those there are may ever be written.
alter table app.member add constraint member_roles_known check (
  cardinality(roles) > 0 and roles::text[] <@ array['coordinator', 'caseworker', 'supervisor', 'security_officer', 'focal_point',
                                          'data_protection', 'auditor', 'analyst', 'administrator', 'break_glass']);
reset role;
set local role homeward_definer;

-- Watching over the use of data is for the bodies a country names for it; nobody makes an auditor of their own colleague.
create function sec.roles_of(p_institution uuid, p_roles text[]) returns text[]
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select array(
    select r from unnest(p_roles) r
    where r not in ('auditor', 'data_protection')
      or exists (select 1 from app.institution i join app.institution_kind k on k.code = i.kind
                 where i.id = p_institution and k.party = 'oversight'))
$$;

-- May the one who asks give this seat? Only in the own institution, never to themselves, never a view wider than their
-- own (two units may be walls to each other), and no role that the institution cannot have.
create function sec.may_seat(p_institution uuid, p_account uuid, p_unit uuid, p_roles text[]) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select sec.holds('administrator', 'coordinator') and p_institution = sec.institution()
    and not exists (select 1 from app.member m where m.id = sec.member() and m.account_id = p_account)
    and case when p_unit is null then sec.mask() = 1048575
        else exists (select 1 from app.institution_unit u where u.id = p_unit and u.institution_id = p_institution
                     and coalesce(u.mask, 1048575) & ~sec.mask() = 0) end
    and cardinality(sec.roles_of(p_institution, p_roles)) = cardinality(p_roles)
$$;
grant execute on function sec.may_seat(uuid, uuid, uuid, text[]) to homeward_app, homeward_job, homeward_owner;
reset role;
set local role homeward_owner;

create policy appointed on app.member for insert to homeward_app, homeward_job with check (
  sec.may_seat(institution_id, account_id, unit_id, roles::text[]));
create policy changed on app.member for update to homeward_app, homeward_job
  using (sec.may_seat(institution_id, account_id, unit_id, '{}')) with check (sec.may_seat(institution_id, account_id, unit_id, roles::text[]));
create policy filled on app.focal_point for insert to homeward_app, homeward_job with check (
  institution_id = (select sec.institution()) and (select sec.holds('administrator', 'coordinator'))
  and (member_id is null or exists (select 1 from app.member m where m.id = member_id and m.institution_id = focal_point.institution_id)));
create policy changed on app.focal_point for update to homeward_app, homeward_job
  using (institution_id = (select sec.institution()) and (select sec.holds('administrator', 'coordinator')))
  with check (institution_id = (select sec.institution())
    and (member_id is null or exists (select 1 from app.member m where m.id = member_id and m.institution_id = focal_point.institution_id)));
grant insert on app.member, app.focal_point to homeward_app;
grant update (roles, unit_id, ends_on, name) on app.member to homeward_app;
grant update (ends_on, member_id) on app.focal_point to homeward_app;
grant select, insert on app.app_account to homeward_migrate;
reset role;
