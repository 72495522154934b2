"""The stage of the attacks: one country, built once for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.attacks.filling import fill
from tests.attacks.siege import Siege
from tests.attacks.stage import Stage
from tests.attacks.world import World


@pytest.fixture(scope="session")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A whole country with 336 cases, in a database of its own."""
    stage = Stage("world")
    stage.build()
    try:
        built = World(stage)
        with django_db_blocker.unblock():
            built.build()
        yield built
    finally:
        stage.drop()


@pytest.fixture(scope="session")
def siege(world: World) -> Siege:
    """The same country with something in every table."""
    fill(world)
    return Siege(world)
