"""Opening and closing doors into cases, and looking in an emergency."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from homeward.foundation.access import permissions, queries, rules
from homeward.foundation.access.models import (
    BreakGlass,
    CaseAnchor,
    Exclusion,
    Grant,
    Involvement,
    ProtocolClause,
    SharingProtocol,
)
from homeward.foundation.access.permissions import require
from homeward.foundation.access.rules import Category, Depth, ProtocolState, Verdict
from homeward.foundation.audit.actions import (
    Operator,
    action,
    operation,
    record,
    record_many,
    record_operation,
    recorded,
)
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import now, start_of
from homeward.foundation.kernel.errors import Missing, NotPermitted, Refusal, RuleBroken
from homeward.foundation.kernel.packs import Pack
from homeward.foundation.kernel.refs import new_id, normalise_ref
from homeward.foundation.kernel.rows import insert_many

FAR = datetime(9999, 12, 31, tzinfo=UTC)

REFUSED = {
    "lead.unavailable": _("There is nothing here that can be handed over."),
    "lead.not_involved": _("Involve that institution first."),
    "lead.no_mandate": _("That institution has no mandate to lead cases."),
    "break_glass.factor": _("Confirm your second factor first; it must be less than five minutes old."),
    "break_glass.category": _("These data are never opened in this way."),
    "break_glass.reason": _("Give a reason of at least 20 characters that another institution can judge."),
    "break_glass.unreviewed": _(
        "Three of your emergency looks still wait for review. No further one is possible."
    ),
    "break_glass.unavailable": _("There is nothing here that can be opened."),
    "protocol.unavailable": _("This proposal does not wait for you, or no longer waits for anybody."),
    "protocol.mandate": _(
        "What an institution may do in cases it leads itself rests on a law. It comes with the data of the country and is "
        "not signed here."
    ),
    "protocol.suspended": _(
        "This protocol is suspended. Nothing is signed before the parties agree to resume it."
    ),
    "protocol.other": _(
        "This proposal no longer fits what is in force: the parties, the persons concerned or the time differ. Propose the "
        "change anew."
    ),
    "protocol.changed": _("The proposal is not the one you have read. Read it again before you sign."),
    "protocol.many": _(
        "Several institutions of this kind hold these data. What they all share is changed by the country, not signed by one."
    ),
    "protocol.beyond": _(
        "More would be shared than the institution that shares may read itself. Those who hold the data decide about them."
    ),
    "protocol.view": _(
        "The proposal is about data that your unit does not see. Somebody else of your institution signs."
    ),
    "protocol.signed": _("This side has been signed already."),
    "protocol.both": _("You have signed for the other party. Somebody else signs for this one."),
    **rules.RED_LINES,
}


class Opened(NamedTuple):
    """A new case as the guard needs to know it. `adult_on`: from when on the person is certainly of age, if known."""

    case_id: UUID
    ref: str
    person_id: UUID
    opened_at: datetime
    adult_on: date | None = None


@action
def open_own(cases: Iterable[Opened | tuple[UUID, str, UUID, datetime]], *, by: Member) -> int:
    """New cases come under the guard: their lead institution gets its own door, under its own mandate.

    `cases` holds one `Opened` each; the lead is `by`'s institution, which must have a mandate protocol
    in force (provider and receiver are itself), some of them for people of some ages only. Many at once, in three statements.
    Returns how many.
    """
    rows = [Opened(*case) for case in cases]
    mandates = list(SharingProtocol.objects.in_force().between(by.institution, by.institution))
    if not mandates:
        raise NotPermitted(_("Your institution has no mandate to lead cases."), code="no_mandate")
    anchors = [CaseAnchor(lead_id=by.institution_id, **row._asdict()) for row in rows]
    under = [[mandate for mandate in mandates if mandate.is_about(anchor)] for anchor in anchors]
    if not all(under):
        raise NotPermitted(
            _("Your institution has no mandate for people of this age, or whose age is unknown."),
            code="age",
        )
    insert_many(anchors)
    doors = [
        Involvement(
            case_id=row.case_id,
            institution_id=by.institution_id,
            involved_by_id=by.pk,
            starts_at=now(),
            ends_at=FAR,
        )
        for row in rows
    ]
    insert_many(doors)
    insert_many(
        Grant(
            involvement_id=door.pk,
            case_id=door.case_id,
            institution_id=by.institution_id,
            protocol_id=mandate.pk,
            valid_from=door.starts_at,
            valid_until=FAR,
        )
        for door, mandates_here in zip(doors, under, strict=True)
        for mandate in mandates_here
    )
    record_many("access.opened", doors, by=by, category=Category.CASE)
    return len(rows)


@action
def involve(
    case_id: UUID,
    institution: Institution,
    *,
    protocols: Sequence[SharingProtocol],
    reason: str = "",
    until: datetime | None = None,
    by: Member,
) -> Involvement:
    """The leading institution lets another one into the case, under protocols in force, for a reason, for a time.

    Raises `RuleBroken` if it already takes part or no protocol allows it, `Missing` for a case not led by `by`'s
    institution. The database checks parties and validity of every protocol again.
    """
    anchor = CaseAnchor.objects.filter(case_id=case_id, lead=by.institution).first()
    if anchor is None:
        raise Missing()
    if not by.has("coordinator", "caseworker", "supervisor"):
        raise NotPermitted()
    before = Involvement.objects.filter(case_id=case_id, institution=institution, ended_by=None)
    before.filter(ends_at__lte=now()).update(ended_by=by, end_reason="expired")
    running = before.exists()
    open_ones = SharingProtocol.objects.in_force().between(by.institution, institution)
    allowed = {one.pk for one in open_ones.concerning(anchor)}
    chosen = [one for one in protocols if one.pk in allowed]
    rules.check_can_involve(running, len(chosen))
    if len(chosen) != len(protocols):
        raise RuleBroken(
            _("One of the chosen protocols is not in force between these institutions."),
            field="protocols",
            code="protocol",
        )

    door = Involvement(
        case_id=case_id,
        institution=institution,
        reason=reason,
        involved_by=by,
        starts_at=now(),
        ends_at=until or FAR,
    )
    door.save(force_insert=True)
    Grant.objects.bulk_create(
        Grant(
            involvement=door,
            case_id=case_id,
            institution=institution,
            protocol=one,
            valid_from=door.starts_at,
            valid_until=min(one.valid_until, door.ends_at),
        )
        for one in chosen
    )
    record(
        "access.involved",
        door,
        by=by,
        category=Category.CASE,
        institution=institution.code,
        protocols=sorted(one.code for one in chosen),
    )
    return door


@action
def end_involvement(involvement: Involvement, *, reason: str, by: Member) -> Involvement:
    """The leading institution closes the door again. What was written stays; nobody there sees it any more."""
    require(by, permissions.end_involvement, involvement)
    if involvement.institution_id == by.institution_id:
        raise RuleBroken(
            _("The institution that leads a case cannot leave it. Hand the lead over first."), code="lead"
        )
    involvement = Involvement.objects.select_for_update(no_key=True).get(pk=involvement.pk)
    if not involvement.is_running:
        raise RuleBroken(_("This institution no longer takes part."), code="ended")

    Grant.objects.filter(involvement=involvement, revoked_at=None).update(revoked_at=now(), revoked_by=by)
    involvement.ends_at, involvement.ended_by, involvement.end_reason = now(), by, reason
    involvement.save(update_fields=["ends_at", "ended_by", "end_reason"])
    record(
        "access.ended", involvement, by=by, category=Category.CASE, institution=involvement.institution.code
    )
    return involvement


@action
def hand_over_lead(case_id: UUID, institution: Institution, *, by: Member) -> CaseAnchor:
    """The lead of a case passes to another institution that takes part and has a mandate of its own.

    The leading institution loses what its mandate gave it at once, so change the case first and hand over last.
    Raises `Missing` for a case not led by `by`'s institution, `RuleBroken` if the other one cannot lead it.
    """
    anchor = CaseAnchor.objects.filter(case_id=case_id, lead=by.institution).first()
    if anchor is None:
        raise Missing()
    if not by.has("coordinator"):
        raise NotPermitted()
    _ask("select sec.hand_over(%s, %s)", [case_id, institution.pk])
    recorded("access.lead_handed_over", anchor, by=by)
    anchor.lead = institution
    return anchor


@action
def exclude(case_id: UUID, member: Member, *, reason: str, by: Member) -> Exclusion:
    """A member must not see a case: told by themselves or by their coordinator. Works from their next request on."""
    if not permissions.may(by, permissions.exclude, member):
        raise NotPermitted()
    if not reason.strip():
        raise RuleBroken(_("Say why."), field="reason", code="reason")
    if Exclusion.objects.filter(case_id=case_id, member=member, lifted_at=None).exists():
        raise RuleBroken(_("This member is kept away already."), field="member", code="excluded")
    exclusion = Exclusion(
        case_id=case_id, member=member, institution_id=member.institution_id, reason=reason.strip()
    )
    record("access.excluded", exclusion, by=by, category=Category.CASE, member=str(member.pk))
    exclusion.save(force_insert=True)
    return exclusion


@action
def lift_exclusion(exclusion: Exclusion, *, by: Member) -> Exclusion:
    """The reason is gone: from their next request on the member sees the case as colleagues do. Nobody lifts their own."""
    require(by, permissions.lift_exclusion, exclusion)
    exclusion = Exclusion.objects.select_for_update(no_key=True).get(pk=exclusion.pk)
    exclusion.lifted_at = now()
    exclusion.save(update_fields=["lifted_at"])
    record(
        "access.exclusion_lifted",
        exclusion,
        by=by,
        category=Category.CASE,
        member=str(exclusion.member_id),
    )
    return exclusion


@action
def break_glass(*, reference: str, categories: Sequence[int], reason: str, by: Member) -> BreakGlass:
    """An emergency: a named member looks at a case that is closed to it, for four hours, to read only.

    Needs the role, a second factor shown less than five minutes ago, a reason, categories that may be opened at all,
    and fewer than three looks still unreviewed. The institution that leads the case and the data protection officer
    see it at once and another institution judges it within 72 hours. Raises `RuleBroken` or `NotPermitted`.
    """
    if not by.has("break_glass"):
        raise NotPermitted()
    rules.check_can_break_glass(reason, categories)
    look_id = new_id()
    _ask(
        "select sec.break_glass(%s, %s, %s::smallint[], %s)",
        [look_id, normalise_ref(reference), sorted(set(categories)), reason],
    )
    look = BreakGlass.objects.get(pk=look_id)
    recorded("break_glass.opened", look, by=by)
    return look


@action
def review_break_glass(look: BreakGlass, *, verdict: str, by: Member) -> BreakGlass:
    """Another institution judges an emergency look. "Not justified" ends it on the spot."""
    require(by, permissions.review_break_glass, look)
    if verdict not in Verdict.values:
        raise RuleBroken(_("Choose a verdict."), field="verdict", code="verdict")
    _ask("select sec.review_break_glass(%s, %s)", [look.pk, verdict])
    look = BreakGlass.objects.get(pk=look.pk)
    recorded("break_glass.reviewed", look, by=by)
    return look


@action
def propose_change(
    protocol: SharingProtocol, *, proposal: str, clauses: Sequence[tuple[int, int, bool]], by: Member
) -> SharingProtocol:
    """Proposes a new version of a protocol: other clauses, and why. It opens no door until both parties have signed.

    `clauses` holds (category, depth, writes). Raises `RuleBroken` for what no protocol may ever say.
    """
    if not by.has("coordinator", "supervisor", "data_protection"):
        raise NotPermitted()
    if not proposal.strip():
        raise RuleBroken(_("Say what should change and why."), field="proposal", code="proposal")
    provider, receiver = queries.parties(protocol, to=by)
    everything = [*clauses, *queries.given_to(protocol, to=by)]
    rules.check_can_share(everything, provider=provider, receiver=receiver)
    newest = SharingProtocol.objects.filter(code=protocol.code).order_by("-version").first() or protocol
    draft = SharingProtocol(
        code=protocol.code,
        version=newest.version + 1,
        title=protocol.title,
        provider=protocol.provider,
        provider_kind=protocol.provider_kind,
        receiver=protocol.receiver,
        receiver_kind=protocol.receiver_kind,
        legal_basis=protocol.legal_basis,
        purpose=protocol.purpose,
        from_age=protocol.from_age,
        until_age=protocol.until_age,
        state=ProtocolState.PROPOSED,
        valid_from=protocol.valid_from,
        valid_until=protocol.valid_until,
        proposed_by=by,
        proposal=proposal.strip(),
    )
    draft.save(force_insert=True)
    ProtocolClause.objects.bulk_create(
        ProtocolClause(protocol=draft, category=category, depth=depth, writes=writes)
        for category, depth, writes in clauses
    )
    record("protocol.proposed", draft, by=by, code=draft.code, version=draft.version)
    return draft


@action
def sign_protocol(draft: SharingProtocol, *, digest: str, by: Member) -> SharingProtocol:
    """A party agrees to a proposal. With the signature of the other party it comes into force and replaces what was.

    `digest` says which text was read (`queries.version`). Doors that are open lead on under the new version, no longer
    than before. Raises `RuleBroken` with what stands against it: the database checks parties, text and red lines.
    """
    require(by, permissions.sign, draft)
    _ask("select sec.sign_protocol(%s, %s)", [draft.pk, digest])
    recorded("protocol.signed", draft, by=by)
    return SharingProtocol.objects.get(pk=draft.pk)


@action
def withdraw_proposal(draft: SharingProtocol, *, reason: str, by: Member) -> SharingProtocol:
    """Those who made a proposal take it back, and say why."""
    return _close(draft, ProtocolState.WITHDRAWN, permissions.withdraw, reason, by)


@action
def decline_proposal(draft: SharingProtocol, *, reason: str, by: Member) -> SharingProtocol:
    """A party does not agree, and says why. What is in force stays."""
    return _close(draft, ProtocolState.DECLINED, permissions.decline, reason, by)


@operation
def load_protocols(pack: Pack, *, by: Operator) -> int:
    """Loads the sharing protocols of a country pack; running it again changes only what changed. Returns how many.

    A protocol that is in the database but no longer in the pack ends at once. One that was suspended stays so, and what
    the parties have signed since outlasts the pack. Raises `RuleBroken` if the pack would cross a red line.
    """
    _check_red_lines(pack)
    using = "migrate"
    institutions = {one.code: one for one in Institution.objects.using(using)}
    resting = set(
        SharingProtocol.objects.using(using)
        .filter(state=ProtocolState.SUSPENDED)
        .values_list("code", flat=True)
    )
    signed = set(
        SharingProtocol.objects.using(using)
        .filter(version__gt=1, state__in=(ProtocolState.IN_FORCE, ProtocolState.SUSPENDED))
        .values_list("code", flat=True)
    )
    for item in pack.protocols:
        if item.code in signed:
            continue
        provider, receiver = institutions.get(item.provider), institutions.get(item.receiver)
        protocol, _created = SharingProtocol.objects.using(using).update_or_create(
            code=item.code,
            version=1,
            defaults={
                "title": dict(item.title),
                "provider": provider,
                "provider_kind": "" if provider else item.provider,
                "receiver": receiver,
                "receiver_kind": "" if receiver else item.receiver,
                "legal_basis": dict(item.legal_basis),
                "purpose": dict(item.purpose),
                "signatures": [
                    {
                        "institution": one.institution,
                        "office": dict(one.name_of_office),
                        "on": one.on.isoformat(),
                    }
                    for one in item.signatures
                ],
                "from_age": item.from_age,
                "until_age": item.until_age,
                "state": ProtocolState.SUSPENDED if item.code in resting else ProtocolState.IN_FORCE,
                "valid_from": start_of(item.valid_from),
                "valid_until": start_of(item.valid_until + timedelta(days=1)),  # the last day counts
            },
        )
        wanted = {Category[c.category.upper()]: (Depth[c.depth.upper()], c.writes) for c in item.clauses}
        for clause in ProtocolClause.objects.using(using).filter(protocol=protocol):
            depth, writes = wanted.pop(Category(clause.category), (None, False))
            if depth is None:
                clause.delete()
            elif (clause.depth, clause.writes) != (depth, writes):
                clause.depth, clause.writes = depth, writes
                clause.save()
        ProtocolClause.objects.using(using).bulk_create(
            ProtocolClause(protocol=protocol, category=category, depth=depth, writes=writes)
            for category, (depth, writes) in wanted.items()
        )
    running = SharingProtocol.objects.using(using).filter(
        state__in=(ProtocolState.IN_FORCE, ProtocolState.SUSPENDED)
    )
    gone = running.exclude(code__in=[item.code for item in pack.protocols])
    ended = gone.update(state=ProtocolState.ENDED)
    record_operation(
        "protocols.loaded",
        "sharingprotocol",
        by=by,
        pack=pack.name,
        protocols=len(pack.protocols),
        signed=len(signed),
        ended=ended,
    )
    return len(pack.protocols)


@operation
def suspend_protocol(code: str, *, by: Operator) -> int:
    """A party has withdrawn: nothing passes under this protocol until it is resumed. Every door it opened shuts at once.

    Returns how many doors it had opened. Raises `Missing` if no protocol of that code is in force.
    """
    return _set_state(code, ProtocolState.IN_FORCE, ProtocolState.SUSPENDED, "protocol.suspended", by)


@operation
def resume_protocol(code: str, *, by: Operator) -> int:
    """The parties agree again: the doors opened under the protocol open again, as far as they still run.

    Returns how many they are. Raises `Missing` if no protocol of that code is suspended.
    """
    return _set_state(code, ProtocolState.SUSPENDED, ProtocolState.IN_FORCE, "protocol.resumed", by)


def _close(
    draft: SharingProtocol, state: ProtocolState, permission: permissions.Permission, reason: str, by: Member
) -> SharingProtocol:
    require(by, permission, draft)
    if not reason.strip():
        raise RuleBroken(_("Say why."), field="reason", code="reason")
    _ask("select sec.close_proposal(%s, %s, %s)", [draft.pk, state, reason.strip()])
    recorded(f"protocol.{state}", draft, by=by)
    return SharingProtocol.objects.get(pk=draft.pk)


def _check_red_lines(pack: Pack) -> None:
    """Every protocol of a pack, together with what its receivers are given by the others."""
    party = {kind.code: kind.party for kind in pack.kinds}
    kind = {one.code: one.kind for one in pack.institutions}
    given: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    for item in pack.protocols:
        given[kind.get(item.receiver, item.receiver)] += [
            (Category[one.category.upper()], Depth[one.depth.upper()], one.writes) for one in item.clauses
        ]
    for item in pack.protocols:
        provider, receiver = (kind.get(code, code) for code in (item.provider, item.receiver))
        rules.check_can_share(given[receiver], provider=party[provider], receiver=party[receiver])


def _ask(sql: str, values: list[Any]) -> None:
    """Calls a function of the database, whose own refusal becomes the member's words."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as error:
        raise _refused(error) from error


def _set_state(code: str, before: str, after: str, verb: str, by: Operator) -> int:
    found = SharingProtocol.objects.using("migrate").filter(code=code, state=before).first()
    if found is None:
        raise Missing()
    doors = Grant.objects.using("migrate").filter(protocol=found, revoked_at=None).count()
    found.state = after
    found.save(using="migrate", update_fields=["state"])
    record_operation(verb, "sharingprotocol", by=by, code=code, doors=doors)
    return doors


def _refused(error: DatabaseError) -> Refusal:
    """The database's own refusal, in the member's words. Anything it did not say itself stays an error."""
    words = str(error).splitlines()[0]
    for code, message in REFUSED.items():
        if code in words:
            field = {"break_glass.reason": "reason", "break_glass.category": "categories"}.get(code)
            field = field or ("institution" if code.startswith("lead.") else None)
            return RuleBroken(message, field=field, code=code)
    raise error
