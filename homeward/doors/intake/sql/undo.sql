-- Undoing an import: the one way in which people leave the database before their retention ends. It takes away exactly
-- what one import brought in, for the institution that imported it, and nothing on which anybody has built since. The
-- application itself may delete nothing; the definer may, in here.
set local role homeward_owner;
grant delete on app.case_care, app.case_file, app.case_anchor, app.involvement, app.access_grant, app.person_return,
  app.household_membership, app.household, app.person_name, app.person_birth_place, app.person to homeward_definer;
reset role;
set local role homeward_definer;

-- The people one import brought in, each with the case that was opened. A list says itself whom it brought in; nobody
-- whose case another institution leads, and nobody without a case, is taken away or named on the word of a list.
create function sec.brought_in(p_batch uuid) returns table (person_id uuid, case_id uuid, ref text)
  language sql stable set search_path = pg_catalog, pg_temp as $$
  select r.person_id, k.case_id, k.ref
  from app.intake_row r join app.case_anchor k on k.person_id = r.person_id and k.lead_id = sec.institution()
  where r.batch_id = p_batch and r.made_person and r.imported_at is not null
$$;

-- The cases of one import that somebody has built on. Tables that come later are found by themselves: whatever is guarded
-- and holds a row about such a case or person counts, unless the import itself wrote it.
create function sec.built_upon(p_batch uuid) returns setof text
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  t record;
begin
  return query
    select x.ref from sec.brought_in(p_batch) x where
      -- A correction by a later list that was itself undone counts no more.
      exists (select 1 from app.person p where p.id = x.person_id and p.version > coalesce((
        select max((r.undoing ->> 'restored')::integer) from app.intake_row r
        where r.person_id = x.person_id and r.institution_id = sec.institution()), 1))
      or exists (select 1 from app.person_name n where n.person_id = x.person_id and n.source not in (
        select b.sender from app.intake_batch b where b.institution_id = sec.institution()))
      or exists (select 1 from app.person_return v where v.person_id = x.person_id and v.version > 1)
      or (select count(*) from app.person_return v where v.person_id = x.person_id) > 1
      or (select count(*) from app.household_membership m where m.person_id = x.person_id) > 1
      or exists (select 1 from app.household_membership m join app.intake_row r on r.household_id = m.household_id and r.batch_id = p_batch
                 where r.person_id = x.person_id and r.made_person
                   and m.person_id not in (select y.person_id from sec.brought_in(p_batch) y)
                   and not exists (select 1 from app.intake_row e where e.household_id = m.household_id and e.batch_id <> p_batch))
      or exists (select 1 from app.case_care c where c.case_id = x.case_id and c.version > 1)
      or exists (select 1 from app.involvement i join app.case_anchor k on k.case_id = i.case_id
                 where i.case_id = x.case_id and (i.institution_id <> k.lead_id or i.ended_by_id is not null))
      -- Somebody has said that two are one; that two are suspected to be is nobody's work.
      or exists (select 1 from app.person_twin w where x.person_id in (w.one_id, w.other_id) and (w.state in ('same', 'apart') or w.proposed_by_id is not null))
      or exists (select 1 from app.case_exclusion e where e.case_id = x.case_id)
      or exists (select 1 from app.break_glass g where g.case_id = x.case_id)
      or exists (select 1 from app.intake_row o where o.person_id = x.person_id and o.batch_id <> p_batch and o.imported_at is not null);
  for t in select g.table_name, g.key_column, g.shape from sec.guarded g
           where g.shape in ('case', 'person')
             and g.table_name not in ('case_file', 'case_care', 'person', 'person_name', 'person_birth_place', 'person_return', 'household_membership') loop
    return query execute format(
      'select x.ref from sec.brought_in($1) x where exists (select 1 from app.%I t where t.%I = x.%I)',
      t.table_name, t.key_column, case t.shape when 'case' then 'case_id' else 'person_id' end) using p_batch;
  end loop;
end $$;

-- The references of the cases because of which it cannot be undone; or one row with how many people are gone.
create function sec.undo_import(p_by uuid, p_batch uuid) returns table (ref text, people integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  persons uuid[];
  cases uuid[];
  homes uuid[];
  gone integer;
begin
  if sec.member() <> p_by or not sec.holds('coordinator') or cardinality(sec.excluded()) > 0 then raise exception 'undo.unavailable' using errcode = '42501'; end if;
  perform 1 from app.intake_batch b
    where b.id = p_batch and b.institution_id = sec.institution() and b.state in ('imported', 'failed')
      and b.destroyed_at is null;
  if not found then raise exception 'undo.unavailable' using errcode = '42501'; end if;

  return query select distinct u, 0 from sec.built_upon(p_batch) u;
  if found then return; end if;

  select coalesce(array_agg(x.person_id), '{}'), coalesce(array_agg(x.case_id) filter (where x.case_id is not null), '{}')
    into persons, cases from sec.brought_in(p_batch) x;
  if exists (select 1 from app.case_anchor k where k.case_id = any (cases) and k.lead_id <> sec.institution()) then
    raise exception 'undo.unavailable' using errcode = '42501';
  end if;
  select coalesce(array_agg(distinct m.household_id), '{}') into homes from app.household_membership m where m.person_id = any (persons);
  delete from app.access_grant g where g.case_id = any (cases);
  delete from app.involvement i where i.case_id = any (cases);
  delete from app.case_access_cat a where a.case_id = any (cases);
  delete from app.case_access a where a.case_id = any (cases);
  delete from app.case_care c where c.case_id = any (cases);
  delete from app.case_file f where f.id = any (cases);
  delete from app.case_anchor k where k.case_id = any (cases);
  delete from app.person_twin t where t.one_id = any (persons) or t.other_id = any (persons);
  delete from app.person_return v where v.person_id = any (persons);
  delete from app.household_membership m where m.person_id = any (persons);
  delete from app.household h where h.id = any (homes)
    and not exists (select 1 from app.household_membership m where m.household_id = h.id);
  delete from app.person_name n where n.person_id = any (persons);
  delete from app.person_birth_place b where b.person_id = any (persons);
  delete from app.person p where p.id = any (persons);
  get diagnostics gone = row_count;
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'people.taken_away', false, null, 0, 'batch', p_batch,
                          jsonb_build_object('people', gone));
  return query select null::text, gone;
exception
  -- Something else refers to one of them: a table that is guarded in a way of its own. Everything above is taken back.
  when foreign_key_violation then
    return query select '—'::text, 0;
end $$;

grant execute on function sec.undo_import(uuid, uuid) to homeward_app, homeward_job;
reset role;
