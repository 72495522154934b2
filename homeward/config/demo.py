"""The demonstration's members: one for each kind of work, all invented, with one password that is no secret."""

from collections.abc import Mapping
from typing import Any

from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions.actions import create_account, seat_member
from homeward.foundation.institutions.models import Account
from homeward.foundation.kernel.packs import Pack

PASSWORD = "came-home-together"  # noqa: S105 — printed on the sign-in page of a demonstration, and nowhere else of use


def seat(pack: Pack, *, by: Operator) -> list[Mapping[str, Any]]:
    """Gives every member of the pack's `demo.yaml` an account and a seat. Returns them as they stand in the file."""
    members: list[Mapping[str, Any]] = pack.section("demo")["members"]
    for item in members:
        account = Account.objects.filter(username=item["login"]).first()
        if account is None:
            account = create_account(item["login"], PASSWORD, language=item.get("language", "sq"), by=by)
        seat_member(
            account=account,
            institution_code=item["institution"],
            unit_code=item.get("unit", ""),
            name=item["name"],
            roles=item["roles"],
            by=by,
        )
    return members
