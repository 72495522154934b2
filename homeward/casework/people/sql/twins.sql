-- Two records that may be one person (ADR 0030). The application reads pairs of whom it reads both; whoever decides does so in
-- here, where everything is asked again: two people for a merge, one institution that leads both cases. Nothing is deleted.
set local role homeward_owner;
grant insert, update on app.person_twin to homeward_definer;
grant insert on app.case_exclusion to homeward_definer;
grant update (is_primary) on app.person_name to homeward_definer;
reset role;
set local role homeward_definer;

-- A case and its person, and whatever was merged into them, the records merged into those too.
create function sec.merged_into(p_case uuid) returns table (case_id uuid, person_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with recursive whole as (
    select k.person_id from app.case_anchor k where k.case_id = p_case
    union
    select case t.kept_id when t.one_id then t.other_id else t.one_id end
    from whole w join app.person_twin t on t.kept_id = w.person_id and t.state = 'same')
  select k.case_id, w.person_id from whole w join app.case_anchor k on k.person_id = w.person_id
$$;

-- What the clock or the operator found: pairs nobody knew of. What people have decided is not asked again, neither of the two
-- nor of those whose records have become theirs since. Only what one person said alone, while registering one of the two, is
-- asked once more of somebody else when nearly everything fits (p_sure): who registers a person twice on purpose says it, too.
-- Returns how many are to be looked at that were not before.
create function sec.keep_twins(p_pairs jsonb, p_sure float8) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  n integer;
  began timestamptz := clock_timestamp();
begin
  with told as (
    select least(x.one, x.other) as one, greatest(x.one, x.other) as other, x.probability, x.evidence
    from jsonb_to_recordset(p_pairs) x(one uuid, other uuid, probability float8, evidence jsonb) where x.one <> x.other),
  known as (
    select t.one, t.other from told t
    where exists (
      select 1 from app.case_anchor a cross join lateral sec.merged_into(a.case_id) one
      join app.case_anchor b on b.person_id = t.other cross join lateral sec.merged_into(b.case_id) other
      join app.person_twin w on (w.one_id, w.other_id) in ((one.person_id, other.person_id), (other.person_id, one.person_id))
      where a.person_id = t.one and w.state <> 'open'
        and not (w.state = 'different' and w.source = 'desk' and t.probability >= p_sure))),
  put as (
    insert into app.person_twin as w (id, one_id, other_id, state, source, probability, evidence, found_at, reason, moved)
    select gen_random_uuid(), t.one, t.other, 'open', 'register', t.probability, t.evidence, clock_timestamp(), '', '[]'
    from told t where (t.one, t.other) not in (select k.one, k.other from known k)
    on conflict (one_id, other_id) do update set probability = excluded.probability, evidence = excluded.evidence, state = 'open',
        source = 'register', found_at = case w.state when 'open' then w.found_at else excluded.found_at end
      where w.state = 'open' or (w.state = 'different' and w.source = 'desk')
    returning w.found_at >= began as is_new)
  select count(*) filter (where p.is_new) into n from put p;
  return n;
end $$;

-- Does the institution of the one who asks lead the case of one of these two? Whoever only helps a person is not asked whether
-- somebody else is the same one, and does not read what was said about it.
create function sec.leads_one(p_one uuid, p_other uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select 1 from app.case_anchor k where k.person_id in (p_one, p_other) and sec.leads(k.case_id));
end $$;
grant execute on function sec.leads_one(uuid, uuid) to homeward_app, homeward_job;

-- Does the asking member work with people, read in full who both are, and lead one of the two cases?
create function sec.reads_both(p_one uuid, p_other uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.holds('coordinator', 'caseworker', 'supervisor') and (sec.mask() & 1) <> 0 and sec.leads_one(p_one, p_other) and not exists (
    -- Not by an emergency look: whoever looks in an emergency writes nothing.
    select 1 from unnest(array[p_one, p_other]) p where not exists (
      select 1 from app.case_access a
      where a.institution_id = sec.institution() and a.person_id = p and a.member_id = '00000000-0000-0000-0000-000000000000'
        and (a.cat_mask & 1) <> 0 and a.expires_at > now() and a.case_id <> all (sec.excluded())));
end $$;

-- A pair for whoever may decide about it, held until the transaction ends; the same refusal for every other key.
create function sec.twin_held(p_by uuid, p_twin uuid) returns app.person_twin
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare t app.person_twin;
begin
  select * into t from app.person_twin x where x.id = p_twin for update;
  if sec.member() is distinct from p_by or t.id is null
    or not (case t.state when 'same' then sec.reads_both(t.kept_id, t.kept_id) else sec.reads_both(t.one_id, t.other_id) end) then
    raise exception 'twin.unavailable' using errcode = '42501';
  end if;
  return t;
end $$;

-- What keeps two cases from becoming one, as a code; null when nothing does. The kept one is first.
create function sec.merge_fault(p_kept uuid, p_other uuid) returns text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  a app.case_anchor;
  b app.case_anchor;
  kept text;
  other text;
begin
  select * into a from app.case_anchor k where k.person_id = p_kept;
  select * into b from app.case_anchor k where k.person_id = p_other;
  if not coalesce(sec.ends(a.case_id, 'coordinator', 'caseworker', 'supervisor')
              and sec.ends(b.case_id, 'coordinator', 'caseworker', 'supervisor'), false) then return 'twin.leads'; end if;
  select c.state into kept from app.case_care c where c.case_id = a.case_id;
  select c.state into other from app.case_care c where c.case_id = b.case_id;
  if 'archived' in (kept, other) then return 'twin.archived'; end if;
  if kept in ('closed', 'withdrawn') and other not in ('closed', 'withdrawn') then return 'twin.ended'; end if;
  return null;
end $$;

-- One person says what they think of a pair: that the two are different, which is remembered; that they are the same and which
-- record is kept, which a second person must confirm; that they take that back; or that it has to be looked at again. Of a pair
-- that is looked at again somebody else says that the two are different than the one who said so before.
create function sec.judge_twin(p_by uuid, p_twin uuid, p_verdict text, p_kept uuid, p_reason text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  t app.person_twin := sec.twin_held(p_by, p_twin);
  fault text;
begin
  if p_verdict = 'reopen' and t.state in ('different', 'apart') then
    update app.person_twin set state = 'open', reason = p_reason where id = p_twin;
    return;
  end if;
  if t.state <> 'open' or p_verdict = 'reopen' then raise exception 'twin.decided' using errcode = '42501'; end if;
  if p_verdict = 'propose' then
    if t.proposed_by_id is not null then raise exception 'twin.proposed' using errcode = '42501'; end if;
    if p_kept is null or p_kept not in (t.one_id, t.other_id) then raise exception 'twin.unavailable' using errcode = '42501'; end if;
    fault := sec.merge_fault(p_kept, case p_kept when t.one_id then t.other_id else t.one_id end);
    if fault is not null then raise exception '%', fault using errcode = '42501'; end if;
    update app.person_twin set kept_id = p_kept, proposed_by_id = p_by, proposed_at = clock_timestamp(), reason = p_reason where id = p_twin;
  elsif p_verdict = 'withdraw' then
    if t.proposed_by_id is null then raise exception 'twin.not_proposed' using errcode = '42501'; end if;
    update app.person_twin set kept_id = null, proposed_by_id = null, proposed_at = null, reason = '' where id = p_twin;
  elsif p_verdict = 'different' then
    perform 1 from app.member said join app.member says on says.id = p_by
      where said.id = t.decided_by_id and said.account_id = says.account_id;
    if found then raise exception 'twin.said_before' using errcode = '42501'; end if;
    update app.person_twin set state = 'different', kept_id = null, proposed_by_id = null, proposed_at = null, reason = p_reason,
      decided_by_id = p_by, decided_at = clock_timestamp() where id = p_twin;
  else
    raise exception 'twin.unavailable' using errcode = '42501';
  end if;
end $$;

-- Every row about one case and person goes over to another; what was moved, as [{table, column, key of the row, value before}].
-- Which tables there are stands in sec.guarded. A row for which there is no room stays behind.
create function sec.move_rows(p_case uuid, p_person uuid, p_to_case uuid, p_to uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  moved jsonb := '[]';
  part jsonb;
  waiting jsonb;
  again jsonb;
  one jsonb;
  r record;
  was uuid;
  goes_to uuid;
  whose text;
  n bigint;
begin
  -- A table that refers to a person or a case and does not say what becomes of its rows stops everything.
  perform 1 from pg_catalog.pg_constraint f join pg_catalog.pg_class c on c.oid = f.conrelid
    join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    left join sec.guarded g on g.table_name = c.relname
    where f.contype = 'f' and cardinality(f.conkey) = 1 and f.confrelid in ('app.person'::regclass, 'app.case_file'::regclass)
      and not coalesce(g.stays or (g.about is not null and a.attname = g.key_column) or a.attname = any (g.persons), false);
  if found then raise exception 'twin.silent' using errcode = '42501'; end if;
  select jsonb_agg(jsonb_build_object('t', x.t, 'c', x.c, 'about', x.about) order by x.t, x.c) into waiting from (
    select g.table_name as t, g.key_column as c, g.about from sec.guarded g where g.about is not null and not g.stays
    union all
    select g.table_name, c, 'person' from sec.guarded g cross join unnest(g.persons) c where not g.stays) x;
  while jsonb_array_length(waiting) > 0 loop
    again := '[]';
    for one in select e from jsonb_array_elements(waiting) e loop
      was := case one ->> 'about' when 'case' then p_case else p_person end;
      goes_to := case one ->> 'about' when 'case' then p_to_case else p_to end;
      part := '[]';
      begin
        for r in execute format(
          'select to_jsonb(t) - %L as row, coalesce(to_jsonb(t) ->> ''id'', '''') as key from app.%I t where %I = $1 order by 2',
          one ->> 'c', one ->> 't', one ->> 'c') using was loop
          -- A row is known by its key; one that has none but the person (a place of birth), by the person.
          whose := case r.key when '' then 'true' else format('id = %L', r.key) end;
          begin
            execute format('update app.%I set %I = $1 where %I = $2 and %s', one ->> 't', one ->> 'c', one ->> 'c', whose)
              using goes_to, was;
            get diagnostics n = row_count;
            if n > 0 then
              part := part || jsonb_build_object('t', one ->> 't', 'c', one ->> 'c', 'id', r.key, 'to', goes_to, 'was', was);
            end if;
          exception when unique_violation or exclusion_violation or check_violation then
            null;
          end;
        end loop;
        moved := moved || part;
      exception when foreign_key_violation then
        again := again || one;
      end;
    end loop;
    if again = waiting then raise exception 'twin.silent' using errcode = '42501'; end if;
    waiting := again;
  end loop;
  return moved;
end $$;

-- Who may see what of the two, told anew; and what is kept beside rows of a case, such as what support covers.
create function sec.tell_of_moves(p_cases uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare t sec.guarded;
begin
  for t in select * from sec.guarded g where g.about = 'case' and not g.stays order by g.table_name loop
    execute format('update app.%I set %I = %I where %I = any ($1)', t.table_name, t.key_column, t.key_column, t.key_column) using p_cases;
  end loop;
  perform sec.fold(array_agg(x.c), array_agg(x.i)) from (
    select c, i.institution_id as i from unnest(p_cases) c cross join (
      select v.institution_id from app.involvement v where v.case_id = any (p_cases)
      union select b.institution_id from app.break_glass b where b.case_id = any (p_cases)
      union select a.institution_id from app.case_access a where a.case_id = any (p_cases)) i) x;
end $$;

-- The second person confirms, and the two records are one. Returns how many rows went over.
create function sec.merge_twin(p_by uuid, p_twin uuid) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  t app.person_twin := sec.twin_held(p_by, p_twin);
  a app.case_anchor;
  b app.case_anchor;
  gone jsonb := '[]';
  fault text;
  v record;
begin
  if t.state <> 'open' then raise exception 'twin.decided' using errcode = '42501'; end if;
  if t.proposed_by_id is null then raise exception 'twin.not_proposed' using errcode = '42501'; end if;
  -- The anchors are held in one order, whichever is kept: a merge and its mirror take turns.
  perform 1 from app.case_anchor k where k.person_id in (t.one_id, t.other_id) order by k.case_id for update;
  select * into a from app.case_anchor k where k.person_id = t.kept_id;
  select * into b from app.case_anchor k where k.person_id = case t.kept_id when t.one_id then t.other_id else t.one_id end;
  fault := sec.merge_fault(a.person_id, b.person_id);
  if fault is not null then raise exception '%', fault using errcode = '42501'; end if;
  if not sec.holds('coordinator', 'supervisor') then raise exception 'twin.unavailable' using errcode = '42501'; end if;
  -- Two people, not two seats of one; both of the institution that leads, and whoever proposed still may.
  perform 1 from app.member one join app.member other on other.id = p_by
    where one.id = t.proposed_by_id and one.account_id <> other.account_id
      and one.institution_id = a.lead_id and (one.ends_on is null or one.ends_on > sec.today())
      and one.roles::text[] && array['coordinator', 'caseworker', 'supervisor']
      and not exists (select 1 from app.case_exclusion e join app.member m on m.id = e.member_id
                      where e.case_id in (a.case_id, b.case_id) and m.account_id = one.account_id and e.lifted_at is null);
  if not found then raise exception 'twin.same_person' using errcode = '42501'; end if;

  -- One name is in use. Which one it was, of each, is remembered.
  for v in select n.id, n.person_id from app.person_name n where n.person_id in (a.person_id, b.person_id) and n.is_primary loop
    gone := gone || jsonb_build_object('t', 'person_name', 'c', 'is_primary', 'id', v.id, 'was', v.person_id);
  end loop;
  if exists (select 1 from app.person_name n where n.person_id = a.person_id and n.is_primary) then
    update app.person_name set is_primary = false where person_id = b.person_id and is_primary;
  end if;
  -- Where an institution stands in both doors, what it was given at the second now holds at the first.
  for v in select g.id, g.involvement_id as was, d.id as door from app.access_grant g
           join app.involvement w on w.id = g.involvement_id and w.case_id = b.case_id and w.ended_by_id is null
           join app.involvement d on d.case_id = a.case_id and d.institution_id = w.institution_id and d.ended_by_id is null loop
    update app.access_grant set involvement_id = v.door where id = v.id;
    gone := gone || jsonb_build_object('t', 'access_grant', 'c', 'involvement_id', 'id', v.id, 'to', v.door, 'was', v.was);
  end loop;
  gone := gone || sec.move_rows(b.case_id, b.person_id, a.case_id, a.person_id);
  update app.person_twin set state = 'same', decided_by_id = p_by, decided_at = clock_timestamp(), moved = gone where id = p_twin;
  perform sec.tell_of_moves(array[a.case_id, b.case_id]);
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'twin.merged', false, a.case_id, 0, 'persontwin', p_twin,
    jsonb_build_object('kept', a.case_id, 'other', b.case_id, 'proposed_by', t.proposed_by_id, 'rows', jsonb_array_length(gone)));
  return jsonb_array_length(gone);
exception when foreign_key_violation then
  raise exception 'twin.silent' using errcode = '42501';
end $$;

-- They were two people after all. Exactly what was moved goes back; what was written meanwhile about the first stays with it.
create function sec.part_twin(p_by uuid, p_twin uuid, p_reason text) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  t app.person_twin := sec.twin_held(p_by, p_twin);
  a app.case_anchor;
  b app.case_anchor;
  one jsonb;
  n integer;
  moved integer := 0;
begin
  if t.state <> 'same' then raise exception 'twin.decided' using errcode = '42501'; end if;
  perform 1 from app.case_anchor k where k.person_id in (t.one_id, t.other_id) order by k.case_id for update;
  select * into a from app.case_anchor k where k.person_id = t.kept_id;
  select * into b from app.case_anchor k where k.person_id = case t.kept_id when t.one_id then t.other_id else t.one_id end;
  if not sec.ends(a.case_id, 'coordinator', 'supervisor') then raise exception 'twin.unavailable' using errcode = '42501'; end if;
  -- Somebody who has since been merged into a third record comes out of that one first.
  perform 1 from app.person_twin w where w.state = 'same' and w.kept_id <> t.kept_id and t.kept_id in (w.one_id, w.other_id);
  if found then raise exception 'twin.within' using errcode = '42501'; end if;
  -- Doors go back as they were: into a case whose lead has passed on since, nobody could open them again.
  if b.lead_id <> a.lead_id then raise exception 'twin.led_elsewhere' using errcode = '42501'; end if;
  for one in select e from jsonb_array_elements(t.moved) e where e ->> 'c' <> 'is_primary' loop
    execute format('update app.%I set %I = $1 where %I = $2 and %s', one ->> 't', one ->> 'c', one ->> 'c',
                   case one ->> 'id' when '' then 'true' else format('id = %L', one ->> 'id') end)
      using (one ->> 'was')::uuid, (one ->> 'to')::uuid;
    get diagnostics n = row_count;
    moved := moved + n;
  end loop;
  -- Whoever was kept away from the two while they were one stays away from both.
  insert into app.case_exclusion (id, case_id, member_id, institution_id, reason, excluded_at)
    select gen_random_uuid(), b.case_id, x.member_id, x.institution_id, x.reason, x.excluded_at from app.case_exclusion x
    where x.case_id = a.case_id and x.lifted_at is null and x.excluded_at >= t.decided_at
      and not exists (select 1 from app.case_exclusion y where y.case_id = b.case_id and y.member_id = x.member_id and y.lifted_at is null);
  -- Whoever goes by no name now goes by the one they had. A name that somebody chose meanwhile is kept.
  update app.person_name n set is_primary = false
    where n.person_id = b.person_id and n.is_primary
      and not exists (select 1 from jsonb_array_elements(t.moved) e where e ->> 'c' = 'is_primary' and e ->> 'id' = n.id::text);
  for one in select e from jsonb_array_elements(t.moved) e where e ->> 'c' = 'is_primary' loop
    update app.person_name n set is_primary = true
      where n.id = (one ->> 'id')::uuid and n.person_id = (one ->> 'was')::uuid
        and not exists (select 1 from app.person_name o where o.person_id = n.person_id and o.is_primary);
  end loop;
  update app.person_twin set state = 'apart', kept_id = null, moved = '[]', reason = p_reason, decided_by_id = p_by, decided_at = clock_timestamp()
    where id = p_twin;
  perform sec.tell_of_moves(array[a.case_id, b.case_id]);
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'twin.parted', false, a.case_id, 0, 'persontwin', p_twin,
    jsonb_build_object('kept', a.case_id, 'other', b.case_id, 'rows', moved));
  return moved;
end $$;

-- When somebody is erased, that others were taken for them is forgotten, too.
create function sec.forget_twins(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if p_try then return (select count(*) from app.person_twin t where p_person in (t.one_id, t.other_id)); end if;
  delete from app.person_twin t where p_person in (t.one_id, t.other_id);
  get diagnostics n = row_count;
  return n;
end $$;

-- --- the linkage desk: pairs of which no institution that leads one of the two cases reads both

create function sec.is_for_the_desk(t app.person_twin) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return t.state = 'open'
    and (select count(*) from app.case_anchor k where k.person_id in (t.one_id, t.other_id)) = 2
    -- Neither is what is left of a record that was merged into another.
    and not exists (select 1 from app.person_twin w where w.state = 'same'
                    and (w.one_id in (t.one_id, t.other_id) or w.other_id in (t.one_id, t.other_id)) and w.kept_id not in (t.one_id, t.other_id))
    and not exists (
      select 1 from app.case_anchor l join app.case_access a on a.institution_id = l.lead_id
      join app.case_access b on b.institution_id = a.institution_id
      where l.person_id in (t.one_id, t.other_id)
        and a.person_id = t.one_id and b.person_id = t.other_id and (a.cat_mask & b.cat_mask & 1) <> 0
        and a.member_id = '00000000-0000-0000-0000-000000000000' and b.member_id = a.member_id
        and a.expires_at > now() and b.expires_at > now());
end $$;

-- Has somebody written about the protection of a child, or about gender-based violence? Then no institution is told anything.
create function sec.is_sheltered(p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  t sec.guarded;
  hit boolean;
begin
  for t in select * from sec.guarded g where g.shape = 'case' and (g.category in (16, 17) or g.category_column is not null) loop
    execute format('select exists (select 1 from app.%I where %I = $1 and %s in (16, 17))', t.table_name, t.key_column,
                   coalesce(quote_ident(t.category_column), t.category::text)) into hit using p_case;
    if hit then return true; end if;
  end loop;
  return false;
end $$;

-- Is the one at the desk kept away from one of the two cases?
create function sec.is_shut_out_of(t app.person_twin) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select 1 from app.case_anchor k where k.person_id in (t.one_id, t.other_id) and k.case_id = any (sec.excluded()));
end $$;

-- A pair for the desk, held until the transaction ends; the same refusal for every other key and everybody else.
create function sec.desk_held(p_by uuid, p_twin uuid) returns app.person_twin
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare t app.person_twin;
begin
  if sec.member() is distinct from p_by or not sec.holds('linkage_desk') then raise exception 'desk.unavailable' using errcode = '42501'; end if;
  select * into t from app.person_twin x where x.id = p_twin for update;
  if t.id is null or not sec.is_for_the_desk(t) or sec.is_shut_out_of(t) then raise exception 'desk.unavailable' using errcode = '42501'; end if;
  return t;
end $$;

-- What waits for the desk, the likeliest first: no names, and nothing for anybody else.
create function sec.desk_twins(p_limit integer) returns table (id uuid, found_at timestamptz, probability float8, asked_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not sec.holds('linkage_desk') then return; end if;
  return query select t.id, t.found_at, t.probability, t.asked_at from app.person_twin t
    where sec.is_for_the_desk(t) and not sec.is_shut_out_of(t)
    order by t.asked_at is not null, t.probability desc, t.id limit least(p_limit, 200);
end $$;

-- One pair as the desk may see it: of each what identifies, and who leads; not that a child is protected there or somebody
-- survived violence. Every look is in the log.
create function sec.desk_twin(p_by uuid, p_twin uuid)
  returns table (names text[], born text, sex text, municipality_id uuid, lead_id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare t app.person_twin := sec.desk_held(p_by, p_twin);
begin
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'twin.looked', true, null, 0, 'persontwin', p_twin, '{}');
  return query
    select array(select concat_ws(' ', nullif(n.given, ''), nullif('(' || n.father || ')', '()'), nullif(n.family, ''))
                 from app.person_name n where n.person_id = p.id order by n.is_primary desc, n.kind, n.id),
      p.born::text, p.sex::text, p.municipality_id, k.lead_id
    from app.person p join app.case_anchor k on k.person_id = p.id where p.id in (t.one_id, t.other_id) order by p.id;
end $$;

-- The desk decides: two people, or two institutions that should speak to each other. It is not told when nobody will hear of
-- it (sec.contacts_asked), because that says what stands in one of the two files.
create function sec.desk_judge(p_by uuid, p_twin uuid, p_verdict text, p_reason text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare t app.person_twin := sec.desk_held(p_by, p_twin);
begin
  if p_verdict = 'different' then
    update app.person_twin set state = 'different', reason = p_reason, decided_by_id = p_by, decided_at = clock_timestamp() where id = p_twin;
  elsif p_verdict = 'contact' then
    if t.asked_at is not null then raise exception 'desk.asked' using errcode = '42501'; end if;
    update app.person_twin set asked_at = clock_timestamp(), asked_by_id = p_by where id = p_twin;
  else
    raise exception 'desk.unavailable' using errcode = '42501';
  end if;
  -- In no case's log: whoever reads that of one case would learn that there is another.
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], case p_verdict when 'different' then 'twin.different' else 'twin.contact_asked' end,
                          false, null, 0, 'persontwin', p_twin, '{}');
end $$;

-- To coordinators: of which of the cases they lead another institution should be spoken to, and which one. Nothing else.
create function sec.contacts_asked() returns table (case_id uuid, institution_id uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not sec.holds('coordinator', 'supervisor') then return; end if;
  return query
    select mine.case_id, theirs.lead_id from app.person_twin t
    join app.case_anchor mine on mine.person_id in (t.one_id, t.other_id)
    join app.case_anchor theirs on theirs.person_id in (t.one_id, t.other_id) and theirs.case_id <> mine.case_id
    where t.asked_at is not null and mine.lead_id = sec.institution() and sec.leads(mine.case_id) and sec.is_for_the_desk(t)
      -- Where somebody wrote about protection or violence no institution is told anything.
      and not sec.is_sheltered(mine.case_id) and not sec.is_sheltered(theirs.case_id)
    order by t.asked_at, mine.case_id limit 50;
end $$;

grant execute on function sec.keep_twins(jsonb, float8) to homeward_migrate;
grant execute on function sec.judge_twin(uuid, uuid, text, uuid, text), sec.merge_twin(uuid, uuid),
  sec.part_twin(uuid, uuid, text), sec.desk_twins(integer), sec.desk_twin(uuid, uuid),
  sec.desk_judge(uuid, uuid, text, text), sec.contacts_asked() to homeward_app, homeward_job;
reset role;
