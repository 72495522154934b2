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
-- is none to help: false as well for every case in which one gives nothing. Whoever asks often enough learns when somebody
-- moved, so each asking is logged, yes and no alike.
create function sec.has_home(p_case uuid, p_from date, p_to date) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare c text[] := sec.ctx();
begin
  if not sec.gives_by(c, p_case) then return false; end if;
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'assistance.home_asked', true, p_case, 12, 'case', p_case,
    jsonb_build_object('from', p_from, 'until', p_to));
  return exists (
    select 1 from app.case_anchor k join app.household_membership m on m.person_id = k.person_id
    where k.case_id = p_case and (m.ends_on is null or m.ends_on >= p_from) and (p_to is null or m.starts_on is null or m.starts_on <= p_to));
end $$;
grant execute on function sec.has_home(uuid, date, date) to homeward_app, homeward_job;

create function sec.begin_entry() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if current_user = 'homeward_definer' then return new; end if;  -- history, which is checked where it is taken in
  if new.state <> 'requested' or new.origin_file <> '' or new.origin_mark is not null
     or new.requested_by_id is distinct from sec.member() or not sec.holds('coordinator', 'caseworker', 'supervisor') then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  if sec.work_has_ended(new.case_id) then raise exception 'assistance.closed' using errcode = '42501'; end if;
  return new;
end $$;
grant execute on function sec.work_has_ended(uuid) to homeward_app, homeward_job;
grant execute on function sec.begin_entry() to homeward_owner;

-- Has this entry an overlap for which nobody has answered since it was found: nobody of its payer has said why both are needed,
-- and nobody who sees both has settled it as right? Who settles has no hand in either gift (sec.settle_overlap). That one of
-- them must stop is no answer for either.
create function sec.is_undecided(p_entry uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select 1 from app.assistance_overlap o
    where p_entry in (o.first_id, o.second_id) and o.gone_at is null and o.outcome <> 'accepted'
      and not exists (select 1 from app.assistance_step s where s.entry_id = p_entry and s.move = 'justify' and s.taken_at >= o.found_at))
$$;

-- What a payer gives of one kind to the same person, or to those who live together, and what begins within thirty days of it,
-- counts as one gift for whoever signs: else a large one would be cut into small ones. Null where one has no amount, because
-- nobody can say that it is small.
create function sec.amount_with(p_entry uuid, p_states text[]) returns numeric
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e app.assistance_entry;
  total numeric;
begin
  select * into e from app.assistance_entry x where x.id = p_entry;
  select case when bool_and(x.amount is not null) then sum(x.amount) end into total
  from app.assistance_entry x
  where x.id in (
      select e.id
      union select y.id from app.assistance_entry y where y.case_id = e.case_id
      union select b.entry_id from app.assistance_cover a join app.assistance_cover b on b.unit = a.unit and b.number = a.number
        where a.entry_id = e.id)
    and x.payer_id = e.payer_id and x.kind_id = e.kind_id and x.starts_on between e.starts_on - 30 and e.starts_on + 30
    -- Of what a list told, only what is as recent counts: it could have been signed for here.
    and (x.id = e.id or x.state = any (p_states) and (x.origin_file = '' or x.starts_on > sec.today() - 30));
  return total;
end $$;

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
  if new.taken_by_id is distinct from sec.member() then raise exception 'assistance.unavailable' using errcode = '42501'; end if;
  if new.move = 'kept' then
    if e.state <> 'released' or e.origin_file = '' then raise exception 'assistance.moved_on' using errcode = '42501'; end if;
    return new;
  end if;
  -- What nobody has promised yet is promised nobody with whom the work has ended.
  if new.move in ('approve', 'countersign', 'relieve') and sec.work_has_ended(e.case_id) then
    raise exception 'assistance.ended' using errcode = '42501';
  end if;
  select * into k from app.assistance_kind x where x.id = e.kind_id;
  select m.account_id into me from app.member m where m.id = new.taken_by_id;
  goal := case
    when new.move = 'approve' and e.state = 'requested' then
      case when k.second_above is not null
        and coalesce(sec.amount_with(e.id, '{requested,signed,approved,relieved,released}') > k.second_above, true) then 'signed' else 'approved' end
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
  -- The second person, and whoever corrects what was paid, answers for the payer; the others work there with people.
  if not sec.holds('coordinator', 'supervisor') and (new.move in ('countersign', 'confirm', 'reverse') or not sec.holds('caseworker')) then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  if exists (
      select 1 from app.assistance_step s join app.member m on m.id = s.taken_by_id
      where s.entry_id = e.id and m.account_id = me
        and (new.move = 'countersign' and s.move = 'approve' or new.move = 'confirm' and s.move = 'relieve')) then
    raise exception 'assistance.same_person' using errcode = '42501';
  end if;
  -- Whoever handed it over does not say alone that it came back: they could pay the same days again.
  if new.move in ('take_back', 'reverse') and exists (
      select 1 from app.assistance_step s join app.member m on m.id = s.taken_by_id
      where s.entry_id = e.id and m.account_id = me and s.move in ('release', 'relieve')) then
    raise exception 'assistance.paid_by_you' using errcode = '42501';
  end if;
  -- Whoever gives a second gift at once to the same people at the same moment waits, and then finds the first.
  if new.move = 'relieve' then perform sec.hold_units(array[e.id]); end if;
  if new.move = 'relieve' and (k.emergency_up_to is null or e.starts_on > sec.today()
      or coalesce(sec.amount_with(e.id, '{relieved}') > k.emergency_up_to, true)) then
    raise exception 'assistance.relief' using errcode = '42501';
  end if;
  -- What is awarded after people have scored a plan is paid for an award and for nothing else.
  if new.move in ('approve', 'relieve') and k.measure = 'award' and not exists (
      select 1 from app.assistance_grant g where g.entry_id = e.id and g.state in ('awarded', 'finished')) then
    raise exception 'assistance.awarded' using errcode = '42501';
  end if;
  if new.move in ('approve', 'countersign', 'release', 'confirm') then
    -- Whatever ran into it in the meantime is found again before it goes on.
    perform sec.pair(array[e.id], 'entered');
    if sec.is_undecided(e.id) then raise exception 'assistance.overlap' using errcode = '42501'; end if;
    if exists (
         select 1 from app.assistance_overlap o
         where e.id in (o.first_id, o.second_id) and o.gone_at is null and o.outcome <> 'accepted')
       and (select m.account_id from app.assistance_step s join app.member m on m.id = s.taken_by_id
            where s.entry_id = e.id and s.move = 'justify' order by s.taken_at desc, s.id limit 1) = me then
      raise exception 'assistance.justified_by_you' using errcode = '42501';
    end if;
    -- Nor does whoever settled that both are right sign for one of them afterwards.
    if exists (
        select 1 from app.assistance_overlap o join app.member m on m.id = o.settled_by_id
        where e.id in (o.first_id, o.second_id) and o.gone_at is null and o.outcome = 'accepted' and m.account_id = me) then
      raise exception 'assistance.settled_by_you' using errcode = '42501';
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

-- Whoever writes a note, scores a plan, applies or plans a visit is who the row says, and works with people.
create function sec.sign_own() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if (to_jsonb(new) ->> tg_argv[0])::uuid is distinct from sec.member() or not sec.holds('coordinator', 'caseworker', 'supervisor') then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  return new;
end $$;

-- A grant begins as an application, and is decided on by whoever answers for the payer: awarded after two people have scored
-- its plan, not two seats of one, and with an entry of its own that gives no more than was asked for.
create function sec.decide_grant() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'applied' or new.entry_id is not null or new.decided_by_id is not null then
      raise exception 'assistance.unavailable' using errcode = '42501';
    end if;
    return new;
  end if;
  if new.state = old.state then
    -- When its days change another entry takes the place of the one it has; nothing else changes without a decision.
    if (new.ending, new.decided_by_id, new.decided_at) is distinct from (old.ending, old.decided_by_id, old.decided_at) or not exists (
        select 1 from app.assistance_entry x join app.assistance_entry w on w.id = x.replaces_id
        where x.id = new.entry_id and w.id = old.entry_id and w.state = 'stopped'
          and (x.case_id, x.payer_id, x.kind_id, x.amount) is not distinct from (w.case_id, w.payer_id, w.kind_id, w.amount)) then
      raise exception 'assistance.unavailable' using errcode = '42501';
    end if;
    return new;
  end if;
  if new.decided_by_id is distinct from sec.member() or not sec.holds('coordinator', 'supervisor')
     or (old.state, new.state) not in (('applied', 'awarded'), ('applied', 'declined'), ('awarded', 'finished'))
     or new.state <> 'awarded' and new.entry_id is distinct from old.entry_id then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  if new.state = 'awarded' and (
      select count(distinct m.account_id) from app.assistance_score s join app.member m on m.id = s.scored_by_id where s.grant_id = new.id) < 2 then
    raise exception 'grant.scorers' using errcode = '42501';
  end if;
  if new.state = 'awarded' and (not exists (
      select 1 from app.assistance_entry x join app.assistance_kind k on k.id = x.kind_id
      where x.id = new.entry_id and k.measure = 'award' and x.state = 'requested' and x.amount <= new.asked
        and (x.case_id, x.payer_id, x.currency) = (new.case_id, new.payer_id, new.currency))
      or exists (select 1 from app.assistance_grant g where g.entry_id = new.entry_id and g.id <> new.id)) then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  if new.state = 'finished' and exists (select 1 from app.assistance_station s where s.grant_id = new.id and s.done_on is null) then
    raise exception 'grant.open' using errcode = '42501';
  end if;
  return new;
end $$;

-- What was found on a visit is written down once, by whoever says so.
create function sec.record_station() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.done_on is not null or new.recorded_by_id is distinct from sec.member() or not sec.holds('coordinator', 'caseworker', 'supervisor')
     or new.done_on > sec.today() then
    raise exception 'assistance.unavailable' using errcode = '42501';
  end if;
  return new;
end $$;
grant execute on function sec.sign_own(), sec.decide_grant(), sec.record_station() to homeward_owner;

-- Help of the past, as a payer's list has it: given already, so nobody signs for it here. Taken in by somebody who
-- coordinates, for the own institution or, where one sees who gives what, for another payer who keeps lists of its own.
-- A row is known by its list and place, and by the payer's reference: taken in twice it is there once, and one that was
-- corrected in the list takes the place of the former, which is reversed and stays. An entry of another person is no former
-- one, unless the list has corrected whose the row is, and what came back stays what came back. What begins after today, or
-- began in the last 30 days and needs two signatures with all that is given within thirty days of it, is no help of the past:
-- it is signed here. Gives for each row what became of it.
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
      if was.state = 'returned' then
        outcome := 'unchanged'; entry := was.id; return next; continue;
      end if;
    else
      was := null;
    end if;
    begin
    if was.id is not null then
      insert into app.assistance_step (id, entry_id, case_id, payer_id, move, reason, taken_by_id, taken_at)
        values (gen_random_uuid(), was.id, was.case_id, was.payer_id, 'reverse', 'wrong', p_by, clock_timestamp());
    end if;
    insert into app.assistance_entry (id, ref, case_id, payer_id, kind_id, source, amount, currency, quantity, starts_on, ends_on, state,
      reference, mark, origin_file, origin_row, origin_mark, replaces_id, requested_by_id, requested_at)
    values (r.id, r.ref, r."case", r.payer, r.kind, r.source, r.amount, r.currency, r.quantity, r.starts_on, r.ends_on, 'released',
      r.reference, r.mark, r.origin_file, r.origin_row, case when r.mark is null then r.origin_mark end, was.id, p_by, clock_timestamp());
    insert into app.assistance_step (id, entry_id, case_id, payer_id, move, reason, taken_by_id, taken_at)
      values (gen_random_uuid(), r.id, r."case", r.payer, 'kept', '', p_by, clock_timestamp());
    if r.starts_on > sec.today() - 30 then
      perform sec.cover(array[r.id]);
      if exists (
          select 1 from app.assistance_kind k where k.id = r.kind and k.second_above is not null
            and coalesce(sec.amount_with(r.id, '{requested,signed,approved,relieved,released}') > k.second_above, true)) then
        raise exception 'assistance.unsigned' using errcode = 'HW001';
      end if;
    end if;
    exception when sqlstate 'HW001' then
      outcome := 'unsigned'; return next; continue;
    end;
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
-- What the guard itself changes, when two files become one, is nobody's decision.
create trigger sign_note before insert on app.assistance_note for each row when (current_user <> 'homeward_definer')
  execute function sec.sign_own('written_by_id');
create trigger sign_score before insert on app.assistance_score for each row when (current_user <> 'homeward_definer')
  execute function sec.sign_own('scored_by_id');
create trigger sign_application before insert on app.assistance_grant for each row when (current_user <> 'homeward_definer')
  execute function sec.sign_own('applied_by_id');
create trigger sign_station before insert on app.assistance_station for each row when (current_user <> 'homeward_definer')
  execute function sec.sign_own('planned_by_id');
create trigger decide_grant before insert or update on app.assistance_grant for each row when (current_user <> 'homeward_definer')
  execute function sec.decide_grant();
-- Of the columns that say what was found: that its grant goes over to another record is nobody's finding.
create trigger record_station before update of done_on, result, found, recorded_by_id on app.assistance_station for each row
  when (current_user <> 'homeward_definer') execute function sec.record_station();
reset role;
