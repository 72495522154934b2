"""Cases to let people into, and protocols to do it under."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.attacks.stage import connected

Opened = Callable[..., UUID]


@pytest.fixture
def new_case(acting: Any) -> Opened:
    """`new_case(by=ana)` — the key of a case that Ana's institution has just opened, of a grown-up unless said."""
    from homeward.foundation.access import actions
    from homeward.foundation.kernel.clock import now
    from homeward.foundation.kernel.refs import new_ref

    def opened(*, by: Any, adult_on: date | None = date(2010, 1, 1), person: UUID | None = None) -> UUID:
        case = uuid4()
        with acting(by):
            actions.open_own(
                [actions.Opened(case, new_ref("HW"), person or uuid4(), now() - timedelta(days=1), adult_on)],
                by=by,
            )
        return case

    return opened


@pytest.fixture
def session_of(django_db_setup: None) -> Callable[..., Any]:
    """`with session_of(bruno, assurance=2, factor_age=10) as token:` — a session that is really saved, and goes again."""

    @contextmanager
    def opened(
        member: Any, *, kind: str = "operator", assurance: int = 1, factor_age: int | None = None
    ) -> Iterator[str]:
        from django.conf import settings

        token = secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).digest()
        with connected(settings.DATABASES["default"]["NAME"]) as superuser:
            superuser.execute(
                "insert into sec.session (token_hash, account_id, member_id, kind, assurance, factor_at, expires_at) "
                "values (%s, %s, %s, %s, %s, clock_timestamp() - %s * interval '1 second', now() + interval '1 hour')",
                [digest, member.account_id, member.pk, kind, assurance, factor_age],
            )
            try:
                yield token
            finally:
                superuser.execute("delete from sec.session where token_hash = %s", [digest])

    return opened


@pytest.fixture
def protocol() -> Callable[[str], Any]:
    """`protocol("dprrp-cso")` — inside a context."""
    from homeward.foundation.access.models import SharingProtocol

    return lambda code: SharingProtocol.objects.get(code=code, version=1)


@pytest.fixture
def let_in(acting: Any, protocol: Any) -> Callable[..., Any]:
    """`let_in(case, carla, "dprrp-csw", by=ana)` — the door that Ana opened for Carla's institution."""
    from homeward.foundation.access import actions

    def involved(case: UUID, guest: Any, *codes: str, by: Any, **more: Any) -> Any:
        with acting(by):
            return actions.involve(
                case, guest.institution, protocols=[protocol(code) for code in codes], by=by, **more
            )

    return involved


@pytest.fixture
def depths(acting: Any) -> Callable[[Any, UUID], dict[str, tuple[int, bool]]]:
    """`depths(carla, case)` — what Carla sees of a case: category → (depth, may write); empty for nothing."""
    from homeward.foundation.access import queries
    from homeward.foundation.kernel.errors import Missing

    def seen(member: Any, case: UUID) -> dict[str, tuple[int, bool]]:
        with acting(member):
            try:
                sight = queries.sight(case, to=member)
            except Missing:
                return {}
        return {
            category.name.lower(): (int(depth), category in sight.writable)
            for category, depth in sight.depths.items()
        }

    return seen


@pytest.fixture
def operator_changes(django_db_setup: None) -> Callable[..., Any]:
    """`with operator_changes("dprrp-csw", state="suspended"):` — what is in force is changed, really saved, and put back."""

    from django.conf import settings

    @contextmanager
    def changed(code: str, **values: Any) -> Iterator[None]:
        names = list(values)
        with connected(settings.DATABASES["default"]["NAME"]) as superuser:
            row = superuser.execute(
                f"select {', '.join(names)} from app.sharing_protocol where code = %s and version = 1", [code]
            ).fetchone()
            assert row is not None
            setting = f"update app.sharing_protocol set {', '.join(f'{n} = %s' for n in names)} where code = %s and version = 1"
            superuser.execute(setting, [*values.values(), code])
            try:
                yield
            finally:
                superuser.execute(setting, [*row, code])

    return changed
