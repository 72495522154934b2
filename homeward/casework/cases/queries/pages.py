"""The single things that pages are about: a note, a document, somebody's place on a team, an institution to involve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import combining, normalize
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from homeward.casework.cases.models import Case, CaseNote, Document, TeamMember
from homeward.casework.cases.models.sight import unit_mask
from homeward.casework.cases.queries.sight import one
from homeward.casework.people.models import ReturnWave
from homeward.foundation.access import queries as access
from homeward.foundation.access.models import (
    CaseAnchor,
    Exclusion,
    Involvement,
    ProtocolClause,
    SharingProtocol,
)
from homeward.foundation.access.permissions import lift_exclusion
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Institution, Member, Municipality
from homeward.foundation.kernel.errors import Missing

# How far an institution is from where the person lives: there, for the whole country, or neither.
ELSEWHERE = 2


@dataclass(frozen=True)
class Opening:
    """An institution that could be let into a case, under these protocols, and what it would then see."""

    case: Case
    institution: Institution
    protocols: list[SharingProtocol]
    preview: list[tuple[Category, Depth, bool]]
    reader: Member
    # Of the person's own municipality, or of the whole country: what one looks for first.
    is_near: bool = True

    def get_absolute_url(self) -> str:
        """The case's own page."""
        return self.case.get_absolute_url()


@dataclass(frozen=True)
class Ending:
    """An institution's part in a case that somebody wants to end."""

    case: Case
    involvement: Involvement

    def get_absolute_url(self) -> str:
        """The case's own page."""
        return self.case.get_absolute_url()


def note(ref: str, pk: UUID, *, to: Member) -> CaseNote:
    """One note of a case whose words the reader may read. Raises `Missing`."""
    found = (
        CaseNote.objects.filter(pk=pk, case=one(ref, to=to), words__isnull=False)
        .select_related("case", "words", "institution")
        .first()
    )
    if found is None:
        raise Missing
    return found


def document(ref: str, pk: UUID, *, to: Member) -> Document:
    """One document of a case, as far as its header. Raises `Missing`."""
    found = Document.objects.filter(pk=pk, case=one(ref, to=to)).select_related("case", "institution").first()
    if found is None:
        raise Missing
    return found


def team_place(ref: str, pk: UUID, *, to: Member) -> TeamMember:
    """Somebody's place on the team of a case. Raises `Missing`."""
    found = (
        TeamMember.objects.filter(pk=pk, case=one(ref, to=to)).select_related("case", "institution").first()
    )
    if found is None:
        raise Missing
    return found


def ending(ref: str, pk: UUID, *, to: Member) -> Ending:
    """One institution's part in a case, to be ended. Raises `Missing`."""
    case = one(ref, to=to)
    found = access.involvements(case.pk, to=to).filter(pk=pk).first()
    if found is None:
        raise Missing
    return Ending(case, found)


def openings(
    ref: str, *, to: Member, name: str = "", kind: str = "", municipality: Municipality | None = None
) -> list[Opening]:
    """The institutions that a protocol lets into this case and that do not take part yet.

    Those of the person's own municipality come first, then those of the whole country, then the rest. `name` is part of
    a name in any language, with or without the signs over its letters.
    """
    case = one(ref, to=to)
    inside = {reader.institution.pk for reader in access.readers(case.pk, to=to)}
    anchor = CaseAnchor.objects.get(case_id=case.pk)
    allowed = list(
        SharingProtocol.objects.in_force().concerning(anchor).prefetch_related("clauses").order_by("code")
    )
    lead = case.lead
    home = case.known_person.municipality_id if case.known_person else None
    found = []
    asked = institutions.institutions(to=to)
    asked = asked.filter(kind=kind) if kind else asked
    asked = asked.filter(municipality=municipality) if municipality else asked
    for institution in asked.order_by("kind", "code"):
        protocols = [one for one in allowed if _lets(one, lead, institution)]
        if protocols and institution.pk not in inside and _is_called(institution, name):
            preview = access.preview(protocols, to=to)
            near = _distance(institution, home) < ELSEWHERE
            found.append(Opening(case, institution, protocols, preview, to, is_near=near))
    return sorted(found, key=lambda one: _distance(one.institution, home))


def _distance(institution: Institution, home: UUID | None) -> int:
    if institution.municipality_id is None:
        return 1
    return 0 if institution.municipality_id == home else ELSEWHERE


def _is_called(institution: Institution, part: str) -> bool:
    names = [*institution.name.values(), *institution.short.values(), institution.code]
    return any(_plain(part) in _plain(name) for name in names)


def _plain(text: str) -> str:
    """Small letters without the signs over them: who types “prishtine” means “Prishtinë”."""
    return "".join(c for c in normalize("NFD", text.strip().casefold()) if not combining(c))


def opening(ref: str, code: str, *, to: Member) -> Opening:
    """One institution to be let in, and under which protocols. Raises `Missing` when none allows it."""
    case = one(ref, to=to)
    institution = institutions.institution(code, to=to)
    protocols = access.protocols_for(institution, lead=case.lead, case_id=case.pk, to=to)
    if not protocols:
        raise Missing
    return Opening(case, institution, protocols, access.preview(protocols, to=to), to)


def exclusions(*, to: Member) -> QuerySet[Exclusion]:
    """Who is kept away from which case, with its reference where the reader sees the case."""
    reference = Case.objects.filter(pk=OuterRef("case_id")).values("ref")[:1]
    own = access.exclusions(to=to).filter(institution=to.institution_id)
    return own.annotate(
        reference=Subquery(reference),
        may_lift=ExpressionWrapper(lift_exclusion(to), output_field=BooleanField()),
    )


def these_protocols(keys: Iterable[UUID], *, to: Member) -> QuerySet[SharingProtocol]:
    """Some protocols by their keys; every member may read every protocol."""
    return access.protocols(to=to).filter(pk__in=list(keys))


def partners(case: Case, *, to: Member) -> QuerySet[Institution]:
    """The institutions that take part in a case beside the one that leads it."""
    inside = [reader.institution.pk for reader in access.readers(case.pk, to=to)]
    return institutions.institutions(to=to).filter(pk__in=inside).exclude(pk=case.lead.pk)


def colleagues(*, to: Member) -> QuerySet[Member]:
    """Those who work for the reader's own institution today."""
    return Member.objects.serving().filter(institution=to.institution_id).order_by("name")


def waves(*, to: Member) -> QuerySet[ReturnWave]:
    """The groups that came together."""
    return ReturnWave.objects.all()


def known_categories(*, to: Member) -> frozenset[Category]:
    """What this member can come to know of any case at all: by the protocols of their institution, within their unit."""
    clauses = (
        ProtocolClause.objects.filter(
            Q(protocol__receiver=to.institution_id) | Q(protocol__receiver_kind=to.institution.kind),
            depth__gte=Depth.SUMMARY,
            protocol__in=SharingProtocol.objects.in_force(),
        )
        .order_by()
        .values_list("category", flat=True)
        .distinct()
    )
    return frozenset(Category(category) for category in clauses if unit_mask(to) & (1 << category))


def _lets(protocol: SharingProtocol, lead: Institution, institution: Institution) -> bool:
    """Is the protocol made between these two? The same question as `between`, asked of many at once."""
    gives = protocol.provider_id == lead.pk or protocol.provider_kind == lead.kind
    takes = protocol.receiver_id == institution.pk or protocol.receiver_kind == institution.kind
    return gives and takes
