-- The rule who may see which case lives in two small tables, folded from grants by triggers. Every policy on data is an
-- equality EXISTS against them, and every list is driven from them, so the rule is written once and stays fast.
set local role homeward_owner;
grant select on app.case_anchor, app.sharing_protocol, app.protocol_clause, app.involvement, app.access_grant,
  app.break_glass, app.case_access, app.case_access_cat, app.member, app.institution to homeward_definer;
grant insert, update, delete on app.case_access, app.case_access_cat to homeward_definer;
grant insert, update on app.break_glass to homeward_definer;
grant update on app.case_anchor to homeward_definer;
grant insert, update on app.access_grant to homeward_definer;
grant update on app.sharing_protocol to homeward_definer;
-- When a row of the rule was last folded: the clock then finds beginnings that have passed since.
alter table app.case_access add column folded_at timestamptz not null default clock_timestamp();
create index grant_beginning on app.access_grant (valid_from);
create index involvement_beginning on app.involvement (starts_at);

reset role;
set local role homeward_definer;

create table sec.clock (
  only_one boolean primary key default true check (only_one),
  applied_until timestamptz not null
);
insert into sec.clock (applied_until) values (clock_timestamp());

-- Which tables are guarded, and how: written by the migration operation Protect, read by hints, tests and documents.
create table sec.guarded (
  table_name text primary key,
  shape text not null check (shape in ('case', 'person', 'owned', 'reference', 'special')),
  key_column text,
  category smallint,
  category_column text,
  depth smallint,
  owner_column text,
  telling boolean not null default false, -- every row tells where somebody has been (ProtectPerson)
  -- What becomes of a row when a case is erased (cases/sql/erasure.sql): rows about the case or the person in key_column
  -- are deleted; where that is not all there is to do, this function of schema sec does it.
  about text check (about in ('case', 'person')),
  erased_by text,
  -- When two records of one person become one (people/sql/twins.sql), rows about the case or the person follow, unless each
  -- stays with its own; and so do these columns, which hold the key of a person too (ADR 0030).
  stays boolean not null default false,
  persons text[] not null default '{}',
  check (about is null or key_column is not null)
);
grant select on sec.guarded to homeward_owner, homeward_app, homeward_job, homeward_auditor;
grant insert, update, delete on sec.guarded to homeward_owner;
insert into sec.guarded (table_name, shape) values ('district', 'reference'), ('municipality', 'reference'),
  ('institution_kind', 'reference'), ('institution', 'reference'), ('institution_unit', 'reference'),
  ('focal_point', 'reference'), ('member', 'special');

-- These are in plpgsql, because they are asked for every row of an import and an SQL function is planned anew each time.
-- For the same reason each verifies the signed context once and hands what it found down to the functions that end in _by;
-- those believe what they are told, and nobody but these may call them.

-- What the context holds: 1 member, 2 institution, 3 mask, 4 roles, 8 cases kept away from.
create function sec.leads_by(c text[], p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (c[3]::integer & 8) <> 0 and (c[8] = '' or p_case <> all (string_to_array(c[8], ' ')::uuid[]))
    and exists (select 1 from app.case_anchor k where k.case_id = p_case and k.lead_id = c[2]::uuid);
end $$;

create function sec.shares_by(c text[], p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return string_to_array(c[4], ' ') && array['coordinator', 'caseworker', 'supervisor'] and sec.leads_by(c, p_case);
end $$;

-- Does the asking institution lead this case, and is the one who asks allowed to see that it does? Somebody kept away
-- from a case, or whose unit does not see how it is coordinated, does not lead it either.
create function sec.leads(p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.leads_by(sec.ctx(), p_case);
end $$;

-- Who opens and closes doors into a case: those who work on it in the institution that leads it.
create function sec.shares(p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.shares_by(sec.ctx(), p_case);
end $$;

-- The moment at which somebody is certainly so many years old; null as long as that is not known. `p_adult_on` is the day
-- from which they are certainly 18.
create function sec.birthday(p_adult_on date, p_age smallint) returns timestamptz
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (p_adult_on + make_interval(years => p_age - 18)) at time zone 'Europe/Belgrade';
end $$;

-- Is a protocol about people of this age? Whose age is unknown counts as a child: closed where one must be old enough, open
-- where one must not be too old.
create function sec.concerns(p_adult_on date, p_from smallint, p_until smallint) returns boolean
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (p_from is null or coalesce(sec.birthday(p_adult_on, p_from) <= now(), false))
     and (p_until is null or coalesce(sec.birthday(p_adult_on, p_until) > now(), true));
end $$;

-- May this institution be let into this case under this protocol? The lead opens the door, the protocol says to whom.
create function sec.may_grant(p_case uuid, p_institution uuid, p_protocol uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  return sec.shares_by(c, p_case) and exists (
    select 1 from app.institution l
    join app.institution t on t.id = p_institution and t.closed_on is null
    join app.sharing_protocol p on p.id = p_protocol
    where l.id = c[2]::uuid
      and p.state = 'in_force' and p.valid_from <= now() and p.valid_until > now()
      and (p.provider_id = l.id or p.provider_kind = l.kind)
      and (p.receiver_id = t.id or p.receiver_kind = t.kind)
      and exists (select 1 from app.case_anchor k where k.case_id = p_case and sec.concerns(k.adult_on, p.from_age, p.until_age)));
end $$;

create function sec.involves(p_involvement uuid, p_case uuid, p_institution uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.shares(p_case) and exists (
    select 1 from app.involvement v where v.id = p_involvement and v.case_id = p_case and v.institution_id = p_institution);
end $$;

-- Has the asking institution a mandate of its own: a protocol in force of which it is both sides? Only such institutions
-- register people, open cases and lead them.
create function sec.has_mandate_by(c text[]) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return exists (
    select 1 from app.institution i
    join app.sharing_protocol p on (p.provider_id = i.id or p.provider_kind = i.kind) and (p.receiver_id = i.id or p.receiver_kind = i.kind)
    where i.id = c[2]::uuid and p.state = 'in_force' and p.valid_from <= now() and p.valid_until > now());
end $$;

create function sec.has_mandate() returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.has_mandate_by(sec.ctx());
end $$;

create function sec.opens_by(c text[]) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return string_to_array(c[4], ' ') && array['coordinator', 'caseworker', 'supervisor'] and (c[3]::integer & 8) <> 0
    and sec.has_mandate_by(c);
end $$;

create function sec.opens() returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.opens_by(sec.ctx());
end $$;

-- May the asking member write about a person whom no case covers yet, because it is being registered at this moment?
-- To all who never register anybody the answer is the same for every key they may have heard of.
create function sec.registers(p_person uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.opens_by(sec.ctx()) and not exists (select 1 from app.case_anchor k where k.person_id = p_person);
end $$;

-- Two writers of one pair must take turns. A large fold takes one lock for all instead of thousands of small ones.
create function sec.lock_pairs(p_cases uuid[], p_institutions uuid[]) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if cardinality(p_cases) > 200 then
    perform pg_advisory_xact_lock(77101);
  else
    perform pg_advisory_xact_lock_shared(77101);
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended('access:' || c::text || ':' || i::text, 0) as h
      from unnest(p_cases, p_institutions) u(c, i) order by 1) x;
  end if;
end $$;

-- clock_timestamp(), not now(): a grant written in this transaction began after the transaction did.
-- It looks for some cases among all: from them outwards, in the order that is written here, by the indexes. A planner that
-- was last told of empty tables would read all of them for each case: the first long list of an installation took ten times
-- as long.
create function sec.fold(p_cases uuid[], p_institutions uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set join_collapse_limit = 1 as $$
begin
  perform sec.lock_pairs(p_cases, p_institutions);
  delete from app.case_access_cat a using (select distinct c, i from unnest(p_cases, p_institutions) u(c, i)) x
    where a.case_id = x.c and a.institution_id = x.i;
  delete from app.case_access a using (select distinct c, i from unnest(p_cases, p_institutions) u(c, i)) x
    where a.case_id = x.c and a.institution_id = x.i;
  insert into app.case_access_cat (institution_id, case_id, category, member_id, depth, can_write, expires_at)
  select s.i, s.c, s.category, s.member_id, max(s.depth), bool_or(s.writes), min(s.until)
  from (
    select x.i, x.c, l.category, '00000000-0000-0000-0000-000000000000'::uuid as member_id, l.depth, l.writes,
           least(g.valid_until, p.valid_until, v.ends_at, sec.birthday(k.adult_on, p.until_age)) as until
    from (select distinct c, i from unnest(p_cases, p_institutions) u(c, i)) x
    join app.involvement v on v.case_id = x.c and v.institution_id = x.i
      and v.starts_at <= clock_timestamp() and v.ends_at > clock_timestamp()
    join app.access_grant g on g.involvement_id = v.id and g.revoked_at is null and g.valid_from <= clock_timestamp() and g.valid_until > clock_timestamp()
    join app.sharing_protocol p on p.id = g.protocol_id and p.state = 'in_force' and p.valid_from <= clock_timestamp() and p.valid_until > clock_timestamp()
    join app.institution t on t.id = x.i and (p.receiver_id = t.id or p.receiver_kind = t.kind)
    join app.institution_kind h on h.code = t.kind
    join app.case_anchor k on k.case_id = x.c and sec.concerns(k.adult_on, p.from_age, p.until_age)
    join app.protocol_clause l on l.protocol_id = p.id
      -- Children are first of all victims: nobody reads or writes a judgement of risk, security or intelligence about one.
      and (l.category not in (7, 18, 19) or k.adult_on <= sec.today())
      -- What a school, a doctor, a counsellor, those who protect children or a survivor wrote never reaches a security
      -- body and is never written there, whatever anybody signs: 13 to 17 are education, health, counselling, child
      -- protection and gender-based violence.
      and (l.category not between 13 and 17 or h.party <> 'security')
    where l.depth > 0 or l.writes
    union all
    select x.i, x.c, e.category, b.member_id, 3, false, b.expires_at
    from (select distinct c, i from unnest(p_cases, p_institutions) u(c, i)) x
    join app.break_glass b on b.case_id = x.c and b.institution_id = x.i and b.expires_at > clock_timestamp()
    cross join lateral unnest(b.categories) e(category)
  ) s group by s.i, s.c, s.category, s.member_id;
  insert into app.case_access (institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at, opened_at)
  select a.institution_id, a.case_id, a.member_id, k.person_id, bit_or(1 << a.category),
         coalesce(bit_or(1 << a.category) filter (where a.depth = 3), 0),
         coalesce(bit_or(1 << a.category) filter (where a.can_write), 0), min(a.expires_at), k.opened_at
  from (select distinct c, i from unnest(p_cases, p_institutions) u(c, i)) x
  join app.case_access_cat a on a.case_id = x.c and a.institution_id = x.i
  join app.case_anchor k on k.case_id = a.case_id
  group by a.institution_id, a.case_id, a.member_id, k.person_id, k.opened_at;
end $$;

create function sec.fold_of_grants() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(n.case_id), array_agg(n.institution_id)) from new_rows n having count(*) > 0;
  return null;
end $$;

create function sec.fold_of_protocols() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(g.case_id), array_agg(g.institution_id))
  from app.access_grant g where g.revoked_at is null and g.protocol_id in (select n.id from new_rows n) having count(*) > 0;
  return null;
end $$;

create function sec.fold_of_clauses() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(g.case_id), array_agg(g.institution_id))
  from app.access_grant g where g.revoked_at is null and g.protocol_id in (select n.protocol_id from new_rows n) having count(*) > 0;
  return null;
end $$;

create function sec.fold_of_institutions() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(g.case_id), array_agg(g.institution_id))
  from app.access_grant g join new_rows n on n.id = g.institution_id join old_rows o on o.id = n.id and o.kind <> n.kind
  where g.revoked_at is null having count(*) > 0;
  return null;
end $$;

create function sec.fold_of_kinds() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(g.case_id), array_agg(g.institution_id))
  from app.access_grant g join app.institution i on i.id = g.institution_id
  join new_rows n on n.code = i.kind join old_rows o on o.id = n.id and o.party <> n.party
  where g.revoked_at is null having count(*) > 0;
  return null;
end $$;

create function sec.fold_of_anchors() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.fold(array_agg(g.case_id), array_agg(g.institution_id))
  from app.access_grant g join new_rows n on n.case_id = g.case_id
  join old_rows o on o.case_id = n.case_id and (o.adult_on, o.person_id, o.opened_at) is distinct from (n.adult_on, n.person_id, n.opened_at)
  where g.revoked_at is null having count(*) > 0;
  return null;
end $$;

-- A door is closed or shortened, never opened again or prolonged: for that a new one is made, under what is in force then.
create function sec.only_closes() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- Two records of one person become one, and their doors with them (ADR 0030): no door opens for longer by that. Only the
  -- definer may write these columns.
  if to_jsonb(new) - array['case_id', 'involvement_id'] = to_jsonb(old) - array['case_id', 'involvement_id'] then
    return new;
  end if;
  if tg_table_name = 'involvement' then
    if new.ends_at > old.ends_at or (old.ended_by_id is not null and new is distinct from old) then
      raise exception 'a door is never prolonged' using errcode = '42501';
    end if;
  elsif new.valid_until > old.valid_until or (old.revoked_at is not null and new is distinct from old) then
    raise exception 'a door is never prolonged' using errcode = '42501';
  end if;
  return new;
end $$;

-- The lead passes on. The new lead gets its own mandate, the old one keeps only what other protocols give it.
create function sec.hand_over(p_case uuid, p_institution uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v uuid;
begin
  if not sec.leads(p_case) or not sec.holds('coordinator') or p_institution = sec.institution() then
    raise exception 'lead.unavailable' using errcode = '42501';
  end if;
  select x.id into v from app.involvement x
  where x.case_id = p_case and x.institution_id = p_institution and x.starts_at <= clock_timestamp() and x.ends_at > clock_timestamp();
  if not found then raise exception 'lead.not_involved' using errcode = '42501'; end if;
  insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until)
  select gen_random_uuid(), v, p_case, p_institution, p.id, clock_timestamp(), p.valid_until
  from app.sharing_protocol p join app.institution t on t.id = p_institution
  where p.state = 'in_force' and p.valid_from <= clock_timestamp() and p.valid_until > clock_timestamp()
    and (p.provider_id = t.id or p.provider_kind = t.kind) and (p.receiver_id = t.id or p.receiver_kind = t.kind)
    and exists (select 1 from app.case_anchor k where k.case_id = p_case and sec.concerns(k.adult_on, p.from_age, p.until_age));
  if not found then raise exception 'lead.no_mandate' using errcode = '42501'; end if;
  update app.access_grant g set revoked_at = clock_timestamp(), revoked_by_id = sec.member()
  from app.sharing_protocol p, app.institution t
  where g.case_id = p_case and g.institution_id = sec.institution() and g.revoked_at is null
    and p.id = g.protocol_id and t.id = g.institution_id
    and (p.provider_id = t.id or p.provider_kind = t.kind) and (p.receiver_id = t.id or p.receiver_kind = t.kind);
  update app.case_anchor set lead_id = p_institution where case_id = p_case;
  perform sec.write_event(sec.member(), sec.institution(), (sec.ctx())[7], 'access.lead_handed_over', false, p_case, 3, 'caseanchor',
                          p_case, (select jsonb_build_object('institution', i.code) from app.institution i where i.id = p_institution));
end $$;

-- Each minute: apply the beginnings and ends that have passed. A missed tick fails closed, because readers check the end
-- too. Beginnings are looked for a day back: a slow transaction may have written one that an earlier tick could not see.
create function sec.tick() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  since timestamptz;
  upto timestamptz := clock_timestamp();
  cs uuid[];
  ii uuid[];
begin
  select applied_until - interval '1 day' into since from sec.clock for update;
  select array_agg(x.case_id), array_agg(x.institution_id) into cs, ii from (
    select a.case_id, a.institution_id from app.case_access_cat a where a.expires_at <= upto
    union
    select b.case_id, b.institution_id from (
      select g.id, g.valid_from as begins from app.access_grant g where g.valid_from > since and g.valid_from <= upto
      union all
      select g.id, v.starts_at from app.involvement v join app.access_grant g on g.involvement_id = v.id
        where v.starts_at > since and v.starts_at <= upto
      union all
      select g.id, p.valid_from from app.sharing_protocol p join app.access_grant g on g.protocol_id = p.id
        where p.valid_from > since and p.valid_from <= upto
      union all
      -- Who comes of age is no longer a child about whom nothing of risk may be read.
      select g.id, sec.birthday(k.adult_on, 18::smallint) from app.case_anchor k join app.access_grant g on g.case_id = k.case_id
        where k.adult_on > (since at time zone 'Europe/Belgrade')::date and k.adult_on <= sec.today()) y
    join app.access_grant b on b.id = y.id
    join app.involvement v on v.id = b.involvement_id
    join app.sharing_protocol p on p.id = b.protocol_id
    -- A door that gives nothing (its institution has become another kind, one of its three beginnings is still to come, people
    -- of this age are not meant, nothing may be read of them) leaves no row to be found again: it would be folded each minute.
    join app.institution t on t.id = b.institution_id and (p.receiver_id = t.id or p.receiver_kind = t.kind)
    join app.institution_kind h on h.code = t.kind
    join app.case_anchor k on k.case_id = b.case_id and sec.concerns(k.adult_on, p.from_age, p.until_age)
    where b.revoked_at is null and b.valid_until > upto and v.ends_at > upto and p.valid_until > upto and p.state = 'in_force'
      and b.valid_from <= upto and v.starts_at <= upto and p.valid_from <= upto
      and exists (select 1 from app.protocol_clause l where l.protocol_id = p.id and (l.depth > 0 or l.writes)
                  and (l.category not in (7, 18, 19) or k.adult_on <= sec.today())
                  and (l.category not between 13 and 17 or h.party <> 'security'))
      and not exists (select 1 from app.case_access a where a.case_id = b.case_id and a.institution_id = b.institution_id
                      and a.member_id = '00000000-0000-0000-0000-000000000000' and a.folded_at >= y.begins)
  ) x;
  update sec.clock set applied_until = upto;
  if cs is null then return 0; end if;
  perform sec.fold(cs, ii);
  return cardinality(cs);
end $$;

-- Looking where one otherwise may not: a life may hang on it, and everybody will know. Never health, counselling,
-- children's protection, gender-based violence, security or intelligence; never to write; never for long.
create function sec.break_glass(p_id uuid, p_ref text, p_categories smallint[], p_reason text) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  k app.case_anchor;
begin
  if not sec.holds('break_glass') or c[5]::int < 2 or to_timestamp(c[6]::bigint) < clock_timestamp() - interval '5 minutes' then
    raise exception 'break_glass.factor' using errcode = '42501';
  end if;
  -- The unit's own wall stands in an emergency too.
  if coalesce(cardinality(p_categories), 0) = 0 or array_position(p_categories, null) is not null
     or not p_categories <@ array[0, 1, 3, 4, 5, 6]::smallint[]
     or exists (select 1 from unnest(p_categories) e(category) where sec.mask() & (1 << e.category) = 0) then
    raise exception 'break_glass.category' using errcode = '42501';
  end if;
  -- Blanks and characters that nobody sees are no reason.
  if length(btrim(coalesce(p_reason, ''))) < 20 or length(regexp_replace(p_reason,
     '[\s\u0000-\u0020\u007F-\u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180E\u2000-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0]',
     '', 'g')) < 12 then
    raise exception 'break_glass.reason' using errcode = '42501';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('break_glass:' || c[1], 0));
  if (select count(*) from app.break_glass b where b.member_id = c[1]::uuid and (b.reviewed_at is null or b.verdict = 'needs_more')) >= 3 then
    raise exception 'break_glass.unreviewed' using errcode = '42501';
  end if;
  select * into k from app.case_anchor a where a.ref = p_ref;
  if not found or k.case_id = any (sec.excluded()) then raise exception 'break_glass.unavailable' using errcode = '42501'; end if;
  -- An emergency opens a door sooner, never one that no protocol gives to such an institution at all: a school does not
  -- look into custody, a donor at nobody, and what is for adults only stays shut over a child.
  if exists (
    select 1 from (select 0::smallint as category union select unnest(p_categories)) e
    where not exists (
      select 1 from app.institution t
      join app.sharing_protocol p on p.receiver_id = t.id or p.receiver_kind = t.kind
      join app.protocol_clause l on l.protocol_id = p.id and l.category = e.category
        and l.depth >= case when e.category = 0 then 3 else 1 end
      where t.id = c[2]::uuid and p.state = 'in_force' and p.valid_from <= now() and p.valid_until > now()
        and sec.concerns(k.adult_on, p.from_age, p.until_age))) then
    raise exception 'break_glass.unavailable' using errcode = '42501';
  end if;
  insert into app.break_glass (id, case_id, member_id, institution_id, lead_id, categories, reason, opened_at, expires_at, review_due_at, verdict)
  values (p_id, k.case_id, c[1]::uuid, c[2]::uuid, k.lead_id, p_categories, btrim(p_reason), now(), now() + interval '4 hours',
          now() + interval '72 hours', '');
  perform sec.fold(array[k.case_id], array[c[2]::uuid]);
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'break_glass.opened', false, k.case_id, 3, 'breakglass', p_id,
                          jsonb_build_object('categories', p_categories));
  raise log 'break-glass id=% member=% institution=% case=%', p_id, c[1], c[2], k.case_id;  -- survives a rollback, leaves the host
  return p_id;
end $$;

create function sec.review_break_glass(p_id uuid, p_verdict text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  b app.break_glass;
begin
  if coalesce(p_verdict, '') not in ('justified', 'unjustified', 'needs_more') then raise exception 'break_glass.verdict' using errcode = '42501'; end if;
  select * into b from app.break_glass g where g.id = p_id and g.institution_id <> c[2]::uuid
    and not exists (select 1 from app.member x join app.member y on y.account_id = x.account_id where x.id = g.member_id and y.id = c[1]::uuid)
    and (g.reviewed_at is null or g.verdict = 'needs_more') and g.case_id <> all (sec.excluded())
    and ((g.lead_id = c[2]::uuid and sec.holds('coordinator', 'supervisor') and (sec.mask() & 8) <> 0) or sec.holds('data_protection')) for update;
  if not found then raise exception 'break_glass.unavailable' using errcode = '42501'; end if;
  update app.break_glass set reviewed_by_id = c[1]::uuid, reviewed_at = now(), verdict = p_verdict,
    expires_at = case when p_verdict = 'unjustified' then least(expires_at, now()) else expires_at end where id = p_id;
  perform sec.fold(array[b.case_id], array[b.institution_id]);
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'break_glass.reviewed', false, b.case_id, 3, 'breakglass', p_id,
                          jsonb_build_object('verdict', p_verdict));
end $$;

-- "A file exists": the categories in which something is written on a case, among those the caller may know to exist.
create function sec.existing(p_case uuid) returns setof smallint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  known smallint[];
  found smallint[] := '{}';
  t record;
  here smallint[];
begin
  select array_agg(distinct x.category) into known from app.case_access_cat x
    where x.case_id = p_case and x.institution_id = sec.institution()
      and x.member_id in ('00000000-0000-0000-0000-000000000000', sec.member())
      and x.depth >= 1 and x.expires_at > now() and (sec.mask() & (1 << x.category)) <> 0
      and x.case_id <> all (sec.excluded());
  if known is null then return; end if;
  -- Each table is asked once for all categories, and not once for each: a case page waits for it.
  for t in select * from sec.guarded g where g.shape = 'case' and (g.category = any (known) or g.category_column is not null) loop
    execute format('select array_agg(distinct %2$s) from app.%1$I where %3$I = $1 and %2$s = any ($2)', t.table_name,
                   coalesce(quote_ident(t.category_column), t.category || '::smallint'), t.key_column)
      into here using p_case, known;
    found := found || here;
  end loop;
  return query select distinct unnest(found);
end $$;

grant execute on function sec.may_grant(uuid, uuid, uuid), sec.shares(uuid), sec.involves(uuid, uuid, uuid),
  sec.has_mandate(), sec.opens(), sec.registers(uuid), sec.hand_over(uuid, uuid),
  sec.break_glass(uuid, text, smallint[], text),
  sec.review_break_glass(uuid, text), sec.existing(uuid) to homeward_app, homeward_job;
grant execute on function sec.tick() to homeward_job, homeward_migrate;
grant execute on function sec.fold_of_grants(), sec.fold_of_protocols(), sec.fold_of_clauses(), sec.fold_of_institutions(),
  sec.fold_of_kinds(), sec.fold_of_anchors(), sec.only_closes() to homeward_owner;

reset role;
set local role homeward_owner;

create trigger fold_new after insert on app.access_grant referencing new table as new_rows for each statement execute function sec.fold_of_grants();
create trigger fold_changed after update on app.access_grant referencing new table as new_rows for each statement execute function sec.fold_of_grants();
create trigger fold_changed after update on app.involvement referencing new table as new_rows for each statement execute function sec.fold_of_grants();
create trigger fold_changed after update on app.sharing_protocol referencing new table as new_rows for each statement execute function sec.fold_of_protocols();
create trigger fold_new after insert on app.protocol_clause referencing new table as new_rows for each statement execute function sec.fold_of_clauses();
create trigger fold_changed after update on app.protocol_clause referencing new table as new_rows for each statement execute function sec.fold_of_clauses();
create trigger fold_moved after update on app.protocol_clause referencing old table as new_rows for each statement execute function sec.fold_of_clauses();
create trigger fold_kind after update on app.institution referencing old table as old_rows new table as new_rows for each statement execute function sec.fold_of_institutions();
create trigger fold_party after update on app.institution_kind referencing old table as old_rows new table as new_rows for each statement execute function sec.fold_of_kinds();
create trigger fold_person after update on app.case_anchor referencing old table as old_rows new table as new_rows for each statement execute function sec.fold_of_anchors();
create trigger only_closes before update on app.involvement for each row execute function sec.only_closes();
create trigger only_closes before update on app.access_grant for each row execute function sec.only_closes();
create trigger fold_gone after delete on app.protocol_clause referencing old table as new_rows for each statement execute function sec.fold_of_clauses();

do $$ declare t text; begin
  foreach t in array array['case_access', 'case_access_cat', 'case_anchor', 'involvement', 'access_grant', 'break_glass',
                           'case_exclusion'] loop
    execute format('alter table app.%I enable row level security', t);
    execute format('alter table app.%I force row level security', t);
    insert into sec.guarded (table_name, shape, key_column, about, stays)
      values (t, 'special', 'case_id', 'case', t in ('case_access', 'case_access_cat', 'case_anchor'));
    execute format('grant select, delete, update (case_id) on app.%I to homeward_definer', t);
  end loop;
end $$;

create policy mine on app.case_access for select to homeward_app, homeward_job using (
  institution_id = (select sec.institution()) and member_id in ('00000000-0000-0000-0000-000000000000', (select sec.member()))
  and (seen_mask & (select sec.mask())) <> 0 and expires_at > now() and case_id <> all ((select sec.excluded())::uuid[]));
create policy mine on app.case_access_cat for select to homeward_app, homeward_job using (
  institution_id = (select sec.institution()) and member_id in ('00000000-0000-0000-0000-000000000000', (select sec.member()))
  and ((select sec.mask()) & (1 << category)) <> 0 and expires_at > now() and case_id <> all ((select sec.excluded())::uuid[]));

-- The anchor: that a case exists, whose it is and who leads it. Seen by those who coordinate, and by oversight; a school
-- that knows a pupil is not told which office leads the case. Made by the one who leads.
create policy seen on app.case_anchor for select to homeward_app, homeward_job using (
  (select sec.holds('auditor', 'data_protection'))
  or (lead_id = (select sec.institution()) and exists (select 1 from app.case_access a where a.case_id = case_anchor.case_id))
  or exists (select 1 from app.case_access_cat a where a.case_id = case_anchor.case_id and a.category = 3 and a.depth >= 2));
create policy opened on app.case_anchor for insert to homeward_app, homeward_job with check (
  lead_id = (select sec.institution()) and (select sec.opens()));

-- Involvements and grants: one's own, those of a case one coordinates with, and all of them for oversight (no content there).
create policy seen on app.involvement for select to homeward_app, homeward_job using (
  (institution_id = (select sec.institution()) and (select sec.mask()) <> 0 and case_id <> all ((select sec.excluded())::uuid[]))
  or (select sec.holds('auditor', 'data_protection'))
  or exists (select 1 from app.case_access_cat a where a.case_id = involvement.case_id and a.category = 3 and a.depth = 3));
create policy made on app.involvement for insert to homeward_app, homeward_job with check (
  involved_by_id = (select sec.member()) and ended_by_id is null and sec.shares(case_id));
-- Whoever leads a case cannot leave it; it hands the lead over (sec.hand_over).
create policy ended on app.involvement for update to homeward_app, homeward_job
  using (institution_id <> (select sec.institution()) and sec.shares(case_id))
  with check (institution_id <> (select sec.institution()) and ended_by_id = (select sec.member()) and sec.shares(case_id));
create policy seen on app.access_grant for select to homeward_app, homeward_job using (
  (institution_id = (select sec.institution()) and (select sec.mask()) <> 0 and case_id <> all ((select sec.excluded())::uuid[]))
  or (select sec.holds('auditor', 'data_protection'))
  or exists (select 1 from app.case_access_cat a where a.case_id = access_grant.case_id and a.category = 3 and a.depth = 3));
create policy made on app.access_grant for insert to homeward_app, homeward_job with check (
  sec.may_grant(case_id, institution_id, protocol_id) and sec.involves(involvement_id, case_id, institution_id));
create policy ended on app.access_grant for update to homeward_app, homeward_job
  using (institution_id <> (select sec.institution()) and sec.shares(case_id))
  with check (institution_id <> (select sec.institution()) and revoked_by_id = (select sec.member()) and sec.shares(case_id));

create policy seen on app.break_glass for select to homeward_app, homeward_job using (
  member_id = (select sec.member()) or (select sec.holds('auditor', 'data_protection'))
  or (lead_id = (select sec.institution()) and ((select sec.mask()) & 8) <> 0 and case_id <> all ((select sec.excluded())::uuid[])));
-- Why somebody must not see a case (a cousin, a neighbour) is not for all colleagues to read.
create policy own on app.case_exclusion for select to homeward_app, homeward_job using (
  member_id = (select sec.member()) or (select sec.holds('auditor', 'data_protection'))
  or (institution_id = (select sec.institution()) and (select sec.holds('coordinator', 'supervisor'))));
create policy made on app.case_exclusion for insert to homeward_app, homeward_job with check (
  institution_id = (select sec.institution()) and (member_id = (select sec.member()) or (select sec.holds('coordinator', 'supervisor')))
  and exists (select 1 from app.member m where m.id = member_id and m.institution_id = case_exclusion.institution_id));
create policy lifted on app.case_exclusion for update to homeward_app, homeward_job
  using (institution_id = (select sec.institution()) and member_id <> (select sec.member()) and (select sec.holds('coordinator', 'supervisor')))
  with check (institution_id = (select sec.institution()));

-- The log: what was done on a case is seen with the case, in the categories one may see; who looked, by oversight alone.
create policy seen on audit.event for select to homeward_app, homeward_job using (
  (select sec.holds('auditor', 'data_protection')) or member_id = (select sec.member())
  or (not is_read and exists (select 1 from app.case_access_cat a
      where a.case_id = event.case_id and a.category = coalesce(event.category, 3) and a.depth >= 2)));
grant select on audit.event to homeward_app, homeward_job;

-- What is shared with whom is no secret among those who share: every member may read every protocol.
do $$ declare t text; begin
  foreach t in array array['sharing_protocol', 'protocol_clause'] loop
    execute format('alter table app.%I enable row level security', t);
    execute format('alter table app.%I force row level security', t);
    execute format('grant select, insert on app.%I to homeward_app, homeward_job', t);
    execute format('grant select, insert, update, delete on app.%I to homeward_migrate', t);
    execute format('create policy known on app.%I for select to homeward_app, homeward_job using ((select sec.member()) is not null)', t);
    insert into sec.guarded (table_name, shape) values (t, 'reference');
  end loop;
end $$;
create policy proposed on app.sharing_protocol for insert to homeward_app, homeward_job with check (
  state = 'proposed' and proposed_by_id = (select sec.member()) and (select sec.holds('coordinator', 'supervisor', 'data_protection'))
  and signatures = '[]'::jsonb);
create policy proposed on app.protocol_clause for insert to homeward_app, homeward_job with check (
  exists (select 1 from app.sharing_protocol p where p.id = protocol_id and p.state = 'proposed' and p.proposed_by_id = (select sec.member())
          and p.signatures = '[]'::jsonb));

-- The operator who suspends a protocol is told how many doors that shuts, and not whose.
grant select (id, protocol_id, revoked_at) on app.access_grant to homeward_migrate;
grant select on app.case_access, app.case_access_cat, app.case_anchor, app.involvement, app.access_grant, app.break_glass,
  app.case_exclusion to homeward_app, homeward_job;
grant insert on app.case_anchor, app.involvement, app.access_grant, app.case_exclusion to homeward_app, homeward_job;
grant update (ends_at, ended_by_id, end_reason) on app.involvement to homeward_app, homeward_job;
grant update (revoked_at, revoked_by_id) on app.access_grant to homeward_app, homeward_job;
grant update (lifted_at) on app.case_exclusion to homeward_app, homeward_job;
reset role;
