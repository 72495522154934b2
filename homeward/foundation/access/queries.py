"""Who sees what, and why: the questions behind the panel, the lists and the oversight pages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from homeward.foundation.access import rules
from homeward.foundation.access.models import (
    BreakGlass,
    CaseAccess,
    CaseAccessCategory,
    CaseAnchor,
    Exclusion,
    Grant,
    Involvement,
    ProtocolClause,
    SharingProtocol,
)
from homeward.foundation.access.rules import TELLING, WHOLE_INSTITUTION, Category, Depth, ProtocolState
from homeward.foundation.audit.models import Event
from homeward.foundation.institutions.models import Institution, InstitutionKind, Member
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import day_of, now
from homeward.foundation.kernel.errors import Missing, NotPermitted, Text
from homeward.foundation.kernel.refs import normalise_ref


@dataclass(frozen=True)
class Sight:
    """What one member may do with one case: by category the depth of what others wrote, and the right to write."""

    case_id: UUID
    depths: dict[Category, Depth]
    writable: frozenset[Category]
    expires_at: datetime
    by_emergency: bool

    def reads(self, category: int) -> bool:
        """Everything in this category."""
        return self.depths.get(Category(category), Depth.NONE) == Depth.FULL

    def summarises(self, category: int) -> bool:
        """At least the summaries."""
        return self.depths.get(Category(category), Depth.NONE) >= Depth.SUMMARY

    def writes(self, category: int) -> bool:
        """May add records."""
        return Category(category) in self.writable

    def touches(self, category: int) -> bool:
        """Has anything to do with the category at all."""
        return Category(category) in self.depths


@dataclass(frozen=True)
class Reader:
    """One institution in the answer to "Who can see this, and why?"."""

    institution: Institution
    protocols: list[SharingProtocol]
    categories: list[tuple[Category, Depth, bool]]
    since: datetime
    until: datetime | None
    reason: str
    is_lead: bool

    @property
    def last_day(self) -> date | None:
        """The last day, as people say it; `until` is the moment after."""
        return day_of(self.until - timedelta(microseconds=1)) if self.until else None


def sight(case_id: UUID, *, to: Member) -> Sight:
    """What `to` may see of a case. Raises `Missing` if that is nothing."""
    rows = list(CaseAccessCategory.objects.filter(institution_id=to.institution_id, case_id=case_id))
    if not rows:
        raise Missing()
    depths: dict[Category, Depth] = {}
    for row in rows:
        category = Category(row.category)
        depths[category] = max(depths.get(category, Depth.NONE), Depth(row.depth))
    return Sight(
        case_id=case_id,
        depths=depths,
        writable=frozenset(Category(row.category) for row in rows if row.can_write),
        expires_at=min(row.expires_at for row in rows),
        by_emergency=all(row.member_id != WHOLE_INSTITUTION for row in rows),
    )


def cases_in_sight(*, to: Member) -> QuerySet[CaseAccess]:
    """The doors open to the member's institution; every list of cases starts here, so that it stays fast."""
    return CaseAccess.objects.filter(institution_id=to.institution_id, member_id=WHOLE_INSTITUTION)


def existing(case_id: UUID, *, to: Member) -> list[Category]:
    """The categories in which something is written on the case, among those the member may know to exist."""
    with connection.cursor() as cursor:
        cursor.execute("select sec.existing(%s)", [case_id])
        return sorted(Category(row[0]) for row in cursor.fetchall())


def readers(case_id: UUID, *, to: Member) -> list[Reader]:
    """Who can see this, and why: every institution with a door into the case, as far as the reader may know them."""
    found = (
        Involvement.objects.filter(case_id=case_id, starts_at__lte=now(), ends_at__gt=now())
        .select_related("institution")
        .prefetch_related(
            Prefetch(
                "grants",
                Grant.objects.filter(revoked_at=None, valid_from__lte=now(), valid_until__gt=now())
                .select_related("protocol")
                .prefetch_related("protocol__clauses"),
            )
        )
        .order_by("starts_at", "institution__code")
    )
    lead = CaseAnchor.objects.filter(case_id=case_id).values_list("lead_id", flat=True).first()
    answer = []
    for involvement in found:
        protocols = [grant.protocol for grant in involvement.grants.all() if grant.protocol.is_in_force]
        if not protocols:
            continue
        ends = [grant.valid_until for grant in involvement.grants.all()] + [involvement.ends_at]
        ends += [protocol.valid_until for protocol in protocols]
        answer.append(
            Reader(
                institution=involvement.institution,
                protocols=protocols,
                categories=_joined(clause for protocol in protocols for clause in protocol.clauses.all()),
                since=involvement.starts_at,
                until=min(ends) if min(ends).year < 2100 else None,
                reason=involvement.reason,
                is_lead=involvement.institution_id == lead,
            )
        )
    return answer


def emergencies(case_id: UUID, *, to: Member) -> list[BreakGlass]:
    """Emergency looks at a case, newest first, for those who may know of them."""
    return list(BreakGlass.objects.filter(case_id=case_id).select_related("member", "institution"))


def emergency_looks(*, to: Member) -> QuerySet[BreakGlass]:
    """Every emergency look the member may know of: own ones, those at cases one's institution leads, all for oversight."""
    return BreakGlass.objects.select_related("member", "institution", "lead", "reviewed_by").order_by(
        "-opened_at", "-id"
    )


def emergency_look(pk: UUID, *, to: Member) -> BreakGlass:
    """One emergency look. Raises `Missing`."""
    found = emergency_looks(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def reviews_waiting(*, to: Member) -> list[BreakGlass]:
    """The emergency looks this member ought to review."""
    from homeward.foundation.access.permissions import review_break_glass

    return list(emergency_looks(to=to).filter(review_break_glass(to)).order_by("review_due_at"))


def involvements(case_id: UUID, *, to: Member) -> QuerySet[Involvement]:
    """The institutions that take or took part in a case."""
    return (
        Involvement.objects.filter(case_id=case_id)
        .select_related("institution", "involved_by")
        .order_by("starts_at")
    )


def involvement(pk: UUID, *, to: Member) -> Involvement:
    """One involvement. Raises `Missing`."""
    found = Involvement.objects.select_related("institution").filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def exclusions(*, to: Member) -> QuerySet[Exclusion]:
    """Who must not see which case: one's own, those of colleagues for coordinators and supervisors, all for oversight."""
    return Exclusion.objects.select_related("member", "institution").order_by("-excluded_at", "-id")


def is_kept_away(*, to: Member) -> bool:
    """Whether the member is kept away from any case, by whichever of their seats."""
    with connection.cursor() as cursor:
        cursor.execute("select cardinality(sec.excluded()) > 0")
        kept: bool = cursor.fetchone()[0]
    return kept


def exclusion(pk: UUID, *, to: Member) -> Exclusion:
    """One exclusion. Raises `Missing`."""
    found = exclusions(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def knows_the_label(*, to: Member) -> bool:
    """Whether the member's institution is one that may learn why a person is in the system at all.

    A school or a clinic helps a child without ever meeting the word for where it came from; what such members see of
    the system itself is kept as plain as what they see of a case. Decided by the protocols: an institution knows if it
    is given the category of the return or of the coordination, or if it watches over the use of data.
    """
    if to.has(Role.AUDITOR, Role.DATA_PROTECTION, Role.ANALYST, Role.ADMINISTRATOR):
        return True
    own = Q(receiver=to.institution_id) | Q(receiver_kind=to.institution.kind)
    return (
        SharingProtocol.objects.in_force()
        .filter(
            own,
            clauses__category__in=TELLING,
            clauses__depth__gt=Depth.NONE,
        )
        .exists()
    )


def protocols(*, to: Member) -> QuerySet[SharingProtocol]:
    """The sharing protocols, newest version of each first: all of them, or those of the own institution where the
    others would say what the member is not to learn (see `knows_the_label`)."""
    found = SharingProtocol.objects.select_related("provider", "receiver").prefetch_related("clauses")
    if not knows_the_label(to=to):
        found = found.filter(Q(receiver=to.institution_id) | Q(receiver_kind=to.institution.kind))
    return found.order_by("code", "-version")


def reference_of(case_id: UUID, *, to: Member) -> str:
    """The reference of a case by its key, for those in sight of it; empty for everybody else."""
    return CaseAnchor.objects.filter(case_id=case_id).values_list("ref", flat=True).first() or ""


def case_key(reference: str, *, to: Member) -> QuerySet[CaseAnchor]:
    """The anchor of a case by its reference, for those in sight of it and for oversight."""
    return CaseAnchor.objects.filter(ref=normalise_ref(reference))


def references(keys: Iterable[UUID], *, to: Member) -> dict[UUID | None, str]:
    """The references of cases by their keys, for those in sight of them and for oversight."""
    return dict(CaseAnchor.objects.filter(case_id__in=set(keys)).values_list("case_id", "ref"))


def protocol(code: str, *, to: Member) -> SharingProtocol:
    """The version of a protocol that counts: the one in force, else the newest. Raises `Missing`."""
    versions = list(protocols(to=to).filter(code=code))
    if not versions:
        raise Missing()
    return next((version for version in versions if version.state == ProtocolState.IN_FORCE), versions[0])


@dataclass(frozen=True)
class Difference:
    """One category in two versions of a protocol: how deep and whether writing, before and after."""

    category: Category
    before: tuple[Depth, bool] | None
    after: tuple[Depth, bool] | None

    @property
    def is_wider(self) -> bool:
        """The receiver would see or do more than now."""
        now, then = self.before or (Depth.NONE, False), self.after or (Depth.NONE, False)
        return then[0] > now[0] or then[1] > now[1]

    @property
    def is_narrower(self) -> bool:
        """The receiver would see or do less than now."""
        now, then = self.before or (Depth.NONE, False), self.after or (Depth.NONE, False)
        return then[0] < now[0] or then[1] < now[1]


def version(code: str, number: int, *, to: Member) -> SharingProtocol:
    """One version of a protocol, with the digest that whoever signs it gives back. Raises `Missing`."""
    found = (
        protocols(to=to)
        .select_related("proposed_by__institution", "closed_by__institution")
        .filter(code=code, version=number)
        .first()
    )
    if found is None:
        raise Missing()
    with connection.cursor() as cursor:
        cursor.execute("select sec.protocol_digest(%s)", [found.pk])
        found.digest = cursor.fetchone()[0]
    return found


def proposals(code: str, *, to: Member) -> list[SharingProtocol]:
    """The versions of a protocol that wait for signatures."""
    return list(protocols(to=to).filter(code=code, state=ProtocolState.PROPOSED))


def proposals_to_sign(*, to: Member) -> list[SharingProtocol]:
    """The proposals that wait for the signature of the reader's institution and could come into force."""
    from homeward.foundation.access.permissions import sign

    found = protocols(to=to).filter(sign(to))
    return [draft for draft in found if not is_mandate(draft, to=to)]


def is_mandate(protocol: SharingProtocol, *, to: Member) -> bool:
    """Whether one institution could be both sides: such a protocol rests on a law, and nobody signs it."""
    if protocol.provider_kind and protocol.provider_kind == protocol.receiver_kind:
        return True
    gives = Q(pk=protocol.provider_id) | Q(kind=protocol.provider_kind)
    takes = Q(pk=protocol.receiver_id) | Q(kind=protocol.receiver_kind)
    return Institution.objects.filter(gives, takes).exists()


def differences(draft: SharingProtocol, *, to: Member) -> list[Difference]:
    """The proposal beside what is in force, by clause: every category of either, in their order."""
    current = protocols(to=to).filter(code=draft.code, state=ProtocolState.IN_FORCE).first()
    before, after = _by_category(current), _by_category(draft)
    return [
        Difference(category, before.get(category), after.get(category)) for category in sorted(before | after)
    ]


def given_to(protocol: SharingProtocol, *, to: Member) -> list[tuple[int, int, bool]]:
    """What the receivers of a protocol are given by all other ones: category, depth, right to write."""
    kind = protocol.receiver.kind if protocol.receiver else protocol.receiver_kind
    others = ProtocolClause.objects.filter(
        Q(protocol__receiver_kind=kind) | Q(protocol__receiver__kind=kind),
        protocol__state__in=(ProtocolState.IN_FORCE, ProtocolState.SUSPENDED),
    ).exclude(protocol__code=protocol.code)
    return list(others.values_list("category", "depth", "writes"))


def red_line(protocol: SharingProtocol, *, to: Member) -> Text:
    """In words, the red line that the protocol would cross together with what its receivers are given; or nothing."""
    clauses = [(one.category, one.depth, one.writes) for one in protocol.clauses.all()]
    provider, receiver = parties(protocol, to=to)
    given = [*clauses, *given_to(protocol, to=to)]
    return rules.RED_LINES.get(rules.red_line(given, provider=provider, receiver=receiver), "")


def parties(protocol: SharingProtocol, *, to: Member) -> tuple[str, str]:
    """For whom the two sides stand: state, security, donor … (`InstitutionKind.party`); empty for an unknown kind."""
    kinds = [
        protocol.provider.kind if protocol.provider else protocol.provider_kind,
        protocol.receiver.kind if protocol.receiver else protocol.receiver_kind,
    ]
    known = dict(InstitutionKind.objects.filter(code__in=kinds).values_list("code", "party"))
    return known.get(kinds[0], ""), known.get(kinds[1], "")


def protocols_for(
    institution: Institution, *, lead: Institution, to: Member, case_id: UUID | None = None
) -> list[SharingProtocol]:
    """The protocols in force under which `lead` may let `institution` into a case, or into this one case."""
    found = SharingProtocol.objects.in_force().between(lead, institution)
    anchor = CaseAnchor.objects.filter(case_id=case_id).first() if case_id else None
    if anchor is not None:
        found = found.concerning(anchor)
    return list(found.prefetch_related("clauses").order_by("code"))


def writable_categories(*, to: Member) -> frozenset[Category]:
    """What the member's institution may write somewhere, under any protocol in force, and the member's unit may see."""
    receives = Q(protocol__receiver=to.institution_id) | Q(protocol__receiver_kind=to.institution.kind)
    agreed = SharingProtocol.objects.in_force()
    clauses = ProtocolClause.objects.filter(receives, writes=True, protocol__in=agreed)
    found = {Category(number) for number in clauses.values_list("category", flat=True)}
    mask = to.unit.mask if to.unit is not None else None
    return frozenset(one for one in found if mask is None or mask & (1 << one))


def preview(chosen: Iterable[SharingProtocol], *, to: Member) -> list[tuple[Category, Depth, bool]]:
    """What an institution would see under these protocols together: shown before it is let in."""
    return _joined(clause for one in chosen for clause in one.clauses.all())


def responsibilities(*, to: Member) -> dict[str, dict[Category, tuple[Depth, bool]]]:
    """Which kind of institution does what with which category, over all protocols in force: the responsibility matrix."""
    if not knows_the_label(to=to):
        raise NotPermitted()
    matrix: dict[str, dict[Category, tuple[Depth, bool]]] = defaultdict(dict)
    for one in SharingProtocol.objects.in_force().select_related("receiver").prefetch_related("clauses"):
        receiver = one.receiver_kind or (one.receiver.kind if one.receiver else "")
        for category, depth, writes in _joined(one.clauses.all()):
            before = matrix[receiver].get(category, (Depth.NONE, False))
            matrix[receiver][category] = (max(before[0], depth), before[1] or writes)
    return dict(matrix)


def disclosures(*, to: Member) -> QuerySet[Event]:
    """Every look and every opened or closed door, newest first: for oversight, without content."""
    return Event.objects.all().order_by("-id")


def _by_category(protocol: SharingProtocol | None) -> dict[Category, tuple[Depth, bool]]:
    clauses = protocol.clauses.all() if protocol is not None else ()
    return {Category(one.category): (Depth(one.depth), one.writes) for one in clauses}


def _joined(clauses: Iterable[ProtocolClause]) -> list[tuple[Category, Depth, bool]]:
    together: dict[Category, tuple[Depth, bool]] = {}
    for clause in clauses:
        depth, writes = together.get(Category(clause.category), (Depth.NONE, False))
        together[Category(clause.category)] = (max(depth, Depth(clause.depth)), writes or clause.writes)
    return [
        (category, depth, writes) for category, (depth, writes) in sorted(together.items()) if depth or writes
    ]
