-- Finding people by name. 28 are the bits of the categories of which one tells why there is a case (rules.TELLING).
-- Text operators are not leakproof, so behind row-level security no index would serve them: the
-- search runs as a definer, with the rule inside. It starts from the caller's own cases, so that rows one may not see
-- change neither the answer nor the time it takes. Institutions with more than 5,000 cases start from the index and
-- check each hit; what can be told from the time then is how common a name is, not whose it is.
set local role homeward_definer;

-- The persons whose identity the caller may read, and of whom it may know why there is a case: only then names that tell
-- where somebody has been are looked at. Whoever is met through a child must also be at home there for the caller: parent
-- and child are both seen as members of a household. Everything below asks this and nothing else. The context is asked
-- once and not for each row: that is what the inner selects are for.
create function sec.persons_in_sight() returns table (person_id uuid, is_told boolean, is_at_home boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.person_id, bool_or((a.seen_mask & (select sec.mask()) & 28) <> 0),
    bool_or((a.cat_mask & (select sec.mask()) & 2) <> 0) from app.case_access a
  where a.institution_id = (select sec.institution())
    and a.member_id in ('00000000-0000-0000-0000-000000000000', (select sec.member()))
    and (a.cat_mask & 1) <> 0 and ((select sec.mask()) & 1) <> 0
    and a.expires_at > now() and a.case_id <> all ((select sec.excluded())::uuid[])
  group by a.person_id
$$;

create function sec.sees_many() returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*) > 5000 from (
    select 1 from app.case_access a where a.institution_id = (select sec.institution()) limit 5001) x
$$;

create function sec.lexeme(p_word text) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select '''' || replace(replace(p_word, '\', '\\'), '''', '''''') || ''''
$$;

-- p_words: [{"fold": …, "skeletons": […], "beginnings": […]}, …], every word of which must be met by one name of a person.
-- how: 1 every word is the same by its sounds, 2 by its consonants, 3 it begins so. Where words are missing or wrong, the
-- keys under which names are filed still find: 4 two words are met (p_pairs). Whoever has found nobody asks again with p_slips,
-- keys of two words of which one has another consonant: 5 is met by one of these, or by one word and the year (p_years). A word with "parent" and
-- "child" is a kunya: it is also met by whoever of that sex lives in a household with a child of that name (through).
-- years: how far the year of birth is off. shared: how many of the keys are met.
create function sec.search_person(p_by uuid, p_words jsonb, p_year integer, p_sex text, p_limit integer,
    p_pairs bigint[] default '{}', p_years bigint[] default '{}', p_slips bigint[] default '{}')
  returns table (person_id uuid, name_id uuid, how smallint, years smallint, shared smallint, through uuid)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off
  set synchronize_seqscans = off set enable_seqscan = on as $$
declare
  word jsonb;
  exact text;
  sound text;
  start text;
  all_exact text := '';
  all_sound text := '';
  all_start text := '';
  rest_start text := '';
  kunya jsonb;
  fits text := '';
  off text := 'null::smallint';
  filed bigint[] := p_pairs || p_years;
  query text;
  stage record;
  most text;
  hit record;
  found_already uuid[] := '{}';
  surely integer := 0;
  is_long boolean := true;
  wanted integer := least(greatest(p_limit, 1), 100);
  me uuid := sec.member();
begin
  if jsonb_typeof(p_words) is distinct from 'array' or jsonb_array_length(p_words) not between 1 and 12 then
    raise exception 'one to twelve words' using errcode = '22023';
  end if;
  perform sec.audit(p_by, 'person.searched', true, null, 0, 'person', null,
    jsonb_build_object('words', jsonb_array_length(p_words), 'year', p_year is not null, 'sex', p_sex is not null));
  for word in select value from jsonb_array_elements(p_words) loop
    -- Lexemes are quoted words: nothing that is typed can become an operator of the query.
    is_long := is_long and length(word ->> 'fold') > 4;
    exact := format('array_to_tsvector(n.folded) @@ %L::tsquery', sec.lexeme(word ->> 'fold'));
    sound := exact;
    if jsonb_array_length(word -> 'skeletons') > 0 then
      sound := format('n.skeletons && %L::text[]', array(select jsonb_array_elements_text(word -> 'skeletons')));
    end if;
    start := sound;
    if jsonb_array_length(word -> 'beginnings') > 0 then
      start := format('(%s or array_to_tsvector(n.folded) @@ %L::tsquery)', sound, (
        select string_agg(sec.lexeme(b) || ':*', '|') from jsonb_array_elements_text(word -> 'beginnings') x(b)));
    end if;
    all_exact := all_exact || ' and ' || exact;
    all_sound := all_sound || ' and (' || exact || ' or ' || sound || ')';
    all_start := all_start || ' and (' || exact || ' or ' || start || ')';
    if kunya is null and word ? 'child' and word ? 'parent' then
      kunya := word;
    else
      rest_start := rest_start || ' and (' || exact || ' or ' || start || ')';
    end if;
  end loop;
  if p_year is not null then
    fits := format(' and (p.born is null or abs(left(p.born, 4)::integer - %s) <= 1)', p_year);
    off := format('abs(left(p.born, 4)::integer - %s)::smallint', p_year);
  end if;
  if p_sex is not null then fits := fits || format(' and p.sex in (%L, ''X'')', p_sex); end if;

  if not sec.sees_many() then
    -- Own persons first, each of whose names is then looked at: "offset 0" keeps the planner from turning this round.
    query := format($q$
      with mine as materialized (select s.person_id, s.is_told, s.is_at_home from sec.persons_in_sight() s),
      hits as (
        select n.person_id, n.id, n.family, n.given, n.is_primary, %3$s as years, null::uuid as through,
          (case when true %1$s then 1 when true %2$s then 2 when true %4$s then 3 when n.keys && %7$L::bigint[] then 4 else 5 end)::smallint as how,
          ((select count(*) from unnest(n.keys) k where k = any (%8$L::bigint[]))
            + 2 * (select count(*) from unnest(n.keys) k where k = any (%11$L::bigint[])))::smallint as shared
        from mine
        cross join lateral (select * from app.person_name x where x.person_id = mine.person_id offset 0) n
        cross join lateral (select y.born, y.sex from app.person y where y.id = mine.person_id offset 0) p
        where (mine.is_told or not (n.kind = 'kunya' or n.script = 'arab'))
          and ((true %4$s) or n.keys && %9$L::bigint[]) %5$s
        %10$s),
      best as (select distinct on (h.person_id) h.* from hits h order by h.person_id, h.how, h.shared desc, h.is_primary desc)
      select b.person_id, b.id, b.how, b.years, b.shared, b.through from best b
      where (b.how = 5) = (cardinality(%11$L::bigint[]) > 0)
      order by b.how, b.years nulls last, b.shared desc, b.family, b.given, b.person_id limit %6$s $q$,
      all_exact, all_sound, off, all_start, fits, wanted, p_pairs, filed, p_pairs || p_years || p_slips,
      case when kunya is null then '' else format($k$
        union all
        select n.person_id, n.id, n.family, n.given, n.is_primary, %1$s, c.person_id, 2::smallint, 0::smallint
        from mine child
        cross join lateral (select * from app.person_name x where x.person_id = child.person_id offset 0) c
        join app.household_membership cm on cm.person_id = c.person_id and cm.ends_on is null
        join app.household_membership pm on pm.household_id = cm.household_id and pm.ends_on is null and pm.person_id <> c.person_id
        join mine on mine.person_id = pm.person_id and mine.is_told and mine.is_at_home
        join app.person y on y.id = c.person_id
        join app.person p on p.id = pm.person_id
        join app.person_name n on n.person_id = pm.person_id
        where child.is_at_home and (child.is_told or not (c.kind = 'kunya' or c.script = 'arab'))
          and c.skeletons && %2$L::text[] and p.sex = %3$L
          and coalesce(left(p.born, 4)::integer + 13 <= left(y.born, 4)::integer, true) %4$s %5$s $k$,
        off, array(select jsonb_array_elements_text(kunya -> 'child')), kunya ->> 'parent', rest_start, fits) end, p_slips);
    return query execute query;
    return;
  end if;

  if (sec.mask() & 1) = 0 then return; end if;
  -- Two words that are filed together are the quickest way, and mostly the last; with one word, or a beginning, one asks
  -- for words. Whoever is found by every word of what was typed is found for sure: short ones may still go on.
  for stage in
    select * from (values
      (1, case when cardinality(p_pairs) > 0 then format(' and n.keys && %L::bigint[]', p_pairs) end),
      (2, case when kunya is not null then '' end),
      (3, all_exact), (4, all_sound), (5, all_start),
      (6, case when cardinality(p_slips) > 0 then format(' and n.keys && %L::bigint[]', p_slips) end),
      (7, case when cardinality(p_years) > 0 then format(' and n.keys && %L::bigint[]', p_years) end)
    ) v(place, condition) where condition is not null
  loop
    continue when (stage.place > 5) <> (cardinality(p_slips) > 0);
    -- Hundreds share a word and the year: they are gone through only where no slip explains what was typed.
    continue when stage.place = 7 and cardinality(found_already) > 0;
    continue when stage.place in (3, 4) and cardinality(p_pairs) > 0;
    continue when stage.place = 5 and surely > 0 and p_year is not null;
    -- The planner believes that each of some hundred keys is filed for a thousandth of all people and would read the whole
    -- table. Hardly one of them is filed at all. Once the function ends, it believes so again.
    perform set_config('enable_seqscan', case when stage.place in (3, 4, 5) then 'on' else 'off' end, true);
    -- Of a name that thousands have one looks at the first 200 who have it: told so, the planner reads the table until it
    -- has them instead of gathering all from the index. Only if too few of these are the caller's own, all are gathered.
    -- Among a hundred hits one does not choose: whoever types a name that common adds a letter or a year.
    foreach most in array case when stage.place in (3, 4, 5) then array['200', 'all'] else array['3000'] end loop
      query := format($q$
        with near as materialized (%2$s limit %9$s),
        hits as (
          select n.person_id, n.id, n.family, n.given, n.is_primary, n.through, n.how, %1$s as years,
            ((select count(*) from unnest(n.keys) k where k = any (%12$L::bigint[]))
              + 2 * (select count(*) from unnest(n.keys) k where k = any (%14$L::bigint[])))::smallint as shared
          from near n
          cross join lateral (select y.born, y.sex from app.person y where y.id = n.person_id offset 0) p
          cross join lateral (
            select 1 from app.case_access a
            where a.institution_id = %3$L and a.person_id = n.person_id
              and a.member_id in ('00000000-0000-0000-0000-000000000000', %4$L)
              and (a.cat_mask & 1) <> 0 and a.expires_at > now() and a.case_id <> all (%5$L::uuid[])
              and (not n.tells or (a.seen_mask & %10$s) <> 0) and (n.through is null or (a.cat_mask & %11$s) <> 0) limit 1) seen
          where (n.through is null or exists (
            select 1 from app.case_access a
            where a.institution_id = %3$L and a.person_id = n.through
              and a.member_id in ('00000000-0000-0000-0000-000000000000', %4$L)
              and (a.cat_mask & 1) <> 0 and (a.cat_mask & %11$s) <> 0 and a.expires_at > now() and a.case_id <> all (%5$L::uuid[])
              and (not n.child_tells or (a.seen_mask & %10$s) <> 0))) %6$s
          limit %13$s),
        one as (select distinct on (h.person_id) h.* from hits h order by h.person_id, h.how, h.shared desc, h.is_primary desc),
        best as (select o.*, row_number() over (order by o.how, o.years nulls last, o.shared desc, o.family, o.given, o.person_id) as place from one o)
        select (select count(*) from near) as looked_at, array_agg(b.person_id order by b.place) as people,
          array_agg(b.id order by b.place) as names, array_agg(b.years order by b.place) as off, array_agg(b.how order by b.place) as hows,
          array_agg(b.shared order by b.place) as shares, array_agg(b.through order by b.place) as children,
          count(*) filter (where b.how = 1 or (b.how = 2 and %7$L::boolean)) as sure
        from best b where b.place <= %8$s $q$,
        off,
        case when stage.place = 2 then format($k$
          select n.person_id, n.id, n.family, n.given, n.is_primary, n.keys, true as tells, c.person_id as through,
            c.kind = 'kunya' or c.script = 'arab' as child_tells, 2::smallint as how
          from (select * from app.person_name x where %1$s limit 3000) c
          join app.household_membership cm on cm.person_id = c.person_id and cm.ends_on is null
          join app.household_membership pm on pm.household_id = cm.household_id and pm.ends_on is null and pm.person_id <> c.person_id
          join app.person y on y.id = c.person_id
          join app.person p on p.id = pm.person_id
          join app.person_name n on n.person_id = pm.person_id
          where c.skeletons && %2$L::text[] and p.sex = %3$L
            and coalesce(left(p.born, 4)::integer + 13 <= left(y.born, 4)::integer, true) %4$s %5$s and n.person_id <> all (%6$L::uuid[])
          union all
          select n.person_id, n.id, n.family, n.given, n.is_primary, n.keys, true, c.person_id, c.kind = 'kunya' or c.script = 'arab', 2::smallint
          from (select * from app.person_name x where x.keys && %7$L::bigint[] limit 3000) n
          join app.household_membership pm on pm.person_id = n.person_id and pm.ends_on is null
          join app.household_membership cm on cm.household_id = pm.household_id and cm.ends_on is null and cm.person_id <> n.person_id
          join app.person p on p.id = n.person_id
          join app.person y on y.id = cm.person_id
          join app.person_name c on c.person_id = cm.person_id
          where c.skeletons && %2$L::text[] and p.sex = %3$L
            and coalesce(left(p.born, 4)::integer + 13 <= left(y.born, 4)::integer, true) %4$s %5$s and n.person_id <> all (%6$L::uuid[]) $k$,
          -- Child and parent share a word that is filed, or the parent is met by a word and the year; without a year all children
          -- of that name are gone through.
          case when cardinality(p_pairs) > 0 and cardinality(p_years) > 0 then format('x.keys && %L::bigint[]', p_pairs)
            else format('x.skeletons && %L::text[]', array(select jsonb_array_elements_text(kunya -> 'child'))) end,
          array(select jsonb_array_elements_text(kunya -> 'child')), kunya ->> 'parent', rest_start, fits, found_already, p_years)
        else format($n$
          select n.person_id, n.id, n.family, n.given, n.is_primary, n.keys, n.kind = 'kunya' or n.script = 'arab' as tells,
            null::uuid as through, false as child_tells, %1$s::smallint as how
          from app.person_name n where true %2$s and n.person_id <> all (%3$L::uuid[]) $n$,
          case when stage.place > 5 then '5' when stage.place = 1 then format('case when true %s then 1 when true %s then 2 else 4 end', all_exact, all_sound)
            else (stage.place - 2)::text end,
          stage.condition, found_already) end,
        sec.institution(), me, sec.excluded(), fits, is_long, wanted - cardinality(found_already), most, sec.mask() & 28, sec.mask() & 2, filed,
        case when stage.place in (3, 4) then '100' when stage.place = 5 then '300' else '3000' end,
        case when stage.place > 5 then p_slips else '{}' end);
      execute query into hit;
      exit when hit.looked_at < 200 or cardinality(found_already) + coalesce(cardinality(hit.people), 0) >= wanted;
    end loop;
    return query select q.person, q.name, q.how, q.years, q.shared, q.child
      from unnest(hit.people, hit.names, hit.hows, hit.off, hit.shares, hit.children) q(person, name, how, years, shared, child);
    found_already := found_already || coalesce(hit.people, '{}');
    surely := surely + coalesce(hit.sure, 0);
    exit when cardinality(found_already) >= wanted;
  end loop;
end $$;

-- For a list that is being taken in: which of the caller's own persons share search keys with which of its rows. The three
-- arrays run side by side: row number, key, and whether the key is of two words or of one word with the year of birth. One
-- word and the year count only where no two words are shared; of each row the twenty who share most are told. p_only:
-- [{"r": row number, "first": …, "last": …, "sex": …}, …] leaves out whoever was not born in these years or is of the other
-- sex, unless that is unknown or a guess: of a common name the twenty would be strangers, each to be read and refused.
create function sec.match_people(p_by uuid, p_rows integer[], p_keys bigint[], p_pairs boolean[], p_only jsonb default '[]')
  returns table (row_number integer, person_id uuid, shared integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off as $$
declare
  ours uuid := sec.institution();
  me uuid := sec.member();
  shut uuid[] := sec.excluded();
begin
  perform sec.audit(p_by, 'person.matched', true, null, 0, 'person', null,
    jsonb_build_object('rows', (select count(distinct r) from unnest(p_rows) r)));
  if (sec.mask() & 1) = 0 then return; end if;
  if not sec.sees_many() then
    return query
      with mine as materialized (
        select s.person_id, k from sec.persons_in_sight() s
        cross join lateral (select * from app.person_name x where x.person_id = s.person_id offset 0) n, unnest(n.keys) k
        where s.is_told or not (n.kind = 'kunya' or n.script = 'arab')),
      only_who as materialized (select * from jsonb_to_recordset(p_only) o(r integer, first integer, last integer, sex text)),
      alike as (
        select q.r, m.person_id, count(distinct q.k) filter (where q.pair) as pairs, count(distinct q.k) as shared
        from unnest(p_rows, p_keys, p_pairs) q(r, k, pair) join mine m on m.k = q.k group by q.r, m.person_id),
      hits as (
        select a.* from alike a left join only_who o on o.r = a.r
        cross join lateral (select y.born, y.sex from app.person y where y.id = a.person_id offset 0) p
        where (o.sex is null or p.sex in (o.sex, 'X'))
          and (o.first is null or p.born is null or p.born like '%~' or left(p.born, 4)::integer between o.first and o.last)),
      placed as (
        select h.*, max(h.pairs) over (partition by h.r) as most,
          row_number() over (partition by h.r order by h.pairs desc, h.shared desc, h.person_id) as place from hits h)
      select f.r, f.person_id, f.shared::integer from placed f where f.place <= 20 and (f.pairs > 0 or f.most = 0);
    return;
  end if;
  return query
    with asked as materialized (
      select q.r, array_agg(q.k) as ks, array_agg(q.k) filter (where q.pair) as pairs,
        array_agg(q.k) filter (where not q.pair) as words
      from unnest(p_rows, p_keys, p_pairs) q(r, k, pair) group by q.r),
    -- offset 0: first the few whom the index finds, then whether one may know them.
    by_pairs as materialized (
      select q.r, n.person_id, n.keys, n.tells, q.ks from asked q
      cross join lateral (select x.person_id, x.keys, x.kind = 'kunya' or x.script = 'arab' as tells
        from app.person_name x where x.keys && q.pairs limit 500) n),
    by_words as materialized (
      select q.r, n.person_id, n.keys, n.tells, q.ks from asked q
      cross join lateral (select x.person_id, x.keys, x.kind = 'kunya' or x.script = 'arab' as tells
        from app.person_name x where x.keys && q.words limit 500) n
      where not exists (select 1 from by_pairs b where b.r = q.r)),
    only_who as materialized (select * from jsonb_to_recordset(p_only) o(r integer, first integer, last integer, sex text)),
    hits as (
      select h.r, h.person_id, max((select count(*) from unnest(h.keys) k where k = any (h.ks))) as shared
      from (select * from by_pairs union all select * from by_words) h
      left join only_who o on o.r = h.r
      cross join lateral (select y.born, y.sex from app.person y where y.id = h.person_id offset 0) p
      cross join lateral (
        select 1 from app.case_access a
        where a.institution_id = ours and a.person_id = h.person_id
          and a.member_id in ('00000000-0000-0000-0000-000000000000', me)
          and (a.cat_mask & 1) <> 0 and a.expires_at > now() and a.case_id <> all (shut)
          and (not h.tells or (a.seen_mask & sec.mask() & 28) <> 0) limit 1) seen
      where (o.sex is null or p.sex in (o.sex, 'X'))
        and (o.first is null or p.born is null or p.born like '%~' or left(p.born, 4)::integer between o.first and o.last)
      group by h.r, h.person_id),
    placed as (
      select h.*, row_number() over (partition by h.r order by h.shared desc, h.person_id) as place from hits h)
    select f.r, f.person_id, f.shared::integer from placed f where f.place <= 20;
end $$;

grant execute on function sec.search_person(uuid, jsonb, integer, text, integer, bigint[], bigint[], bigint[]),
  sec.match_people(uuid, integer[], bigint[], boolean[], jsonb) to homeward_app, homeward_job;
reset role;
