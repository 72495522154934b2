-- How a proposed version of a sharing protocol comes into force: both parties sign it, each for its own side, and nobody
-- for the other. The web's role cannot change a protocol at all; these functions do, and each checks everything itself.
-- A mandate (a protocol of which one institution could be both sides) rests on a law and comes with the country's pack.
set local role homeward_definer;

-- What is being signed, as one number: whoever signs says which text was read.
create function sec.protocol_digest(p_protocol uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(jsonb_build_array(p.code, p.version, p.provider_id, p.provider_kind, p.receiver_id, p.receiver_kind,
    p.title, p.legal_basis, p.purpose, p.from_age, p.until_age, extract(epoch from p.valid_until),
    (select jsonb_agg(jsonb_build_array(l.category, l.depth, l.writes) order by l.category)
     from app.protocol_clause l where l.protocol_id = p.id))::text, 'UTF8')), 'hex')
  from app.sharing_protocol p where p.id = p_protocol
$$;

-- Which red line a proposal would cross, together with what its receivers are given already; null if none. The same rule
-- stands in foundation.access.rules, where it is said in words. 13 education, 14 health, 15 counselling, 16 child
-- protection, 17 gender-based violence, 19 intelligence; who writes 5 custody, 6 supervision, 18 security or
-- 19 intelligence is an arm of the state that guards people, whatever it is called; courts and prosecution investigate them.
create function sec.protocol_fault(p_protocol uuid) returns text
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  p app.sharing_protocol;
  gives text;
  takes text;
  taker text;
  clauses jsonb;
begin
  select * into p from app.sharing_protocol x where x.id = p_protocol;
  taker := coalesce((select i.kind from app.institution i where i.id = p.receiver_id), p.receiver_kind);
  select k.party into takes from app.institution_kind k where k.code = taker;
  select k.party into gives from app.institution_kind k
    where k.code = coalesce((select i.kind from app.institution i where i.id = p.provider_id), p.provider_kind);
  if coalesce(takes, 'donor') in ('donor', 'oversight') or coalesce(gives, 'donor') in ('donor', 'oversight') then
    return 'protocol.nobody';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('c', l.category, 'd', l.depth, 'w', l.writes)), '[]') into clauses
  from app.protocol_clause l join app.sharing_protocol q on q.id = l.protocol_id
  left join app.institution i on i.id = q.receiver_id
  where q.id = p.id or (q.code <> p.code and q.state in ('in_force', 'suspended') and coalesce(i.kind, q.receiver_kind) = taker);
  if exists (select 1 from jsonb_to_recordset(clauses) x(c int, d int, w boolean) where x.c in (14, 15, 17, 19) and x.d > 1) then
    return 'protocol.confided';
  end if;
  if takes = 'security' and exists (select 1 from jsonb_to_recordset(clauses) x(c int, d int, w boolean) where x.d > 1) then
    return 'protocol.security';
  end if;
  if (takes in ('security', 'judicial') or exists (select 1 from jsonb_to_recordset(clauses) x(c int, d int, w boolean) where x.c in (5, 6, 18, 19) and x.w))
     and exists (select 1 from jsonb_to_recordset(clauses) x(c int, d int, w boolean) where x.c between 13 and 17 and (x.d > 0 or x.w)) then
    return 'protocol.sheltered';
  end if;
  return null;
end $$;

-- One party signs. With the second signature the version comes into force, the one before ends, every open door leads on
-- under the new one and no longer than before, and other proposals for the same protocol are overtaken.
create function sec.sign_protocol(p_protocol uuid, p_digest text) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  p app.sharing_protocol;
  old app.sharing_protocol;
  me app.institution;
  side text;
  fault text;
  doors bigint;
begin
  if not sec.holds('coordinator') then raise exception 'protocol.unavailable' using errcode = '42501'; end if;
  -- Two protocols that are harmless alone and not together are never signed at the same moment.
  perform pg_advisory_xact_lock(77102);
  -- Two who sign at once take turns, over all versions in the same order.
  perform 1 from app.sharing_protocol x where x.code = (select y.code from app.sharing_protocol y where y.id = p_protocol)
    order by x.version for update;
  select * into p from app.sharing_protocol x where x.id = p_protocol;
  select * into me from app.institution i where i.id = c[2]::uuid;
  side := case when p.provider_id = me.id or p.provider_kind = me.kind then 'provider'
               when p.receiver_id = me.id or p.receiver_kind = me.kind then 'receiver' end;
  if side is null or p.state <> 'proposed' then raise exception 'protocol.unavailable' using errcode = '42501'; end if;
  if p.provider_kind <> '' and p.provider_kind = p.receiver_kind or exists (
       select 1 from app.institution i where (i.id = p.provider_id or i.kind = p.provider_kind) and (i.id = p.receiver_id or i.kind = p.receiver_kind)) then
    raise exception 'protocol.mandate' using errcode = '42501';
  end if;
  -- Nobody gives away what others hold: for a whole kind of institutions speaks the country, not the first one that signs.
  if p.provider_kind <> '' and (
       select count(*) from app.institution i where i.kind = p.provider_kind and i.closed_on is null) > 1 then
    raise exception 'protocol.many' using errcode = '42501';
  end if;
  if exists (select 1 from app.sharing_protocol x where x.code = p.code and x.state = 'suspended') then
    raise exception 'protocol.suspended' using errcode = '42501';
  end if;
  -- A proposal changes what is shared: neither between whom, nor about whom, nor why, nor for how long. The pages show the
  -- clauses side by side, so nothing else may differ without being seen.
  select * into old from app.sharing_protocol x where x.code = p.code and x.state = 'in_force'
    and x.valid_from <= now() and x.valid_until > now() and x.version < p.version order by x.version desc limit 1;
  if not found or (p.provider_id, p.provider_kind, p.receiver_id, p.receiver_kind, p.from_age, p.until_age, p.title, p.legal_basis, p.purpose)
       is distinct from (old.provider_id, old.provider_kind, old.receiver_id, old.receiver_kind, old.from_age, old.until_age, old.title, old.legal_basis, old.purpose)
     or p.valid_until > old.valid_until or p.valid_until <= now() then
    raise exception 'protocol.other' using errcode = '42501';
  end if;
  if p_digest is distinct from sec.protocol_digest(p.id)
     or exists (select 1 from jsonb_array_elements(p.signatures) s where s ->> 'digest' is distinct from p_digest) then
    raise exception 'protocol.changed' using errcode = '42501';
  end if;
  fault := sec.protocol_fault(p.id);
  if fault is not null then raise exception '%', fault using errcode = '42501'; end if;
  -- Nobody agrees about data behind the wall of another unit.
  if exists (
    select 1 from (select l.category, l.depth, l.writes from app.protocol_clause l where l.protocol_id = p.id) n
    full join (select l.category, l.depth, l.writes from app.protocol_clause l where l.protocol_id = old.id) o using (category)
    where (n.depth, n.writes) is distinct from (o.depth, o.writes) and sec.mask() & (1 << category) = 0) then
    raise exception 'protocol.view' using errcode = '42501';
  end if;
  -- Nor is more given than before of what the provider itself may not read: it lies with others.
  if exists (
    select 1 from app.protocol_clause n
    left join app.protocol_clause o on o.protocol_id = old.id and o.category = n.category
    where n.protocol_id = p.id and n.depth > coalesce(o.depth, 0) and n.depth > coalesce((
      select max(l.depth) from app.protocol_clause l join app.sharing_protocol q on q.id = l.protocol_id
      where l.category = n.category and q.state = 'in_force' and q.valid_from <= now() and q.valid_until > now()
        and exists (
          select 1 from app.institution i where (i.id = p.provider_id or i.kind = p.provider_kind)
            and (i.id = q.provider_id or i.kind = q.provider_kind) and (i.id = q.receiver_id or i.kind = q.receiver_kind))), 0)) then
    raise exception 'protocol.beyond' using errcode = '42501';
  end if;
  if exists (select 1 from jsonb_array_elements(p.signatures) s where s ->> 'side' = side) then
    raise exception 'protocol.signed' using errcode = '42501';
  end if;
  -- Somebody who works for both parties signs for one of them.
  if exists (select 1 from jsonb_array_elements(p.signatures) s join app.member x on x.id = (s ->> 'member')::uuid
             join app.member y on y.account_id = x.account_id where y.id = c[1]::uuid) then
    raise exception 'protocol.both' using errcode = '42501';
  end if;
  p.signatures := p.signatures || jsonb_build_object('side', side, 'institution', me.code, 'office', me.name, 'on', sec.today(),
                                                     'member', c[1], 'digest', p_digest);
  update app.sharing_protocol set signatures = p.signatures where id = p.id;
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'protocol.signed', false, null, null, 'sharingprotocol', p.id,
                          jsonb_build_object('code', p.code, 'version', p.version, 'side', side));
  if jsonb_array_length(p.signatures) < 2 then return false; end if;

  update app.sharing_protocol set state = 'in_force', valid_from = now() where id = p.id;
  insert into app.access_grant (id, involvement_id, case_id, institution_id, protocol_id, valid_from, valid_until)
  select gen_random_uuid(), g.involvement_id, g.case_id, g.institution_id, p.id, greatest(g.valid_from, now()),
         least(g.valid_until, p.valid_until)
  from app.access_grant g join app.involvement v on v.id = g.involvement_id
  where g.protocol_id = old.id and g.revoked_at is null and g.valid_until > clock_timestamp()
    and v.ended_by_id is null and v.ends_at > clock_timestamp();
  get diagnostics doors = row_count;
  update app.access_grant set revoked_at = clock_timestamp(), revoked_by_id = c[1]::uuid where protocol_id = old.id and revoked_at is null;
  update app.sharing_protocol set state = 'ended', closed_at = clock_timestamp(), closed_by_id = c[1]::uuid
  where code = p.code and id <> p.id and state in ('in_force', 'proposed');
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'protocol.came_into_force', false, null, null, 'sharingprotocol', p.id,
                          jsonb_build_object('code', p.code, 'version', p.version, 'doors', doors));
  return true;
end $$;

-- A proposal is taken back by those who made it, or declined by a party. Either way it stays readable, with the reason.
create function sec.close_proposal(p_protocol uuid, p_state text, p_reason text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c text[] := sec.ctx();
  p app.sharing_protocol;
begin
  select * into p from app.sharing_protocol x where x.id = p_protocol and x.state = 'proposed' for update;
  if not found or btrim(coalesce(p_reason, '')) = '' or (case p_state
       when 'withdrawn' then not coalesce(p.proposed_by_id = c[1]::uuid or (sec.holds('coordinator') and exists (
         select 1 from app.member m where m.id = p.proposed_by_id and m.institution_id = c[2]::uuid)), false)
       when 'declined' then not (sec.holds('coordinator') and exists (
         select 1 from app.institution i where i.id = c[2]::uuid
           and (i.id in (p.provider_id, p.receiver_id) or i.kind in (p.provider_kind, p.receiver_kind))))
       else true end) then
    raise exception 'protocol.unavailable' using errcode = '42501';
  end if;
  update app.sharing_protocol set state = p_state, closed_at = clock_timestamp(), closed_by_id = c[1]::uuid, closing_reason = btrim(p_reason)
  where id = p.id;
  perform sec.write_event(c[1]::uuid, c[2]::uuid, c[7], 'protocol.' || p_state, false, null, null, 'sharingprotocol', p.id,
                          jsonb_build_object('code', p.code, 'version', p.version));
end $$;

grant execute on function sec.protocol_digest(uuid), sec.protocol_fault(uuid), sec.sign_protocol(uuid, text), sec.close_proposal(uuid, text, text)
  to homeward_app, homeward_job;
reset role;
