-- One person lives in one household once at a time. Two officers writing at once take turns; the check sees rows that the
-- writer may not, or a hidden past membership could be doubled. After the row, so that its own constraints speak first and
-- rows of one statement see each other. What they wait for is the household's row: locks that stand in no row fill the
-- server's memory for locks when a long list is taken in.
set local role homeward_owner;
grant update (id) on app.household to homeward_definer; -- holding a row needs it

reset role;
set local role homeward_definer;

create function sec.one_membership_at_a_time() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform 1 from app.household h where h.id = new.household_id for no key update;
  if exists (
    select 1 from app.household_membership m
    where m.household_id = new.household_id and m.person_id = new.person_id and m.id <> new.id
      and daterange(m.starts_on, m.ends_on, '[]') && daterange(new.starts_on, new.ends_on, '[]')) then
    raise exception 'household_membership_no_overlap' using errcode = '23P01', constraint = 'household_membership_no_overlap';
  end if;
  return null;
end $$;
grant execute on function sec.one_membership_at_a_time() to homeward_owner;

reset role;
set local role homeward_owner;
create trigger no_overlap after insert or update on app.household_membership
  for each row execute function sec.one_membership_at_a_time();
-- When the rules of folding change, the operator's command files every name anew (actions.refold_names): it reads the names
-- and the year of birth, and writes the columns that follow from them, nothing else.
grant select, update (folded, skeletons, keys, fold_version) on app.person_name to homeward_migrate;
grant select (id, born) on app.person to homeward_migrate;
-- The operator's command that looks for people who were registered twice (actions.link_register) compares by these as well.
-- It tells references and what speaks for a pair; no page and no job has any of it.
grant select (ref, sex, municipality_id) on app.person to homeward_migrate;
grant select on app.household_membership to homeward_migrate;
reset role;
