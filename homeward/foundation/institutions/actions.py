"""Appointing, inviting and dismissing members, filling focal points, and loading the institutions of a country."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from homeward.foundation.audit.actions import (
    Operator,
    action,
    operation,
    record,
    record_operation,
    recorded,
)
from homeward.foundation.institutions import permissions
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
from homeward.foundation.institutions.rules import (
    EVERYTHING,
    Role,
    check_can_seat,
    check_first_day,
    check_roles,
)
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken
from homeward.foundation.kernel.packs import Pack
from homeward.foundation.kernel.packs import Unit as PackUnit
from homeward.foundation.kernel.refs import new_id

Permission = Callable[[Member], Q]

CATEGORY_BITS = (
    "identity household return case legal custody supervision risk needs plan referral service assistance education "
    "health counselling child_protection gender_violence security intelligence"
).split()


REFUSED = {
    "account.taken": (_("This sign-in name is taken."), "username"),
    "account.name": (
        _("Use 3 to 60 characters: small letters from a to z, figures, dots, dashes and underscores."),
        "username",
    ),
    "invitation.unavailable": (
        _("No link can be made. This colleague has chosen a password already, or works elsewhere too."),
        None,
    ),
}


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
    """A person who signs in already begins to work for the institution of `by`, with these roles, from a day on.

    Raises `RuleBroken` for an unknown role, a unit of another institution or one that sees more than `by` does, and for
    somebody whom another institution is only just inviting; `NotPermitted` without the role for it and for a seat of
    one's own.
    """
    day = starts_on or today()
    _check_can_appoint(roles, unit, by)
    check_first_day(day, today())
    if account.pk == by.account_id:
        raise NotPermitted()
    earlier = Member.objects.filter(account=account.pk, institution=by.institution)
    if earlier.exclude(ends_on__lte=day).exists():
        raise RuleBroken(_("This person already works here."), field="account", code="already_member")
    if not account.has_usable_password() and not earlier.exists():
        # Whoever made the account may still hold a link to it, and would sit here too.
        raise RuleBroken(
            _("This person has never signed in. Appoint them as soon as they have chosen a password."),
            field="account",
            code="newcomer",
        )
    return _seated(account.pk, account.username, name, roles, unit, day, by)


@action
def appoint_newcomer(
    *,
    username: str,
    name: str,
    roles: Sequence[str],
    unit: Unit | None = None,
    starts_on: date | None = None,
    email: str = "",
    language: str = "sq",
    by: Member,
) -> Member:
    """Somebody new begins to work for the institution of `by`, and gets an account that has no password yet.

    They choose it themselves with the link of `invite`. Raises `RuleBroken` like `appoint`, and for a sign-in name that
    is taken or cannot be typed.
    """
    _check_can_appoint(roles, unit, by)
    check_first_day(starts_on or today(), today())
    account, username = new_id(), username.strip().lower()
    _ask("select sec.new_account(%s, %s, %s, %s)", [account, username, email, language])
    return _seated(account, username, name, roles, unit, starts_on or today(), by)


@action
def invite(member: Member, *, by: Member) -> str:
    """A link, as its secret part, with which a new colleague chooses a password: once, within three days.

    Whoever appointed hands it over; an earlier one dies with it. The database keeps its hash and writes into the log who
    made it. Raises `RuleBroken` for somebody who has chosen a password already.
    """
    member = _locked(member, by, permissions.invite)
    secret = secrets.token_urlsafe(32)
    _ask("select sec.invite(%s, %s)", [member.pk, hashlib.sha256(secret.encode()).digest()])
    recorded("member.invited", member, by=by)
    return secret


@action
def change_roles(member: Member, *, roles: Sequence[str], by: Member) -> Member:
    """A colleague gets other roles; it counts from their next request on. Nobody changes their own."""
    member = _locked(member, by, permissions.change_roles)
    check_roles(roles, _party(member.institution))
    before, member.roles = member.roles, sorted(set(roles))
    member.save(update_fields=["roles"])
    record("member.roles_changed", member, by=by, before=before, after=member.roles)
    return member


@action
def move(member: Member, *, unit: Unit | None, by: Member) -> Member:
    """A colleague goes to another part of the institution, and from their next request on sees what that part sees."""
    member = _locked(member, by, permissions.move)
    _check_unit(unit, by)
    before, member.unit = member.unit, unit
    member.save(update_fields=["unit"])
    record("member.moved", member, by=by, before=before and before.code, after=unit and unit.code)
    return member


@action
def dismiss(member: Member, *, ends_on: date | None = None, by: Member) -> Member:
    """A colleague leaves: from that day on nothing opens for them, and open sessions end at once.

    A day in the future can be brought forward. The post of a focal point is vacant from the same day on.
    """
    member = _locked(member, by, permissions.dismiss)
    day = ends_on or max(today(), member.starts_on)
    if day < member.starts_on:
        raise RuleBroken(_("The last day lies before the first one."), field="ends_on", code="period")
    if member.has_left:
        raise RuleBroken(_("This membership has already ended."), field="ends_on", code="ended")
    member.ends_on = day
    member.save(update_fields=["ends_on"])
    if day <= today():
        FocalPoint.objects.filter(member=member, ends_on=None).update(member=None)
    record("member.dismissed", member, by=by, ends_on=day)
    return member


@action
def fill_focal_point(focal_point: FocalPoint, *, member: Member | None, by: Member) -> FocalPoint:
    """Names who answers for this work in the municipality; `None` makes the vacancy visible to everybody."""
    found = (
        FocalPoint.objects.select_for_update(of=("self",), no_key=True)
        .filter(permissions.fill_focal_point(by), pk=focal_point.pk)
        .first()
    )
    if found is None:
        raise NotPermitted()
    if member is not None and (member.institution_id != found.institution_id or member.has_left):
        raise RuleBroken(_("Choose somebody who works in this institution."), field="member", code="member")
    found.member = member
    found.save(update_fields=["member"])
    record("focal_point.filled" if member else "focal_point.vacated", found, by=by)
    return found


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
    check_roles(roles, _party(institution, using), by_operator=True)
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


def _check_can_appoint(roles: Sequence[str], unit: Unit | None, by: Member) -> None:
    if not by.has(Role.ADMINISTRATOR, Role.COORDINATOR):
        raise NotPermitted()
    check_roles(roles, _party(by.institution))
    _check_unit(unit, by)


def _check_unit(unit: Unit | None, by: Member) -> None:
    if unit is not None and unit.institution_id != by.institution_id:
        raise RuleBroken(_("This unit belongs to another institution."), field="unit", code="unit")
    check_can_seat(by.view, unit.view if unit else EVERYTHING)


def _seated(
    account: UUID, username: str, name: str, roles: Sequence[str], unit: Unit | None, day: date, by: Member
) -> Member:
    member = Member(
        account_id=account,
        institution=by.institution,
        unit=unit,
        name=name.strip(),
        code=username,
        roles=sorted(set(roles)),
        starts_on=day,
    )
    member.save(force_insert=True)
    record("member.appointed", member, by=by, roles=member.roles, institution=by.institution.code)
    return member


def _ask(sql: str, values: list[Any]) -> None:
    """Calls a function of the database. Its own refusal becomes the member's words; anything else stays an error."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as error:
        words = str(error).splitlines()[0]
        for code, (message, field) in REFUSED.items():
            if code in words:
                raise RuleBroken(message, field=field, code=code) from error
        raise


def _locked(member: Member, by: Member, permission: Permission) -> Member:
    found = (
        Member.objects.select_for_update(of=("self",), no_key=True)
        .select_related("institution", "unit")
        .filter(permission(by), pk=member.pk)
        .first()
    )
    if found is None:
        raise NotPermitted()
    return found


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
