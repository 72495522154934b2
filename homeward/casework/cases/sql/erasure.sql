-- The end of retention: two people agree, and everything about a case and its person is gone, in every table and in every
-- institution. Nothing of this trusts what the application has asked before; what is not certain is not erased, and what
-- cannot be erased whole is not erased in part. The log keeps that it was done: keys and codes, no name.
set local role homeward_owner;
grant select on app.case_exclusion to homeward_definer;
reset role;
set local role homeward_definer;

-- What keeps a case although its day has passed, as codes (rules/retention.py has the words): the person answers today for
-- a child whose case is kept; an emergency look at the case that nobody has reviewed would vanish with it.
create function sec.kept_by(p_case uuid) returns setof text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select 'guardian'::text from app.case_anchor k join app.guardianship g on g.guardian_id = k.person_id
      join app.case_anchor w on w.person_id = g.child_id
    where k.case_id = p_case and (g.ends_on is null or g.ends_on >= sec.today())
      and (w.adult_on is null or w.adult_on > sec.today()) limit 1;
  return query
    select 'unreviewed'::text from app.break_glass b
    where b.case_id = p_case and (b.reviewed_at is null or b.verdict = 'needs_more') limit 1;
end $$;

-- The same for a page, to whoever works with people in the leading institution; nothing for every other key.
create function sec.erasure_kept_by(p_case uuid) returns setof text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then return query select sec.kept_by(p_case); end if;
end $$;

-- What an erasure would destroy: how many rows of each table, or by the function that forgets. For those who propose and
-- confirm it, once the case may go; nothing before, because the number of what one may not read is itself something.
create function sec.to_be_erased(p_case uuid) returns table (kind text, rows bigint)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  cases uuid[];
  persons uuid[];
  t sec.guarded;
begin
  if not sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then return; end if;
  if not exists (select 1 from app.case_care c
                 where c.case_id = p_case and c.state = 'archived' and c.keep_until < sec.today()) then return; end if;
  select array_agg(w.case_id), array_agg(w.person_id) into cases, persons from sec.merged_into(p_case) w;
  for t in select * from sec.guarded g where g.about is not null or g.erased_by is not null loop
    if t.about is not null then
      kind := t.table_name;
      execute format('select count(*) from app.%I where %I = any ($1)', t.table_name, t.key_column)
        into rows using case t.about when 'case' then cases else persons end;
      return next;
    end if;
    if t.erased_by is not null then
      kind := t.erased_by;
      execute format('select sum(sec.%I(c, p, true))::bigint from unnest($1, $2) w(c, p)', t.erased_by) into rows using cases, persons;
      return next;
    end if;
  end loop;
end $$;

-- Somebody who works with people in the leading institution finds that the case can go, and asks a second person to look.
create function sec.propose_erasure(p_by uuid, p_case uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c app.case_care;
begin
  if sec.member() is distinct from p_by or not sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then
    raise exception 'erasure.unavailable' using errcode = '42501';
  end if;
  select * into c from app.case_care x where x.case_id = p_case for update;
  if c.state is distinct from 'archived' then raise exception 'erasure.unavailable' using errcode = '42501'; end if;
  if c.keep_until is null or c.keep_until >= sec.today() then raise exception 'erasure.early' using errcode = '42501'; end if;
  update app.case_care set erasure_proposed_by_id = p_by, erasure_proposed_at = clock_timestamp(), version = version + 1
    where case_id = p_case;
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'case.erasure_proposed', false, p_case, 3, 'case', p_case, '{}');
end $$;

-- The second person confirms, and it is done. Returns how many rows are gone. Which tables there are is not written here:
-- whatever is guarded says how it is erased (access/operations.py), so a table of a later room is found by itself; one that
-- says nothing and still refers to the case or the person stops everything.
create function sec.erase_case(p_by uuid, p_case uuid) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  k app.case_anchor;
  c app.case_care;
  t sec.guarded;
  reason text;
  waiting text[];
  again text[];
  name text;
  n bigint;
  gone bigint := 0;
  cases uuid[];
  persons uuid[];
begin
  if sec.member() is distinct from p_by or not sec.ends(p_case, 'coordinator', 'supervisor') then
    raise exception 'erasure.unavailable' using errcode = '42501';
  end if;
  select * into k from app.case_anchor a where a.case_id = p_case for update;
  select * into c from app.case_care x where x.case_id = p_case for update;
  if c.state is distinct from 'archived' then raise exception 'erasure.unavailable' using errcode = '42501'; end if;
  if c.keep_until is null or c.keep_until >= sec.today() then raise exception 'erasure.early' using errcode = '42501'; end if;
  if c.erasure_proposed_by_id is null then raise exception 'erasure.not_proposed' using errcode = '42501'; end if;
  -- Two people, not two seats of one; both of the institution that leads the case now, and whoever proposed still may.
  perform 1 from app.member one join app.member other on other.id = p_by
    where one.id = c.erasure_proposed_by_id and one.id <> other.id and one.account_id <> other.account_id
      and one.institution_id = k.lead_id and (one.ends_on is null or one.ends_on > sec.today())
      and one.roles::text[] && array['coordinator', 'caseworker', 'supervisor']
      and not exists (select 1 from app.case_exclusion e join app.member m on m.id = e.member_id
                      where e.case_id = p_case and m.account_id = one.account_id and e.lifted_at is null);
  if not found then raise exception 'erasure.same_person' using errcode = '42501'; end if;
  -- Whoever appoints colleagues could appoint the second person for the occasion.
  perform 1 from app.member m where m.id in (p_by, c.erasure_proposed_by_id) and m.starts_on > sec.today() - 30;
  if found then raise exception 'erasure.newcomer' using errcode = '42501'; end if;
  select x into reason from sec.kept_by(p_case) x limit 1;
  if found then raise exception 'erasure.%', reason using errcode = '42501'; end if;

  -- What is left of records that were merged into this one goes with it (ADR 0030).
  select array_agg(w.case_id), array_agg(w.person_id) into cases, persons from sec.merged_into(p_case) w;
  for t in select * from sec.guarded g where g.erased_by is not null order by g.table_name loop
    execute format('select sum(sec.%I(c, p, false))::bigint from unnest($1, $2) w(c, p)', t.erased_by) into n using cases, persons;
    gone := gone + coalesce(n, 0);
  end loop;
  -- Rows that others hang on have to wait for those: round after round, until none is left or none can go.
  select array_agg(g.table_name order by g.table_name) into waiting from sec.guarded g where g.about is not null;
  while cardinality(waiting) > 0 loop
    again := '{}';
    foreach name in array waiting loop
      select * into strict t from sec.guarded g where g.table_name = name;
      begin
        execute format('delete from app.%I where %I = any ($1)', t.table_name, t.key_column)
          using case t.about when 'case' then cases else persons end;
        get diagnostics n = row_count;
        gone := gone + n;
      exception when foreign_key_violation then
        again := again || name;
      end;
    end loop;
    if cardinality(again) = cardinality(waiting) then raise exception 'erasure.built_upon' using errcode = '42501'; end if;
    waiting := again;
  end loop;
  begin
    set constraints all immediate;  -- most references are only asked about at the end: this is the end
  exception when foreign_key_violation then
    raise exception 'erasure.built_upon' using errcode = '42501';
  end;
  set constraints all deferred;
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'case.erased', false, p_case, 3, 'case', p_case,
    jsonb_build_object('proposed_by', c.erasure_proposed_by_id, 'kept_until', c.keep_until, 'rows', gone));
  return gone;
end $$;

grant execute on function sec.erasure_kept_by(uuid), sec.to_be_erased(uuid), sec.propose_erasure(uuid, uuid),
  sec.erase_case(uuid, uuid) to homeward_app, homeward_job;
reset role;
