-- What becomes of uploaded lists: after some days the file and what stood in its cells are destroyed, and what is needed to
-- know the rows again stays: whose they are, where they stood, and fingerprints under a key that is not in the database.
-- And when a case is erased, every list of every institution forgets the person.
set local role homeward_owner;
grant update ("values", raw, candidates, undoing, fingerprints, identity, family_key, changed_fields, previous_id, same_as,
  person_id, household_id, made_person, imported_at, verdict) on app.intake_row to homeward_definer;
grant update (state, faults, waiting_rows, destroyed_at) on app.intake_batch to homeward_definer;
reset role;
set local role homeward_definer;

-- A row that says nothing any more, about anybody. It keeps its place, so that the numbers of a list stay what they were.
create function sec.empty_row(p_row uuid) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update app.intake_row set "values" = '{}', raw = '{}', candidates = '[]', undoing = '{}', fingerprints = '{}', identity = '',
    family_key = '', changed_fields = '{}', previous_id = null, same_as = null, person_id = null, household_id = null,
    made_person = false, imported_at = null, verdict = 'left_out'
  where id = p_row
$$;

-- Rows about the person in every institution, and rows nobody has imported that certainly say the same of the same person:
-- with a whole date of birth and the father's name, or in a list of an institution that knows the person. A namesake of
-- whom no more is known is somebody else. Rows of which the person was only one of several candidates keep the others. p_try: only say how many rows there are.
create function sec.forget_rows(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  rows uuid[];
  lists uuid[];
begin
  select coalesce(array_agg(r.id), '{}'), coalesce(array_agg(distinct r.batch_id), '{}') into rows, lists from app.intake_row r
    where r.person_id = p_person or (r.person_id is null and r.identity <> '' and r.identity in (
      select i.identity from app.intake_row i where i.person_id = p_person)
      and ((r."values" ->> 'born' ~ '^\d{4}-\d{2}-\d{2}$' and coalesce(r."values" ->> 'father', '') <> '')
        or exists (select 1 from app.intake_row o where o.person_id = p_person and o.institution_id = r.institution_id)));
  if p_try then return cardinality(rows); end if;
  perform sec.empty_row(r) from unnest(rows) r;
  update app.intake_row r set candidates = (
      select coalesce(jsonb_agg(one), '[]') from jsonb_array_elements(r.candidates) one
      where one ->> 'person' is distinct from p_person::text)
    where r.candidates @> jsonb_build_array(jsonb_build_object('person', p_person::text));
  update app.intake_batch b set waiting_rows = (
      select count(*) from app.intake_row r where r.batch_id = b.id and r.verdict = 'review')
    where b.id = any (lists) and b.waiting_rows > 0;
  return cardinality(rows);
end $$;

-- Every night: lists whose days are over, counted from the import or, where there was none, from the upload. What nobody
-- has decided by then is left out. A list that is being imported at this moment waits for the next night.
create function sec.destroy_lists() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b record;
  n integer := 0;
begin
  for b in select x.id, x.state from app.intake_batch x, sec.retention r
           where x.destroyed_at is null and x.state <> 'importing'
             and (coalesce(x.imported_at, x.uploaded_at) at time zone 'Europe/Belgrade')::date + r.list_days <= sec.today()
           for update of x skip locked loop
    delete from app.intake_content c where c.batch_id = b.id;
    perform sec.empty_row(r.id) from app.intake_row r where r.batch_id = b.id and (r.imported_at is null or b.state = 'undone');
    -- Of a row that became somebody: the place in the family stays readable, because the next list is compared with it.
    update app.intake_row r set raw = '{}', candidates = '[]',
      "values" = case when r."values" ? 'relation' then jsonb_build_object('relation', r."values" -> 'relation') else '{}' end,
      undoing = case when r.undoing ? 'restored' then jsonb_build_object('restored', r.undoing -> 'restored') else '{}' end
    where r.batch_id = b.id and r.imported_at is not null;
    update app.intake_batch set destroyed_at = clock_timestamp(), faults = '[]', waiting_rows = 0,
      state = case when state in ('uploaded', 'refused', 'checked', 'reviewing') then 'discarded' else state end
    where id = b.id;
    perform sec.write_event(null, null, 'operator', 'intake.destroyed', false, null, null, 'intakebatch', b.id, '{}');
    n := n + 1;
  end loop;
  return n;
end $$;

grant execute on function sec.destroy_lists() to homeward_job, homeward_migrate;
reset role;
