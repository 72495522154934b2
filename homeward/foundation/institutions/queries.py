"""Reading institutions, members and municipalities."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from homeward.foundation.institutions import rules
from homeward.foundation.institutions.models import (
    Account,
    District,
    FocalPoint,
    Institution,
    InstitutionKind,
    Member,
    Municipality,
    Unit,
    UnitQuerySet,
)
from homeward.foundation.institutions.rules import Role
from homeward.foundation.kernel.clock import today
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


def colleagues_today(*, to: Member) -> QuerySet[Member]:
    """Those of them who work there today."""
    return Member.objects.serving().filter(institution=to.institution_id).order_by("name")


def colleague(pk: UUID, *, to: Member) -> Member:
    """One member of one's own institution. Raises `Missing`."""
    found = colleagues(to=to).filter(pk=pk).first()
    if found is None:
        raise Missing()
    return found


def names(keys: Iterable[UUID], *, to: Member) -> dict[UUID | None, str]:
    """The names of members by their keys, as far as the reader may know them."""
    return dict(Member.objects.filter(pk__in=set(keys)).values_list("pk", "name"))


def newcomers(*, to: Member) -> dict[UUID, datetime | None]:
    """Colleagues who have not chosen a password yet and may be invited, and until when a link that is out works."""
    with connection.cursor() as cursor:
        cursor.execute("select member_id, expires_at from sec.newcomers()")
        return dict(cursor.fetchall())


def account(username: str, *, to: Member) -> Account | None:
    """The account with exactly this sign-in name, or None. Whoever appoints has to be told the name; there is no search."""
    return Account.objects.filter(username__iexact=username.strip(), is_active=True).first()


def units(*, to: Member) -> UnitQuerySet:
    """The units of one's own institution."""
    return Unit.objects.filter(institution=to.institution_id)


def units_to_give(*, to: Member) -> UnitQuerySet:
    """The units to which the reader may appoint: those that see no more than the reader does."""
    return units(to=to).no_wider_than(to.view)


def roles_to_give(*, to: Member) -> list[Role]:
    """The roles that the reader's institution can have."""
    return rules.roles_to_give(InstitutionKind.objects.get(code=to.institution.kind).party)


def municipalities(*, to: Member) -> QuerySet[Municipality]:
    """All municipalities with their districts."""
    return Municipality.objects.select_related("district")


def districts(*, to: Member) -> QuerySet[District]:
    """All districts."""
    return District.objects.all()


def focal_points(*, to: Member, vacant: bool = False) -> QuerySet[FocalPoint]:
    """Who answers in each municipality, vacancies included, or the vacancies alone."""
    found = FocalPoint.objects.filter(ends_on=None).select_related("municipality", "institution", "member")
    return found.filter(Q(member=None) | Q(member__ends_on__lte=today())) if vacant else found


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
