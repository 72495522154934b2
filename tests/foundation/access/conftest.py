"""Cases to let people into, and protocols to do it under."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

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
