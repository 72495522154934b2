"""The browser of the browser tests. Import the fixture: `from tests.browser.chromium import chromium`."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools import setup


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run. Without one the tests fail in CI, and are left out, visibly, on a laptop."""
    program = setup.chromium()
    if program is None:
        message = "no Chromium: sudo apt-get install -y chromium, or name one with HOMEWARD_CHROMIUM"
        pytest.fail(message) if setup.must_have_browser() else pytest.skip(message)
    # Playwright keeps a loop running in this thread, which Django would take for asynchronous code of its own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
