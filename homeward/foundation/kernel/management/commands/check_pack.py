"""Says whether a country pack can be used: `manage.py check_pack kosovo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from homeward.foundation.kernel.packs import FOLDER, PackRefused, load


class Command(BaseCommand):
    """Reads country packs and shows everything that is wrong in them."""

    help = "Check country packs; every fault is shown with its file, line and place."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="+", help="names of folders under packs/")
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the packs are")

    def handle(self, *args: Any, names: list[str], folder: Path, **options: Any) -> None:
        refused = [name for name in names if not self._is_good(name, folder)]
        if refused:
            raise CommandError(f"Refused: {', '.join(refused)}")

    def _is_good(self, name: str, folder: Path) -> bool:
        try:
            pack = load(name, folder)
        except PackRefused as refusal:
            self.stderr.write(str(refusal))
            return False
        self.stdout.write(
            f"{pack.name} {pack.version}: {len(pack.municipalities)} municipalities, "
            f"{len(pack.institutions)} institutions of {len(pack.kinds)} kinds, "
            f"{len(pack.protocols)} protocols, in {', '.join(pack.languages)}"
        )
        return True
