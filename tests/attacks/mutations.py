"""Ways to weaken the guard in one place, each of which the attacks must notice: `make prove` tries them all.

An attack that is beaten off proves nothing if it would also be beaten off by a guard with a hole. So every policy is
weakened condition by condition, every function check by check, every privilege one by one, each time on the stage
only, and at least one attack has to break through. What still holds without a condition is listed with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks import becoming, cheating, deciding, listening, matching, paying, reading, writing
from tests.attacks.siege import Attack, Siege


@dataclass(frozen=True)
class Mutation:
    """One weakening, how to do it, how to take it back, and which attacks should notice it first."""

    kind: str
    name: str
    weaken: tuple[str, ...]
    restore: tuple[str, ...]
    table: str = ""
    first: tuple[Attack, ...] = field(default=(), compare=False)


POLICIES = Path(__file__).parents[2] / "homeward/foundation/institutions/sql/policies.sql"
SEARCH = "sec.search_person(uuid,jsonb,integer,text,integer,bigint[],bigint[],bigint[])"

# Weakenings that open nothing, because something else stands behind the same door, and what that is. The condition is
# left in all the same: it costs nothing, and it says what is meant. An entry that an attack notices after all is refused.
EQUIVALENT: dict[str, str] = {
    f"{SEARCH}: and (not n.child_tells or (a.seen_mask & %10$s) <> 0) → nothing": (
        "Under the protocols of the pack whoever is told why there is a case about the parent, and is at home with both, "
        "is told it of the child as well. Other protocols need not be so."
    ),
    f"{SEARCH}: where child.is_at_home and (child.is_told or → where child.is_at_home and (true or": (
        "Under the protocols of the pack whoever is told why there is a case about the parent, and is at home with both, "
        "is told it of the child as well. Other protocols need not be so."
    ),
    "app.household: changed without ((( SELECT sec.mask() AS mask) & 2) <> 0)": (
        "The policy reaches a household through the memberships in it, and the policy of memberships asks the same bit of "
        "the mask: a unit that may not see households finds none, whatever this condition says."
    ),
    "sec.only_closes(): elsif new.valid_until > old.valid_until or → elsif": (
        "Of a grant the program may write only who revoked it and when: it has no right to any other column."
    ),
    "sec.decide_grant(): if new.state = old.state then → if false then": (
        "From a state to the same state is no decision, so the next condition refuses it: this lets the days of what was "
        "awarded be changed."
    ),
    "sec.break_glass(uuid,text,smallint[],text): or array_position(p_categories, null) is not null → nothing": (
        "A list with an empty place in it is contained in no list of categories, so the next condition refuses it as well."
    ),
    "sec.sign_protocol(uuid,text): if p.provider_kind <> '' and p.provider_kind = p.receiver_kind or exists ( → if exists (": (
        "Whoever signs for a kind is an institution of that kind, so the question after it finds one that is both sides."
    ),
    "sec.newcomers(): m.institution_id = sec.institution() and → nothing": (
        "sec.may_seat, which is asked of every row, says yes for seats of the asking institution alone."
    ),
    "sec.ends(uuid,text[]): and a.member_id = '00000000-0000-0000-0000-000000000000' → nothing": (
        "Rows of a single member come from emergency looks, and an emergency gives no right to write."
    ),
    "sec.erase_case(uuid,uuid): if c.erasure_proposed_by_id is null then → if false then": (
        "Without a proposal there is nobody who proposed it, and the question whether two people agree finds no first one."
    ),
    "sec.erase_case(uuid,uuid): and one.id <> other.id → nothing": (
        "The same member has the same account, which the next condition refuses."
    ),
    "app.protocol_clause: fold_changed off": (
        "What a changed clause takes away is folded by fold_moved, which looks at the rows as they were. Without this one a "
        "clause that goes over to another protocol would open there too late, and nothing would stay open."
    ),
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
        for (what, number), weakened in variants.items():
            if check and "with check" not in weakened and f"without {_bare(check)}" == what:
                weakened["with check"] = "true"
            yield Mutation(
                kind="policy",
                name=f"{schema}.{table}: {name} {what}{f' ({number})' if number > 1 else ''}",
                weaken=tuple(f"{on} {clause} ({text})" for clause, text in weakened.items()),
                restore=tuple(f"{on} {clause} ({both[clause]})" for clause in weakened),
                table=table,
                first=_first(table, command),
            )


WRITERS_ONLY = ("return_wave", "published_figure")


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
    if table in WRITERS_ONLY:
        return (writing.into_what_all_may_read,)
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

MATCH = "sec.match_people(uuid,integer[],bigint[],boolean[],jsonb)"
LED = "sec.led_cases(text,text[],date,date,boolean,integer)"
UNDO = "sec.undo_import(uuid,uuid)"
SIGN, FAULT = "sec.sign_protocol(uuid,text)", "sec.protocol_fault(uuid)"
CLOSE, INVITE = "sec.close_proposal(uuid,text,text)", "sec.invite(uuid,bytea)"
ERASE, PROPOSE = "sec.erase_case(uuid,uuid)", "sec.propose_erasure(uuid,uuid)"
CHOOSE, BEGINS = "sec.may_choose_password(uuid,bytea)", "sec.retention_begins()"
KEEP, ENDED = "sec.keep_longer(uuid,uuid,date)", "sec.ended_cases(boolean,integer)"
SAME = "(p.provider_id, p.provider_kind, p.receiver_id, p.receiver_kind, p.from_age, p.until_age, p.title, p.legal_basis, p.purpose)"
CONCERNS, BIRTHDAY = "sec.concerns(date,smallint,smallint)", "sec.birthday(date,smallint)"
COLLEAGUE = "and not exists (select 1 from app.member o where o.account_id = m.account_id and o.institution_id <> m.institution_id)"


def deciding_checks() -> Iterator[tuple[str, str, str, Attack]]:
    """What two have to decide, left to one."""
    for attack, function, swaps in (
        (
            deciding.signing,
            SIGN,
            (
                ("if not sec.holds('coordinator') then", "if false then"),
                ("if side is null or p.state <> 'proposed' then", "if side is null then"),
                ("if side is null or p.state <> 'proposed' then", "if p.state <> 'proposed' then"),
                ("if p.provider_kind <> '' and p.provider_kind = p.receiver_kind or exists (", "if exists ("),
                (
                    "where (i.id = p.provider_id or i.kind = p.provider_kind) and (i.id = p.receiver_id or i.kind = p.receiver_kind)",
                    "where false",
                ),
                ("where x.code = p.code and x.state = 'suspended'", "where false"),
                (
                    "where x.code = p.code and x.state = 'in_force' and",
                    "where x.code = 'dprrp-kps' and x.state = 'in_force' and",
                ),
                ("and x.version < p.version", ""),
                *(
                    (SAME, SAME.replace(f"p.{column}", f"old.{column}"))
                    for column in (
                        "provider_id",
                        "provider_kind",
                        "receiver_id",
                        "receiver_kind",
                        "from_age",
                        "until_age",
                        "title",
                        "legal_basis",
                        "purpose",
                    )
                ),
                ("or p.valid_until > old.valid_until", ""),
                ("or p.valid_until <= now()", ""),
                ("if p_digest is distinct from sec.protocol_digest(p.id) or", "if"),
                ("where s ->> 'digest' is distinct from p_digest", "where false"),
                ("if fault is not null then", "if false then"),
                ("and sec.mask() & (1 << category) = 0", "and false"),
                ("where s ->> 'side' = side", "where false"),
                ("where y.id = c[1]::uuid)", "where false)"),
                ("and i.closed_on is null) > 1", "and i.closed_on is null) > 999"),
                ("where n.protocol_id = p.id and n.depth > coalesce(o.depth, 0)", "where false"),
                ("if jsonb_array_length(p.signatures) < 2 then return false; end if;", ""),
                ("where g.protocol_id = old.id and g.revoked_at is null", "where g.protocol_id = old.id"),
                ("and g.valid_until > clock_timestamp()", ""),
                ("and v.ended_by_id is null", ""),
                ("and v.ends_at > clock_timestamp()", ""),
                ("least(g.valid_until, p.valid_until)", "p.valid_until"),
                ("least(g.valid_until, p.valid_until)", "g.valid_until"),
                ("greatest(g.valid_from, now())", "now()"),
                ("set revoked_at = clock_timestamp(), revoked_by_id", "set revoked_at = null, revoked_by_id"),
                ("state in ('in_force', 'proposed')", "state in ('in_force')"),
                ("state in ('in_force', 'proposed')", "state in ('proposed')"),
            ),
        ),
        (
            deciding.signing,
            "sec.protocol_digest(uuid)",
            (
                (
                    (
                        "(select jsonb_agg(jsonb_build_array(l.category, l.depth, l.writes) order by l.category) "
                        "from app.protocol_clause l where l.protocol_id = p.id)"
                    ),
                    "0",
                ),
            ),
        ),
        (
            deciding.signing,
            FAULT,
            (
                ("coalesce(takes, 'donor') in ('donor', 'oversight') or", ""),
                ("x.c in (14, 15, 17, 19) and x.d > 1", "false"),
                ("x.c in (14, 15, 17, 19) and x.d > 1", "x.c in (14, 15, 17) and x.d > 1"),
                ("takes = 'security' and exists", "false and exists"),
                ("(takes in ('security', 'judicial') or exists", "(exists"),
                ("takes in ('security', 'judicial')", "takes in ('security')"),
                ("x.c in (5, 6, 18, 19) and x.w", "false"),
                ("x.c between 13 and 17 and", "x.c between 14 and 17 and"),
                ("x.c between 13 and 17 and", "x.c between 13 and 16 and"),
                ("(x.d > 0 or x.w)", "x.d > 0"),
                ("(x.d > 0 or x.w)", "x.d > 1"),
                (
                    "or (q.code <> p.code and q.state in ('in_force', 'suspended') and coalesce(i.kind, q.receiver_kind) = taker)",
                    "",
                ),
            ),
        ),
        (
            deciding.closing,
            CLOSE,
            (
                ("and x.state = 'proposed'", ""),
                ("or btrim(coalesce(p_reason, '')) = ''", ""),
                (
                    "p.proposed_by_id = c[1]::uuid or (sec.holds('coordinator') and exists (",
                    "p.proposed_by_id = c[1]::uuid or (exists (",
                ),
                (
                    "where m.id = p.proposed_by_id and m.institution_id = c[2]::uuid",
                    "where m.id = p.proposed_by_id",
                ),
                (
                    "when 'declined' then not (sec.holds('coordinator') and exists (",
                    "when 'declined' then not (exists (",
                ),
                (
                    "and (i.id in (p.provider_id, p.receiver_id) or i.kind in (p.provider_kind, p.receiver_kind))",
                    "",
                ),
                ("else true end", "else false end"),
            ),
        ),
        (
            deciding.inviting,
            "sec.new_account(uuid,text,text,text)",
            (
                ("if not sec.holds('administrator', 'coordinator') then", "if false then"),
                ("if coalesce(p_username, '') !~", "if false and '' !~"),
            ),
        ),
        (
            deciding.inviting,
            INVITE,
            (
                ("and (m.ends_on is null or m.ends_on > sec.today())", ""),
                ("and sec.may_seat(m.institution_id, m.account_id, m.unit_id, m.roles::text[])", ""),
                (COLLEAGUE, ""),
                ("and n.chosen_at is null", ""),
                ("and octet_length(p_token_hash) = 32", ""),
            ),
        ),
        (
            deciding.inviting,
            "sec.newcomers()",
            (
                ("and n.chosen_at is null", ""),
                ("m.institution_id = sec.institution() and", ""),
                ("and (m.ends_on is null or m.ends_on > sec.today())", ""),
                ("and sec.may_seat(m.institution_id, m.account_id, m.unit_id, m.roles::text[])", ""),
                (COLLEAGUE, ""),
            ),
        ),
        (
            deciding.inviting,
            "sec.end_links_of_member()",
            (
                (
                    "update sec.newcomer set token_hash = null where",
                    "update sec.newcomer set token_hash = token_hash where",
                ),
            ),
        ),
        (
            deciding.inviting,
            CHOOSE,
            (
                ("and a.is_active", ""),
                ("n.account_id = p_account and", ""),
                ("and n.token_hash = p_token_hash", ""),
                ("and n.expires_at > now()", ""),
                ("and n.chosen_at is null", ""),
                (
                    "and (select count(distinct m.institution_id) from app.member m where m.account_id = p_account) = 1",
                    "",
                ),
            ),
        ),
        (
            deciding.inviting,
            "sec.has_chosen_password(uuid)",
            (("set chosen_at = now(), token_hash = null", "set token_hash = null"),),
        ),
        (
            deciding.erasing,
            "sec.ends(uuid,text[])",
            (
                ("sec.holds(variadic p_roles) and", ""),
                ("and sec.leads(p_case)", ""),
                ("a.institution_id = sec.institution() and", ""),
                ("and a.category = 3", ""),
                ("and a.can_write", ""),
                ("and a.member_id = '00000000-0000-0000-0000-000000000000'", ""),
                ("and a.expires_at > now()", ""),
            ),
        ),
        (
            deciding.erasing,
            PROPOSE,
            (
                ("sec.member() is distinct from p_by or", ""),
                ("or not sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor')", ""),
                ("if c.state is distinct from 'archived' then", "if false then"),
                ("c.keep_until is null or", ""),
                ("or c.keep_until >= sec.today()", ""),
            ),
        ),
        (
            deciding.erasing,
            ERASE,
            (
                ("sec.member() is distinct from p_by or", ""),
                ("or not sec.ends(p_case, 'coordinator', 'supervisor')", ""),
                ("'coordinator', 'supervisor'", "'coordinator', 'supervisor', 'caseworker'"),
                ("if c.state is distinct from 'archived' then", "if false then"),
                ("c.keep_until is null or", ""),
                ("or c.keep_until >= sec.today()", ""),
                ("if c.erasure_proposed_by_id is null then", "if false then"),
                ("and one.id <> other.id", ""),
                ("and one.account_id <> other.account_id", ""),
                ("and one.institution_id = k.lead_id", ""),
                ("and (one.ends_on is null or one.ends_on > sec.today())", ""),
                ("and one.roles::text[] && array['coordinator', 'caseworker', 'supervisor']", ""),
                ("m.account_id = one.account_id and e.lifted_at is null", "false"),
                ("where m.id in (p_by, c.erasure_proposed_by_id) and", "where m.id = p_by and"),
                (
                    "where m.id in (p_by, c.erasure_proposed_by_id) and",
                    "where m.id = c.erasure_proposed_by_id and",
                ),
                ("if found then raise exception 'erasure.%', reason using errcode = '42501'; end if;", ""),
            ),
        ),
        (
            deciding.erasing,
            "sec.to_be_erased(uuid)",
            (
                (
                    "if not sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then return; end if;",
                    "",
                ),
                ("and c.state = 'archived'", ""),
                ("and c.keep_until < sec.today()", ""),
            ),
        ),
        (
            deciding.erasing,
            "sec.kept_by(uuid)",
            (
                ("where k.case_id = p_case and (g.ends_on", "where false and (g.ends_on"),
                ("(b.reviewed_at is null or b.verdict = 'needs_more')", "b.reviewed_at is null"),
                ("(b.reviewed_at is null or b.verdict = 'needs_more')", "b.verdict = 'needs_more'"),
            ),
        ),
        (
            deciding.erasing,
            "sec.to_be_erased(uuid)",
            (("if not sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then", "if false then"),),
        ),
        (
            deciding.erasing,
            "sec.erasure_kept_by(uuid)",
            (("if sec.ends(p_case, 'coordinator', 'caseworker', 'supervisor') then", "if true then"),),
        ),
        (
            deciding.keeping_longer,
            KEEP,
            (
                ("sec.member() is distinct from p_by or", ""),
                ("or not sec.ends(p_case, 'coordinator', 'supervisor')", ""),
                ("if c.state is distinct from 'archived' then", "if false then"),
                ("p_until is null or", ""),
                ("greatest(c.keep_until, sec.today())", "sec.today()"),
                ("greatest(c.keep_until, sec.today())", "c.keep_until"),
                ("if p_until > (select", "if false and p_until > (select"),
            ),
        ),
        (
            deciding.keeping_longer,
            BEGINS,
            (
                ("new.state in ('archived', 'erased') or", ""),
                ("or new.keep_until is not null", ""),
                ("or new.erasure_proposed_by_id is not null", ""),
                ("if old.state not in ('closed', 'withdrawn') then", "if false then"),
                ("elsif new.state = 'erased' or", "elsif"),
                ("or (old.state = 'archived' and new.state <> 'archived')", ""),
            ),
        ),
        (
            deciding.keeping_longer,
            "sec.keep_until(uuid,text)",
            (
                ("p_from = 'withdrawn' and", ""),
                ("and v.state = 'arrived'", "and false"),
                ("(k.adult_on + make_interval(years => r.child_until_age - 18))::date", "null"),
            ),
        ),
        (
            deciding.asking_what_has_ended,
            ENDED,
            (
                ("if (sec.mask() & 8) = 0 then return; end if;", ""),
                ("c.lead_id = ours and", ""),
                ("and c.keep_until < sec.today()", ""),
                ("and c.case_id <> all (shut)", ""),
                ("c.erasure_proposed_by_id <> me", "true"),
                ("a.institution_id = ours and", ""),
                ("and a.category = 3", ""),
                ("and a.depth >= 2", ""),
                ("and a.member_id in ('00000000-0000-0000-0000-000000000000', me)", ""),
                ("and a.expires_at > now()", ""),
            ),
        ),
    ):
        for fragment, instead in swaps:
            yield function, fragment, instead, attack


TWIN_HELD, MERGE_FAULT = "sec.twin_held(uuid,uuid)", "sec.merge_fault(uuid,uuid)"
JUDGE_TWIN, MERGE_TWIN = "sec.judge_twin(uuid,uuid,text,uuid,text)", "sec.merge_twin(uuid,uuid)"
PART_TWIN, READS_BOTH = "sec.part_twin(uuid,uuid,text)", "sec.reads_both(uuid,uuid)"
AT_DESK = "sec.is_for_the_desk(app.person_twin)"


def matching_checks() -> Iterator[tuple[str, str, str, Attack]]:
    """What is asked before two records become one, and before anybody hears that there are two."""
    for attack, function, fragments in (
        (
            matching.judging,
            READS_BOTH,
            (
                "sec.holds('coordinator', 'caseworker', 'supervisor') and",
                "a.institution_id = sec.institution() and",
                "and (a.cat_mask & 1) <> 0",
                "and a.case_id <> all (sec.excluded())",
                "and sec.leads_one(p_one, p_other)",
            ),
        ),
        (
            matching.judging_in_an_emergency,
            READS_BOTH,
            ("and a.member_id = '00000000-0000-0000-0000-000000000000'",),
        ),
        (matching.judging, TWIN_HELD, ("sec.member() is distinct from p_by or",)),
        (
            matching.merging,
            MERGE_TWIN,
            (
                "and one.account_id <> other.account_id",
                "and (one.ends_on is null or one.ends_on > sec.today())",
                "and one.institution_id = a.lead_id",
                "and one.roles::text[] && array['coordinator', 'caseworker', 'supervisor']",
                "if t.proposed_by_id is null then raise exception 'twin.not_proposed' using errcode = '42501'; end if;",
                "if not sec.holds('coordinator', 'supervisor') then raise exception 'twin.unavailable' using errcode = '42501'; end if;",
                "if fault is not null then raise exception '%', fault using errcode = '42501'; end if;",
                "if t.state <> 'open' then raise exception 'twin.decided' using errcode = '42501'; end if;",
            ),
        ),
        (
            matching.merging,
            MERGE_FAULT,
            (
                "if 'archived' in (kept, other) then return 'twin.archived'; end if;",
                "if kept in ('closed', 'withdrawn') and other not in ('closed', 'withdrawn') then return 'twin.ended'; end if;",
            ),
        ),
        (
            matching.merging,
            JUDGE_TWIN,
            (
                "if t.state <> 'open' or p_verdict = 'reopen' then raise exception 'twin.decided' using errcode = '42501'; end if;",
                "if t.proposed_by_id is not null then raise exception 'twin.proposed' using errcode = '42501'; end if;",
                "if found then raise exception 'twin.said_before' using errcode = '42501'; end if;",
            ),
        ),
        (
            matching.merging,
            PART_TWIN,
            (
                "if t.state <> 'same' then raise exception 'twin.decided' using errcode = '42501'; end if;",
                "if b.lead_id <> a.lead_id then raise exception 'twin.led_elsewhere' using errcode = '42501'; end if;",
                "if not sec.ends(a.case_id, 'coordinator', 'supervisor') then raise exception 'twin.unavailable' using errcode = '42501'; end if;",
            ),
        ),
        (
            matching.asking_the_desk,
            "sec.desk_held(uuid,uuid)",
            (
                "or not sec.holds('linkage_desk')",
                "or not sec.is_for_the_desk(t)",
                "or sec.is_shut_out_of(t)",
            ),
        ),
        (
            matching.asking_the_desk,
            "sec.desk_twins(integer)",
            (
                "if not sec.holds('linkage_desk') then return; end if;",
                "and not sec.is_shut_out_of(t)",
            ),
        ),
        (
            matching.asking_the_desk,
            "sec.contacts_asked()",
            (
                "if not sec.holds('coordinator', 'supervisor') then return; end if;",
                "t.asked_at is not null and",
                "mine.lead_id = sec.institution() and sec.leads(mine.case_id) and",
                "and sec.is_for_the_desk(t)",
                "and not sec.is_sheltered(mine.case_id)",
                "and not sec.is_sheltered(theirs.case_id)",
            ),
        ),
        (
            matching.asking_the_desk,
            AT_DESK,
            (
                "and (a.cat_mask & b.cat_mask & 1) <> 0",
                "t.state = 'open' and",
                "l.person_id in (t.one_id, t.other_id)\n        and",
            ),
        ),
    ):
        for fragment in fragments:
            yield function, fragment, "", attack
    yield (
        "sec.desk_is_seated()",
        "raise exception 'desk.seat' using errcode = '42501';",
        "null;",
        matching.seating_a_desk,
    )
    for function, fragment, attack in (
        ("sec.leads_one(uuid,uuid)", "and sec.leads(k.case_id)", matching.judging),
        (
            "sec.is_shut_out_of(app.person_twin)",
            "and k.case_id = any (sec.excluded())",
            matching.asking_the_desk,
        ),
    ):
        yield function, fragment, "", attack
    yield "sec.is_sheltered(uuid)", "if hit then return true; end if;", "", matching.asking_the_desk


# (function, what it says, what it says instead, the attack that should notice it first)
CHECKS: tuple[tuple[str, str, str, Attack], ...] = (
    # As if these gave for ever what they gave first: their answer would be written into a prepared question.
    *(
        (f"sec.{name}", "STABLE", "IMMUTABLE", reading.through_a_plan_made_for_another)
        for name in ("ctx()", "member()", "institution()", "mask()", "excluded()", "holds(text[])")
    ),
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
        "where b.account_id = s.account_id and e.lifted_at is null",
        "where false",
        reading.as_every_member,
    ),
    (
        "sec.enter(text)",
        "where b.account_id = s.account_id and e.lifted_at is null",
        "where b.id = s.member_id and e.lifted_at is null",
        cheating.entering,
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
    (
        "sec.may_grant(uuid,uuid,uuid)",
        "and sec.concerns(k.adult_on, p.from_age, p.until_age)",
        "",
        cheating.letting_in,
    ),
    (
        CONCERNS,
        "p_from is null or coalesce(sec.birthday(p_adult_on, p_from) <= now(), false)",
        "true",
        cheating.letting_in,
    ),
    (CONCERNS, "<= now(), false)", "<= now(), true)", cheating.letting_in),
    (
        CONCERNS,
        "p_until is null or coalesce(sec.birthday(p_adult_on, p_until) > now(), true)",
        "true",
        cheating.letting_in,
    ),
    (BIRTHDAY, "p_age - 18", "0", cheating.letting_in),
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
    ("sec.existing(uuid)", "and %2$s = any ($2)", "", reading.by_asking_what_exists),
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
    (
        "sec.enter(text)",
        "x.token_hash = sha256(convert_to(p_token, 'UTF8')) and",
        "",
        cheating.entering,
    ),
    ("sec.memberships(uuid)", "and m.starts_on <= sec.today()", "", cheating.entering),
    (
        "sec.memberships(uuid)",
        "and (m.ends_on is null or m.ends_on > sec.today())",
        "",
        cheating.entering,
    ),
    ("sec.memberships(uuid)", "and i.closed_on is null", "", cheating.entering),
    ("sec.memberships(uuid)", "and c.is_active", "", cheating.entering),
    (
        "sec.create_session(bytea,uuid,uuid,text,integer,timestamptz,interval)",
        "if not exists (select 1 from sec.memberships(p_account) x where x.member_id = p_member) then",
        "if false then",
        cheating.entering,
    ),
    ("sec.choose_member(bytea,uuid)", "and s.revoked_at is null", "", cheating.entering),
    ("sec.choose_member(bytea,uuid)", "and s.kind = 'web'", "", cheating.entering),
    ("sec.confirm_factor(bytea,timestamptz)", "and revoked_at is null", "", cheating.entering),
    ("sec.revoke_session(bytea)", "set revoked_at = now()", "set revoked_at = null", cheating.entering),
    ("sec.revoke_account(uuid)", "set revoked_at = now()", "set revoked_at = null", cheating.entering),
    *matching_checks(),
    *deciding_checks(),
    ("sec.has_mandate_by(text[])", "and p.state = 'in_force'", "", cheating.opening),
    ("sec.has_mandate_by(text[])", "and p.valid_from <= now()", "", cheating.opening),
    ("sec.has_mandate_by(text[])", "and p.valid_until > now()", "", cheating.opening),
    ("sec.hand_over(uuid,uuid)", "and x.starts_at <= clock_timestamp()", "", cheating.handing_over),
    ("sec.hand_over(uuid,uuid)", "and x.ends_at > clock_timestamp()", "", cheating.handing_over),
    (
        "sec.hand_over(uuid,uuid)",
        "where p.state = 'in_force' and p.valid_from",
        "where p.valid_from",
        cheating.handing_over,
    ),
    ("sec.hand_over(uuid,uuid)", "and p.valid_from <= clock_timestamp()", "", cheating.handing_over),
    ("sec.hand_over(uuid,uuid)", "and p.valid_until > clock_timestamp()", "", cheating.handing_over),
    (
        "sec.hand_over(uuid,uuid)",
        "p.valid_until > clock_timestamp() and (p.provider_id = t.id or p.provider_kind = t.kind)",
        "p.valid_until > clock_timestamp()",
        cheating.handing_over,
    ),
    (
        "sec.hand_over(uuid,uuid)",
        "and (p.receiver_id = t.id or p.receiver_kind = t.kind) and exists (",
        "and exists (",
        cheating.handing_over,
    ),
    (
        "sec.hand_over(uuid,uuid)",
        "and sec.concerns(k.adult_on, p.from_age, p.until_age)",
        "",
        cheating.handing_over,
    ),
    (
        "sec.hand_over(uuid,uuid)",
        "set revoked_at = clock_timestamp(), revoked_by_id",
        "set revoked_at = null, revoked_by_id",
        cheating.handing_over,
    ),
    ("sec.only_closes()", "elsif new.valid_until > old.valid_until or", "elsif", cheating.prolonging),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "and p.state = 'in_force'",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "and p.valid_from <= now()",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "and p.valid_until > now()",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "and sec.concerns(k.adult_on, p.from_age, p.until_age)",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "on p.receiver_id = t.id or p.receiver_kind = t.kind",
        "on true",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "case when e.category = 0 then 3 else 1 end",
        "1",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "select 0::smallint as category union",
        "select 0::smallint as category where false union",
        cheating.breaking_glass,
    ),
    (
        "sec.break_glass(uuid,text,smallint[],text)",
        "or b.verdict = 'needs_more'",
        "",
        cheating.breaking_glass,
    ),
    (
        "sec.review_break_glass(uuid,text)",
        (
            "and not exists (select 1 from app.member x join app.member y on y.account_id = x.account_id "
            "where x.id = g.member_id and y.id = c[1]::uuid)"
        ),
        "",
        cheating.reviewing,
    ),
    (
        "sec.review_break_glass(uuid,text)",
        "and (sec.mask() & 8) <> 0",
        "",
        cheating.reviewing,
    ),
    ("sec.persons_in_sight()", "a.institution_id = (select sec.institution()) and", "", cheating.searching),
    (
        "sec.persons_in_sight()",
        "and a.member_id in ('00000000-0000-0000-0000-000000000000', (select sec.member()))",
        "",
        cheating.searching,
    ),
    ("sec.persons_in_sight()", "and (a.cat_mask & 1) <> 0", "", cheating.searching),
    ("sec.persons_in_sight()", "and ((select sec.mask()) & 1) <> 0", "", cheating.searching),
    ("sec.persons_in_sight()", "and a.expires_at > now()", "", cheating.searching),
    (
        "sec.persons_in_sight()",
        "a.seen_mask & (select sec.mask()) & 28",
        "a.seen_mask & 28",
        cheating.searching,
    ),
    ("sec.persons_in_sight()", "(a.seen_mask & (select sec.mask()) & 28) <> 0", "true", cheating.searching),
    ("sec.persons_in_sight()", "(a.cat_mask & (select sec.mask()) & 2) <> 0", "true", cheating.searching),
    ("sec.persons_in_sight()", "a.cat_mask & (select sec.mask()) & 2", "a.cat_mask & 2", cheating.searching),
    (
        "sec.persons_in_sight()",
        "and a.case_id <> all ((select sec.excluded())::uuid[])",
        "",
        cheating.searching,
    ),
    *(
        (SEARCH, fragment, instead, cheating.searching)
        for fragment, instead in (
            ("perform sec.audit(p_by,", "perform sec.audit(me,"),
            ("if (sec.mask() & 1) = 0 then return; end if;", ""),
            ("a.institution_id = %3$L and a.person_id = n.person_id", "a.person_id = n.person_id"),
            ("a.institution_id = %3$L and a.person_id = n.through", "a.person_id = n.through"),
            ("(a.cat_mask & 1) <> 0 and (a.cat_mask & %11$s) <> 0 and a.expires_at", "a.expires_at"),
            ("and (n.through is null or (a.cat_mask & %11$s) <> 0)", ""),
            ("and (not n.child_tells or (a.seen_mask & %10$s) <> 0)", ""),
            ("true as tells, c.person_id as through", "false as tells, c.person_id as through"),
            ("sec.mask() & 2,", "2,"),
            ("mine.is_told and mine.is_at_home", "mine.is_at_home"),
            ("mine.is_told and mine.is_at_home", "mine.is_told"),
            ("where child.is_at_home and", "where"),
            ("where child.is_at_home and (child.is_told or", "where child.is_at_home and (true or"),
            ("and a.member_id in ('00000000-0000-0000-0000-000000000000', %4$L)", ""),
            ("and (a.cat_mask & 1) <> 0", ""),
            ("and a.expires_at > now()", ""),
            ("and a.case_id <> all (%5$L::uuid[])", ""),
            ("where (mine.is_told or not (n.kind = 'kunya' or n.script = 'arab'))", "where true"),
            ("and (not n.tells or (a.seen_mask & %10$s) <> 0)", ""),
            ("most, sec.mask() & 28, sec.mask() & 2", "most, 28, sec.mask() & 2"),
        )
    ),
    *(
        (MATCH, fragment, instead, cheating.searching)
        for fragment, instead in (
            ("perform sec.audit(p_by,", "perform sec.audit(me,"),
            ("if (sec.mask() & 1) = 0 then return; end if;", ""),
            ("a.institution_id = ours and", ""),
            ("and a.member_id in ('00000000-0000-0000-0000-000000000000', me)", ""),
            ("and (a.cat_mask & 1) <> 0", ""),
            ("and a.expires_at > now()", ""),
            ("and a.case_id <> all (shut)", ""),
            ("where s.is_told or not (n.kind = 'kunya' or n.script = 'arab')", ""),
            ("and (not h.tells or (a.seen_mask & sec.mask() & 28) <> 0)", ""),
            ("a.seen_mask & sec.mask() & 28", "a.seen_mask & 28"),
        )
    ),
    *(
        (LED, fragment, "", cheating.asking_what_is_led)
        for fragment in (
            "if (sec.mask() & 8) = 0 then return; end if;",
            "and c.case_id <> all ($3)",
            "a.institution_id = $1 and",
            "and a.category = 3",
            "and a.depth >= 2",
            "and a.member_id in ('00000000-0000-0000-0000-000000000000', $2)",
            "and a.expires_at > now()",
        )
    ),
    (LED, "c.lead_id = $1 %s", "true %s", cheating.asking_what_is_led),
    (LED, "least(p_limit, 100)", "p_limit", cheating.asking_what_is_led),
    *(
        (UNDO, fragment, instead, cheating.undoing)
        for fragment, instead in (
            ("if sec.member() <> p_by or", "if"),
            ("or not sec.holds('coordinator')", ""),
            ("or cardinality(sec.excluded()) > 0", ""),
            ("and b.institution_id = sec.institution()", ""),
            ("and b.state in ('imported', 'failed')", ""),
            ("if found then return; end if;", ""),
        )
    ),
    (
        "sec.lexeme(text)",
        r"replace(replace(p_word, '\', '\\'), '''', '''''')",
        "p_word",
        cheating.searching,
    ),
    ("sec.brought_in(uuid)", "and k.lead_id = sec.institution()", "", cheating.undoing),
    ("sec.brought_in(uuid)", "and r.made_person", "", cheating.undoing),
    ("sec.brought_in(uuid)", "and r.imported_at is not null", "", cheating.undoing),
    *(
        (function, fragment, instead, paying.asking_about_support)
        for function, swaps in (
            (
                "sec.gives_by(text[],uuid)",
                (
                    ("(c[3]::integer & 4096) <> 0 and", ""),
                    ("(c[8] = '' or p_case <> all (string_to_array(c[8], ' ')::uuid[])) and", ""),
                    ("a.institution_id = c[2]::uuid and", ""),
                    ("and a.category = 12", ""),
                    ("and a.can_write", ""),
                    ("and a.expires_at > now()", ""),
                ),
            ),
            (
                "sec.oversees_by(text[],uuid)",
                (
                    ("(c[3]::integer & 4096) <> 0 and", ""),
                    ("(c[8] = '' or p_case <> all (string_to_array(c[8], ' ')::uuid[])) and", ""),
                    ("a.institution_id = c[2]::uuid and", ""),
                    ("and a.category = 12", ""),
                    ("and a.depth >= 2", ""),
                    ("and a.expires_at > now()", ""),
                ),
            ),
            ("sec.work_has_ended(uuid)", (("sec.gives_by(sec.ctx(), p_case) and", ""),)),
            (
                "sec.has_home(uuid,date,date)",
                (("if not sec.gives_by(c, p_case) then return false; end if;", ""),),
            ),
            (
                "sec.overlap_of(uuid)",
                (
                    ("sec.oversees_by(c, e.case_id) or (e.payer_id = c[2]::uuid and", "(true and"),
                    ("e.payer_id = c[2]::uuid and", ""),
                    ("and sec.gives_by(c, e.case_id)", ""),
                ),
            ),
            (
                "sec.undecided_entries(integer)",
                (("e.payer_id = c[2]::uuid and", ""), ("and sec.gives_by(c, e.case_id)", "")),
            ),
            (
                "sec.check_support(uuid,uuid,date,date)",
                (
                    ("(c[3]::integer & 4096) = 0 or", ""),
                    ("(c[8] <> '' and p_case = any (string_to_array(c[8], ' ')::uuid[])) or", ""),
                    ("or p_from < sec.today() - 366", ""),
                    ("or p_to > sec.today() + 366", ""),
                    ("a.institution_id = c[2]::uuid and", ""),
                    ("and a.category = 12", ""),
                    ("and a.expires_at > now()", ""),
                ),
            ),
            (
                "sec.accounts(date,date)",
                (
                    ("(c[3]::integer & 4096) = 0 or", ""),
                    ("or not string_to_array(c[4], ' ') && array['coordinator', 'supervisor']", ""),
                    ("e.payer_id = c[2]::uuid and", ""),
                ),
            ),
            (
                "sec.keep_history(uuid,jsonb)",
                (
                    ("p_by is distinct from c[1]::uuid or", ""),
                    ("or not string_to_array(c[4], ' ') && array['coordinator', 'supervisor']", ""),
                    ('not sec.gives_by(c, r."case") or', ""),
                    ('or (r.payer <> c[2]::uuid and not sec.oversees_by(c, r."case"))', ""),
                    ("if r.starts_on > sec.today() then", "if false then"),
                    ("if r.starts_on > sec.today() - 30 then", "if false then"),
                    (
                        "coalesce(sec.amount_with(r.id, '{requested,signed,approved,relieved,released}') > k.second_above, true)",
                        "r.amount > k.second_above",
                    ),
                ),
            ),
        )
        for fragment, instead in swaps
    ),
    *(
        (function, fragment, instead, attack)
        for attack, function, swaps in (
            (
                paying.paying_alone,
                "sec.begin_entry()",
                (
                    ("or new.requested_by_id is distinct from sec.member()", ""),
                    ("or not sec.holds('coordinator', 'caseworker', 'supervisor')", ""),
                ),
            ),
            (
                paying.paying_alone,
                "sec.amount_with(uuid,text[])",
                (
                    ("case when bool_and(x.amount is not null) then sum(x.amount) end", "sum(x.amount)"),
                    ("union select y.id from app.assistance_entry y where y.case_id = e.case_id", ""),
                    (
                        "union select b.entry_id from app.assistance_cover a join app.assistance_cover b on b.unit = a.unit and b.number = a.number where a.entry_id = e.id",
                        "",
                    ),
                    ("e.starts_on - 30 and e.starts_on + 30", "e.starts_on - 29 and e.starts_on + 29"),
                ),
            ),
            (
                paying.paying_alone,
                "sec.take_step()",
                (
                    ("if new.taken_by_id is distinct from sec.member() then", "if false then"),
                    (
                        "in ('approve', 'countersign', 'relieve') and sec.work_has",
                        "in ('approve', 'relieve') and sec.work_has",
                    ),
                    (
                        "in ('approve', 'countersign', 'relieve') and sec.work_has",
                        "in ('countersign', 'relieve') and sec.work_has",
                    ),
                    (
                        "in ('approve', 'countersign', 'relieve') and sec.work_has",
                        "in ('approve', 'countersign') and sec.work_has",
                    ),
                    (
                        "coalesce(sec.amount_with(e.id, '{requested,signed,approved,relieved,released}') > k.second_above, true)",
                        "e.amount > k.second_above",
                    ),
                    (
                        "coalesce(sec.amount_with(e.id, '{relieved}') > k.emergency_up_to, true)",
                        "e.amount > k.emergency_up_to",
                    ),
                    ("or e.starts_on > sec.today()", ""),
                    ("if not sec.holds('coordinator', 'supervisor') and", "if"),
                    ("new.move in ('countersign', 'confirm', 'reverse') or not", "not"),
                    ("in ('countersign', 'confirm', 'reverse') or not", "in ('confirm', 'reverse') or not"),
                    (
                        "in ('countersign', 'confirm', 'reverse') or not",
                        "in ('countersign', 'reverse') or not",
                    ),
                    (
                        "in ('countersign', 'confirm', 'reverse') or not",
                        "in ('countersign', 'confirm') or not",
                    ),
                    ("or not sec.holds('caseworker'))", ")"),
                    ("new.move = 'countersign' and s.move = 'approve' or", ""),
                    ("or new.move = 'confirm' and s.move = 'relieve'", ""),
                    (
                        "if new.move in ('take_back', 'reverse') and exists",
                        "if new.move = 'reverse' and exists",
                    ),
                    (
                        "if new.move in ('take_back', 'reverse') and exists",
                        "if new.move = 'take_back' and exists",
                    ),
                    ("and s.move in ('release', 'relieve')", "and s.move = 'release'"),
                    ("and s.move in ('release', 'relieve')", "and s.move = 'relieve'"),
                    ("and k.measure = 'award'", "and false"),
                    (
                        "('approve', 'countersign', 'release', 'confirm')",
                        "('approve', 'countersign', 'release')",
                    ),
                    ("if sec.is_undecided(e.id) then", "if false then"),
                    ("and o.outcome = 'accepted' and m.account_id = me", "and false"),
                ),
            ),
            (
                paying.paying_alone,
                "sec.sign_own()",
                (
                    ("(to_jsonb(new) ->> tg_argv[0])::uuid is distinct from sec.member() or", ""),
                    ("or not sec.holds('coordinator', 'caseworker', 'supervisor')", ""),
                ),
            ),
            (
                paying.deciding_alone,
                "sec.decide_grant()",
                (
                    ("if new.state <> 'applied' or", "if"),
                    ("if new.state = old.state then", "if false then"),
                    ("new.decided_by_id is distinct from sec.member() or", ""),
                    ("not sec.holds('coordinator', 'supervisor') or", ""),
                    ("or new.state <> 'awarded' and new.entry_id is distinct from old.entry_id", ""),
                    ("where s.grant_id = new.id) < 2", "where s.grant_id = new.id) < 1"),
                    ("and k.measure = 'award'", ""),
                    ("and x.amount <= new.asked", ""),
                    (
                        "(x.case_id, x.payer_id, x.currency) = (new.case_id, new.payer_id, new.currency)",
                        "true",
                    ),
                    (
                        "or exists (select 1 from app.assistance_grant g where g.entry_id = new.entry_id and g.id <> new.id)",
                        "",
                    ),
                    ("if new.state = 'finished' and exists", "if false and exists"),
                ),
            ),
            (
                paying.deciding_alone,
                "sec.record_station()",
                (
                    ("old.done_on is not null or", ""),
                    ("new.recorded_by_id is distinct from sec.member() or", ""),
                    ("or not sec.holds('coordinator', 'caseworker', 'supervisor')", ""),
                    ("or new.done_on > sec.today()", ""),
                ),
            ),
            (
                paying.deciding_alone,
                "sec.settle_overlap()",
                (
                    ("if new.settled_by_id is distinct from sec.member() then", "if false then"),
                    ("where e.id in (new.first_id, new.second_id) and m.account_id = me", "where false"),
                    (
                        "where s.entry_id in (new.first_id, new.second_id) and m.account_id = me",
                        "where false",
                    ),
                ),
            ),
        )
        for fragment, instead in swaps
    ),
)
# Functions in which nothing is left out, and why.
UNTRIED = {
    "merged_into": "no login role may call it; tests/casework/cases/test_merging.py erases a merged case",
    "keep_twins": "the operator's; tests/casework/people/test_twins.py tries what it keeps and what it does not ask again",
    "move_rows": "no login role may call it; tests/casework/cases/test_merging.py searches the whole database for what is left",
    "tell_of_moves": "no login role may call it; tests/casework/cases/test_merging.py compares who sees what",
    "forget_twins": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "desk_twin": "asks desk_held, which is weakened",
    "desk_judge": "asks desk_held, which is weakened",
    "sees_many": "chooses between two ways to search, both of which are tried",
    "lock_pairs": "makes writers take turns, and decides nothing",
    "tick": "chooses what is folded anew and lets nobody in: sec.fold decides, and readers ask for the end themselves",
    "canonical": "the text of an event that is hashed; tests/foundation/audit tries it",
    "write_event": "no login role may call it",
    "audit_operator": "writes the log in nobody's name; tells nothing",
    "sealable": "hashes of the log, for the sealer; tests/foundation/audit tries it",
    "horizon": "for the sealer; tests/foundation/audit tries it",
    "epoch": "for the sealer; tests/foundation/audit tries it",
    "restored": "said by the operator who restores a backup; tests/foundation/audit tries it",
    "built_upon": "finds what would be lost if an import were undone; tests/doors/intake tries every part of it",
    "comes_of_age": "counts a day; tests/casework/cases/test_keeping.py compares it with ours",
    "birth_has_changed": "moves the guard to a corrected birth; tests/casework/cases/test_keeping.py tries it",
    "one_membership_at_a_time": "keeps one household from being entered twice, and shows nothing",
    "leads": "asks leads_by, which is weakened",
    "shares": "asks shares_by, which is weakened",
    "opens": "asks opens_by, which is weakened",
    "has_mandate": "asks has_mandate_by, which is weakened",
    "tally_read": "counts attempts to sign in, under keys that are hashes; tests/config tries it",
    "tally_write": "counts attempts to sign in, under keys that are hashes; tests/config tries it",
    "tally_add": "counts attempts to sign in, under keys that are hashes; tests/config tries it",
    "tally_forget": "counts attempts to sign in, under keys that are hashes; tests/config tries it",
    "set_retention": "said by the operator who loads a country pack; tests/casework/cases tries it",
    "retention_waiting": "a number, for the operator",
    "expire_expected": "the clock's, and shows nothing; tests/casework/people tries it",
    "destroy_lists": "the clock's, and shows nothing; tests/doors/intake tries it",
    "empty_row": "no login role may call it; tests/doors/intake tries it",
    "forget_rows": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "forget_guardian": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "forget_household": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "entries_came": "a trigger that compares, and shows nothing; tests/casework/assistance tries it",
    "homes_changed": "a trigger that compares, and shows nothing; tests/casework/assistance tries it",
    "entries_went": "a trigger that compares, and shows nothing; tests/casework/cases tries it",
    "kinds_changed": "a trigger that compares, and shows nothing; tests/casework/assistance tries it",
    "hold_units": "no login role may call it; it only waits",
    "is_undecided": "no login role may call it; tests/casework/assistance tries it",
    "lived": "no login role may call it; tests/casework/assistance compares it with a comparison by hand",
    "cover": "no login role may call it; tests/casework/assistance compares it with a comparison by hand",
    "pair": "no login role may call it; tests/casework/assistance compares it with a comparison by hand",
    "shared_days": "counts days; tests/casework/assistance tries it",
    "announce": "no login role may call it",
    "whom_to_ask": "no login role may call it; tests/casework/assistance tries it",
    "runs_already": "no login role may call it; its callers are weakened",
    "swept": "no login role may call it; tests/casework/assistance tries it",
    "sweep_overlaps": "the clock's, and shows a number; tests/casework/assistance tries it",
    "book_assistance": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "forget_overlaps": "no login role may call it; tests/casework/cases searches the whole database for what is left",
    "fold_of_grants": "its trigger is left out instead",
    "fold_of_protocols": "its trigger is left out instead",
    "fold_of_clauses": "its trigger is left out instead",
    "fold_of_institutions": "its trigger is left out instead",
    "fold_of_kinds": "its trigger is left out instead",
    "fold_of_anchors": "its trigger is left out instead",
}
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
    "and sec.concerns(k.adult_on, p.from_age, p.until_age)",
    "and b.expires_at > clock_timestamp()",
    "and g.valid_from <= clock_timestamp()",
    "and g.valid_until > clock_timestamp()",
    "and (l.category not in (7, 18, 19) or k.adult_on <= sec.today())",
    "and (l.category not between 13 and 17 or h.party <> 'security')",
    "where l.depth > 0 or l.writes",
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
    ("on g.involvement_id = v.id", "on g.case_id = v.case_id and g.institution_id = v.institution_id"),
)
# How long a line of the rule lasts.
FOLD_ENDS = (
    (", sec.birthday(k.adult_on, p.until_age)) as until", ") as until"),
    ("least(g.valid_until, p.valid_until, v.ends_at,", "least(p.valid_until, v.ends_at,"),
    ("least(g.valid_until, p.valid_until, v.ends_at,", "least(g.valid_until, v.ends_at,"),
    ("least(g.valid_until, p.valid_until, v.ends_at,", "least(g.valid_until, p.valid_until,"),
    ("min(s.until)", "max(s.until)"),
    ("min(a.expires_at)", "max(a.expires_at)"),
    ("3, false, b.expires_at", "3, false, b.expires_at + interval '1 day'"),
)


def folding(siege: Siege) -> str:
    """Folds everything anew but the doors that ended while no clock ticked."""
    still = ", ".join(
        f"('{case}'::uuid, '{institution}'::uuid)" for case, institution in siege.world.unticked
    )
    return (
        "select sec.fold(array_agg(case_id), array_agg(institution_id)) from "
        "(select case_id, institution_id from app.involvement union select case_id, institution_id from app.break_glass) x "
        f"where (case_id, institution_id) not in ({still})"
    )


def functions(siege: Siege) -> Iterator[Mutation]:
    """Every check of every function, left out or turned."""
    for name, fragment, instead, first in CHECKS:
        yield _function(siege, name, fragment, instead, first)
    for fragment in FOLDS:
        yield _function(siege, FOLD, fragment, "", reading.as_every_member, then=folding(siege))
    for fragment, instead in FOLD_SWAPS:
        yield _function(siege, FOLD, fragment, instead, reading.as_every_member, then=folding(siege))
    for fragment, instead in FOLD_ENDS:
        yield _function(siege, FOLD, fragment, instead, cheating.outliving, then=folding(siege))


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
    for table, trigger in (
        ("access_grant", "fold_changed"),
        ("involvement", "fold_changed"),
        ("sharing_protocol", "fold_changed"),
        ("protocol_clause", "fold_changed"),
        ("protocol_clause", "fold_moved"),
        ("protocol_clause", "fold_gone"),
        ("institution", "fold_kind"),
        ("institution_kind", "fold_party"),
        ("case_anchor", "fold_person"),
    ):
        yield _pair(
            "switch",
            f"app.{table}: {trigger} off",
            f"alter table app.{table} disable trigger {trigger}",
            f"alter table app.{table} enable trigger {trigger}",
            cheating.withdrawing,
        )
    for table in ("access_grant", "involvement"):
        yield _pair(
            "switch",
            f"app.{table}: only_closes off",
            f"alter table app.{table} disable trigger only_closes",
            f"alter table app.{table} enable trigger only_closes",
            cheating.prolonging,
        )
    yield _pair(
        "switch",
        "app.member: end_links off",
        "alter table app.member disable trigger end_links",
        "alter table app.member enable trigger end_links",
        deciding.inviting,
    )
    yield _pair(
        "switch",
        "app.member: end_sessions off",
        "alter table app.member disable trigger end_sessions",
        "alter table app.member enable trigger end_sessions",
        cheating.entering,
    )
    yield _pair(
        "switch",
        "a unit of intelligence may reach what was confided",
        "alter table app.institution_unit drop constraint unit_of_security_is_walled",
        "alter table app.institution_unit add constraint unit_of_security_is_walled "
        "check (mask is null or mask & 786432 = 0 or mask & 253952 = 0)",
        cheating.walling,
    )
    yield _pair(
        "switch",
        "names can be looked up by their first letters",
        "create index mine on app.person_name (family)",
        "drop index app.mine",
        listening.the_sizes,
    )
    for role, table in (
        ("homeward_auth", "app.person"),
        ("homeward_auth", "app.case_access"),
        ("homeward_auditor", "app.case_note_text"),
        ("homeward_sealer", "app.member"),
    ):
        shut = not siege.stage.one("select has_schema_privilege(%s, 'app', 'USAGE')", [role])
        yield _pair(
            "privilege",
            f"{role} reads {table}",
            f"grant usage on schema app to {role}; grant select on {table} to {role}",
            f"revoke select on {table} from {role}; "
            + (f"revoke usage on schema app from {role}" if shut else ""),
            reading.without_a_context,
        )
    for table in ("app.person", "app.case_note_text", "audit.event"):
        yield _pair(
            "switch",
            f"{table}: one more policy, for everybody",
            f"create policy mine on {table} for select to public using (true)",
            f"drop policy mine on {table}",
            becoming.one_with_forced_policies_only,
        )
        yield _pair(
            "switch",
            f"{table}: one more policy, for the worker",
            f"create policy mine on {table} for select to homeward_job using (true)",
            f"drop policy mine on {table}",
            becoming.one_with_forced_policies_only,
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
        _as_declared("member_roles_known"),
        cheating.seating,
    )
    yield _pair(
        "switch",
        "the log may hold anything",
        "alter table audit.event rename constraint event_codes to event_codes_off; alter table audit.event drop constraint event_codes_off",
        "alter table audit.event add constraint event_codes check (via ~ '^[a-z]+$' and verb ~ '^[a-z0-9_]+([.][a-z0-9_]+)+$' and subject_type ~ '^[a-z0-9_]+$') not valid",
        cheating.logging,
    )


def _as_declared(constraint: str) -> str:
    """The statement with which the program itself declares a constraint of the institutions."""
    found = re.search(
        rf"alter table [a-z.]+ add constraint {constraint} .*?;\n", POLICIES.read_text(), re.DOTALL
    )
    assert found
    return found[0]


# What a role is counts in the whole cluster: these are tried last, one after the other, when nothing else runs.
ROLE = "role"


def roles() -> Iterator[Mutation]:
    """The web's role as more than it should be, and talking more than it should."""
    for name, weaken, restore, first in (
        ("passes row-level security", "bypassrls", "nobypassrls", becoming.a_user_of_privileges),
        ("is a superuser", "superuser", "nosuperuser", becoming.a_user_of_privileges),
        ("makes roles", "createrole", "nocreaterole", becoming.a_user_of_privileges),
        ("inherits", "inherit", "noinherit", becoming.a_user_of_privileges),
        (
            "has its queries logged",
            "set log_min_error_statement = 'error'",
            "set log_min_error_statement = 'panic'",
            listening.the_servers_log,
        ),
        (
            "has its parameters logged",
            "set log_parameter_max_length_on_error = -1",
            "set log_parameter_max_length_on_error = 0",
            listening.the_servers_log,
        ),
    ):
        yield _pair(
            ROLE,
            f"homeward_app {name}",
            f"alter role homeward_app {weaken}",
            f"alter role homeward_app {restore}",
            first,
        )
    yield _pair(
        ROLE,
        "homeward_app may become the owner",
        "grant homeward_owner to homeward_app",
        "revoke homeward_owner from homeward_app",
        becoming.a_user_of_privileges,
    )


def _pair(kind: str, name: str, weaken: str, restore: str, first: Attack) -> Mutation:
    return Mutation(kind, name, (weaken,), (restore,), first=(first,))


# --- all of them


def all_mutations(siege: Siege) -> list[Mutation]:
    return [*policies(siege), *functions(siege), *privileges(siege), *roles()]
