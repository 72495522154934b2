-- The cases themselves: where they stand, who works on them, what was noted, and the log of all that.

insert into app.case_file (id, ref, opened_at, checks, person_id)
select s.case_id, s.ref, s.opened_at,
       case when s.state in ('expected', 'preparing', 'withdrawn') then '{}'::varchar[]
            when s.relation in ('head', 'single') then '{identity,documents,medical_triage,psychosocial_triage,package,family_unity,accommodation}'
            else '{identity,documents,medical_triage,psychosocial_triage}' end,
       s.person_id
from bench.seed s order by s.n;

insert into app.case_care (id, state, state_entered_on, due_on, escalates_to, setting, previous_state, closure_proposed_at,
                           closing_reason, closed_at, version, closed_by_id, closure_proposed_by_id, named_contact_id, case_id, lead_id)
select gen_random_uuid(), s.state, current_date - 20,
       case when d.escalates_to is not null then current_date + case when s.n % 14 = 0 then -(1 + s.n % 29) else s.n % 97 end::integer end,
       coalesce(d.escalates_to, ''),
       case when s.state = 'active' or d.remembers then (array['custody', 'supervision', 'community'])[1 + s.n % 3] end,
       case when d.remembers then 'active' end,
       case when d.proposed then now() - interval '3 days' end, case when d.proposed then 'goals_reached' else '' end,
       case when d.closed then now() - interval '1 day' end, 1,
       case when d.closed then s.second_id end, case when d.proposed then s.worker_id end, s.worker_id, s.case_id, s.lead_id
from bench.seed s
join bench.state d on d.state = s.state
order by s.n;

insert into app.case_move (id, name, from_state, to_state, reason, moved_at, institution_id, moved_by_id, case_id)
select gen_random_uuid(), 'begin_intake', 'reception', 'intake', case when s.n % 3 = 0 then 'bench' else '' end,
       s.opened_at + interval '5 days', s.lead_id, s.worker_id, s.case_id
from bench.seed s
where s.state not in ('expected', 'preparing', 'withdrawn', 'reception') order by s.n;

insert into app.case_team_member (id, part, starts_on, ends_on, case_id, institution_id, member_id)
select gen_random_uuid(), case k when 0 then 'responsible' else 'support' end, s.opened_at::date, null, s.case_id, s.lead_id,
       case k when 0 then s.worker_id else s.second_id end
from bench.seed s cross join generate_series(0, 1) k
where k = 0 or s.n % 3 = 0 order by s.n;

-- Every institution with a category to write in has noted something in every second of its cases.
create unlogged table bench.note as
select p.n, gen_random_uuid() as id, p.case_id, p.institution_id, p.writable[1 + (p.n + k) % cardinality(p.writable)] as category,
       p.worker_id as author_id, p.opened_at + make_interval(days => 3 + k) as written_at
from bench.part p cross join generate_series(0, 1) k
where cardinality(p.writable) > 0 and ((k = 0 and p.n % 2 = 0) or p.institution_id = p.lead_id);

insert into app.case_note (id, category, label, happened_on, written_at, author_id, case_id, institution_id, supersedes_id)
select n.id, n.category, 'fact', n.written_at::date, n.written_at, n.author_id, n.case_id, n.institution_id, null from bench.note n order by n.n;
insert into app.case_note_text (id, category, body, case_id, institution_id, note_id)
select gen_random_uuid(), n.category, repeat('Made up for a measurement. ', 8), n.case_id, n.institution_id, n.id from bench.note n order by n.n;

insert into app.case_document (id, category, title, file_name, media_type, size, sha256, pieces, key_name, added_at, added_by_id, case_id, institution_id)
select gen_random_uuid(), 3, 'Made up for a measurement', 'bench.pdf', 'application/pdf', 1000, repeat('0', 64), 1, repeat('0', 16),
       s.opened_at + interval '4 days', s.worker_id, s.case_id, s.lead_id
from bench.seed s
where s.n % 4 = 0 order by s.n;

insert into app.case_check (id, code, category, result, why, ticked_at, case_id, institution_id, ticked_by_id)
select gen_random_uuid(), c.code, c.category, 'done', '', s.opened_at + interval '2 days', s.case_id, s.lead_id, s.worker_id
from bench.seed s cross join (values ('identity', 0, 1), ('documents', 0, 2)) c(code, category, often)
where s.state not in ('expected', 'preparing', 'withdrawn') and s.n % c.often = 0 order by s.n;

-- The log: what was done, and twice as many looks. The hash of an event is no part of any read; a sealed log has its own tests.
insert into audit.event (at, member_id, institution_id, via, verb, is_read, case_id, category, subject_type, subject_id, detail, salt, leaf)
select e.at, e.member_id, e.institution_id, 'web', e.verb, e.is_read, e.case_id, e.category, e.type, e.subject_id, '{}', e.salt,
       sha256(uuid_send(e.salt))
from (
  select s.n, s.opened_at + make_interval(days => k) as at, s.worker_id as member_id, s.lead_id as institution_id,
         (array['person.registered', 'case.opened', 'case.intake_begun', 'case.viewed', 'case.viewed', 'case.viewed', 'person.viewed'])[k] as verb,
         k > 3 as is_read, case when k > 1 then s.case_id end as case_id, case when k in (1, 7) then 0 when k in (2, 3) then 3 end as category,
         case when k in (1, 7) then 'person' else 'case' end as type,
         case when k in (1, 7) then s.person_id else s.case_id end as subject_id, gen_random_uuid() as salt
  from bench.seed s cross join generate_series(1, 7) k
 
  union all
  select n.n, n.written_at, n.author_id, n.institution_id, 'note.written', false, n.case_id, n.category, 'casenote', n.id, gen_random_uuid()
  from bench.note n) e;
