"""Draws every table of states into docs/domain: `manage.py draw_states`, and `--check` in the build.

The tables are found where the house keeps them: in the `rules` of the apps. So a table needs no
registration, and one that stands elsewhere has no diagram.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

import homeward
from homeward.foundation.kernel.states import StateTable

FOLDER = Path(homeward.__file__).resolve().parents[1] / "docs" / "domain"


class Command(BaseCommand):
    """Keeps the diagrams in docs/domain equal to the tables in the program."""

    help = "Draw the state tables into docs/domain; --check only says whether they are current."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if a diagram is not current"
        )
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the diagrams are")

    def handle(self, *args: Any, check: bool, folder: Path, **options: Any) -> None:
        wanted = {folder / f"states-{table.name}.md": page(table) for table in tables()}
        left_over = set(folder.glob("states-*.md")) - wanted.keys()
        changed = [
            path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text
        ]
        if check:
            if changed or left_over:
                names = ", ".join(sorted(path.name for path in {*changed, *left_over}))
                raise CommandError(f"Not current: {names}. Run draw_states.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for path in changed:
            path.write_text(wanted[path], "utf-8")
        for path in left_over:
            path.unlink()
        self.stdout.write(f"{len(wanted)} diagrams, {len(changed)} written, {len(left_over)} removed")


def tables() -> list[StateTable]:
    """Every state table in the `rules` of an installed app, by name."""
    found: dict[str, StateTable] = {}
    for app in apps.get_app_configs():
        if not app.name.startswith("homeward."):
            continue
        for module in _rules_of(app.name):
            for value in vars(module).values():
                if isinstance(value, StateTable) and found.setdefault(value.name, value) is not value:
                    raise CommandError(f"Two state tables are called “{value.name}”.")
    return [found[name] for name in sorted(found)]


def page(table: StateTable) -> str:
    """The Markdown page of one table: the diagram and a list of the moves for those who cannot see it."""
    rows = [
        f"| {move.name} | {', '.join(state for state in table.states if state in move.sources)} "
        f"| {', '.join(state for state in table.states if state in move.targets)} |"
        for move in table.moves
    ]
    return "\n".join(
        [
            f"# States: {table.name}",
            "",
            "Drawn by `manage.py draw_states` from the table in the program. Change the table, not this page.",
            "",
            "```mermaid",
            table.mermaid().rstrip("\n"),
            "```",
            "",
            "| move | from | to |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _rules_of(app: str) -> list[Any]:
    """The module `rules` of an app, or all modules of the package it has grown into."""
    name = f"{app}.rules"
    if find_spec(name) is None:
        return []
    module = import_module(name)
    inside = pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}.")
    return [module, *(import_module(part.name) for part in inside)]
