"""The documents say what the program does: diagrams are current, links lead somewhere, nothing is left out."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import call_command

from tests.architecture.house import HOUSE, ROOT, modules, none, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md" and "vendor" not in path.parts]


def test_the_diagrams_of_states_are_current() -> None:
    call_command("draw_states", check=True)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))
    inner = [
        unquote(link.split("#")[0])
        for link in links
        if "://" not in link and not link.startswith(("#", "mailto:"))
    ]
    none([link for link in inner if not (path.parent / link).exists()])


def test_the_map_of_the_house_shows_every_room() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [
        app for app in sorted({module.app for module in modules()}) if f"{app.split('.')[1]}/" not in readme
    ]
    none(missing)


def test_every_decision_is_in_the_list_and_has_its_four_parts() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text("utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text("utf-8")
        assert f"]({path.name})" in index, f"{path.name} is not in the list"
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Measurement", "Consequences"], path.name


def test_every_cited_decision_exists() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")}
    sources = [path for kind in ("py", "sql", "html") for path in HOUSE.glob(f"**/*.{kind}")]
    faults = [
        f"{path.relative_to(ROOT)}: ADR {number}"
        for path in [*sources, *PAGES]
        for number in re.findall(r"\bADR[ -](\d{4})\b", path.read_text("utf-8"))
        if number not in numbers
    ]
    none(faults)
