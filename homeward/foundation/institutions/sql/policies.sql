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
                                          'data_protection', 'auditor', 'analyst', 'administrator', 'break_glass',
                                          'linkage_desk']);
-- A unit that keeps intelligence or security files stands behind the same wall as a security body: it never reaches what
-- was confided to a school, a doctor or a counsellor, or what protects a child or a survivor (bits 13 to 17).
alter table app.institution_unit add constraint unit_of_security_is_walled check (
  mask is null or mask & 786432 = 0 or mask & 253952 = 0);
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

-- The linkage desk meets people of every institution: the operator seats it, and no institution makes one of its own.
create function sec.desk_is_seated() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if 'linkage_desk' = any (new.roles::text[]) and current_user in ('homeward_app', 'homeward_job')
    and (tg_op = 'INSERT' or not 'linkage_desk' = any (old.roles::text[])) then
    raise exception 'desk.seat' using errcode = '42501';
  end if;
  return new;
end $$;
grant execute on function sec.desk_is_seated() to homeward_owner;

-- Who was given an account by their institution and has not chosen a password yet. One row per account, closed for ever
-- when the password is chosen: from then on nobody but its owner can make a way into it. The link is kept as its hash.
create table sec.newcomer (
  account_id uuid primary key,
  token_hash bytea,
  expires_at timestamptz,
  chosen_at timestamptz
);

-- An account that opens nothing: no password fits it, and a seat has to be given in the same way as to everybody.
create function sec.new_account(p_id uuid, p_username text, p_email text, p_language text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  if not sec.holds('administrator', 'coordinator') then raise exception 'account.unavailable' using errcode = '42501'; end if;
  if coalesce(p_username, '') !~ '^[a-z0-9][a-z0-9._-]{2,59}$' then raise exception 'account.name' using errcode = '42501'; end if;
  begin
    insert into app.app_account (id, password, last_login, username, email, language, is_active, created_at)
    values (p_id, '!' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), null, p_username,
            coalesce(p_email, ''), p_language, true, now());
  exception when unique_violation then
    raise exception 'account.taken' using errcode = '42501';
  end;
  insert into sec.newcomer (account_id) values (p_id);
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'account.created', false, null, null, 'account', p_id, '{}');
end $$;

-- A link with which a newcomer chooses the first password; an earlier one dies. Only for a seat that the one who asks could
-- give, and only while nobody else has given the same account a seat: whoever held the link would sit there too.
create function sec.invite(p_member uuid, p_token_hash bytea) returns timestamptz
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  a uuid;
  r timestamptz;
begin
  select m.account_id into a from app.member m
  where m.id = p_member and (m.ends_on is null or m.ends_on > sec.today())
    and sec.may_seat(m.institution_id, m.account_id, m.unit_id, m.roles::text[])
    and not exists (select 1 from app.member o where o.account_id = m.account_id and o.institution_id <> m.institution_id);
  if not found then raise exception 'invitation.unavailable' using errcode = '42501'; end if;
  update sec.newcomer n set token_hash = p_token_hash, expires_at = now() + interval '3 days'
  where n.account_id = a and n.chosen_at is null and octet_length(p_token_hash) = 32 returning n.expires_at into r;
  if not found then raise exception 'invitation.unavailable' using errcode = '42501'; end if;
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'member.invited', false, null, null, 'member', p_member, '{}');
  return r;
end $$;

-- Whom of the own colleagues one may still invite, and until when a link that is out works.
create function sec.newcomers() returns table (member_id uuid, expires_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select m.id, case when n.token_hash is not null and n.expires_at > now() then n.expires_at end
    from app.member m join sec.newcomer n on n.account_id = m.account_id and n.chosen_at is null
    where m.institution_id = sec.institution() and (m.ends_on is null or m.ends_on > sec.today())
      and sec.may_seat(m.institution_id, m.account_id, m.unit_id, m.roles::text[])
      and not exists (select 1 from app.member o where o.account_id = m.account_id and o.institution_id <> m.institution_id);
end $$;

-- Whatever happens to a seat takes an open link with it: it was made for the seat as it was.
create function sec.end_links_of_member() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sec.newcomer set token_hash = null where account_id = new.account_id and token_hash is not null;
  return null;
end $$;

-- Asked by the sign-in role, which holds what the newcomer brings and no context.
create function sec.may_choose_password(p_account uuid, p_token_hash bytea) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return exists (
    select 1 from sec.newcomer n join app.app_account a on a.id = n.account_id and a.is_active
    where n.account_id = p_account and n.token_hash = p_token_hash and n.expires_at > now() and n.chosen_at is null
      -- asked again: a seat elsewhere may have been given in the moment the link was made
      and (select count(distinct m.institution_id) from app.member m where m.account_id = p_account) = 1);
end $$;

create function sec.has_chosen_password(p_account uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sec.newcomer set chosen_at = now(), token_hash = null where account_id = p_account and chosen_at is null;
  if found then
    perform sec.write_event(null, null, 'web', 'account.password_chosen', false, null, null, 'account', p_account, '{}');
  end if;
end $$;

grant execute on function sec.new_account(uuid, text, text, text), sec.invite(uuid, bytea), sec.newcomers() to homeward_app;
grant execute on function sec.may_choose_password(uuid, bytea), sec.has_chosen_password(uuid) to homeward_auth;
grant execute on function sec.end_links_of_member() to homeward_owner;
reset role;
set local role homeward_owner;
grant insert, select (id, is_active) on app.app_account to homeward_definer;
create trigger desk_is_seated before insert or update of roles on app.member for each row execute function sec.desk_is_seated();
create trigger end_links after insert or update of unit_id, roles, ends_on on app.member
  for each row execute function sec.end_links_of_member();

create policy appointed on app.member for insert to homeward_app, homeward_job with check (
  starts_on >= (now() at time zone 'Europe/Belgrade')::date and sec.may_seat(institution_id, account_id, unit_id, roles::text[]));
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
