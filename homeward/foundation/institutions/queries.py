"""Reading institutions, members and municipalities."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from homeward.foundation.institutions.models import (
    District,
    FocalPoint,
    Institution,
    InstitutionKind,
    Member,
    Municipality,
    Unit,
)
from homeward.foundation.kernel.errors import Missing


def institutions(*, to: Member) -> QuerySet[Institution]:
    """Every institution that still works."""
    return Institution.objects.filter(closed_on=None).select_related("municipality")


def institution(code: str, *, to: Member) -> Institution:
    """The institution with this code. Raises `Missing`."""
    found = institutions(to=to).filter(code=code).first()
    if found is None:
        raise Missing()
    return found


def directory(*, to: Member) -> QuerySet[Member]:
    """Whom to call: members of all institutions now serving, without those of unlisted units."""
    return Member.objects.serving().select_related("institution", "unit")


def colleagues(*, to: Member) -> QuerySet[Member]:
    """The members of one's own institution, past ones too."""
    return Member.objects.filter(institution=to.institution_id).select_related("unit", "institution")


def colleague(pk: str, *, to: Member) -> Member:
    """One member of one's own institution. Raises `Missing`."""
    found = colleagues(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def names(keys: Iterable[UUID], *, to: Member) -> dict[UUID | None, str]:
    """The names of members by their keys, as far as the reader may know them."""
    return dict(Member.objects.filter(pk__in=set(keys)).values_list("pk", "name"))


def units(*, to: Member) -> QuerySet[Unit]:
    """The units of one's own institution."""
    return Unit.objects.filter(institution=to.institution_id)


def municipalities(*, to: Member) -> QuerySet[Municipality]:
    """All municipalities with their districts."""
    return Municipality.objects.select_related("district")


def districts(*, to: Member) -> QuerySet[District]:
    """All districts."""
    return District.objects.all()


def focal_points(*, to: Member) -> QuerySet[FocalPoint]:
    """Who answers in each municipality, vacancies included."""
    return FocalPoint.objects.filter(ends_on=None).select_related("municipality", "institution", "member")


def kinds(*, to: Member) -> dict[str, str]:
    """The kinds of institution by code, in the reader's language."""
    return {kind.code: kind.label for kind in InstitutionKind.objects.all()}


def members_by_key(keys: Iterable[UUID], *, to: Member) -> dict[UUID, Member]:
    """Members by key, past ones too, as far as the reader may know them."""
    return {
        member.pk: member for member in Member.objects.select_related("institution").filter(pk__in=set(keys))
    }


def institutions_by_key(*, to: Member) -> dict[UUID, Institution]:
    """All institutions by key, closed ones too."""
    return {institution.pk: institution for institution in Institution.objects.all()}
