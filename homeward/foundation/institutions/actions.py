"""Appointing and dismissing members, filling focal points, and loading the institutions of a country."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from homeward.foundation.audit.actions import Operator, action, operation, record, record_operation
from homeward.foundation.institutions.models import (
    Account,
    District,
    FocalPoint,
    Institution,
    InstitutionKind,
    Member,
    Municipality,
    Unit,
)
from homeward.foundation.institutions.permissions import change_roles as may_change_roles
from homeward.foundation.institutions.permissions import dismiss as may_dismiss
from homeward.foundation.institutions.rules import EVERYTHING, Role, check_can_seat, check_roles
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from homeward.foundation.kernel.packs import Pack
from homeward.foundation.kernel.packs import Unit as PackUnit

CATEGORY_BITS = (
    "identity household return case legal custody supervision risk needs plan referral service assistance education "
    "health counselling child_protection gender_violence security intelligence"
).split()


@action
def appoint(
    *,
    account: Account,
    name: str,
    roles: Sequence[str],
    unit: Unit | None = None,
    starts_on: date | None = None,
    by: Member,
) -> Member:
    """A person begins to work for the institution of `by`, with these roles, from a day on.

    Raises `RuleBroken` for an unknown role, a unit of another institution or one that sees more than `by` does,
    `NotPermitted` without the role for it and for a seat of one's own.
    """
    if not by.has(Role.ADMINISTRATOR, Role.COORDINATOR):
        raise NotPermitted()
    check_roles(roles, _party(by.institution))
    if unit is not None and unit.institution_id != by.institution_id:
        raise RuleBroken(_("This unit belongs to another institution."), field="unit", code="unit")
    check_can_seat(_view(by.unit, by.institution), unit.view if unit else EVERYTHING)
    if account.pk == by.account_id:
        raise NotPermitted()
    if Member.objects.filter(account=account.pk, institution=by.institution, ends_on=None).exists():
        raise RuleBroken(_("This person already works here."), field="account", code="already_member")
    member = Member(
        account=account,
        institution=by.institution,
        unit=unit,
        name=name.strip(),
        code=account.username,
        roles=sorted(set(roles)),
        starts_on=starts_on or today(),
    )
    member.save(force_insert=True)
    record("member.appointed", member, by=by, roles=member.roles, institution=by.institution.code)
    return member


@action
def change_roles(member: Member, *, roles: Sequence[str], by: Member) -> Member:
    """A colleague gets other roles; it counts from their next request on. Nobody changes their own."""
    member = _locked(member, by, may_change_roles)
    check_roles(roles, _party(member.institution))
    before, member.roles = member.roles, sorted(set(roles))
    member.save(update_fields=["roles"])
    record("member.roles_changed", member, by=by, before=before, after=member.roles)
    return member


@action
def dismiss(member: Member, *, ends_on: date | None = None, by: Member) -> Member:
    """A colleague leaves: from that day on nothing opens for them, and open sessions end at once."""
    member = _locked(member, by, may_dismiss)
    day = ends_on or today()
    if day < member.starts_on:
        raise RuleBroken(_("The last day lies before the first one."), field="ends_on", code="period")
    if member.ends_on is not None:
        raise RuleBroken(_("This membership has already ended."), field="ends_on", code="ended")
    member.ends_on = day
    member.save(update_fields=["ends_on"])
    FocalPoint.objects.filter(member=member, ends_on=None).update(member=None)
    record("member.dismissed", member, by=by, ends_on=day)
    return member


@action
def fill_focal_point(focal_point: FocalPoint, *, member: Member | None, by: Member) -> FocalPoint:
    """Names who answers for this work in the municipality; `None` makes the vacancy visible to everybody."""
    if focal_point.institution_id != by.institution_id or not by.has(Role.ADMINISTRATOR, Role.COORDINATOR):
        raise NotPermitted()
    if member is not None and member.institution_id != focal_point.institution_id:
        raise RuleBroken(_("Choose somebody who works in this institution."), field="member", code="member")
    focal_point = FocalPoint.objects.select_for_update(of=("self",), no_key=True).get(pk=focal_point.pk)
    focal_point.member = member
    focal_point.save(update_fields=["member"])
    record("focal_point.filled" if member else "focal_point.vacated", focal_point, by=by)
    return focal_point


@operation
def create_account(
    username: str, password: str, *, email: str = "", language: str = "sq", by: Operator
) -> Account:
    """A way to sign in. It opens nothing by itself: an institution must appoint the person.

    Raises `RuleBroken` if the name is taken or the password too weak.
    """
    if Account.objects.filter(username__iexact=username).exists():
        raise RuleBroken(_("This sign-in name is taken."), field="username", code="taken")
    account = Account(username=username.lower(), email=email, language=language)
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages), field="password", code="password") from error
    account.set_password(password)
    account.save(force_insert=True)
    record_operation("account.created", "account", by=by, account=str(account.pk))
    return account


@operation
def load_institutions(pack: Pack, *, by: Operator) -> dict[str, int]:
    """Loads municipalities, kinds, institutions and units of a pack; running it again changes only what changed.

    An institution that is no longer in the pack is closed, never deleted: what it did stays in the records.
    Returns how many of each there are.
    """
    using = "migrate"
    spellings = pack.section("municipality-spellings") if "municipality-spellings" in pack.others else {}
    districts = {d.code: _upsert(District, {"code": d.code}, {"name": dict(d.name)}) for d in pack.districts}
    municipalities = {
        m.code: _upsert(
            Municipality,
            {"code": m.code},
            {
                "name": dict(m.name),
                "district": districts[m.district],
                "aliases": list(spellings.get(m.code, ())),
                "official_languages": list(m.official_languages),
            },
        )
        for m in pack.municipalities
    }
    kinds = {k.code: k for k in pack.kinds}
    for kind in pack.kinds:
        _upsert(InstitutionKind, {"code": kind.code}, {"name": dict(kind.name), "party": kind.party})
    for item in pack.institutions:
        institution = _upsert(
            Institution,
            {"code": item.code},
            {
                "kind": item.kind,
                "name": dict(item.name),
                "short": dict(item.short),
                "municipality": municipalities[item.municipality] if item.municipality else None,
                "closed_on": None,
            },
        )
        for unit in item.units or kinds[item.kind].units:
            _load_unit(institution, unit)
        posts = FocalPoint.objects.using(using).filter(institution=institution, ends_on=None)
        if kinds[item.kind].focal_point and institution.municipality and not posts.exists():
            FocalPoint(municipality=institution.municipality, institution=institution).save(using=using)
    gone = (
        Institution.objects.using(using)
        .filter(closed_on=None)
        .exclude(code__in=[i.code for i in pack.institutions])
    )
    closed = gone.update(closed_on=today())
    counts = {"municipalities": len(municipalities), "institutions": len(pack.institutions), "closed": closed}
    record_operation("institutions.loaded", "institution", by=by, pack=pack.name, **counts)
    return counts


@operation
def seat_member(
    *, account: Account, institution_code: str, unit_code: str, name: str, roles: Sequence[str], by: Operator
) -> Member:
    """The first member of an institution, seated by the operator; everybody after is appointed by colleagues.

    Running it again for the same account and institution changes name, unit and roles.
    """
    using = "migrate"
    institution = Institution.objects.using(using).get(code=institution_code)
    check_roles(roles, _party(institution, using))
    unit = Unit.objects.using(using).get(institution=institution, code=unit_code) if unit_code else None
    member = (
        Member.objects.using(using)
        .filter(account_id=account.pk, institution=institution, ends_on=None)
        .first()
    )
    if member is None:
        member = Member(account_id=account.pk, institution=institution, starts_on=date(2019, 1, 1))
    member.name, member.code, member.unit, member.roles = name, account.username, unit, sorted(set(roles))
    member.save(using=using)
    record_operation(
        "member.seated",
        "member",
        by=by,
        member=str(member.pk),
        institution=institution_code,
        roles=member.roles,
    )
    return member


def _locked(member: Member, by: Member, permission: Any) -> Member:
    found = (
        Member.objects.select_for_update(of=("self",), no_key=True)
        .select_related("institution")
        .filter(permission(by), pk=member.pk)
        .first()
    )
    if found is None:
        raise NotPermitted()
    return found


def _view(unit: Unit | None, institution: Institution) -> int:
    """The mask of what a member sees. Where units are walls, nothing opens for somebody without a unit."""
    if unit is not None:
        return unit.view
    return 0 if institution.units.exclude(mask=None).exists() else EVERYTHING


def _party(institution: Institution, using: str = "default") -> str:
    return InstitutionKind.objects.using(using).get(code=institution.kind).party


def _load_unit(institution: Institution, unit: PackUnit) -> Unit:
    categories = unit.categories
    mask = None if categories is None else sum(1 << CATEGORY_BITS.index(name) for name in categories)
    loaded: Unit = _upsert(
        Unit,
        {"institution": institution, "code": unit.code},
        {"name": dict(unit.name), "mask": mask, "listed": unit.listed},
    )
    return loaded


def _upsert(model: type[models.Model], key: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """The row with this key, made or brought up to date; written only when something differs."""
    found = model._default_manager.using("migrate").filter(**key).first()
    if found is None:
        found = model(**key, **values)
        found.save(using="migrate", force_insert=True)
        return found
    changed = [name for name, value in values.items() if getattr(found, name) != value]
    if changed:
        for name in changed:
            setattr(found, name, values[name])
        found.save(using="migrate", update_fields=changed)
    return found
