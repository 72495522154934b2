-- People, their names, households and returns, from the rows that were copied into bench.seed.
-- Every name of these people is made up.

insert into app.return_wave (id, code, "on", channel, organiser)
select gen_random_uuid(), 'bench-wave-' || w, current_date - 365 * w, 'formal', '' from generate_series(1, 12) w;

insert into app.person (id, ref, sex, born, documents_status, documents, languages, version, created_at,
                        created_by_id, municipality_id)
select s.person_id, s.ref, s.sex, s.born, 'partial', '{birth_certificate}', '{sq}', 1, s.opened_at, s.worker_id, m.id
from bench.seed s
join bench.municipality m on m.place = s.place
order by s.n;

insert into app.person_name (id, kind, family, given, father, script, source, is_primary, folded, skeletons, keys,
                             fold_version, person_id)
select gen_random_uuid(), case when s.first then 'primary' else 'birth' end, s.family, s.given, s.father, 'latn', 'bench',
       s.first, s.folded, s.skeletons, s.keys, s.fold_version, s.person_id
from bench.name s order by s.n;

create unlogged table bench.house as
  select h.household, gen_random_uuid() as id, h.ref, min(s.n) as n, min(s.opened_at) as opened_at, min(s.place) as place,
         (array_agg(s.worker_id))[1] as worker_id
  from bench.household h join bench.seed s using (household) group by h.household, h.ref;

insert into app.household (id, ref, created_at, created_by_id, municipality_id)
select h.id, h.ref, h.opened_at, h.worker_id, m.id
from bench.house h join bench.municipality m on m.place = h.place order by h.n;

insert into app.household_membership (id, relation, starts_on, ends_on, household_id, person_id)
select gen_random_uuid(), s.relation, null, null, h.id, s.person_id
from bench.seed s join bench.house h using (household) order by s.n;

insert into app.person_return (id, channel, origin, state, expected_on, arrived_on, expires_on, version, entered_at,
                               entered_by_id, person_id, wave_id)
select gen_random_uuid(), 'formal', 'Syria',
       case when s.state in ('expected', 'preparing') then 'expected' when s.state = 'withdrawn' then 'expired' else 'arrived' end,
       case when s.state in ('expected', 'preparing') then current_date + 60 end,
       case when s.state not in ('expected', 'preparing', 'withdrawn') then s.opened_at::date end,
       case when s.state in ('expected', 'preparing') then current_date + 700 end,
       1, s.opened_at, s.worker_id, s.person_id, v.id
from bench.seed s
join (select id, row_number() over (order by code) as number from app.return_wave) v on v.number = 1 + s.n % 12
order by s.n;
