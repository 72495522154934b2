"""The operator brings a country: its institutions, the first accounts and the first seats. Running it again changes only
what changed."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from homeward.foundation.audit.actions import Operator, operation, record_operation
from homeward.foundation.institutions import actions
from homeward.foundation.institutions.models import (
    FocalPoint,
    Institution,
    InstitutionKind,
    Member,
    Municipality,
    Unit,
)
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken

pytestmark = pytest.mark.django_db(databases=["default", "auth", "migrate"])
BY = Operator("test")


def named(code: str, **more: Any) -> Any:
    return SimpleNamespace(code=code, name={"en": code.title()}, **more)


@pytest.fixture
def country(db_of_test: None) -> Any:
    """Two towns, a school in one and a town hall in the other, which has a focal point."""
    counselling = named("counselling", categories={"counselling", "identity"}, listed=False)
    return SimpleNamespace(
        name="test",
        others={"municipality-spellings": None},
        section=lambda name: {"t-west": ["Oest"]},
        districts=[named("t-all")],
        municipalities=[
            named("t-east", district="t-all", official_languages=["en"]),
            named("t-west", district="t-all", official_languages=["en", "sq"]),
        ],
        kinds=[
            named("t-school", party="municipal", units=[counselling], focal_point=False),
            named("t-hall", party="municipal", units=[], focal_point=True),
        ],
        institutions=[
            named("t-school-east", kind="t-school", short={}, municipality="t-east", units=[]),
            named(
                "t-hall-west",
                kind="t-hall",
                short={"en": "Hall"},
                municipality="t-west",
                units=[named("t-desk", categories=None, listed=True)],
            ),
            named("t-nowhere", kind="t-hall", short={}, municipality=None, units=[]),
        ],
    )


def of(model: Any) -> Any:
    return model.objects.using("migrate")


def test_everything_is_there_once_however_often_it_is_loaded(country: Any, reading: Any) -> None:
    first = actions.load_institutions(country, by=BY)
    assert (first["municipalities"], first["institutions"]) == (2, 3)
    assert first["closed"] > 10  # what stood there before is in no pack any more
    assert actions.load_institutions(country, by=BY) == first | {"closed": 0}
    with reading():
        assert of(Municipality).get(code="t-west").aliases == ["Oest"]
        assert of(Municipality).get(code="t-east").aliases == []
        unit = of(Unit).get(code="counselling", institution__code="t-school-east")
        assert (unit.mask, unit.listed) == (1 << 0 | 1 << 15, False)
        assert of(Unit).get(code="t-desk").mask is None
        assert {
            post.institution.code for post in of(FocalPoint).filter(institution__code__startswith="t-")
        } == {"t-hall-west"}
        assert of(Institution).get(code="dprrp").closed_on == today()


def test_what_changed_is_changed(country: Any, reading: Any) -> None:
    actions.load_institutions(country, by=BY)
    country.others = {}
    country.kinds[0].party = "state"
    country.institutions[0].short = {"en": "E"}
    actions.load_institutions(country, by=BY)
    with reading():
        assert of(InstitutionKind).get(code="t-school").party == "state"
        assert of(Institution).get(code="t-school-east").abbreviation == "E"
        assert of(Municipality).get(code="t-west").aliases == []


class TestTheFirstSeats:
    def test_an_account_opens_nothing_and_is_made_once(self, country: Any) -> None:
        account = actions.create_account("T.First", "a long way home", language="en", by=BY)
        assert (account.username, account.check_password("a long way home")) == ("t.first", True)
        with pytest.raises(RuleBroken) as refused:
            actions.create_account("T.FIRST", "a long way home", by=BY)
        assert refused.value.code == "taken"
        with pytest.raises(RuleBroken) as refused:
            actions.create_account("t.second", "short", by=BY)
        assert (refused.value.code, refused.value.field) == ("password", "password")

    def test_a_seat_is_given_and_given_again(
        self, country: Any, members: dict[str, Any], reading: Any
    ) -> None:
        donor = members["donor"]
        account: Any = SimpleNamespace(pk=donor.account_id, username="donor")
        actions.load_institutions(country, by=BY)
        seat = {"account": account, "institution_code": "t-hall-west", "by": BY}
        first = actions.seat_member(unit_code="t-desk", name="D", roles=["coordinator"], **seat)
        again = actions.seat_member(unit_code="", name="Donor", roles=["analyst", "analyst"], **seat)
        assert first.pk == again.pk
        with reading():
            kept = of(Member).get(pk=again.pk)
            assert (kept.name, kept.unit, kept.roles) == ("Donor", None, ["analyst"])
        with pytest.raises(RuleBroken):
            actions.seat_member(unit_code="", name="D", roles=["auditor"], **seat)


@pytest.fixture
def reading() -> Any:
    """`with reading():` — the deploying role passes row-level security when it is nobody's owner."""
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def read() -> Any:
        with transaction.atomic(using="migrate"):
            with connections["migrate"].cursor() as cursor:
                cursor.execute("set local role none")
            yield

    return read


def test_an_operation_leaves_a_trace_or_nothing(db_of_test: None) -> None:
    from homeward.foundation.kernel.errors import Unaudited

    @operation
    def silent(*, by: Operator) -> None:
        """Says nothing."""

    @operation
    def said(*, by: Operator) -> str:
        record_operation("test.done", "test", by=by)
        return "done"

    with pytest.raises(Unaudited):
        silent(by=BY)
    assert said(by=BY) == "done"
