-- How long an archived case is kept stands in the database itself, together with the periods of the country: whoever could
-- shorten a period by a statement of their own could erase a case alone and at once. The application may read the day and
-- has no right to write it.
set local role homeward_owner;
grant update (keep_until, erasure_proposed_by_id, erasure_proposed_at, version) on app.case_care to homeward_definer;
reset role;
set local role homeward_definer;

-- The periods in force, loaded from the country pack (actions.load_retention); until then those of rules/retention.py.
create table sec.retention (
  only_one boolean primary key default true check (only_one),
  never_arrived_years integer not null check (never_arrived_years >= 1),
  closed_years integer not null check (closed_years >= 1),
  child_until_age integer not null check (child_until_age >= 18),
  longer_years integer not null check (longer_years >= 1),
  list_days integer not null check (list_days >= 1)
);
insert into sec.retention (never_arrived_years, closed_years, child_until_age, longer_years, list_days) values (1, 5, 21, 5, 90);

create function sec.set_retention(p_never_arrived_years integer, p_closed_years integer, p_child_until_age integer,
                                  p_longer_years integer, p_list_days integer) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update sec.retention set never_arrived_years = p_never_arrived_years, closed_years = p_closed_years,
    child_until_age = p_child_until_age, longer_years = p_longer_years, list_days = p_list_days
$$;

-- The last day on which a case that is archived today is kept. The short period is for whoever never arrived, and the
-- returns say so, not only the state; everybody else is kept for the long one, and who was a child until they could ask
-- for their own file as a grown-up. adult_on is the latest day on which they can come of age; unknown, it adds nothing.
create function sec.keep_until(p_case uuid, p_from text) returns date
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case
    when p_from = 'withdrawn' and not exists (
      select 1 from app.person_return v where v.person_id = k.person_id and v.state = 'arrived')
    then (sec.today() + make_interval(years => r.never_arrived_years))::date
    else greatest((sec.today() + make_interval(years => r.closed_years))::date,
                  (k.adult_on + make_interval(years => r.child_until_age - 18))::date)
  end from app.case_anchor k, sec.retention r where k.case_id = p_case
$$;

-- A date of birth that is corrected changes what may be read, and how long it is kept: the guard goes by what is written
-- now, not by what was thought when the case was opened. The same day as in rules/checks.py (`adult_on`).
create function sec.comes_of_age(p_born text) returns date
  language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  iso text := rtrim(p_born, '~');
  y integer := left(iso, 4)::integer + 18;
  m integer := coalesce(nullif(substr(iso, 6, 2), '')::integer, 12);
  d integer := coalesce(nullif(substr(iso, 9, 2), '')::integer,
                        extract(day from make_date(y - 18, m, 1) + interval '1 month' - interval '1 day')::integer);
begin
  return make_date(y, m, d);
exception when datetime_field_overflow then
  return make_date(y, 3, 1);  -- born on 29 February
end $$;

create function sec.birth_has_changed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare day date := sec.comes_of_age(new.born);
begin
  update app.case_anchor k set adult_on = day where k.person_id = new.id and k.adult_on is distinct from day;
  -- Longer, if it turns out that this was a child; never shorter.
  update app.case_care c set keep_until = (day + make_interval(years => r.child_until_age - 18))::date
  from app.case_anchor k, sec.retention r
  where k.person_id = new.id and c.case_id = k.case_id and c.state = 'archived'
    and c.keep_until < (day + make_interval(years => r.child_until_age - 18))::date;
  return null;
end $$;
grant execute on function sec.birth_has_changed() to homeward_owner;

create function sec.retention_begins() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new.state in ('archived', 'erased') or new.keep_until is not null or new.erasure_proposed_by_id is not null then
      raise exception 'retention.unavailable' using errcode = '42501';
    end if;
  elsif new.state = 'archived' and old.state <> 'archived' then
    if old.state not in ('closed', 'withdrawn') then raise exception 'retention.unavailable' using errcode = '42501'; end if;
    new.keep_until := sec.keep_until(new.case_id, old.state);
  elsif new.state = 'erased' or (old.state = 'archived' and new.state <> 'archived') then
    -- An archived case is kept or erased; it does not come back by a statement of somebody's own and go again.
    raise exception 'retention.unavailable' using errcode = '42501';
  end if;
  return new;
end $$;
grant execute on function sec.retention_begins() to homeward_owner;

-- Does the asking member decide how this case ends: do they hold such a role in the institution that leads it, and may it
-- write about its coordination today?
create function sec.ends(p_case uuid, variadic p_roles text[]) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return sec.holds(variadic p_roles) and sec.leads(p_case) and exists (
    select 1 from app.case_access_cat a
    where a.institution_id = sec.institution() and a.case_id = p_case and a.category = 3 and a.can_write
      and a.member_id = '00000000-0000-0000-0000-000000000000' and a.expires_at > now());
end $$;

-- Kept longer, by whoever could also confirm the erasure. A proposal to erase it falls.
create function sec.keep_longer(p_by uuid, p_case uuid, p_until date) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c app.case_care;
begin
  if sec.member() is distinct from p_by or not sec.ends(p_case, 'coordinator', 'supervisor') then
    raise exception 'retention.unavailable' using errcode = '42501';
  end if;
  select * into c from app.case_care x where x.case_id = p_case for update;
  if c.state is distinct from 'archived' then raise exception 'retention.unavailable' using errcode = '42501'; end if;
  if p_until is null or p_until <= greatest(c.keep_until, sec.today()) then
    raise exception 'retention.not_longer' using errcode = '42501';
  end if;
  if p_until > (select sec.today() + make_interval(years => r.longer_years) from sec.retention r) then
    raise exception 'retention.too_long' using errcode = '42501';
  end if;
  update app.case_care set keep_until = p_until, erasure_proposed_by_id = null, erasure_proposed_at = null, version = version + 1
    where case_id = p_case;
  perform sec.write_event(p_by, sec.institution(), (sec.ctx())[7], 'case.kept_longer', false, p_case, 3, 'case', p_case,
                          jsonb_build_object('until', p_until));
end $$;

-- Cases whose last day has passed, of those the asking institution leads and the asking member may know the standing of, in
-- the order in which it passed. p_proposed: those whose erasure somebody else has proposed, or those where nobody has.
create function sec.ended_cases(p_proposed boolean, p_limit integer) returns table (case_id uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  ours uuid := sec.institution();
  me uuid := sec.member();
  shut uuid[] := sec.excluded();
begin
  if (sec.mask() & 8) = 0 then return; end if;
  return query
    select c.case_id from app.case_care c
    where c.lead_id = ours and c.keep_until < sec.today() and c.case_id <> all (shut)
      and case when p_proposed then c.erasure_proposed_by_id <> me else c.erasure_proposed_by_id is null end
      and exists (
        select 1 from app.case_access_cat a
        where a.institution_id = ours and a.case_id = c.case_id and a.category = 3 and a.depth >= 2
          and a.member_id in ('00000000-0000-0000-0000-000000000000', me) and a.expires_at > now())
    order by c.keep_until, c.case_id limit least(p_limit, 100);
end $$;

-- For the operator: how many archived cases wait for somebody to decide. A number, and nobody's.
create function sec.retention_waiting() returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp as
  $$ select count(*) from app.case_care c where c.keep_until < sec.today() $$;

grant execute on function sec.set_retention(integer, integer, integer, integer, integer) to homeward_migrate;
grant execute on function sec.keep_longer(uuid, uuid, date), sec.ended_cases(boolean, integer) to homeward_app, homeward_job;
grant execute on function sec.retention_waiting() to homeward_job, homeward_migrate;
reset role;
set local role homeward_owner;
create trigger retention_begins before insert or update on app.case_care for each row execute function sec.retention_begins();
reset role;
set local role homeward_owner;
create trigger birth_has_changed after update of born on app.person
  for each row when (old.born is distinct from new.born) execute function sec.birth_has_changed();
reset role;
