"""Whatever the log is told, it can say to people: every verb has words."""

import ast
import re
from collections.abc import Iterator

from homeward.foundation.audit.rules import words
from tests.architecture.house import HOUSE, modules, none

WRITERS = {"record", "recorded", "record_many", "record_view", "record_operation", "_record_some", "_saved"}
VERB = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
IN_SQL = re.compile(r"(?:write_event|sec\.audit|audit_many|audit_operator)\([^;]*?'([a-z0-9_]+\.[a-z0-9_]+)'")


def verbs() -> Iterator[tuple[str, str]]:
    """Every verb somebody hands to the log, with where: in Python and in SQL."""
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            told = node.args[:3] if name in WRITERS else []
            told = [*told, *(keyword.value for keyword in node.keywords if keyword.arg == "recorded")]
            for value in told:
                if isinstance(value, ast.Constant) and VERB.fullmatch(str(value.value)):
                    yield str(value.value), f"{module}:{node.lineno}"
    for path in sorted(HOUSE.rglob("*.sql")):
        for found in IN_SQL.finditer(path.read_text()):
            yield found[1], path.name


def test_the_walk_finds_the_verbs() -> None:
    found = {verb for verb, _where in verbs()}
    assert {"case.received", "person.viewed", "people.taken_away", "break_glass.opened"} <= found


def test_every_verb_of_the_log_has_words() -> None:
    none(sorted({f"{where}: {verb}" for verb, where in verbs() if verb not in words.known()}))
