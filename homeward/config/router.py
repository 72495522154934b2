"""Which hand touches which table: accounts and sessions by the sign-in role, everything else by the web's own."""

from typing import Any

from django.db.models import Model

SIGN_IN_APPS = {"sessions", "account", "mfa", "auth"}
SIGN_IN_MODELS = {"institutions.account"}


class ByRole:
    """Sends sign-in tables to the role `auth`, and schema changes to the role `migrate` alone."""

    def _alias(self, model: type[Model]) -> str | None:
        if model._meta.app_label in SIGN_IN_APPS or model._meta.label_lower in SIGN_IN_MODELS:
            return "auth"
        return None

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The connection a read of this table goes over."""
        return self._alias(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """The connection a write of this table goes over."""
        return self._alias(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """One database seen by several roles: relations between their tables are sound."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Only the deploying role changes the schema."""
        return db == "migrate"
