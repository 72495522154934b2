-- What the erasing of a case (cases/sql/erasure.sql) does to people beside deleting their rows, and what the clock does
-- every night. The application's roles delete nothing and may call none of this; the clock's role may call what is its own.
set local role homeward_owner;
grant update (guardian_id, guardian_erased, basis) on app.guardianship to homeward_definer;
grant update (state, version) on app.person_return to homeward_definer;
reset role;
set local role homeward_definer;

-- The child keeps that there was somebody who answered for it, of which kind and when; who it was is forgotten, and so is
-- the basis, because a court's decision names people. p_try: only say of how many.
create function sec.forget_guardian(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare n bigint;
begin
  if p_try then return (select count(*) from app.guardianship g where g.guardian_id = p_person); end if;
  update app.guardianship set guardian_id = null, guardian_erased = true, basis = '' where guardian_id = p_person;
  get diagnostics n = row_count;
  return n;
end $$;

-- A household goes with the last person who ever lived in it.
create function sec.forget_household(p_case uuid, p_person uuid, p_try boolean) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  homes uuid[];
  n bigint;
begin
  select coalesce(array_agg(distinct m.household_id), '{}') into homes from app.household_membership m
    where m.person_id = p_person
      and not exists (select 1 from app.household_membership o where o.household_id = m.household_id and o.person_id <> p_person);
  if p_try then return cardinality(homes); end if;
  delete from app.household_membership m where m.person_id = p_person;
  delete from app.household h where h.id = any (homes)
    and not exists (select 1 from app.household_membership m where m.household_id = h.id);
  get diagnostics n = row_count;
  return n;
end $$;

-- Every night: whoever was expected and whose time on that list is over is expected no longer, in every institution. Each
-- leaves an event of the operator's, seen with the case by those who may see its returns (2 is Category.RETURN).
create function sec.expire_expected() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v record;
  n integer := 0;
begin
  for v in update app.person_return set state = 'expired', version = version + 1
           where state = 'expected' and expires_on <= sec.today() returning id, person_id loop
    perform sec.write_event(null, null, 'operator', 'return.expired', false,
      (select k.case_id from app.case_anchor k where k.person_id = v.person_id), 2, 'return', v.id, '{}');
    n := n + 1;
  end loop;
  return n;
end $$;

grant execute on function sec.expire_expected() to homeward_job, homeward_migrate;
reset role;
