"""The single things that pages are about: a note, a document, somebody's place on a team, an institution to involve."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from homeward.casework.cases.models import Case, CaseNote, Document, TeamMember
from homeward.casework.cases.queries.sight import one
from homeward.foundation.access import queries as access
from homeward.foundation.access.models import Involvement, SharingProtocol
from homeward.foundation.access.rules import Category, Depth
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.errors import Missing


@dataclass(frozen=True)
class Opening:
    """An institution that could be let into a case, under these protocols, and what it would then see."""

    case: Case
    institution: Institution
    protocols: list[SharingProtocol]
    preview: list[tuple[Category, Depth, bool]]

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
    found = TeamMember.objects.filter(pk=pk, case=one(ref, to=to)).select_related("case", "institution").first()
    if found is None:
        raise Missing
    return found


def involvement(ref: str, pk: UUID, *, to: Member) -> Involvement:
    """One institution's part in a case. Raises `Missing`."""
    found = access.involvements(one(ref, to=to).pk, to=to).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def openings(ref: str, *, to: Member) -> list[Opening]:
    """The institutions that a protocol lets into this case and that do not take part yet."""
    case = one(ref, to=to)
    inside = {reader.institution.pk for reader in access.readers(case.pk, to=to)}
    allowed = list(SharingProtocol.objects.in_force().prefetch_related("clauses").order_by("code"))
    lead = case.lead_institution
    found = []
    for institution in institutions.institutions(to=to).order_by("kind", "code"):
        protocols = [one for one in allowed if _lets(one, lead, institution)]
        if protocols and institution.pk not in inside:
            found.append(Opening(case, institution, protocols, access.preview(protocols)))
    return found


def opening(ref: str, code: str, *, to: Member) -> Opening:
    """One institution to be let in, and under which protocols. Raises `Missing` when none allows it."""
    case = one(ref, to=to)
    institution = institutions.institution(code, to=to)
    protocols = access.protocols_for(institution, lead=case.lead_institution, to=to)
    if not protocols:
        raise Missing
    return Opening(case, institution, protocols, access.preview(protocols))


def _lets(protocol: SharingProtocol, lead: Institution, institution: Institution) -> bool:
    """Is the protocol made between these two? The same question as `between`, asked of many at once."""
    gives = protocol.provider_id == lead.pk or protocol.provider_kind == lead.kind
    takes = protocol.receiver_id == institution.pk or protocol.receiver_kind == institution.kind
    return gives and takes
