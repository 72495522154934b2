-- Who is asking. The signed, transaction-bound context and the append-only log of what was done under it.
-- The context is a setting of the running transaction: payload '.' signature. The signature binds the payload to this
-- backend and this transaction, so a session that can call set_config() still cannot become somebody else.
-- Payload, comma separated: member, institution, mask of categories, roles, assurance level, time of the last second
-- factor, kind of session, excluded cases. Written by sec.enter() in the institutions' room.
set local role homeward_definer;

create table sec.signing_key (
  only_one boolean primary key default true check (only_one),
  k bytea not null
);
insert into sec.signing_key (k)
  select sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || clock_timestamp()::text, 'UTF8'));

create function sec.sign(p_payload text) returns text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare k bytea;
begin
  select g.k into strict k from sec.signing_key g;
  return encode(sha256(k || sha256(k || convert_to(
    p_payload || '|' || pg_backend_pid() || '|' || extract(epoch from transaction_timestamp())::text, 'UTF8'))), 'hex');
end $$;

-- Both sides are hashed before they are compared, so that the time of the comparison tells nothing about the signature.
-- A context does not outlive what it was made for: a session that holds its transaction open for ever would otherwise
-- keep the rights of a member who has long been dismissed.
create function sec.ctx() returns text[]
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text := current_setting('app.ctx', true);
  p text := split_part(c, '.', 1);
  a text[] := string_to_array(p, ',');
begin
  if coalesce(c, '') = '' then
    raise exception 'no security context' using errcode = '28000';  -- loud: an empty answer would look like the truth
  end if;
  if sha256(convert_to(c, 'UTF8')) is distinct from sha256(convert_to(p || '.' || sec.sign(p), 'UTF8')) then
    raise exception 'invalid security context' using errcode = '28000';
  end if;
  if clock_timestamp() > transaction_timestamp() + (case when a[7] = 'web' then interval '5 minutes' else interval '6 hours' end) then
    raise exception 'security context too old' using errcode = '28000';
  end if;
  return a;
end $$;

-- In plpgsql, because every query asks them a dozen times and an SQL function is planned anew each time.
create function sec.member() returns uuid language plpgsql stable set search_path = pg_catalog, pg_temp as
  $$ begin return (sec.ctx())[1]::uuid; end $$;
create function sec.institution() returns uuid language plpgsql stable set search_path = pg_catalog, pg_temp as
  $$ begin return (sec.ctx())[2]::uuid; end $$;
create function sec.mask() returns integer language plpgsql stable set search_path = pg_catalog, pg_temp as
  $$ begin return (sec.ctx())[3]::integer; end $$;
create function sec.holds(variadic p_roles text[]) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as
  $$ begin return string_to_array((sec.ctx())[4], ' ') && p_roles; end $$;
create function sec.excluded() returns uuid[] language plpgsql stable set search_path = pg_catalog, pg_temp as
  $$ begin return case when (sec.ctx())[8] = '' then '{}'::uuid[] else string_to_array((sec.ctx())[8], ' ')::uuid[] end; end $$;

create function sec.immutable() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'append-only' using errcode = '42501';
end $$;
grant execute on function sec.immutable(), sec.holds(text[]) to homeward_owner;


-- A log that is restored into another server goes on there under its next epoch, because transaction numbers begin anew.
create table sec.log_epoch (
  only_one boolean primary key default true check (only_one),
  number integer not null
);
insert into sec.log_epoch (number) values (1);
create function sec.epoch() returns integer
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select number from sec.log_epoch $$;
grant execute on function sec.epoch() to homeward_owner, homeward_sealer;

reset role;
set local role homeward_owner;

create table audit.event (
  id bigint generated always as identity primary key,
  epoch integer not null default sec.epoch(),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  member_id uuid,
  institution_id uuid,
  via text not null,
  verb text not null,
  is_read boolean not null,
  case_id uuid,
  category smallint,
  subject_type text not null,
  subject_id uuid,
  detail jsonb not null,
  salt uuid not null,
  leaf bytea not null,
  -- Codes only: a name or a separator in here could pass for something else when the event is read or hashed.
  constraint event_codes check (via ~ '^[a-z]+$' and verb ~ '^[a-z0-9_]+([.][a-z0-9_]+)+$' and subject_type ~ '^[a-z0-9_]+$')
);
create index event_of_case on audit.event (case_id, id);
create index event_of_subject on audit.event (subject_id, id);
create index event_of_member on audit.event (member_id, id);
create index event_in_order on audit.event (epoch, xid, id);
create table audit.seal (
  number bigint primary key,
  epoch_from integer not null,
  xid_from xid8 not null,
  epoch_to integer not null,
  xid_to xid8 not null,
  first_id bigint not null,
  last_id bigint not null,
  events bigint not null,
  root bytea not null,
  previous bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null
);
create trigger append_only before update or delete on audit.event for each row execute function sec.immutable();
create trigger no_truncate before truncate on audit.event execute function sec.immutable();
create trigger append_only before update or delete on audit.seal for each row execute function sec.immutable();
create trigger no_truncate before truncate on audit.seal execute function sec.immutable();
alter table audit.event enable row level security;
alter table audit.event force row level security;
alter table audit.seal enable row level security;
alter table audit.seal force row level security;
grant select, insert on audit.event to homeward_definer;
grant select on audit.event to homeward_auditor;
grant select on audit.event to homeward_sealer;
grant select, insert on audit.seal to homeward_sealer;
grant select on audit.seal to homeward_auditor, homeward_app, homeward_job;
create policy read_all on audit.event for select to homeward_auditor, homeward_sealer using (true);
create policy read_all on audit.seal for select to homeward_auditor, homeward_sealer using (true);
-- How much happened when is itself something: seals are for those who watch over the log.
create policy overseen on audit.seal for select to homeward_app, homeward_job using ((select sec.holds('auditor', 'data_protection')));
create policy seal on audit.seal for insert to homeward_sealer with check (true);

reset role;
set local role homeward_definer;

-- One canonical text per event, so that a program outside the database can compute the same leaf.
create function sec.canonical(p_at timestamptz, p_member uuid, p_institution uuid, p_via text, p_verb text, p_read boolean,
                              p_case uuid, p_category integer, p_type text, p_subject uuid, p_detail jsonb) returns text
  language sql immutable set search_path = pg_catalog, pg_temp as $$
  select (extract(epoch from p_at) * 1000000)::bigint::text || E'\x1f' || coalesce(p_member::text, '') || E'\x1f'
    || coalesce(p_institution::text, '') || E'\x1f' || p_via || E'\x1f' || p_verb || E'\x1f' || p_read::text || E'\x1f'
    || coalesce(p_case::text, '') || E'\x1f' || coalesce(p_category::text, '') || E'\x1f' || p_type || E'\x1f'
    || coalesce(p_subject::text, '') || E'\x1f' || p_detail::text
$$;

create function sec.write_event(p_member uuid, p_institution uuid, p_via text, p_verb text, p_read boolean, p_case uuid,
                                p_category integer, p_type text, p_subject uuid, p_detail jsonb) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  s uuid := gen_random_uuid();
  t timestamptz := clock_timestamp();
  r bigint;
begin
  insert into audit.event (at, member_id, institution_id, via, verb, is_read, case_id, category, subject_type, subject_id,
                           detail, salt, leaf)
  values (t, p_member, p_institution, p_via, p_verb, p_read, p_case, p_category, p_type, p_subject, p_detail, s,
          sha256('\x00'::bytea || uuid_send(s) || convert_to(sec.canonical(t, p_member, p_institution, p_via, p_verb, p_read,
            p_case, p_category, p_type, p_subject, p_detail), 'UTF8')))
  returning id into r;
  return r;
end $$;

create function sec.audit(p_by uuid, p_verb text, p_read boolean, p_case uuid, p_category integer, p_type text,
                          p_subject uuid, p_detail jsonb) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  if p_by is distinct from c[1]::uuid then raise exception 'another member is acting' using errcode = '28000'; end if;
  return sec.write_event(c[1]::uuid, c[2]::uuid, c[7], p_verb, p_read, p_case, p_category, p_type, p_subject, p_detail);
end $$;

-- The same for many subjects of one verb, in one statement: an import of a thousand rows leaves a thousand events.
create function sec.audit_many(p_by uuid, p_verb text, p_type text, p_category integer, p_cases uuid[],
                               p_subjects uuid[], p_detail jsonb) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  t timestamptz := clock_timestamp();
  n bigint;
begin
  if p_by is distinct from c[1]::uuid then raise exception 'another member is acting' using errcode = '28000'; end if;
  insert into audit.event (at, member_id, institution_id, via, verb, is_read, case_id, category, subject_type, subject_id,
                           detail, salt, leaf)
  select t, c[1]::uuid, c[2]::uuid, c[7], p_verb, false, x.k, p_category, p_type, x.s, p_detail, x.salt,
    sha256('\x00'::bytea || uuid_send(x.salt) || convert_to(sec.canonical(t, c[1]::uuid, c[2]::uuid, c[7], p_verb, false,
      x.k, p_category, p_type, x.s, p_detail), 'UTF8'))
  from (select k, s, gen_random_uuid() as salt from unnest(p_cases, p_subjects) u(k, s)) x;
  get diagnostics n = row_count;
  return n;
end $$;

-- For work that no member does: loading a pack, applying the clock. Only the deploying and the working role may call it.
create function sec.audit_operator(p_verb text, p_type text, p_subject uuid, p_detail jsonb) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select sec.write_event(null, null, 'operator', p_verb, false, null, null, p_type, p_subject, p_detail)
$$;

-- The sealer takes only what can no longer change: events of transactions below every running one. A restored log has no
-- running ones in the epochs before the present one.
create function sec.sealable(p_epoch integer, p_xid xid8) returns table (id bigint, epoch integer, xid xid8, leaf bytea)
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select e.id, e.epoch, e.xid, e.leaf from audit.event e
  where (e.epoch, e.xid) >= (p_epoch, p_xid)
    and (e.epoch < sec.epoch() or e.xid < pg_snapshot_xmin(pg_current_snapshot()))
  order by e.epoch, e.xid, e.id
$$;
create function sec.horizon() returns table (epoch integer, xid xid8)
  language sql volatile security definer set search_path = pg_catalog, pg_temp as
  $$ select sec.epoch(), pg_snapshot_xmin(pg_current_snapshot()) $$;

-- Said by the operator who has restored a backup. A new epoch begins if this server is younger than the log it holds.
create function sec.restored() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select 1 from audit.event e where e.epoch = sec.epoch() and e.xid > pg_current_xact_id()) then
    update sec.log_epoch set number = number + 1;
  end if;
  return sec.epoch();
end $$;

grant execute on function sec.ctx(), sec.member(), sec.institution(), sec.mask(), sec.holds(text[]), sec.excluded(),
  sec.audit(uuid, text, boolean, uuid, integer, text, uuid, jsonb),
  sec.audit_many(uuid, text, text, integer, uuid[], uuid[], jsonb)
  to homeward_app, homeward_job, homeward_owner;
grant execute on function sec.audit_operator(text, text, uuid, jsonb) to homeward_migrate, homeward_owner, homeward_job, homeward_auth;
grant execute on function sec.sealable(integer, xid8), sec.horizon() to homeward_sealer;
grant execute on function sec.restored() to homeward_migrate;
reset role;
