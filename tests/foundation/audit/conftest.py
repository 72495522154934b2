"""A log of one's own, in a database of one's own: seals are about what is saved, so nothing here is undone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.attacks.stage import Stage, django_on


@pytest.fixture
def log(django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[Any]:
    """A stage with 60 events by two members in 12 transactions, nothing sealed, anchors in an empty folder."""
    settings.ANCHORS = tmp_path / "anchors"
    stage = Stage("log")
    stage.build()
    try:
        members = dict(
            stage.ask(
                "select c.username, m.id from app.member m join app.app_account c on c.id = m.account_id"
            )
        )
        for login in ("dprrp-coordinator", "kps-officer"):
            stage.give_token(login, members[login])
        with django_db_blocker.unblock(), django_on(stage.database):
            yield SimpleNamespace(
                stage=stage, members=members, write=_writer(stage, members), anchors=settings.ANCHORS
            )
    finally:
        stage.drop()


def _writer(stage: Stage, members: dict[str, Any]) -> Callable[..., list[int]]:
    def write(transactions: int = 12, each: int = 5, login: str = "dprrp-coordinator") -> list[int]:
        """Really saved events; returns their numbers."""
        made = []
        connection = stage.login("homeward_app")
        for number in range(transactions):
            with connection.transaction():
                connection.execute("select sec.enter(%s)", [stage.tokens[login]])
                for event in range(each):
                    row = connection.execute(
                        "select sec.audit(%s, 'case.noted', %s, gen_random_uuid(), 3, 'case', gen_random_uuid(), %s::jsonb)",
                        [members[login], event == 0, f'{{"number": {number}, "words": "şë ћ {event}"}}'],
                    ).fetchone()
                    made.append(row[0] if row else 0)
        return made

    return write
