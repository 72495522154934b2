"""The ledger of published figures: everything with its source, contradictions marked, nothing decided."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from homeward.casework.people import actions, queries
from homeward.casework.people.models import PublishedFigure
from homeward.foundation.audit.actions import Operator
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import NotPermitted, RuleBroken


def publish(by, key, value, **more):
    """Under a key of the tests' own: the country pack has brought figures of its own into the same ledger."""
    return actions.publish_figure(
        by=by,
        key=f"test-{key}",
        value=Decimal(value),
        **{"unit": "people", "source": "Project description", **more},
    )


def lines_of_these(to):
    return [line for line in queries.figures(to=to) if line.figure.key.startswith("test-")]


def conflicting():
    return PublishedFigure.objects.filter(key__startswith="test-", is_conflicting=True)


def test_403_who_travelled_were_not_425(acting, ana):
    with acting(ana), translation.override("en"):
        whole = publish(ana, "travelled", 403, as_of=PartialDate(2022), population="Citizens who travelled")
        for key, value in (("travelled-men", 255), ("travelled-women", 52), ("travelled-children", 118)):
            part = publish(ana, key, value, as_of=PartialDate(2022), part_of=whole)
        lines = {line.figure.key.removeprefix("test-"): line for line in lines_of_these(ana)}

        assert all(line.figure.is_conflicting for line in lines.values())
        assert [str(one) for one in lines["travelled"].conflicts] == [
            "The parts do not add up: 403 ≠ 255 + 52 + 118 = 425."
        ]
        assert [line.is_part for line in lines.values()] == [False, True, True, True]
        assert whole.pk in part.conflicts_with
        assert lines["travelled"].figure.number == "403"


def test_parts_that_add_up_are_no_conflict_any_more(acting, ana):
    with acting(ana):
        whole = publish(ana, "wave", 110)
        for key, value in (("wave-men", 4), ("wave-women", 32), ("wave-children", 75)):
            publish(ana, key, value, part_of=whole)
        assert conflicting().count() == 4

        corrected = publish(ana, "wave-children", 74, part_of=whole)

        assert not conflicting().exists()
        assert history(corrected) == ["figure.published", "figure.corrected"]
        assert corrected.theirs()["value"] == 74


def test_two_sources_that_disagree(acting, ana):
    with acting(ana), translation.override("en"):
        publish(ana, "returned", 250, source="A", as_of=PartialDate(2021))
        publish(ana, "returned", 253, source="B", as_of=PartialDate(2021))
        publish(ana, "returned", 260, source="B", as_of=PartialDate(2022))

        said = [[str(one) for one in line.conflicts] for line in lines_of_these(ana)]
        assert said == [["B says 253."], ["A says 250."], []]


@pytest.mark.parametrize("wrong", [{"unit": ""}, {"source": " "}, {"value": Decimal(-1)}, {"key": ""}])
def test_figures_that_are_none(acting, ana, wrong):
    with acting(ana), pytest.raises(RuleBroken):
        actions.publish_figure(
            by=ana, **{"key": "returned", "value": Decimal(1), "unit": "people", "source": "A", **wrong}
        )


def test_a_part_of_something_else(acting, ana):
    with acting(ana):
        whole = publish(ana, "travelled", 403)
        with pytest.raises(RuleBroken):
            publish(ana, "travelled-men", 255, unit="families", part_of=whole)


def test_who_writes_the_ledger(acting, ana, bruno, carla, edu, members):
    for member in (ana, bruno):
        with acting(member):
            assert publish(member, f"returned-{member.code}", 250).published_by == member
    for member in (carla, edu, members["donor"], members["school-psychologist"]):
        with acting(member), pytest.raises(NotPermitted):
            publish(member, "returned", 250)


@pytest.mark.django_db(databases=["default", "auth", "migrate"])
def test_a_country_pack_brings_figures(db_of_test):
    figures = [
        {"key": "t-travelled", "value": 403, "unit": "people", "source": "S", "as_of": "2022"},
        {"key": "t-men", "value": 255, "unit": "people", "source": "S", "part_of": "t-travelled"},
        {"key": "t-women", "value": 52, "unit": "people", "source": "S", "part_of": "t-travelled"},
    ]
    pack: Any = SimpleNamespace(name="test", others={"figures": None}, section=lambda name: figures)

    assert actions.load_figures(pack, by=Operator("test")) == 3
    assert actions.load_figures(pack, by=Operator("test")) == 3
    loaded = PublishedFigure.objects.using("migrate").filter(key__startswith="t-")
    assert [(one.key, one.is_conflicting) for one in loaded] == [
        ("t-men", True),
        ("t-travelled", True),
        ("t-women", True),
    ]

    figures[1]["value"] = 351
    actions.load_figures(pack, by=Operator("test"))
    assert not loaded.filter(is_conflicting=True).exists()


@pytest.mark.django_db(databases=["default", "auth", "migrate"])
def test_a_pack_without_figures_brings_none(db_of_test):
    pack: Any = SimpleNamespace(name="empty", others={})

    assert actions.load_figures(pack, by=Operator("test")) == 0
