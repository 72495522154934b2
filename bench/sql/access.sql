-- Which institution takes part in which case, under which protocol, and the two tables that follow from it.
-- The folding is that of sec.fold, written for all cases at once; world.py compares a sample with sec.fold itself.

-- For each leading institution and each that may take part: the protocol that lets it in, and what it gives, of grown-ups
-- and of children. Some protocols are about
-- grown-ups only, some about pupils (here everybody is one until 18), and nobody reads or writes a judgement about a child.
create unlogged table bench.given as
select c.protocol_id, c.category, c.depth, c.writes, a.adult
from app.protocol_clause c join app.sharing_protocol p on p.id = c.protocol_id cross join (values (true), (false)) a(adult)
where (c.depth > 0 or c.writes) and (a.adult or not (p.from_age is not null or c.category in (7, 18, 19)))
  and (not a.adult or p.until_age is null);

create unlogged table bench.door as
select distinct on (l.id, t.id, a.adult) l.id as lead_id, t.id as institution_id, a.adult, p.id as protocol_id, p.valid_until, p.until_age, i.share, i.cases, i.workers,
       array(select c.category from bench.given c where c.protocol_id = p.id and c.adult = a.adult and c.writes
             and c.category not in (0, 13, 14) order by c.category) as writable,
       (select bit_or(1 << c.category) from bench.given c where c.protocol_id = p.id and c.adult = a.adult) as seen_mask,
       (select coalesce(bit_or(1 << c.category), 0) from bench.given c where c.protocol_id = p.id and c.adult = a.adult and c.depth = 3) as cat_mask,
       (select coalesce(bit_or(1 << c.category), 0) from bench.given c where c.protocol_id = p.id and c.adult = a.adult and c.writes) as write_mask
from bench.institution i
join app.institution t on t.id = i.institution_id
join app.institution l on l.id in (select lead_id from bench.seed)
cross join (values (true), (false)) a(adult)
join app.sharing_protocol p on (p.provider_id = l.id or p.provider_kind = l.kind) and (p.receiver_id = t.id or p.receiver_kind = t.kind)
  and p.state = 'in_force' and p.valid_from <= now() and p.valid_until > now()
where exists (select 1 from bench.given c where c.protocol_id = p.id and c.adult = a.adult)
order by l.id, t.id, a.adult, p.code;

-- An institution sees a share of all cases, or a fixed number of them; the lead sees its own. What is about people up to an
-- age ends on the birthday.
create unlogged table bench.part as
select s.n, s.case_id, s.person_id, s.opened_at, s.ref, s.lead_id, s.worker_id as lead_worker_id, d.institution_id, d.adult, d.protocol_id, gen_random_uuid() as involvement_id,
       now() + make_interval(days => 365 + (s.n % 700)::integer) as ends_at,
       least(d.valid_until, case when d.until_age is not null then sec.birthday(((s.born || '-01')::date + interval '18 years')::date, d.until_age) end) as valid_until,
       d.seen_mask, d.cat_mask, d.write_mask, d.writable, w.member_id as worker_id
from bench.seed s join bench.door d on d.lead_id = s.lead_id and d.adult = ((s.born || '-01')::date + interval '18 years' <= current_date)
join bench.worker w on w.institution_id = d.institution_id and w.number = s.n % d.workers
where d.institution_id = s.lead_id
   or (d.cases is null and random() < d.share)
   or (d.cases is not null and (s.n % greatest(1, (select count(*) from bench.seed) / d.cases) = 0));

insert into app.case_anchor (case_id, ref, adult_on, person_id, opened_at, lead_id)
select s.case_id, s.ref, (s.born || '-01')::date + interval '18 years', s.person_id, s.opened_at, s.lead_id from bench.seed s order by s.n;

insert into app.involvement (id, case_id, reason, starts_at, ends_at, end_reason, ended_by_id, institution_id, involved_by_id)
select p.involvement_id, p.case_id, 'bench', p.opened_at, p.ends_at, '', null, p.institution_id, p.lead_worker_id
from bench.part p;

insert into app.access_grant (id, case_id, valid_from, valid_until, revoked_at, institution_id, revoked_by_id, involvement_id, protocol_id)
select gen_random_uuid(), p.case_id, p.opened_at, p.valid_until, null, p.institution_id, null, p.involvement_id, p.protocol_id
from bench.part p;

insert into app.case_access (institution_id, case_id, member_id, person_id, seen_mask, cat_mask, write_mask, expires_at, opened_at)
select p.institution_id, p.case_id, '00000000-0000-0000-0000-000000000000', p.person_id, p.seen_mask, p.cat_mask, p.write_mask,
       least(p.ends_at, p.valid_until), p.opened_at
from bench.part p;

insert into app.case_access_cat (institution_id, case_id, category, member_id, depth, can_write, expires_at)
select p.institution_id, p.case_id, c.category, '00000000-0000-0000-0000-000000000000', c.depth, c.writes, least(p.ends_at, p.valid_until)
from bench.part p join bench.given c on c.protocol_id = p.protocol_id and c.adult = p.adult;
