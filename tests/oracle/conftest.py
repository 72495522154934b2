"""The oracle asks about the same country that is attacked."""

from tests.attacks.conftest import world

__all__ = ["world"]
