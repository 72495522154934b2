"""The browser of the browser tests. Import the fixture: `from tests.browser.chromium import chromium`."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools import setup


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for a file of tests. Without one they fail in CI, and are left out, visibly, on a laptop.

    Not for the whole run: while Playwright's loop runs in this thread, Django hands out other database connections than
    the ones the tests around it hold their transactions on.
    """
    program = setup.chromium()
    if program is None:
        message = "no Chromium: sudo apt-get install -y chromium, or name one with HOMEWARD_CHROMIUM"
        pytest.fail(message) if setup.must_have_browser() else pytest.skip(message)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
