"""The first page travels light, and nothing of it belongs to somebody else."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from homeward.foundation.web import views

STATIC = Path(views.__file__).parent / "static" / "web"
VENDOR = STATIC / "vendor"
LIMIT = 60 * 1024


def weight(page: bytes) -> int:
    """Bytes of a page with its style and script as they travel, fonts left out."""
    text = page.decode()
    named = set(re.findall(r'(?:src|href|data-frontend)="/static/([^"]+\.(?:css|js))"', text))
    assert len(named) >= 4, "style sheets and scripts were not found in the page"
    files = [Path(str(finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.(?:css|js)$)", "", name)))) for name in named]
    return sum(len(gzip.compress(part, 6)) for part in [page, *(file.read_bytes() for file in files)])


@pytest.mark.django_db(databases=["auth", "default"])
def test_the_first_page_of_the_site(client: Any) -> None:
    response = client.get("/account/login/")
    assert response.status_code == 200
    assert weight(response.content) <= LIMIT


def test_the_start_page_of_a_member(ana: Any, signed_in: Any) -> None:
    assert weight(signed_in(ana).get("/").content) <= LIMIT


class TestWhatOthersMade:
    css = (VENDOR / "frontend.css").read_text()

    @pytest.mark.parametrize("word", ["GDS Transport", "crown", "crest", "royal", "gov.uk"])
    def test_nothing_that_belongs_to_the_british_government_alone(self, word: str) -> None:
        assert word.lower() not in self.css.lower()

    @pytest.mark.parametrize("file", sorted(STATIC.rglob("*.css")), ids=lambda file: file.name)
    def test_no_style_sheet_fetches_from_elsewhere(self, file: Path) -> None:
        for url in re.findall(r"url\(([^)]+)\)", file.read_text()):
            assert url.startswith(("data:", '"data:')) or (file.parent / url).is_file(), url

    @pytest.mark.parametrize(
        ("licence", "words"),
        [
            ("govuk-frontend-LICENCE.txt", "MIT License"),
            ("moj-frontend-LICENCE.txt", "MIT License"),
            ("source-sans-3-LICENCE.txt", "SIL Open Font License"),
        ],
    )
    def test_its_licence_lies_beside_it(self, licence: str, words: str) -> None:
        assert words in (VENDOR / licence).read_text()

    @pytest.mark.parametrize("subset", ["latin", "latin-ext", "cyrillic"])
    def test_every_alphabet_is_there(self, subset: str) -> None:
        assert (VENDOR / f"source-sans-3-{subset}-wght-normal.woff2").read_bytes()[:4] == b"wOF2"
        assert f"source-sans-3-{subset}-wght-normal.woff2" in (STATIC / "homeward.css").read_text()

    def test_scripts_name_no_file_that_is_not_there(self) -> None:
        for file in STATIC.rglob("*.js"):
            assert "sourceMappingURL" not in file.read_text()

    def test_every_component_the_pages_use_has_its_style(self) -> None:
        """A component that was left out of the small style sheet shows here and not on somebody's screen."""
        own = (STATIC / "homeward.css").read_text()
        house = Path(views.__file__).parents[2]
        worn = set()
        for file in [*house.rglob("templates/**/*.html"), *house.rglob("templatetags/*.py")]:
            worn |= set(re.findall(r"(?<=[\"' ])((?:govuk|moj)-[a-z-]+?)(?=__|--|[\"' ])", file.read_text()))
        scripts = {name for name in worn if name.startswith(("govuk-js", "govuk-frontend", "moj-frontend"))}
        assert len(worn) > 30
        assert {name for name in worn - scripts if f".{name}" not in self.css + own} == set()
