-- Who else gives the same? Each gift covers days of the households in which its receiver lived (app.assistance_cover), and
-- two covers of one class that share a day are an overlap (app.assistance_overlap). Both follow from entries and from who
-- lives where, and are written here alone. What a payer is told is decided here too: that something overlaps, on which
-- days, and whom to ask; never by whom, how much or how often.
set local role homeward_owner;
grant insert on app.assistance_cover to homeward_definer;
grant insert, update on app.assistance_overlap to homeward_definer;
create index assistance_overlap_second on app.assistance_overlap (second_id);
reset role;
set local role homeward_definer;

-- In which households somebody lived on these days, day by day, and the person where nobody knows. Before the first day we
-- know of the first household is taken: lists of the past are older than the register.
create function sec.lived(p_person uuid, p_from date, p_to date) returns table (unit uuid, starts date, ends date)
  language sql stable set search_path = pg_catalog, pg_temp as $$
  with home as (
    select m.household_id,
      daterange(case when row_number() over (order by m.starts_on nulls first, m.id) = 1 then null else m.starts_on end, m.ends_on, '[]')
        * daterange(p_from, p_to, '[]') as days
    from app.household_membership m where m.person_id = p_person)
  select h.household_id, lower(h.days), upper(h.days) - 1 from home h where not isempty(h.days)
  union all
  select p_person, lower(d), upper(d) - 1 from unnest(datemultirange(daterange(p_from, p_to, '[]'))
    - coalesce((select range_agg(h.days) from home h where not isempty(h.days)), '{}')) d
$$;

-- What these entries cover, from now on.
create function sec.cover(p_entries uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from app.assistance_cover c where c.entry_id = any (p_entries);
  insert into app.assistance_cover (entry_id, case_id, payer_id, unit, number, starts, ends, is_lasting)
  select e.id, e.case_id, e.payer_id, x.unit, k.number, x.starts, x.ends, k.gives = 'period' or e.ends_on is distinct from e.starts_on
  from app.assistance_entry e
  join app.assistance_kind k on k.id = e.kind_id
  join app.case_anchor a on a.case_id = e.case_id
  cross join lateral (
    select l.* from sec.lived(a.person_id, e.starts_on, coalesce(e.ends_on, '9999-12-31')) l where k.unit = 'household'
    union all select a.person_id, e.starts_on, coalesce(e.ends_on, '9999-12-31') where k.unit = 'person') x
  where e.id = any (p_entries) and e.state in ('requested', 'signed', 'approved', 'relieved', 'released');
end $$;

-- Two payers who enter at the same moment do not see each other's rows; so whoever compares a class of a household holds it
-- until the end of the transaction, and the second then finds the first.
create function sec.hold_units(p_entries uuid[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if cardinality(p_entries) > 200 then
    perform pg_advisory_xact_lock(77103);
  else
    perform pg_advisory_xact_lock_shared(77103);
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended('assistance:' || c.unit::text || ':' || c.number::text, 0) as h
      from app.assistance_cover c where c.entry_id = any (p_entries) order by 1) x;
  end if;
end $$;

-- Where these entries meet others now.
create function sec.pair(p_entries uuid[], p_because text) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  -- From these few entries outwards by the indexes; a planner that was last told of an empty table would read all of it.
  set enable_seqscan = off as $$
declare
  n integer := 0;
  began timestamptz := clock_timestamp();
  whose uuid[];
begin
  perform sec.hold_units(p_entries);
  with hit as (
      select least(a.entry_id, b.entry_id) as one, greatest(a.entry_id, b.entry_id) as two, a.unit, a.number,
        daterange(greatest(a.starts, b.starts), least(a.ends, b.ends), '[]') as days
      from app.assistance_cover a
      join app.assistance_cover b on b.unit = a.unit and b.number = a.number and b.entry_id <> a.entry_id
        and b.starts <= a.ends and b.ends >= a.starts and (a.is_lasting or b.is_lasting)
      where a.entry_id = any (p_entries)),
    pairs as (
      select h.one, h.two, (array_agg(h.unit order by h.days desc))[1] as unit, h.number, range_agg(h.days) as days
      from hit h group by h.one, h.two, h.number),
  put as (
    insert into app.assistance_overlap as v (id, first_id, second_id, first_case_id, second_case_id, unit, number, starts_on, ends_on,
      days, money, found_at, because, outcome)
    select gen_random_uuid(), p.one, p.two, e.case_id, f.case_id, p.unit, p.number, lower(p.days),
      nullif(upper(p.days) - 1, '9999-12-31'), d.n,
      -- What the smaller of the two pays in the days they share; nothing where no amount or no end is known.
      case when e.amount is null or f.amount is null or e.ends_on is null or f.ends_on is null then 0
        else least(round(e.amount * d.n / (e.ends_on - e.starts_on + 1), 2), round(f.amount * d.n / (f.ends_on - f.starts_on + 1), 2)) end,
      clock_timestamp(), p_because, ''
    from pairs p join app.assistance_entry e on e.id = p.one join app.assistance_entry f on f.id = p.two
      cross join lateral (select sec.shared_days(p.days) as n) d
    on conflict on constraint assistance_overlap_once do update set
      first_case_id = excluded.first_case_id, second_case_id = excluded.second_case_id, unit = excluded.unit,
      starts_on = excluded.starts_on, ends_on = excluded.ends_on, days = excluded.days, money = excluded.money, gone_at = null,
      found_at = case when v.gone_at is null then v.found_at else excluded.found_at end,
      because = case when v.gone_at is null then v.because else excluded.because end,
      outcome = case when v.gone_at is null then v.outcome else '' end
    where (v.unit, v.starts_on, v.ends_on, v.days, v.money, v.first_case_id, v.second_case_id) is distinct from
          (excluded.unit, excluded.starts_on, excluded.ends_on, excluded.days, excluded.money, excluded.first_case_id, excluded.second_case_id)
       or v.gone_at is not null
    returning v.first_case_id, v.second_case_id, v.found_at)
  -- Those that were known already and only have other days now are not announced again.
  select (count(*) / 2)::integer, array_agg(c) into n, whose from put p cross join lateral unnest(array[p.first_case_id, p.second_case_id]) c
    where p.found_at >= began;
  perform sec.announce('assistance.overlap_found', whose, p_because);
  with gone as (
    update app.assistance_overlap v set gone_at = clock_timestamp()
    where (v.first_id = any (p_entries) or v.second_id = any (p_entries)) and v.gone_at is null and not exists (
      select 1 from app.assistance_cover a join app.assistance_cover b on b.unit = a.unit and b.number = a.number
        and b.starts <= a.ends and b.ends >= a.starts and (a.is_lasting or b.is_lasting)
      where a.entry_id = v.first_id and b.entry_id = v.second_id)
    returning v.first_case_id, v.second_case_id)
  select array_agg(c) into whose from gone g cross join lateral unnest(array[g.first_case_id, g.second_case_id]) c;
  perform sec.announce('assistance.overlap_gone', whose, p_because);
  return n;
end $$;

-- Days that are shared; of those without an end, until today.
create function sec.shared_days(p_days datemultirange) returns integer
  language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum(case when upper(d) - 1 = '9999-12-31' then greatest(sec.today() - lower(d) + 1, 1) else upper(d) - lower(d) end), 0)::integer
  from unnest(p_days) d
$$;

-- Into the log of each case, once, for those who may see who gives what there. Nobody did it: it follows from what was done.
create function sec.announce(p_verb text, p_cases uuid[], p_because text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform sec.write_event(null, null, 'operator', p_verb, false, x.c, 12, 'case', x.c, jsonb_build_object('because', p_because, 'overlaps', x.n))
  from (select c, count(*) as n from unnest(p_cases) c group by c order by c) x;
end $$;

-- New entries are compared at once.
create function sec.entries_came() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare came uuid[] := (select array_agg(n.id) from new_rows n where n.state = 'requested');
begin
  if came is not null then
    perform sec.cover(came);
    perform sec.pair(came, 'entered');
  end if;
  return null;
end $$;

-- Somebody moved, or it was corrected where somebody lived: what their gifts cover is another household's now.
create function sec.homes_changed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare theirs uuid[];
begin
  select array_agg(e.id) into theirs from app.assistance_entry e join app.case_anchor a on a.case_id = e.case_id
  where a.person_id in (select n.person_id from new_rows n);
  if theirs is not null then
    perform sec.cover(theirs);
    perform sec.pair(theirs, 'moved');
  end if;
  return null;
end $$;

-- Two files of one person became one, or two again. While rows go over one by one nothing is compared: half of the way there
-- everything would seem to be gone, and with it what was decided about it. Once all are there, whatever is kept beside a case is
-- told of it (sec.tell_of_moves touches every row and changes none), and then all of them are compared together.
create function sec.entries_went() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare touched uuid[] := (select array_agg(n.id) from new_rows n join old_rows o on o.id = n.id where n is not distinct from o);
begin
  if touched is not null then
    perform sec.cover(touched);
    perform sec.pair(touched, 'moved');
  end if;
  return null;
end $$;

-- A kind belongs to another class now, or is given to households and no longer to people.
create function sec.kinds_changed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare theirs uuid[];
begin
  select array_agg(e.id) into theirs from app.assistance_entry e
  join new_rows n on n.id = e.kind_id join old_rows o on o.id = n.id
  where (n.number, n.unit, n.gives) is distinct from (o.number, o.unit, o.gives);
  if theirs is not null then
    perform sec.cover(theirs);
    perform sec.pair(theirs, 'swept');
  end if;
  return null;
end $$;

-- Whom a payer asks: an institution that sees who gives what in this case; without any, the one of the country to which most
-- protocols show it. Always the same for a case, whoever the other payer is and whether there is one. Never because it leads
-- the case: that a prison's or a probation service does would tell what brought somebody there.
create function sec.whom_to_ask(p_case uuid, p_not uuid) returns uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(
    (select a.institution_id from app.case_access_cat a join app.institution i on i.id = a.institution_id
     where a.case_id = p_case and a.category = 12 and a.depth >= 2 and a.expires_at > now() and a.institution_id <> p_not
       and a.member_id = '00000000-0000-0000-0000-000000000000'
     order by i.code limit 1),
    (select p.receiver_id from app.sharing_protocol p join app.protocol_clause l on l.protocol_id = p.id
     join app.institution i on i.id = p.receiver_id
     where l.category = 12 and l.depth >= 2 and p.state = 'in_force' and p.valid_from <= now() and p.valid_until > now()
       and p.receiver_id <> p_not
     group by p.receiver_id, i.code order by count(*) desc, i.code limit 1))
$$;

-- The days on which something of the same kind is given beside this entry, joined so that nobody can count the payers, and
-- whom to ask; and whether somebody who sees both has settled all of it as right, told once for all days for the same reason.
-- To its payer and to those who see all entries of the case; to everybody else nothing. Each telling is logged.
create function sec.overlap_of(p_entry uuid) returns table (starts date, ends date, ask uuid, is_right boolean)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  e app.assistance_entry;
begin
  select * into e from app.assistance_entry x where x.id = p_entry;
  if not found or not (sec.oversees_by(c, e.case_id) or (e.payer_id = c[2]::uuid and sec.gives_by(c, e.case_id))) then return; end if;
  ask := sec.whom_to_ask(e.case_id, c[2]::uuid);
  select coalesce(bool_and(o.outcome = 'accepted'), false) into is_right
    from app.assistance_overlap o where p_entry in (o.first_id, o.second_id) and o.gone_at is null;
  for starts, ends in
    select lower(d), nullif(upper(d) - 1, '9999-12-31') from unnest((
      select range_agg(daterange(greatest(a.starts, b.starts), least(a.ends, b.ends), '[]'))
      from app.assistance_cover a join app.assistance_cover b on b.unit = a.unit and b.number = a.number and b.entry_id <> a.entry_id
        and b.starts <= a.ends and b.ends >= a.starts and (a.is_lasting or b.is_lasting)
      where a.entry_id = p_entry)) d order by 1
  loop
    return next;
  end loop;
  if found then
    perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'assistance.overlap_told', true, e.case_id, 12, 'entry', p_entry, '{}');
  end if;
end $$;

-- One's own entries for which nobody of one's institution has answered an overlap yet: keys, which the caller then reads.
create function sec.undecided_entries(p_limit integer) returns setof uuid
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  return query
    select e.id from app.assistance_entry e
    where e.payer_id = c[2]::uuid and e.origin_file = ''
      -- From the few overlaps there are, and not from everything a payer ever gave.
      and e.id in (select o.first_id from app.assistance_overlap o where o.gone_at is null
                   union select o.second_id from app.assistance_overlap o where o.gone_at is null)
      and e.state in ('requested', 'signed', 'approved', 'relieved', 'released')
      and sec.is_undecided(e.id) and sec.gives_by(c, e.case_id)
    order by e.requested_at desc, e.id limit least(p_limit, 100);
end $$;

-- Does anything of this class run for this person, or for those they live with, on any of these days? The one place where it
-- is looked up, for whoever may be told the answer.
-- In plpgsql and in one question, because it is asked at every entry and an SQL function is planned anew each time.
create function sec.runs_already(p_person uuid, p_number smallint, p_unit text, p_lasting boolean, p_from date, p_to date) returns boolean
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return exists (
    select 1 from (
      select p_person as unit, p_from as starts, p_to as ends
      union all
      select m.household_id,
        case when row_number() over (order by m.starts_on nulls first, m.id) = 1 then p_from else greatest(m.starts_on, p_from) end,
        least(m.ends_on, p_to)
      from app.household_membership m where m.person_id = p_person and p_unit = 'household') x
    join app.assistance_cover c on c.unit = x.unit and c.number = p_number and c.starts <= x.ends and c.ends >= x.starts
    where x.starts <= x.ends and (c.is_lasting or p_lasting));
end $$;

-- The plain question of an institution that helps: yes or no, and whom to ask. Only about cases in which it may enter help
-- itself or know that there is some; for every other key the answer is that for one that is not there. Each asking is logged,
-- yes and no alike, and both do the same work.
create function sec.check_support(p_case uuid, p_kind uuid, p_from date, p_to date) returns table (runs boolean, ask uuid)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  person uuid;
  k app.assistance_kind;
begin
  if (c[3]::integer & 4096) = 0 or (c[8] <> '' and p_case = any (string_to_array(c[8], ' ')::uuid[])) or not exists (
      select 1 from app.case_access_cat a
      where a.institution_id = c[2]::uuid and a.case_id = p_case and a.category = 12
        and a.member_id in ('00000000-0000-0000-0000-000000000000', c[1]::uuid) and a.expires_at > now()) then
    return;
  end if;
  select a.person_id into person from app.case_anchor a where a.case_id = p_case;
  select * into k from app.assistance_kind x where x.id = p_kind;
  -- Nobody needs to know today what was given years ago, or will be: from such days a life could be read.
  if not found or p_to < p_from or p_from < sec.today() - 366 or p_to > sec.today() + 366 then return; end if;
  runs := sec.runs_already(person, k.number, k.unit, k.gives = 'period' or p_to <> p_from, p_from, p_to);
  ask := sec.whom_to_ask(p_case, c[2]::uuid);
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'assistance.checked', true, p_case, 12, 'case', p_case,
    jsonb_build_object('kind', k.code, 'from', p_from, 'until', p_to));
  return next;
end $$;

-- Every pair there is, by one walk through all covers in the order of their index: whoever begins before the furthest end so
-- far meets somebody, and only those few are looked at closer, each in the index; a planner that does not know how few they
-- are would read the whole table once more. The benchmark compares it with a bare walk that only counts.
create function sec.swept() returns table (one uuid, two uuid, unit uuid, number smallint, starts date, ends date)
  language sql stable set search_path = pg_catalog, pg_temp set enable_hashjoin = off set enable_mergejoin = off as $$
  with walk as (
    select c.entry_id, c.unit, c.number, c.starts, c.ends, c.is_lasting,
      max(c.ends) over (partition by c.unit, c.number order by c.starts, c.entry_id rows between unbounded preceding and 1 preceding) as reach
    from app.assistance_cover c)
  select least(a.entry_id, b.entry_id), greatest(a.entry_id, b.entry_id), a.unit, a.number, a.starts, least(a.ends, b.ends)
  from walk a
  join app.assistance_cover b on b.unit = a.unit and b.number = a.number and b.starts <= a.starts and b.ends >= a.starts
    and (b.starts < a.starts or b.entry_id < a.entry_id) and b.entry_id <> a.entry_id and (a.is_lasting or b.is_lasting)
  where a.starts <= a.reach
$$;

-- Every night, and by an operator's command: everything is compared with everything once more. What the ledger did not know
-- yet is found and announced; what is no longer so is gone. Gives how many changed.
create function sec.sweep_overlaps() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  n integer := 0;
  o record;
  entries uuid[];
begin
  perform pg_advisory_xact_lock(77103);
  -- Those that cover nothing, and the latest: somebody may have moved at the moment at which they were entered, and neither saw
  -- the other. Then the overlaps that the walk does not agree with.
  select array_agg(e.id) into entries from app.assistance_entry e
    where e.state in ('requested', 'signed', 'approved', 'relieved', 'released')
      and (e.requested_at > now() - interval '2 days' or not exists (select 1 from app.assistance_cover c where c.entry_id = e.id));
  if entries is not null then perform sec.cover(entries); end if;
  select array_agg(distinct x.id) into entries from (
    select s.one as id from (select s.one, s.two from sec.swept() s group by 1, 2) s
      left join app.assistance_overlap v on v.first_id = s.one and v.second_id = s.two and v.gone_at is null where v.id is null
    union
    select v.first_id from app.assistance_overlap v where v.gone_at is null and (v.ends_on is null or not exists (
      select 1 from app.assistance_cover a join app.assistance_cover b on b.unit = a.unit and b.number = a.number
        and b.starts <= a.ends and b.ends >= a.starts where a.entry_id = v.first_id and b.entry_id = v.second_id))) x;
  if entries is not null then n := sec.pair(entries, 'swept'); end if;
  perform sec.audit_operator('assistance.swept', 'overlap', null, jsonb_build_object('found', n));
  return n;
end $$;

-- What one's own institution has paid, also to people whose door to it has closed since: its accounts have to add up to the
-- cent. What came back or was reversed stands there as it was paid and once more with the sign turned, so that nothing that
-- left the payer is missing and all of it adds up to what counts. References and sums, and nobody in them; for those who
-- answer for the institution.
create function sec.accounts(p_from date, p_until date) returns table (ref text, reference text, source text, kind text, amount numeric,
    currency text, quantity integer, starts_on date, ends_on date, state text, turned boolean, recorded_on date)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  if (c[3]::integer & 4096) = 0 or not string_to_array(c[4], ' ') && array['coordinator', 'supervisor'] then return; end if;
  return query
    select e.ref::text, e.reference::text, e.source::text, k.code::text, e.amount * t.sign, e.currency::text, e.quantity::integer * t.sign,
      e.starts_on, e.ends_on, e.state::text, t.sign < 0,
      (select (min(s.taken_at) at time zone 'Europe/Belgrade')::date from app.assistance_step s where s.entry_id = e.id and s.move = any (t.moves))
    from app.assistance_entry e join app.assistance_kind k on k.id = e.kind_id
    join (values (1, array['relieve', 'release', 'kept']), (-1, array['take_back', 'reverse'])) t(sign, moves)
      on t.sign > 0 or e.state in ('returned', 'reversed')
    where e.payer_id = c[2]::uuid and e.state in ('relieved', 'released', 'returned', 'reversed')
      and e.starts_on >= coalesce(p_from, '-infinity') and e.starts_on <= coalesce(p_until, 'infinity')
    order by e.starts_on, e.ref, t.sign desc;
end $$;

-- What was done about an overlap is written down by somebody who had no hand in either gift: nobody says of what they asked
-- for, signed, paid or took in themselves that it is right.
create function sec.settle_overlap() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := (select m.account_id from app.member m where m.id = sec.member());
begin
  if new.settled_by_id is distinct from sec.member() then raise exception 'assistance.unavailable' using errcode = '42501'; end if;
  if exists (
      select 1 from app.assistance_entry e join app.member m on m.id = e.requested_by_id
      where e.id in (new.first_id, new.second_id) and m.account_id = me)
     or exists (
      select 1 from app.assistance_step s join app.member m on m.id = s.taken_by_id
      where s.entry_id in (new.first_id, new.second_id) and m.account_id = me) then
    raise exception 'assistance.own_hand' using errcode = '42501';
  end if;
  return new;
end $$;

grant execute on function sec.accounts(date, date), sec.overlap_of(uuid), sec.undecided_entries(integer), sec.check_support(uuid, uuid, date, date)
  to homeward_app, homeward_job;
grant execute on function sec.sweep_overlaps() to homeward_job, homeward_migrate;
grant execute on function sec.entries_came(), sec.homes_changed(), sec.entries_went(), sec.kinds_changed(), sec.settle_overlap() to homeward_owner;
reset role;
set local role homeward_owner;
create trigger compare_new after insert on app.assistance_entry referencing new table as new_rows
  for each statement execute function sec.entries_came();
create trigger settle_overlap before update on app.assistance_overlap for each row when (current_user <> 'homeward_definer')
  execute function sec.settle_overlap();
create trigger compare_moved after update on app.assistance_entry referencing old table as old_rows new table as new_rows
  for each statement execute function sec.entries_went();
create trigger compare_kinds after update on app.assistance_kind referencing old table as old_rows new table as new_rows
  for each statement execute function sec.kinds_changed();
create trigger support_new_home after insert on app.household_membership referencing new table as new_rows
  for each statement execute function sec.homes_changed();
create trigger support_changed_home after update on app.household_membership referencing new table as new_rows
  for each statement when (current_user <> 'homeward_definer') execute function sec.homes_changed();
reset role;
