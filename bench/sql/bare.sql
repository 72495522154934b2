-- What some functions of the database would be if anybody might see everything: for the baseline alone, never part of the
-- application. The search is the same search, in the same stages, over a plain list of persons; nobody is asked for.
create schema if not exists bench;

create or replace function bench.search_person(p_by uuid, p_words jsonb, p_year integer, p_sex text, p_limit integer,
    p_pairs bigint[] default '{}', p_years bigint[] default '{}', p_slips bigint[] default '{}')
  returns table (person_id uuid, name_id uuid, how smallint, years smallint, shared smallint, through uuid)
  language plpgsql stable set search_path = app, pg_catalog set jit = off as $$
declare
  word jsonb;
  exact text;
  sound text;
  start text;
  conditions text[] := array['', '', ''];
  ours uuid := (select m.institution_id from member m where m.id = p_by);
  everything boolean := current_setting('bench.sees') = 'all';
  few boolean := (select count(*) from (select 1 from case_access a where a.institution_id = ours limit 5001) x) <= 5000;
  found uuid[] := '{}';
  hit record;
begin
  for word in select value from jsonb_array_elements(p_words) loop
    exact := format('array_to_tsvector(n.folded) @@ %L::tsquery', '''' || (word ->> 'fold') || '''');
    sound := exact;
    if jsonb_array_length(word -> 'skeletons') > 0 then
      sound := format('(%s or n.skeletons && %L::text[])', exact, array(select jsonb_array_elements_text(word -> 'skeletons')));
    end if;
    start := sound;
    if jsonb_array_length(word -> 'beginnings') > 0 then
      start := format('(%s or array_to_tsvector(n.folded) @@ %L::tsquery)', sound,
        (select string_agg('''' || b || ''':*', '|') from jsonb_array_elements_text(word -> 'beginnings') x(b)));
    end if;
    conditions := array[conditions[1] || ' and ' || exact, conditions[2] || ' and ' || sound, conditions[3] || ' and ' || start];
  end loop;
  -- The same order as in the application: what is filed under two words first, or a slip alone when that is asked for.
  if cardinality(p_slips) > 0 then
    conditions := array[format(' and n.keys && %L::bigint[]', p_years || p_slips)];
  elsif cardinality(p_pairs) > 0 then
    conditions := array[format(' and n.keys && %L::bigint[]', p_pairs), conditions[3]];
  end if;
  -- Two words are rare, and the planner takes them for common; the application tells it so as well.
  perform set_config('enable_seqscan', case when cardinality(p_pairs || p_slips) > 0 then 'off' else 'on' end, true);
  for stage in 1..cardinality(conditions) loop
    for hit in execute format(
      case when few then
        'select distinct on (n.person_id) n.person_id, n.id, n.family, n.given from case_access a join person_name n using (person_id)
           where a.institution_id = %2$L %1$s order by n.person_id, n.is_primary desc'
      when everything then
        'select distinct on (n.person_id) n.* from (select n.person_id, n.id, n.family, n.given, n.is_primary from person_name n
           where true %1$s limit 100) n order by n.person_id, n.is_primary desc'
      else
        'select distinct on (n.person_id) n.* from (select n.* from (select * from person_name n where true %1$s offset 0) n
           where exists (select 1 from case_access a where a.institution_id = %2$L and a.person_id = n.person_id)
           limit 100) n order by n.person_id, n.is_primary desc'
      end, conditions[stage], ours) loop
      continue when hit.person_id = any (found) or cardinality(found) >= p_limit;
      found := found || hit.person_id;
      person_id := hit.person_id;
      name_id := hit.id;
      how := case when cardinality(p_slips) > 0 then 5 when cardinality(p_pairs) > 0 then 2 + stage % 2 else stage end;
      return next;
    end loop;
    exit when cardinality(found) >= p_limit;
  end loop;
  perform set_config('enable_seqscan', 'on', true);
end $$;

create or replace function bench.existing(p_case uuid) returns setof smallint
  language sql stable set search_path = app, pg_catalog as $$
  select category::smallint from case_note where case_id = p_case
  union select category::smallint from case_document where case_id = p_case
  union select category::smallint from case_check where case_id = p_case
  union select 3::smallint from case_care where case_id = p_case
$$;

create or replace function bench.led_cases(p_state text, p_roles text[], p_from date, p_until date, p_by_another boolean, p_limit integer)
  returns table (case_id uuid)
  language plpgsql stable set search_path = app, pg_catalog as $$
begin
  return query execute format($q$
    select c.case_id from case_care c
    where c.lead_id = (select m.institution_id from member m where m.id = current_setting('bench.member')::uuid) %s
      and c.due_on >= $1 and c.due_on < $2 and ($3 is null or c.escalates_to = any ($3))
      and (not $4 or c.closure_proposed_by_id is distinct from current_setting('bench.member')::uuid)
    order by c.due_on, c.case_id limit $5 $q$, case when p_state is null then '' else format('and c.state = %L', p_state) end)
  using coalesce(p_from, '-infinity'), coalesce(p_until, 'infinity'), p_roles, p_by_another, p_limit;
end $$;

create or replace function bench.undecided_entries(p_limit integer) returns setof uuid
  language sql stable set search_path = app, pg_catalog as $$
  select e.id from assistance_entry e
  where e.payer_id = (select m.institution_id from member m where m.id = current_setting('bench.member')::uuid) and e.origin_file = ''
    and e.state in ('requested', 'signed', 'approved', 'relieved', 'released')
    and e.id in (select o.first_id from assistance_overlap o where o.gone_at is null
                 union select o.second_id from assistance_overlap o where o.gone_at is null)
  order by e.requested_at desc, e.id limit p_limit
$$;

create or replace function bench.contacts_asked() returns table (case_id uuid, institution_id uuid)
  language sql stable set search_path = app, pg_catalog as $$
  select mine.case_id, theirs.lead_id from person_twin t
  join case_anchor mine on mine.person_id in (t.one_id, t.other_id)
  join case_anchor theirs on theirs.person_id in (t.one_id, t.other_id) and theirs.case_id <> mine.case_id
  where t.asked_at is not null
    and mine.lead_id = (select m.institution_id from member m where m.id = current_setting('bench.member')::uuid)
  order by t.asked_at, mine.case_id limit 50
$$;

create or replace function bench.ended_cases(p_proposed boolean, p_limit integer) returns table (case_id uuid)
  language sql stable set search_path = app, pg_catalog as $$
  select c.case_id from case_care c
  where c.lead_id = (select m.institution_id from member m where m.id = current_setting('bench.member')::uuid)
    and c.keep_until < current_date
    and case when p_proposed then c.erasure_proposed_by_id <> current_setting('bench.member')::uuid else c.erasure_proposed_by_id is null end
  order by c.keep_until, c.case_id limit p_limit
$$;
