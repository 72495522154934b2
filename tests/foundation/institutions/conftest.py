"""Members of the cast with a role they do not have on the stage."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.attacks.stage import connected


@pytest.fixture
def as_coordinator(django_db_setup: None, db_of_test: None) -> Callable[..., Any]:
    """`with as_coordinator(point) as by:` — the same person, made a coordinator by the operator, and sees as one."""
    import hashlib

    from django.conf import settings

    from homeward.foundation.access import context

    @contextmanager
    def acted(member: Any) -> Iterator[Any]:
        token = secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).digest()
        with connected(settings.DATABASES["default"]["NAME"]) as superuser:
            superuser.execute("update app.member set roles = '{coordinator}' where id = %s", [member.pk])
            superuser.execute(
                "insert into sec.session (token_hash, account_id, member_id, kind, expires_at) "
                "values (%s, %s, %s, 'operator', now() + interval '1 hour')",
                [digest, member.account_id, member.pk],
            )
            try:
                entered = context.enter(token)
                yield entered
                context.leave()
            finally:
                superuser.execute("delete from sec.session where token_hash = %s", [digest])
                superuser.execute("update app.member set roles = %s where id = %s", [member.roles, member.pk])

    return acted
