"""The two packs that ship, read once."""

from __future__ import annotations

import pytest

from homeward.foundation.kernel.packs import Pack, load


@pytest.fixture(scope="session")
def kosovo() -> Pack:
    return load("kosovo")


@pytest.fixture(scope="session")
def example() -> Pack:
    return load("example")
