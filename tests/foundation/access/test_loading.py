"""The operator brings the protocols of a country, suspends and resumes them; what the parties signed since outlasts it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from homeward.foundation.access import actions
from homeward.foundation.access.models import ProtocolClause, SharingProtocol
from homeward.foundation.audit.actions import Operator
from homeward.foundation.kernel import packs
from homeward.foundation.kernel.errors import Missing, RuleBroken

pytestmark = pytest.mark.django_db(databases=["default", "auth", "migrate"])
BY = Operator("test")


def clause(category: str, depth: str, writes: bool = False) -> Any:
    return SimpleNamespace(category=category, depth=depth, writes=writes)


def agreement(pack: packs.Pack, code: str, **changes: Any) -> Any:
    """A protocol of the country, changed."""
    [found] = [one for one in pack.protocols if one.code == code]
    return SimpleNamespace(**vars(found) | changes)


@pytest.fixture
def kosovo(db_of_test: None) -> packs.Pack:
    from django.conf import settings

    with connections["migrate"].cursor() as cursor:
        cursor.execute("set local role none")
    return packs.load("kosovo", settings.PACKS)


def with_protocols(pack: packs.Pack, *protocols: Any) -> Any:
    return SimpleNamespace(name="test", kinds=pack.kinds, institutions=pack.institutions, protocols=protocols)


def rows(code: str) -> dict[int, str]:
    found = SharingProtocol.objects.using("migrate").filter(code=code)
    return dict(found.values_list("version", "state"))


def clauses(code: str) -> dict[str, tuple[int, bool]]:
    found = ProtocolClause.objects.using("migrate").filter(protocol__code=code, protocol__version=1)
    return {one.get_category_display(): (one.depth, one.writes) for one in found}


def test_loading_again_changes_nothing(kosovo: packs.Pack) -> None:
    before = clauses("dprrp-csw")
    assert actions.load_protocols(kosovo, by=BY) == len(kosovo.protocols)
    assert clauses("dprrp-csw") == before
    assert rows("dprrp-csw") == {1: "in_force"}


def test_a_pack_changes_clauses_and_ends_what_it_no_longer_has(kosovo: packs.Pack) -> None:
    changed = agreement(
        kosovo,
        "dprrp-csw",
        clauses=[clause("identity", "full"), clause("plan", "summary"), clause("legal", "existence")],
    )
    assert actions.load_protocols(with_protocols(kosovo, changed), by=BY) == 1
    assert clauses("dprrp-csw") == {"Identity": (3, False), "Plan": (2, False), "Legal": (1, False)}
    assert rows("dprrp-kps") == {1: "ended"}


@pytest.mark.parametrize(
    ("code", "given", "line"),
    [
        ("dprrp-csw", clause("health", "summary"), "protocol.confided"),
        ("dprrp-police", clause("education", "existence"), "protocol.sheltered"),
        ("dprrp-police", clause("identity", "full"), "protocol.security"),
    ],
)
def test_a_pack_that_crosses_a_red_line_is_not_loaded(
    kosovo: packs.Pack, code: str, given: Any, line: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        actions.load_protocols(with_protocols(kosovo, agreement(kosovo, code, clauses=[given])), by=BY)
    assert refused.value.code == line
    assert rows("dprrp-kps") == {1: "in_force"}


def test_what_the_parties_signed_outlasts_the_pack(kosovo: packs.Pack) -> None:
    old = SharingProtocol.objects.using("migrate").get(code="dprrp-csw", version=1)
    values = {
        field.attname: getattr(old, field.attname)
        for field in SharingProtocol._meta.concrete_fields
        if field.name not in ("id", "version")
    }
    SharingProtocol(**values, version=2).save(using="migrate")
    SharingProtocol.objects.using("migrate").filter(pk=old.pk).update(state="ended")

    actions.load_protocols(kosovo, by=BY)

    assert rows("dprrp-csw") == {1: "ended", 2: "in_force"}
    assert actions.suspend_protocol("dprrp-csw", by=BY) == 0
    actions.load_protocols(kosovo, by=BY)
    assert rows("dprrp-csw") == {1: "ended", 2: "suspended"}
    actions.load_protocols(with_protocols(kosovo), by=BY)
    assert rows("dprrp-csw") == {1: "ended", 2: "ended"}


def test_a_suspended_protocol_stays_so_until_it_is_resumed(kosovo: packs.Pack) -> None:
    actions.suspend_protocol("dprrp-csw", by=BY)
    with pytest.raises(Missing):
        actions.suspend_protocol("dprrp-csw", by=BY)
    actions.load_protocols(kosovo, by=BY)
    assert rows("dprrp-csw") == {1: "suspended"}
    actions.resume_protocol("dprrp-csw", by=BY)
    assert rows("dprrp-csw") == {1: "in_force"}
    with pytest.raises(Missing):
        actions.resume_protocol("nothing", by=BY)
