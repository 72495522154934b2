"""What the oracle says is what the database, the queries and raw SQL say: every member, every person, every category."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.attacks.world import World
from tests.oracle.oracle import Oracle, Sight
from tests.oracle.pack import CATEGORIES


@pytest.fixture(scope="module")
def oracle(world: World) -> Oracle:
    return Oracle(world.pack, world.facts, datetime.now(UTC), datetime.now(UTC).date())


def in_sql(world: World, login: str) -> dict[Any, Sight]:
    """The rule as the web's role sees it, table row by table row."""
    seen: dict[Any, Sight] = defaultdict(dict)
    with world.stage.as_member(login) as connection:
        rows = connection.execute(
            "select case_id, category, max(depth), bool_or(can_write) from case_access_cat group by 1, 2"
        )
        for case, category, depth, writes in rows:
            seen[case][CATEGORIES[category]] = (depth, writes)
    return seen


def test_the_world_is_rich_enough_to_be_worth_asking_about(world: World, oracle: Oracle) -> None:
    cells = {login: sum(len(sight) for sight in oracle.sights(login).values()) for login in world.serving}
    blind = {login for login, number in cells.items() if not number}

    assert len(world.facts.cases) == 336
    assert len(world.serving) - len(blind) >= 12
    assert blind == {
        "data-protection-officer",
        "auditor",
        "donor",
        "administrator",
        "reviewer",
        "kcs-walker",
        "donor-breaker",
        "municipal-focal-point",
        "town-hall",
        "school-auditor",
    } - {login for login, number in cells.items() if number}


def test_the_folded_rule_is_what_the_protocols_say(world: World, oracle: Oracle) -> None:
    wrong: list[tuple[str, Any, Sight, Sight]] = []
    for login in world.serving:
        expected, actual = oracle.sights(login), in_sql(world, login)
        wrong.extend(
            (login, case, expected.get(case, {}), actual.get(case, {}))
            for case in world.facts.cases
            if expected.get(case, {}) != actual.get(case, {})
        )

    assert not wrong, "\n".join(map(str, wrong[:5]))
