"""Weakens the guard in one place at a time and sees whether the attacks notice: `python -m tests.attacks.mutations`.

An attack that is beaten off proves nothing if it would also be beaten off by a guard with a hole. So every policy is
weakened condition by condition, every function check by check, every privilege one by one, each time on the stage
only, and at least one attack has to break through. What still holds without a condition is listed with the reason.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from tests.attacks import becoming, cheating, listening, reading, writing
from tests.attacks.siege import Attack, Siege

ATTACKS: tuple[Attack, ...] = (
    *reading.ATTACKS,
    *writing.ATTACKS,
    *cheating.ATTACKS,
    *becoming.ATTACKS,
    *listening.ATTACKS,
)
REPORT = Path(__file__).resolve().parents[2] / "docs" / "domain" / "access-proof.md"


@dataclass(frozen=True)
class Mutation:
    """One weakening, how to do it, how to take it back, and which attacks should notice it first."""

    kind: str
    name: str
    weaken: tuple[str, ...]
    restore: tuple[str, ...]
    table: str = ""
    first: tuple[Attack, ...] = field(default=(), compare=False)


# Conditions that another one makes superfluous: left in because they cost nothing and say what is meant.
SUPERFLUOUS = {
    "policy case_access_cat.mine without (member_id)": "",
}


# --- policies


def policies(siege: Siege) -> Iterator[Mutation]:
    """Every policy for the web's roles: open to all, and without each of its conditions in turn."""
    rows = siege.stage.ask(
        "select n.nspname, c.relname, p.polname, p.polcmd::text, pg_get_expr(p.polqual, p.polrelid), "
        "pg_get_expr(p.polwithcheck, p.polrelid) from pg_policy p join pg_class c on c.oid = p.polrelid "
        "join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = any (p.polroles) "
        "where r.rolname = 'homeward_app' order by 1, 2, 3"
    )
    for schema, table, name, command, using, check in rows:
        on = f"alter policy {name} on {schema}.{table}"
        both = {"using": using, "with check": check}
        # A condition said of the old and of the new row alike is left out of both: each alone would cover for the other.
        variants: dict[tuple[str, int], dict[str, str]] = {}
        for clause, expression in both.items():
            seen: Counter[str] = Counter()
            for what, weaker in weakenings(expression) if expression else ():
                seen[what] += 1
                variants.setdefault((what, seen[what]), {})[clause] = weaker
        for (what, number), weaker in variants.items():
            if check and "with check" not in weaker and f"without {_bare(check)}" == what:
                weaker["with check"] = "true"
            yield Mutation(
                kind="policy",
                name=f"{schema}.{table}: {name} {what}{f' ({number})' if number > 1 else ''}",
                weaken=tuple(f"{on} {clause} ({text})" for clause, text in weaker.items()),
                restore=tuple(f"{on} {clause} ({both[clause]})" for clause in weaker),
                table=table,
                first=_first(table, command),
            )


def _bare(expression: str) -> str:
    return " ".join(expression.split())


def _first(table: str, command: str) -> tuple[Attack, ...]:
    if command == "r":
        return (reading.as_every_member, reading.without_a_context)
    special: dict[str, Attack] = {
        "case_anchor": cheating.opening,
        "involvement": cheating.letting_in,
        "access_grant": cheating.letting_in,
        "case_exclusion": cheating.keeping_away,
        "member": cheating.seating,
        "focal_point": cheating.seating,
        "sharing_protocol": cheating.proposing,
        "protocol_clause": cheating.proposing,
    }
    if table in special:
        return (special[table], cheating.prolonging)
    if command == "a":
        return (writing.into_every_case, writing.in_any_table_without_a_context)
    return (writing.over_what_others_wrote, writing.by_moving_rows)


def weakenings(expression: str) -> Iterator[tuple[str, str]]:
    """(what was left out, the weaker expression): everything, then each condition that stands beside others."""
    yield "everything", "true"
    text = " ".join(expression.split())
    for start, end in _groups(text):
        parts = _split(text[start:end])
        if len(parts) < 2:
            continue
        for number, part in enumerate(parts):
            left = " AND ".join(one for other, one in enumerate(parts) if other != number)
            yield f"without {part}", text[:start] + left + text[end:]
    for match in re.finditer(r"WHERE \(", text):  # a condition that stands alone
        start, end = match.end(), _closing(text, match.end() - 1)
        if len(_split(text[start:end])) == 1:
            yield f"without {text[start:end]}", text[:start] + "true" + text[end:]


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """The inside of every pair of parentheses, and the whole."""
    yield 0, len(text)
    for start, sign in enumerate(text):
        if sign == "(":
            yield start + 1, _closing(text, start)


def _closing(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(text)


def _split(text: str) -> list[str]:
    """The conditions joined by AND at the top of this text; nothing if it is joined by something else."""
    parts, depth, begin, place = [], 0, 0, 0
    while place < len(text):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0 and text.startswith(" AND ", place):
            parts.append(text[begin:place])
            begin = place = place + 5
            continue
        if depth == 0 and (text.startswith(" OR ", place) or text.startswith(" SELECT ", place)):
            return []
        place += 1
    return [*parts, text[begin:]]


# --- functions

# (function, what it says, what it says instead, the attack that should notice it first)
CHECKS: tuple[tuple[str, str, str, Attack], ...] = (
    (
        "sec.ctx()",
        "raise exception 'no security context' using errcode = '28000';",
        "return null;",
        reading.without_a_context,
    ),
    (
        "sec.ctx()",
        "if sha256(convert_to(c, 'UTF8')) is distinct from sha256(convert_to(p || '.' || sec.sign(p), 'UTF8')) then",
        "if false then",
        reading.with_a_forged_context,
    ),
    (
        "sec.ctx()",
        "if clock_timestamp() > transaction_timestamp() +",
        "if false and clock_timestamp() > transaction_timestamp() +",
        cheating.staying,
    ),
    ("sec.sign(text)", "|| pg_backend_pid() ||", "||", reading.with_a_replayed_context),
    (
        "sec.sign(text)",
        "extract(epoch from transaction_timestamp())::text",
        "'x'",
        reading.with_a_replayed_context,
    ),
    ("sec.sign(text)", "p_payload || '|' ||", "", reading.with_a_changed_context),
    ("sec.enter(text)", "and x.revoked_at is null", "", cheating.entering),
    ("sec.enter(text)", "and x.expires_at > now()", "", cheating.entering),
    (
        "sec.enter(text)",
        "and (x.kind <> 'web' or x.last_seen_at > now() - interval '30 minutes')",
        "",
        cheating.entering,
    ),
    ("sec.enter(text)", "and (x.kind <> 'job' or session_user = 'homeward_job')", "", cheating.entering),
    ("sec.enter(text)", "and c.is_active", "", cheating.entering),
    ("sec.enter(text)", "and b.account_id = s.account_id", "", cheating.entering),
    ("sec.enter(text)", "and b.starts_on <= sec.today()", "", cheating.entering),
    ("sec.enter(text)", "and (b.ends_on is null or b.ends_on > sec.today())", "", cheating.entering),
    ("sec.enter(text)", "and i.closed_on is null", "", cheating.entering),
    (
        "sec.enter(text)",
        "where member_id = m.id and lifted_at is null",
        "where false",
        reading.as_every_member,
    ),
    (
        "sec.enter(text)",
        "sec.roles_of(b.institution_id, b.roles::text[])",
        "b.roles",
        reading.as_every_member,
    ),
    ("sec.enter(text)", "then 0 else 1048575 end", "then 1048575 else 1048575 end", reading.as_every_member),
    ("sec.enter(text)", "coalesce(u.mask, case", "coalesce(null, case", reading.as_every_member),
    ("sec.today()", "(now() at time zone 'Europe/Belgrade')::date", "current_date", cheating.entering),
    ("sec.memberships(uuid)", "m.account_id = p_account", "true", cheating.entering),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "if p_kind not in ('web', 'operator') then",
        "if false then",
        cheating.entering,
    ),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "p_assurance not in (1, 2) or",
        "",
        cheating.entering,
    ),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "or (p_assurance = 2) <> (p_factor_at is not null)",
        "",
        cheating.entering,
    ),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "or p_factor_at > clock_timestamp()",
        "",
        cheating.entering,
    ),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "now() + least(p_ttl, interval '12 hours')",
        "now() + p_ttl",
        cheating.entering,
    ),
    (
        "sec.choose_member(bytea,uuid)",
        "and exists (select 1 from sec.memberships(s.account_id) x where x.member_id = p_member)",
        "",
        cheating.entering,
    ),
    ("sec.confirm_factor(bytea,timestamptz)", "and p_at <= clock_timestamp()", "", cheating.entering),
    (
        "sec.delegate(bytea,interval)",
        "now() + least(p_ttl, interval '6 hours')",
        "now() + p_ttl",
        cheating.entering,
    ),
    ("sec.delegate(bytea,interval)", "'job', 1", "'operator', 1", cheating.entering),
    (
        "sec.end_sessions_of_member()",
        "if new.ends_on is not null and new.ends_on <= sec.today() then",
        "if false then",
        cheating.entering,
    ),
    ("sec.roles_of(uuid,text[])", "and k.party = 'oversight'", "", reading.as_every_member),
    (
        "sec.may_seat(uuid,uuid,uuid,text[])",
        "sec.holds('administrator', 'coordinator')",
        "true",
        cheating.seating,
    ),
    ("sec.may_seat(uuid,uuid,uuid,text[])", "and p_institution = sec.institution()", "", cheating.seating),
    ("sec.may_seat(uuid,uuid,uuid,text[])", "and m.account_id = p_account", "and false", cheating.seating),
    ("sec.may_seat(uuid,uuid,uuid,text[])", "then sec.mask() = 1048575", "then true", cheating.seating),
    ("sec.may_seat(uuid,uuid,uuid,text[])", "and u.institution_id = p_institution", "", cheating.seating),
    (
        "sec.may_seat(uuid,uuid,uuid,text[])",
        "and coalesce(u.mask, 1048575) & ~sec.mask() = 0",
        "",
        cheating.seating,
    ),
    (
        "sec.may_seat(uuid,uuid,uuid,text[])",
        "and cardinality(sec.roles_of(p_institution, p_roles)) = cardinality(p_roles)",
        "",
        cheating.seating,
    ),
    ("sec.leads_by(text[],uuid)", "(c[3]::integer & 8) <> 0 and", "", cheating.letting_in),
    (
        "sec.leads_by(text[],uuid)",
        "p_case <> all (string_to_array(c[8], ' ')::uuid[])",
        "true",
        cheating.letting_in,
    ),
    ("sec.leads_by(text[],uuid)", "and k.lead_id = c[2]::uuid", "", cheating.letting_in),
    (
        "sec.shares_by(text[],uuid)",
        "string_to_array(c[4], ' ') && array['coordinator', 'caseworker', 'supervisor'] and",
        "",
        cheating.letting_in,
    ),
    ("sec.shares_by(text[],uuid)", "and sec.leads_by(c, p_case)", "", cheating.letting_in),
    ("sec.may_grant(uuid,uuid,uuid)", "sec.shares_by(c, p_case) and", "", cheating.letting_in),
    ("sec.may_grant(uuid,uuid,uuid)", "and t.closed_on is null", "", cheating.letting_in),
    ("sec.may_grant(uuid,uuid,uuid)", "p.state = 'in_force' and", "", cheating.letting_in),
    ("sec.may_grant(uuid,uuid,uuid)", "and p.valid_from <= now()", "", cheating.letting_in),
    ("sec.may_grant(uuid,uuid,uuid)", "and p.valid_until > now()", "", cheating.letting_in),
    (
        "sec.may_grant(uuid,uuid,uuid)",
        "and (p.provider_id = l.id or p.provider_kind = l.kind)",
        "",
        cheating.letting_in,
    ),
    (
        "sec.may_grant(uuid,uuid,uuid)",
        "and (p.receiver_id = t.id or p.receiver_kind = t.kind)",
        "",
        cheating.letting_in,
    ),
    ("sec.may_grant(uuid,uuid,uuid)", "not p.adults_only or", "true or", cheating.letting_in),
    ("sec.involves(uuid,uuid,uuid)", "sec.shares(p_case) and", "", listening.hidden_and_missing),
    ("sec.involves(uuid,uuid,uuid)", "and v.case_id = p_case", "", cheating.letting_in),
    ("sec.involves(uuid,uuid,uuid)", "and v.institution_id = p_institution", "", cheating.letting_in),
    (
        "sec.has_mandate_by(text[])",
        "and (p.receiver_id = i.id or p.receiver_kind = i.kind)",
        "",
        cheating.opening,
    ),
    (
        "sec.has_mandate_by(text[])",
        "on (p.provider_id = i.id or p.provider_kind = i.kind) and",
        "on",
        cheating.opening,
    ),
    (
        "sec.opens_by(text[])",
        "string_to_array(c[4], ' ') && array['coordinator', 'caseworker', 'supervisor'] and",
        "",
        cheating.opening,
    ),
    ("sec.opens_by(text[])", "(c[3]::integer & 8) <> 0", "true", cheating.opening),
    ("sec.opens_by(text[])", "and sec.has_mandate_by(c)", "", cheating.opening),
    ("sec.registers(uuid)", "sec.opens_by(sec.ctx()) and", "", listening.hidden_and_missing),
    (
        "sec.registers(uuid)",
        "and not exists (select 1 from app.case_anchor k where k.person_id = p_person)",
        "",
        writing.into_every_case,
    ),
    ("sec.only_closes()", "if new.ends_at > old.ends_at or", "if", cheating.prolonging),
    (
        "sec.only_closes()",
        "or (old.ended_by_id is not null and new is distinct from old)",
        "",
        cheating.prolonging,
    ),
    (
        "sec.only_closes()",
        "or (old.revoked_at is not null and new is distinct from old)",
        "",
        cheating.prolonging,
    ),
    ("sec.hand_over(uuid,uuid)", "if not sec.leads(p_case) or", "if", cheating.handing_over),
    ("sec.hand_over(uuid,uuid)", "or not sec.holds('coordinator')", "", cheating.handing_over),
    ("sec.hand_over(uuid,uuid)", "or p_institution = sec.institution()", "", cheating.handing_over),
    ("sec.hand_over(uuid,uuid)", "and x.institution_id = p_institution", "", cheating.handing_over),
    (
        "sec.hand_over(uuid,uuid)",
        "if not found then raise exception 'lead.no_mandate' using errcode = '42501'; end if;",
        "",
        cheating.handing_over,
    ),
    (
        "sec.hand_over(uuid,uuid)",
        "perform sec.write_event",
        "perform 1 where false and null = sec.write_event",
        cheating.handing_over,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "if not sec.holds('break_glass') or",
        "if",
        cheating.breaking_glass,
    ),
    ("sec.break_glass(uuid,text,smallint[],text)", "c[5]::int < 2 or", "", cheating.breaking_glass),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or to_timestamp(c[6]::bigint) < clock_timestamp() - interval '5 minutes'",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "coalesce(cardinality(p_categories), 0) = 0 or",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or array_position(p_categories, null) is not null",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or not p_categories <@ array[0, 1, 3, 4, 5, 6]::smallint[]",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or exists (select 1 from unnest(p_categories) e(category) where sec.mask() & (1 << e.category) = 0)",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "if length(btrim(coalesce(p_reason, ''))) < 20 or",
        "if",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "'', 'g')) < 12 then",
        "'', 'g')) < 0 then",
        cheating.breaking_glass,
    ),
    ("sec.break_glass(uuid,text,smallint[],text)", ") >= 3 then", ") >= 99 then", cheating.breaking_glass),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "where t.id = c[2]::uuid and",
        "where",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "and l.category = e.category",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or k.case_id = any (sec.excluded())",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "now() + interval '4 hours'",
        "now() + interval '4 days'",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "perform sec.write_event",
        "perform 1 where false and null = sec.write_event",
        cheating.breaking_glass,
    ),
    (
        "sec.review_break_glass(uuid,text)",
        "if coalesce(p_verdict, '') not in ('justified', 'unjustified', 'needs_more') then",
        "if false then",
        cheating.reviewing,
    ),
    ("sec.review_break_glass(uuid,text)", "and g.institution_id <> c[2]::uuid", "", cheating.reviewing),
    (
        "sec.review_break_glass(uuid,text)",
        "and (g.reviewed_at is null or g.verdict = 'needs_more')",
        "",
        cheating.reviewing,
    ),
    ("sec.review_break_glass(uuid,text)", "and g.case_id <> all (sec.excluded())", "", cheating.reviewing),
    ("sec.review_break_glass(uuid,text)", "g.lead_id = c[2]::uuid and", "", cheating.reviewing),
    (
        "sec.review_break_glass(uuid,text)",
        "and sec.holds('coordinator', 'supervisor')",
        "",
        cheating.reviewing,
    ),
    (
        "sec.review_break_glass(uuid,text)",
        "or sec.holds('data_protection')",
        "or sec.holds('data_protection', 'auditor')",
        cheating.reviewing,
    ),
    (
        "sec.review_break_glass(uuid,text)",
        "expires_at = case when p_verdict = 'unjustified' then least(expires_at, now()) else expires_at end",
        "expires_at = expires_at",
        cheating.reviewing,
    ),
    ("sec.existing(uuid)", "and x.institution_id = sec.institution()", "", reading.by_asking_what_exists),
    (
        "sec.existing(uuid)",
        "and x.member_id in ('00000000-0000-0000-0000-000000000000', sec.member())",
        "",
        reading.by_asking_what_exists,
    ),
    ("sec.existing(uuid)", "and x.depth >= 1", "", reading.by_asking_what_exists),
    ("sec.existing(uuid)", "and x.expires_at > now()", "", reading.by_asking_what_exists),
    ("sec.existing(uuid)", "and (sec.mask() & (1 << x.category)) <> 0", "", reading.by_asking_what_exists),
    ("sec.existing(uuid)", "and x.case_id <> all (sec.excluded())", "", reading.by_asking_what_exists),
    (
        "sec.audit(uuid,text,boolean,uuid,integer,text,uuid,jsonb)",
        "if p_by is distinct from c[1]::uuid then",
        "if false then",
        cheating.logging,
    ),
    (
        "sec.audit_many(uuid,text,text,integer,uuid[],uuid[],jsonb)",
        "if p_by is distinct from c[1]::uuid then",
        "if false then",
        cheating.logging,
    ),
    (
        "sec.immutable()",
        "raise exception 'append-only' using errcode = '42501';",
        "return new;",
        cheating.logging,
    ),
    ("sec.holds(text[])", "string_to_array((sec.ctx())[4], ' ') && p_roles", "true", cheating.opening),
)
# The fold: the world is folded anew under the weaker rule, and then read.
FOLD = "sec.fold(uuid[],uuid[])"
FOLDS = (
    "and v.starts_at <= clock_timestamp()",
    "and v.ends_at > clock_timestamp()",
    "and g.revoked_at is null",
    "and p.state = 'in_force'",
    "and p.valid_from <= clock_timestamp()",
    "and p.valid_until > clock_timestamp()",
    "and (p.receiver_id = t.id or p.receiver_kind = t.kind)",
    "and (not p.adults_only or k.adult_on <= sec.today())",
    "and b.expires_at > clock_timestamp()",
)
FOLD_SWAPS = (
    ("max(s.depth)", "min(s.depth)"),
    ("max(s.depth)", "3"),
    ("bool_or(s.writes)", "true"),
    ("bool_or(s.writes)", "bool_and(s.writes)"),
    (
        "select x.i, x.c, e.category, b.member_id, 3, false, b.expires_at",
        "select x.i, x.c, e.category, b.member_id, 3, true, b.expires_at",
    ),
    (
        "select x.i, x.c, e.category, b.member_id, 3, false",
        "select x.i, x.c, e.category, '00000000-0000-0000-0000-000000000000'::uuid, 3, false",
    ),
    ("filter (where a.depth = 3)", "filter (where a.depth >= 0)"),
    ("filter (where a.can_write)", "filter (where true)"),
)
EVERYTHING = (
    "select sec.fold(array_agg(case_id), array_agg(institution_id)) from "
    "(select distinct case_id, institution_id from app.involvement where case_id::text || institution_id not in "
    "(select case_id::text || institution_id from app.case_access where expires_at <= now())) x"
)


def functions(siege: Siege) -> Iterator[Mutation]:
    """Every check of every function, left out or turned."""
    for name, fragment, instead, first in CHECKS:
        yield _function(siege, name, fragment, instead, first)
    for fragment in FOLDS:
        yield _function(siege, FOLD, fragment, "", reading.as_every_member, then=EVERYTHING)
    for fragment, instead in FOLD_SWAPS:
        yield _function(siege, FOLD, fragment, instead, reading.as_every_member, then=EVERYTHING)


def _function(
    siege: Siege, name: str, fragment: str, instead: str, first: Attack, then: str = ""
) -> Mutation:
    source = siege.stage.one("select pg_get_functiondef(%s::regprocedure)", [name])
    pattern = r"\s+".join(re.escape(word) for word in fragment.split())
    weaker, found = re.subn(pattern, lambda _match: instead, source)
    if not found:
        raise LookupError(f"{name} no longer says: {fragment}")
    after = (then,) if then else ()
    return Mutation(
        kind="function",
        name=f"{name}: {' '.join(fragment.split())} → {instead or 'nothing'}",
        weaken=(weaker, *after),
        restore=(source, *after),
        first=(first,),
    )


# --- privileges and switches


def privileges(siege: Siege) -> Iterator[Mutation]:
    """Row-level security off or not forced, rights that nobody has, roles that are more than they should be."""
    guards = [f"app.{table.name}" for table in siege.tables] + ["audit.event", "audit.seal"]
    for table in guards:
        yield _pair(
            "switch",
            f"{table}: row-level security off",
            f"alter table {table} disable row level security",
            f"alter table {table} enable row level security",
            becoming.one_with_forced_policies_only,
        )
        yield _pair(
            "switch",
            f"{table}: not forced on its owner",
            f"alter table {table} no force row level security",
            f"alter table {table} force row level security",
            becoming.one_with_forced_policies_only,
        )
        for right in ("delete", "truncate", "update"):
            columns = siege.stage.one(
                "select string_agg(quote_ident(attname), ', ') from pg_attribute where attrelid = %s::regclass and attnum > 0 "
                "and not attisdropped and has_column_privilege('homeward_app', attrelid, attnum, 'UPDATE')",
                [table],
            )
            back = [f"revoke {right} on {table} from homeward_app"]
            if right == "update" and columns:
                back.append(f"grant update ({columns}) on {table} to homeward_app")
            yield Mutation(
                "privilege",
                f"{table}: the web may {right}",
                (f"grant {right} on {table} to homeward_app",),
                tuple(back),
                first=(becoming.a_user_of_privileges,),
            )
    for table in (
        "sec.session",
        "sec.signing_key",
        "app.app_account",
        "app.django_session",
        "app.procrastinate_jobs",
    ):
        yield _pair(
            "privilege",
            f"the web reads {table}",
            f"grant select on {table} to homeward_app",
            f"revoke select on {table} from homeward_app",
            reading.without_a_context,
        )
    for function in (
        "sec.fold(uuid[],uuid[])",
        "sec.sign(text)",
        "sec.leads(uuid)",
        "sec.leads_by(text[],uuid)",
        "sec.write_event(uuid,uuid,text,text,boolean,uuid,integer,text,uuid,jsonb)",
        "sec.memberships(uuid)",
        "sec.tick()",
    ):
        yield _pair(
            "privilege",
            f"the web calls {function}",
            f"grant execute on function {function} to homeward_app",
            f"revoke execute on function {function} from homeward_app",
            becoming.a_caller_of_more,
        )
    for function in ("sec.enter(text)", "sec.ctx()", "sec.break_glass(uuid,text,smallint[],text)"):
        yield _pair(
            "switch",
            f"{function} looks for names where the caller says",
            f"alter function {function} reset search_path",
            f"alter function {function} set search_path = pg_catalog, pg_temp",
            becoming.a_caller_of_more,
        )
    for table in ("event", "seal"):
        for trigger in ("append_only", "no_truncate"):
            yield _pair(
                "switch",
                f"audit.{table}: {trigger} off",
                f"alter table audit.{table} disable trigger {trigger}",
                f"alter table audit.{table} enable trigger {trigger}",
                cheating.logging,
            )
    yield _pair(
        "privilege",
        "schema app may be written to",
        "grant create on schema app to homeward_app",
        "revoke create on schema app from homeward_app",
        becoming.a_user_of_privileges,
    )
    yield _pair(
        "privilege",
        "the web reads other sessions' queries",
        "grant select on pg_stat_activity to homeward_app; grant execute on function pg_stat_get_activity(integer) to homeward_app",
        "revoke select on pg_stat_activity from homeward_app; revoke execute on function pg_stat_get_activity(integer) from homeward_app",
        becoming.a_reader_of_secrets,
    )
    yield _pair(
        "switch",
        "a view of the owner's",
        "create view app.opened as select * from app.case_access; grant select on app.opened to homeward_app",
        "drop view app.opened",
        becoming.a_user_of_privileges,
    )
    yield _pair(
        "switch",
        "roles may hold anything",
        "alter table app.member drop constraint member_roles_known",
        "alter table app.member add constraint member_roles_known check (cardinality(roles) > 0 and roles::text[] <@ array['coordinator', 'caseworker', 'supervisor', 'security_officer', 'focal_point', 'data_protection', 'auditor', 'analyst', 'administrator', 'break_glass'])",
        cheating.seating,
    )
    yield _pair(
        "switch",
        "the log may hold anything",
        "alter table audit.event rename constraint event_codes to event_codes_off; alter table audit.event drop constraint event_codes_off",
        "alter table audit.event add constraint event_codes check (via ~ '^[a-z]+$' and verb ~ '^[a-z0-9_]+([.][a-z0-9_]+)+$' and subject_type ~ '^[a-z0-9_]+$') not valid",
        cheating.logging,
    )


def _pair(kind: str, name: str, weaken: str, restore: str, first: Attack) -> Mutation:
    return Mutation(kind, name, (weaken,), (restore,), first=(first,))


# --- the trial


@contextmanager
def weakened(siege: Siege, mutation: Mutation) -> Iterator[None]:
    """The stage with this hole in it, and afterwards without."""
    run = siege.stage.superuser.execute
    try:
        for statement in mutation.weaken:
            run(statement)
        siege.forget()
        yield
    finally:
        for statement in mutation.restore:
            run(statement)
        siege.forget()


def notice(siege: Siege, mutation: Mutation) -> str:
    """The first breach any attack finds; empty if none does."""
    with weakened(siege, mutation):
        narrow = Siege(siege.world)
        if mutation.table:
            narrow.__dict__["tables"] = [table for table in siege.tables if table.name == mutation.table]
        for attack, target in chain(
            ((attack, narrow) for attack in mutation.first),
            ((attack, siege) for attack in ATTACKS),
        ):
            for breach in attack(target):
                return f"{attack.__name__}: {breach}"
    return ""


def all_mutations(siege: Siege) -> list[Mutation]:
    return [*policies(siege), *functions(siege), *privileges(siege)]


def trial(
    siege: Siege, mutations: list[Mutation], say: Callable[[str], Any] = lambda _text: None
) -> tuple[dict[str, str], list[str]]:
    """Which weakenings were noticed, by what; and which were not."""
    noticed, unnoticed = {}, []
    for mutation in mutations:
        breach = notice(siege, mutation)
        if breach:
            noticed[mutation.name] = breach
        else:
            unnoticed.append(mutation.name)
        say(f"{'noticed ' if breach else 'UNNOTICED'} {mutation.name[:150]} | {breach[:100]}")
    return noticed, unnoticed


def main() -> None:
    """Tries every weakening and writes the report."""
    from tests.attacks.prove import prove

    began = time.monotonic()
    sys.exit(prove(began))


if __name__ == "__main__":
    main()
