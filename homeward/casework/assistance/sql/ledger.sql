-- The ledger keeps itself: rows are added and never changed, and where an entry stands follows from its steps. Each step is
-- asked here once more, whatever the application has asked before: is the move possible now, is it the payer who makes it,
-- do two people agree where two have to, has somebody answered for every overlap. Two officers who release the same entry at
-- once take turns at its row, and the second finds that it has moved on.
set local role homeward_owner;
alter table app.assistance_step add constraint assistance_step_under_its_entry
  foreign key (entry_id, case_id, payer_id) references app.assistance_entry (id, case_id, payer_id) on update cascade;
alter table app.assistance_note add constraint assistance_note_under_its_entry
  foreign key (entry_id, case_id, payer_id) references app.assistance_entry (id, case_id, payer_id) on update cascade;
alter table app.assistance_score add constraint assistance_score_under_its_grant
  foreign key (grant_id, case_id, payer_id) references app.assistance_grant (id, case_id, payer_id) on update cascade;
alter table app.assistance_station add constraint assistance_station_under_its_grant
  foreign key (grant_id, case_id, payer_id) references app.assistance_grant (id, case_id, payer_id) on update cascade;
grant insert on app.assistance_entry, app.assistance_step to homeward_definer;
grant update (state, mark, origin_mark) on app.assistance_entry to homeward_definer;
-- When the register finds that two files are of one person, what was given goes over to the file that stays, steps and notes
-- with it, and is compared anew (trigger compare_moved).
grant update (case_id) on app.assistance_entry, app.assistance_grant to homeward_definer;
reset role;
set local role homeward_definer;

-- May the one who asks write help into this case, for the own institution? c is the context (access/sql/access.sql).
create function sec.gives_by(c text[], p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (c[3]::integer & 4096) <> 0 and (c[8] = '' or p_case <> all (string_to_array(c[8], ' ')::uuid[])) and exists (
    select 1 from app.case_access_cat a
    where a.institution_id = c[2]::uuid and a.case_id = p_case and a.category = 12 and a.can_write
      and a.member_id in ('00000000-0000-0000-0000-000000000000', c[1]::uuid) and a.expires_at > now());
end $$;

-- Does the one who asks see who gives what in this case, whoever it is?
create function sec.oversees_by(c text[], p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return (c[3]::integer & 4096) <> 0 and (c[8] = '' or p_case <> all (string_to_array(c[8], ' ')::uuid[])) and exists (
    select 1 from app.case_access_cat a
    where a.institution_id = c[2]::uuid and a.case_id = p_case and a.category = 12 and a.depth >= 2
      and a.member_id in ('00000000-0000-0000-0000-000000000000', c[1]::uuid) and a.expires_at > now());
end $$;

-- An entry begins as a request of the one who asks, whatever a statement says. Nothing is entered for a person with whom the
-- work has ended; a payer who may not know where a case stands is told no more than that.
create function sec.work_has_ended(p_case uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.gives_by(sec.ctx(), p_case) and exists (
    select 1 from app.case_care c where c.case_id = p_case and c.state in ('closed', 'archived', 'withdrawn', 'erased'));
end $$;

-- Did this person live in any household on any of these days? A payer need not know of the household to be told that there
-- is none to help: false as well for every case in which one gives nothing.
create function sec.has_home(p_case uuid, p_from date, p_to date) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.gives_by(sec.ctx(), p_case) and exists (
    select 1 from app.case_anchor k join app.household_membership m on m.person_id = k.person_id
    where k.case_id = p_case and (m.ends_on is null or m.ends_on >= p_from) and (p_to is null or m.starts_on is null or m.starts_on <= p_to));
end $$;
grant execute on function sec.has_home(uuid, date, date) to homeward_app, homeward_job;

create function sec.begin_entry() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if current_user = 'homeward_definer' then return new; end if;  -- history, which is checked where it is taken in
  if new.state <> 'requested' or new.origin_file <> '' or new.origin_mark is not null
     or new.requested_by_id is distinct from sec.member() then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  if sec.work_has_ended(new.case_id) then raise exception 'assistance.closed' using errcode = '42501'; end if;
  return new;
end $$;
grant execute on function sec.work_has_ended(uuid) to homeward_app, homeward_job;
grant execute on function sec.begin_entry() to homeward_owner;

-- Has this entry an overlap for which nobody of its payer has answered since it was found?
create function sec.is_undecided(p_entry uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select 1 from app.assistance_overlap o
    where p_entry in (o.first_id, o.second_id) and o.gone_at is null
      and not exists (select 1 from app.assistance_step s where s.entry_id = p_entry and s.move = 'justify' and s.taken_at >= o.found_at))
$$;

create function sec.take_step() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e app.assistance_entry;
  k app.assistance_kind;
  me uuid;
  goal text;
begin
  select * into e from app.assistance_entry x where x.id = new.entry_id for update;
  new.taken_at := clock_timestamp();  -- after whatever was found before it, by the same clock
  if new.move = 'kept' then
    if e.state <> 'released' or e.origin_file = '' then raise exception 'assistance.moved_on' using errcode = '42501'; end if;
    return new;
  end if;
  select * into k from app.assistance_kind x where x.id = e.kind_id;
  if new.taken_by_id is distinct from sec.member() then raise exception 'assistance.unavailable' using errcode = '42501'; end if;
  select m.account_id into me from app.member m where m.id = new.taken_by_id;
  goal := case
    when new.move = 'approve' and e.state = 'requested' then
      case when k.second_above is not null and e.amount > k.second_above then 'signed' else 'approved' end
    when new.move = 'countersign' and e.state = 'signed' then 'approved'
    when new.move = 'release' and e.state = 'approved' then 'released'
    when new.move = 'relieve' and e.state = 'requested' then 'relieved'
    when new.move = 'confirm' and e.state = 'relieved' then 'released'
    when new.move = 'take_back' and e.state = 'released' then 'returned'
    when new.move = 'stop' and e.state in ('requested', 'signed', 'approved') then 'stopped'
    when new.move = 'reverse' and e.state in ('relieved', 'released', 'returned') then 'reversed'
    when new.move = 'justify' and e.state in ('requested', 'signed', 'approved', 'relieved', 'released') then e.state
  end;
  if goal is null then raise exception 'assistance.moved_on' using errcode = '42501'; end if;
  if new.move = 'countersign' and exists (
      select 1 from app.assistance_step s join app.member m on m.id = s.taken_by_id
      where s.entry_id = e.id and s.move = 'approve' and m.account_id = me) then
    raise exception 'assistance.same_person' using errcode = '42501';
  end if;
  if new.move = 'relieve' and (k.emergency_up_to is null or e.amount > k.emergency_up_to or e.starts_on > sec.today()) then
    raise exception 'assistance.relief' using errcode = '42501';
  end if;
  if new.move in ('approve', 'countersign', 'release') then
    -- Whatever ran into it in the meantime is found again before it goes on.
    perform sec.pair(array[e.id], 'entered');
    if sec.is_undecided(e.id) then raise exception 'assistance.overlap' using errcode = '42501'; end if;
    if exists (select 1 from app.assistance_overlap o where e.id in (o.first_id, o.second_id) and o.gone_at is null)
       and (select m.account_id from app.assistance_step s join app.member m on m.id = s.taken_by_id
            where s.entry_id = e.id and s.move = 'justify' order by s.taken_at desc, s.id limit 1) = me then
      raise exception 'assistance.justified_by_you' using errcode = '42501';
    end if;
  end if;
  if goal <> e.state then update app.assistance_entry set state = goal where id = e.id; end if;
  if new.move in ('take_back', 'stop', 'reverse') then
    perform sec.cover(array[e.id]);
    perform sec.pair(array[e.id], 'entered');
  end if;
  return new;
end $$;
grant execute on function sec.take_step() to homeward_owner;

-- Help of the past, as a payer's list has it: given already, so nobody signs for it here. Taken in by somebody who
-- coordinates, for the own institution or, where one sees who gives what, for another payer who keeps lists of its own.
-- A row is known by its list and place, and by the payer's reference: taken in twice it is there once, and one that was
-- corrected in the list takes the place of the former, which is reversed and stays. An entry of another person is no former
-- one, unless the list has corrected whose the row is. What begins after today, or began in the last 30 days and needs two
-- signatures, is no help of the past: it is signed here. Gives for each row what became of it.
create function sec.keep_history(p_by uuid, p_rows jsonb) returns table (place integer, outcome text, entry uuid)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  r record;
  was app.assistance_entry;
  fresh uuid[] := '{}';
begin
  if p_by is distinct from c[1]::uuid or not string_to_array(c[4], ' ') && array['coordinator', 'supervisor'] then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  for r in select * from jsonb_to_recordset(p_rows) as t(place integer, id uuid, ref text, "case" uuid, payer uuid, kind uuid, source text,
             amount numeric, currency text, quantity integer, starts_on date, ends_on date, reference text, mark uuid,
             origin_file text, origin_row integer, origin_mark uuid, person_corrected boolean) order by t.place loop
    place := r.place; entry := null;
    if not sec.gives_by(c, r."case") or (r.payer <> c[2]::uuid and not sec.oversees_by(c, r."case")) then
      outcome := 'missing'; return next; continue;
    end if;
    if coalesce(r.origin_file, '') = '' or r.origin_mark is null then
      outcome := 'no_origin'; return next; continue;
    end if;
    if r.starts_on > sec.today() then
      outcome := 'begins_later'; return next; continue;
    end if;
    if r.starts_on > sec.today() - 30 and exists (
        select 1 from app.assistance_kind k where k.id = r.kind and k.second_above is not null
          and (r.amount is null or r.amount > k.second_above)) then
      outcome := 'unsigned'; return next; continue;
    end if;
    -- The payer's reference says which gift it is; a row without one is known by its place in the list.
    select * into was from app.assistance_entry e where e.mark = r.mark and e.state not in ('stopped', 'reversed') for update;
    if not found then
      select * into was from app.assistance_entry e where e.origin_mark = r.origin_mark and e.state not in ('stopped', 'reversed') for update;
    end if;
    if found then
      -- One that was entered at a desk is corrected there, and one of a case that one sees no longer by whoever leads it.
      if was.origin_file = '' or not sec.gives_by(c, was.case_id) or (was.payer_id <> c[2]::uuid and not sec.oversees_by(c, was.case_id)) then
        outcome := 'duplicate'; return next; continue;
      end if;
      if was.case_id <> r."case" and not coalesce(r.person_corrected, false) then
        outcome := 'duplicate'; return next; continue;
      end if;
      if (was.case_id, was.payer_id, was.kind_id, was.source, was.amount, was.currency, was.quantity, was.starts_on, was.ends_on, was.reference)
         is not distinct from (r."case", r.payer, r.kind, r.source, r.amount, r.currency, r.quantity, r.starts_on, r.ends_on, r.reference) then
        outcome := 'unchanged'; entry := was.id; return next; continue;
      end if;
      insert into app.assistance_step (id, entry_id, case_id, payer_id, move, reason, taken_by_id, taken_at)
        values (gen_random_uuid(), was.id, was.case_id, was.payer_id, 'reverse', 'wrong', p_by, clock_timestamp());
    else
      was := null;
    end if;
    insert into app.assistance_entry (id, ref, case_id, payer_id, kind_id, source, amount, currency, quantity, starts_on, ends_on, state,
      reference, mark, origin_file, origin_row, origin_mark, replaces_id, requested_by_id, requested_at)
    values (r.id, r.ref, r."case", r.payer, r.kind, r.source, r.amount, r.currency, r.quantity, r.starts_on, r.ends_on, 'released',
      r.reference, r.mark, r.origin_file, r.origin_row, case when r.mark is null then r.origin_mark end, was.id, p_by, clock_timestamp());
    insert into app.assistance_step (id, entry_id, case_id, payer_id, move, reason, taken_by_id, taken_at)
      values (gen_random_uuid(), r.id, r."case", r.payer, 'kept', '', p_by, clock_timestamp());
    fresh := fresh || r.id;
    outcome := case when was.id is null then 'kept' else 'corrected' end; entry := r.id;
    return next;
  end loop;
  perform sec.cover(fresh);
  perform sec.pair(fresh, 'entered');
end $$;
grant execute on function sec.keep_history(uuid, jsonb) to homeward_app, homeward_job;

-- When a person is erased, the payer's accounts still have to add up: what was paid goes into sums of a month, a source and
-- a kind, in which nobody is named and no voucher. p_try: only say of how many.
reset role;
set local role homeward_owner;
grant insert, update on app.assistance_booked to homeward_definer;
reset role;
set local role homeward_definer;
create function sec.book_assistance(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if p_try then
    return (select count(*) from app.assistance_entry e where e.case_id = p_case and e.state in ('relieved', 'released'));
  end if;
  insert into app.assistance_booked as b (id, payer_id, source, kind, currency, month, entries, amount, quantity)
  select gen_random_uuid(), e.payer_id, e.source, k.code, e.currency, date_trunc('month', e.starts_on)::date, count(*),
    coalesce(sum(e.amount), 0), coalesce(sum(e.quantity), 0)
  from app.assistance_entry e join app.assistance_kind k on k.id = e.kind_id
  where e.case_id = p_case and e.state in ('relieved', 'released') group by 2, 3, 4, 5, 6
  on conflict on constraint assistance_booked_once do update set
    entries = b.entries + excluded.entries, amount = b.amount + excluded.amount, quantity = b.quantity + excluded.quantity;
  select count(*) into n from app.assistance_entry e where e.case_id = p_case;
  -- An entry of somebody else's that took the place of one of these keeps that it did, and not of which.
  update app.assistance_entry set replaces_id = null
    where replaces_id in (select e.id from app.assistance_entry e where e.case_id = p_case) and case_id <> p_case;
  return n;
end $$;

-- Of two gifts that overlapped, that they did goes with the first of the two people.
create function sec.forget_overlaps(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if p_try then
    return (select count(*) from app.assistance_overlap o where p_case in (o.first_case_id, o.second_case_id));
  end if;
  delete from app.assistance_overlap o where p_case in (o.first_case_id, o.second_case_id);
  get diagnostics n = row_count;
  return n;
end $$;

reset role;
set local role homeward_owner;
grant update (replaces_id) on app.assistance_entry to homeward_definer;
create trigger begin_entry before insert on app.assistance_entry for each row execute function sec.begin_entry();
create trigger take_step before insert on app.assistance_step for each row execute function sec.take_step();
reset role;
