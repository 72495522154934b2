"""A journey crosses rooms: real lists, the real site, a real browser, one member after another."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import stage
from tests.browser.chromium import chromium  # noqa: F401 — a fixture

PASSWORD = "came-home-together"
AXE = (Path(__file__).parents[1] / "browser" / "vendor" / "axe.min.js").read_text()


@dataclass(frozen=True)
class Site:
    """A running site and the database under it."""

    address: str
    database: str

    def manage(self, *arguments: str, ok: bool = True) -> str:
        """An operator's command on the same database; what it printed."""
        return stage.manage(self.database, *arguments, ok=ok).stdout


@pytest.fixture(scope="module")
def lists_site() -> Iterator[Site]:
    """The lists are taken in; nothing has been shared with anybody."""
    database = stage.copied(stage.with_lists(), f"homeward_test_journey_{stage.WORKER}")
    with stage.served(database) as address:
        yield Site(address, database)


@pytest.fixture(scope="session")
def families_site() -> Iterator[Site]:
    """The whole demonstration, for journeys that look and change nothing."""
    database = stage.copied(stage.with_families(), f"homeward_test_families_{stage.WORKER}")
    with stage.served(database) as address:
        yield Site(address, database)


@pytest.fixture(scope="module")
def own_site() -> Iterator[Site]:
    """The whole demonstration, for a journey that changes it."""
    database = stage.copied(stage.with_families(), f"homeward_test_own_{stage.WORKER}")
    with stage.served(database) as address:
        yield Site(address, database)


Browsing = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def browsing(chromium: Browser) -> Browsing:  # noqa: F811
    """`with browsing(site, "kps-officer", language="sq") as page:` — this member has signed in; what breaks the policy fails."""

    @contextmanager
    def browse(site: Site, login: str, *, language: str = "en", width: int = 1280) -> Iterator[Page]:
        context = chromium.new_context(locale=language, viewport={"width": width, "height": 900})
        page = context.new_page()
        faults: list[str] = []
        # What is hidden (404) and a form that comes back (422) are answers, and no faults of a page.
        answers = re.compile("status of (404|422) ")
        page.on(
            "console",
            lambda m: faults.append(m.text) if m.type == "error" and not answers.search(m.text) else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site.address}/account/login/")
        page.locator("input[name=login]").fill(login)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("main").locator("button[type=submit]").first.click()
        page.wait_for_url(f"{site.address}/")
        yield page
        context.close()
        assert faults == []

    return browse


def violations(page: Page) -> list[str]:
    """What axe finds on this page."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE})
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]
