-- "Which of the cases my institution leads is most urgent?" is asked on every home page, by institutions that lead three
-- cases and by one that may lead a million. Answered through row-level security it would be a question to each of them; so
-- who leads stands beside the deadline, and the most urgent are read from an index, in their order, by a definer function
-- that asks the rule itself. What it gives are keys: their rows are then read by the caller, under row-level security.
set local role homeward_definer;

-- Cases the asking institution leads and the asking member may know the standing of, the most urgent first. p_state: only
-- those that stand there; p_roles: only those escalated to one of these; from and until: the first day due and the first
-- day that is not asked for; p_by_another: not those whose closure the asking member has proposed.
create function sec.led_cases(p_state text, p_roles text[], p_from date, p_until date, p_by_another boolean, p_limit integer)
  returns table (case_id uuid)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  ours uuid := sec.institution();
  me uuid := sec.member();
  shut uuid[] := sec.excluded();
  state text := case when p_state is null then '' else format('and c.state = %L', p_state) end;
begin
  if (sec.mask() & 8) = 0 then return; end if;
  -- The state is part of the text, so that the planner sees which of the two indexes serves.
  return query execute format($q$
    select c.case_id from app.case_care c
    where c.lead_id = $1 %s and c.due_on >= $4 and c.due_on < $5
      and ($6 is null or c.escalates_to = any ($6)) and c.case_id <> all ($3)
      and (not $7 or c.closure_proposed_by_id is distinct from $2)
      and exists (
        select 1 from app.case_access_cat a
        where a.institution_id = $1 and a.case_id = c.case_id and a.category = 3 and a.depth >= 2
          and a.member_id in ('00000000-0000-0000-0000-000000000000', $2) and a.expires_at > now())
    order by c.due_on, c.case_id limit $8 $q$, state)
  using ours, me, shut, coalesce(p_from, '-infinity'), coalesce(p_until, 'infinity'), p_roles, p_by_another, least(p_limit, 100);
end $$;

grant execute on function sec.led_cases(text, text[], date, date, boolean, integer) to homeward_app, homeward_job;
reset role;
