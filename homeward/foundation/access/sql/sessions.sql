-- Sign-in sessions of the database: who may enter, as which member, with how strong a proof, for how long.
-- The database keeps only the hash of the token. Requires tables app.member, app.institution, app.unit, app.case_exclusion.
set local role homeward_owner;
grant select on app.member, app.institution, app.institution_unit, app.case_exclusion to homeward_definer;
grant select (id, is_active) on app.app_account to homeward_definer;

reset role;
set local role homeward_definer;

create table sec.session (
  token_hash bytea primary key,
  account_id uuid not null,
  member_id uuid not null,
  kind text not null check (kind in ('web', 'job', 'operator')),
  assurance smallint not null default 1,
  factor_at timestamptz,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_of_account on sec.session (account_id) where revoked_at is null;
create index session_of_member on sec.session (member_id) where revoked_at is null;

-- The day it is for everybody: current_date would follow whatever time zone the asking session has set for itself.
create function sec.today() returns date language sql stable set search_path = pg_catalog, pg_temp as
  $$ select (now() at time zone 'Europe/Belgrade')::date $$;

create function sec.memberships(p_account uuid) returns table (member_id uuid, institution_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select m.id, m.institution_id from app.member m join app.institution i on i.id = m.institution_id
  where m.account_id = p_account and m.starts_on <= sec.today() and (m.ends_on is null or m.ends_on > sec.today())
    and i.closed_on is null and exists (select 1 from app.app_account c where c.id = m.account_id and c.is_active)
  order by m.starts_on, m.id
$$;

create function sec.create_session(p_token_hash bytea, p_account uuid, p_member uuid, p_kind text, p_assurance integer,
                                   p_factor_at timestamptz, p_ttl interval) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_kind not in ('web', 'operator') then raise exception 'kind of session' using errcode = '42501'; end if;
  -- A second factor that lies in the future would be fresh for ever.
  if p_assurance not in (1, 2) or (p_assurance = 2) <> (p_factor_at is not null) or p_factor_at > clock_timestamp() then
    raise exception 'second factor' using errcode = '42501';
  end if;
  if not exists (select 1 from sec.memberships(p_account) x where x.member_id = p_member) then return false; end if;
  insert into sec.session (token_hash, account_id, member_id, kind, assurance, factor_at, expires_at)
  values (p_token_hash, p_account, p_member, p_kind, p_assurance, p_factor_at, now() + least(p_ttl, interval '12 hours'));
  return true;
end $$;

create function sec.choose_member(p_token_hash bytea, p_member uuid) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sec.session s set member_id = p_member
  where s.token_hash = p_token_hash and s.revoked_at is null and s.kind = 'web'
    and exists (select 1 from sec.memberships(s.account_id) x where x.member_id = p_member);
  return found;
end $$;

create function sec.confirm_factor(p_token_hash bytea, p_at timestamptz) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update sec.session set assurance = 2, factor_at = p_at
  where token_hash = p_token_hash and revoked_at is null and p_at <= clock_timestamp() and (factor_at is null or factor_at < p_at)
$$;

create function sec.revoke_session(p_token_hash bytea) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update sec.session set revoked_at = now() where token_hash = p_token_hash and revoked_at is null
$$;

create function sec.revoke_account(p_account uuid) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update sec.session set revoked_at = now() where account_id = p_account and revoked_at is null
$$;

-- A member who leaves loses every open session at once, whoever holds the token. Done by the row, so nobody can forget it.
create function sec.end_sessions_of_member() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.ends_on is not null and new.ends_on <= sec.today() then
    update sec.session set revoked_at = now() where member_id = new.id and revoked_at is null;
  end if;
  return null;
end $$;

create function sec.enter(p_token text) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s sec.session;
  m record;
  p text;
  ex text;
begin
  select * into s from sec.session x
  where x.token_hash = sha256(convert_to(p_token, 'UTF8')) and x.revoked_at is null and x.expires_at > now()
    and (x.kind <> 'web' or x.last_seen_at > now() - interval '30 minutes')
    and (x.kind <> 'job' or session_user = 'homeward_job');  -- a ticket read from the queue is worth nothing to the web role
  if not found then raise exception 'authentication required' using errcode = '28000'; end if;
  select b.id, b.institution_id, sec.roles_of(b.institution_id, b.roles::text[]) as roles, coalesce(u.mask, case
      -- where units are walls to each other, somebody without a unit would stand on both sides: nothing opens for them
      when b.unit_id is null and exists (select 1 from app.institution_unit w where w.institution_id = b.institution_id and w.mask is not null)
      then 0 else 1048575 end) as mask into m
  from app.member b join app.institution i on i.id = b.institution_id
  join app.app_account c on c.id = b.account_id and c.is_active
  left join app.institution_unit u on u.id = b.unit_id
  where b.id = s.member_id and b.account_id = s.account_id and b.starts_on <= sec.today() and (b.ends_on is null or b.ends_on > sec.today())
    and i.closed_on is null;
  if not found then raise exception 'authentication required' using errcode = '28000'; end if;
  if s.last_seen_at < now() - interval '1 minute' then
    update sec.session set last_seen_at = now() where token_hash = s.token_hash;
  end if;
  select coalesce(string_agg(case_id::text, ' '), '') into ex from (
    select distinct e.case_id from app.case_exclusion e join app.member b on b.id = e.member_id
    where b.account_id = s.account_id and e.lifted_at is null) x;  -- a cousin stays one in every seat
  p := m.id || ',' || m.institution_id || ',' || m.mask || ',' || array_to_string(m.roles, ' ') || ',' || s.assurance || ','
    || coalesce(extract(epoch from s.factor_at)::bigint, 0) || ',' || s.kind || ',' || ex;
  perform set_config('app.ctx', p || '.' || sec.sign(p), true);
  return m.id;
end $$;

-- Work in the background goes on as the member who asked for it, no longer than said, and only in the worker's hands.
create function sec.delegate(p_token_hash bytea, p_ttl interval) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  insert into sec.session (token_hash, account_id, member_id, kind, assurance, expires_at)
  select p_token_hash, m.account_id, m.id, 'job', 1, now() + least(p_ttl, interval '6 hours')
  from app.member m where m.id = c[1]::uuid;
end $$;

-- Attempts to sign in and codes that were used, counted once for all web processes (config/tallies.py). The keys are
-- hashes: who tried, and from where, cannot be read from them.
create table sec.tally (
  key bytea primary key,
  value text not null,
  expires_at timestamptz not null
);
create index tally_run_out on sec.tally (expires_at);

create function sec.tally_read(p_key bytea) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select t.value from sec.tally t where t.key = p_key and t.expires_at > clock_timestamp()
$$;

-- Whoever writes takes some of what has run out away, so that the table stays small without anybody sweeping it.
create function sec.tally_write(p_key bytea, p_value text, p_until timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from sec.tally t where t.key in (
    select x.key from sec.tally x where x.expires_at <= clock_timestamp() order by x.expires_at limit 20 for update skip locked);
  insert into sec.tally (key, value, expires_at) values (p_key, p_value, p_until)
    on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at;
end $$;

create function sec.tally_add(p_key bytea, p_value text, p_until timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sec.tally as t (key, value, expires_at) values (p_key, p_value, p_until)
    on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
    where t.expires_at <= clock_timestamp();
  return found;
end $$;

create function sec.tally_forget(p_key bytea) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from sec.tally t where t.key = p_key and t.expires_at > clock_timestamp();
  return found;
end $$;

grant execute on function sec.tally_read(bytea), sec.tally_write(bytea, text, timestamptz),
  sec.tally_add(bytea, text, timestamptz), sec.tally_forget(bytea) to homeward_auth;
grant execute on function sec.memberships(uuid), sec.create_session(bytea, uuid, uuid, text, integer, timestamptz, interval),
  sec.choose_member(bytea, uuid), sec.confirm_factor(bytea, timestamptz), sec.revoke_session(bytea), sec.revoke_account(uuid)
  to homeward_auth;
grant execute on function sec.enter(text) to homeward_app, homeward_job;
grant execute on function sec.delegate(bytea, interval) to homeward_app, homeward_job;
grant execute on function sec.end_sessions_of_member() to homeward_owner;
reset role;
set local role homeward_owner;
create trigger end_sessions after update of ends_on on app.member for each row execute function sec.end_sessions_of_member();
reset role;
