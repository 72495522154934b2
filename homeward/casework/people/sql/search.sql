-- Finding people by name. 28 are the bits of the categories of which one tells why there is a case (rules.TELLING).
-- Text operators are not leakproof, so behind row-level security no index would serve them: the
-- search runs as a definer, with the rule inside. It starts from the caller's own cases, so that rows one may not see
-- change neither the answer nor the time it takes. Institutions with more than 5,000 cases start from the index and
-- check each hit; what can be told from the time then is how common a name is, not whose it is.
set local role homeward_definer;

-- The persons whose identity the caller may read, and of whom it may know why there is a case: only then names that tell
-- where somebody has been are looked at. Everything below asks this and nothing else. The context is asked once and not
-- for each row: that is what the inner selects are for.
create function sec.persons_in_sight() returns table (person_id uuid, is_told boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.person_id, bool_or((a.seen_mask & (select sec.mask()) & 28) <> 0) from app.case_access a
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
-- how: 1 every word is the same by its sounds, 2 by its consonants, 3 it begins so. years: how far the year of birth is off.
create function sec.search_person(p_by uuid, p_words jsonb, p_year integer, p_sex text, p_limit integer)
  returns table (person_id uuid, name_id uuid, how smallint, years smallint)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set jit = off
  set synchronize_seqscans = off as $$
declare
  word jsonb;
  exact text;
  sound text;
  start text;
  all_exact text := '';
  all_sound text := '';
  all_start text := '';
  fits text := '';
  off text := 'null::smallint';
  query text;
  stage record;
  most text;
  hit record;
  found_already uuid[] := '{}';
  wanted integer := least(greatest(p_limit, 1), 50);
  me uuid := sec.member();
begin
  if jsonb_typeof(p_words) is distinct from 'array' or jsonb_array_length(p_words) not between 1 and 12 then
    raise exception 'one to twelve words' using errcode = '22023';
  end if;
  perform sec.audit(p_by, 'person.searched', true, null, 0, 'person', null,
    jsonb_build_object('words', jsonb_array_length(p_words), 'year', p_year is not null, 'sex', p_sex is not null));
  for word in select value from jsonb_array_elements(p_words) loop
    -- Lexemes are quoted words: nothing that is typed can become an operator of the query.
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
  end loop;
  if p_year is not null then
    fits := format(' and (p.born is null or abs(left(p.born, 4)::integer - %s) <= 1)', p_year);
    off := format('abs(left(p.born, 4)::integer - %s)::smallint', p_year);
  end if;
  if p_sex is not null then fits := fits || format(' and p.sex in (%L, ''X'')', p_sex); end if;

  if not sec.sees_many() then
    -- Own persons first, each of whose names is then looked at: "offset 0" keeps the planner from turning this round.
    query := format($q$
      with mine as materialized (select s.person_id, s.is_told from sec.persons_in_sight() s),
      hits as (
        select distinct on (n.person_id) n.person_id, n.id,
          (case when true %1$s then 1 when true %2$s then 2 else 3 end)::smallint as how, %3$s as years, n.family, n.given
        from mine
        cross join lateral (select * from app.person_name x where x.person_id = mine.person_id offset 0) n
        cross join lateral (select y.born, y.sex from app.person y where y.id = mine.person_id offset 0) p
        where (mine.is_told or not (n.kind = 'kunya' or n.script = 'arab')) %4$s %5$s
        order by n.person_id, how, n.is_primary desc)
      select h.person_id, h.id, h.how, h.years from hits h
      order by h.how, h.years nulls last, h.family, h.given, h.person_id limit %6$s $q$,
      all_exact, all_sound, off, all_start, fits, wanted);
    return query execute query;
    return;
  end if;

  if (sec.mask() & 1) = 0 then return; end if;
  for stage in select * from (values (1, all_exact), (2, all_sound), (3, all_start)) v(how, condition) loop
    -- Of a name that thousands have one looks at the first 200 who have it: told so, the planner reads the table until it
    -- has them instead of gathering all from the index. Only if too few of these are the caller's own, all are gathered.
    -- Among a hundred hits one does not choose: whoever types a name that common adds a letter or a year.
    foreach most in array array['200', 'all'] loop
      query := format($q$
        with near as materialized (
          select n.person_id, n.id, n.family, n.given, n.is_primary, n.kind = 'kunya' or n.script = 'arab' as tells
          from app.person_name n
          where true %2$s and n.person_id <> all (%7$L::uuid[]) limit %9$s),
        hits as (
          select n.*, %1$s as years from near n
          cross join lateral (
            select 1 from app.case_access a
            where a.institution_id = %3$L and a.person_id = n.person_id
              and a.member_id in ('00000000-0000-0000-0000-000000000000', %4$L)
              and (a.cat_mask & 1) <> 0 and a.expires_at > now() and a.case_id <> all (%5$L::uuid[])
              and (not n.tells or (a.seen_mask & %10$s) <> 0) limit 1) seen
          cross join lateral (select y.born, y.sex from app.person y where y.id = n.person_id offset 0) p
          where true %6$s limit 100),
        one as (select distinct on (h.person_id) h.* from hits h order by h.person_id, h.is_primary desc),
        best as (select o.*, row_number() over (order by o.years nulls last, o.family, o.given, o.person_id) as place from one o)
        select (select count(*) from near) as looked_at, array_agg(b.person_id order by b.place) as people,
          array_agg(b.id order by b.place) as names, array_agg(b.years order by b.place) as off
        from best b where b.place <= %8$s $q$,
        off, stage.condition, sec.institution(), me, sec.excluded(), fits, found_already, wanted - cardinality(found_already), most, sec.mask() & 28);
      execute query into hit;
      exit when hit.looked_at < 200 or cardinality(found_already) + coalesce(cardinality(hit.people), 0) >= wanted;
    end loop;
    return query select q.person, q.name, stage.how::smallint, q.years from unnest(hit.people, hit.names, hit.off) q(person, name, years);
    found_already := found_already || coalesce(hit.people, '{}');
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

grant execute on function sec.search_person(uuid, jsonb, integer, text, integer),
  sec.match_people(uuid, integer[], bigint[], boolean[], jsonb) to homeward_app, homeward_job;
reset role;
