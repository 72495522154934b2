"""A country of its own, in which years can pass and nothing is undone."""

from tests.factories.stages import country

__all__ = ["country"]
