"""The pages in a real browser, under the real content security policy: no violation, nothing out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import chromium  # noqa: F401 — a fixture

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "browser/vendor/axe.min.js").read_text()
WIDTHS = (1280, 390)
PASSWORD = "came-home-together"


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:  # noqa: F811
    """The one browser of the run."""
    return chromium


@pytest.fixture(scope="module")
def coordinator(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A browser in which the coordinator has signed in, once."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{site}/account/login/")
    page.get_by_label("User name").fill("dprrp-coordinator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/")
    page.close()
    yield context
    context.close()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(coordinator: BrowserContext, faults: list[str]) -> Iterator[Page]:
    opened = coordinator.new_page()
    listen(opened, faults)
    yield opened
    opened.close()


def listen(page: Page, faults: list[str]) -> None:
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))


def violations(page: Page) -> list[str]:
    """What axe finds; it is brought in beside the policy, as a reader's own tool would be."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE})
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


def sticks_out(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "path", ["/gallery/", "/", "/account/2fa/", "/account/password/change/", "/no/such/page/"]
)
def test_the_pages_of_a_member(page: Page, site: str, faults: list[str], path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + path, wait_until="networkidle")
    assert violations(page) == []
    assert sticks_out(page) <= 0
    assert [fault for fault in faults if "404" not in fault] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sign_in_page(browser: Browser, site: str, faults: list[str], width: int) -> None:
    visitor = browser.new_page(viewport={"width": width, "height": 800}, locale="sq-AL")
    listen(visitor, faults)
    visitor.goto(f"{site}/account/login/", wait_until="networkidle")
    assert visitor.locator("html").get_attribute("lang") == "sq"
    assert violations(visitor) == []
    assert sticks_out(visitor) <= 0
    assert faults == []
    visitor.close()


def test_a_wrong_password_is_said_plainly_and_the_name_stays(browser: Browser, site: str) -> None:
    visitor = browser.new_page(locale="en-GB")
    visitor.goto(f"{site}/account/login/")
    visitor.get_by_label("User name").fill("nobody-here")
    visitor.get_by_label("Password").fill("wrong-wrong-wrong")
    visitor.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert "There is a problem" in visitor.get_by_role("alert").inner_text()
    assert visitor.get_by_label("User name").input_value() == "nobody-here"
    assert violations(visitor) == []
    visitor.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_one_presses_is_big_enough(page: Page, site: str, width: int) -> None:
    """WCAG 2.5.8 asks for 24 pixels; on a telephone what stands in the header and in forms has 40."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/gallery/")
    least = 40 if width < 500 else 24
    small = page.evaluate(
        """least => [...document.querySelectorAll("header button, header a, main button, main input, main select, main summary")]
          .filter(one => one.checkVisibility() && one.type !== "hidden")
          .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
          .filter(([, height]) => height < least)""",
        least,
    )
    assert small == []


def test_by_keyboard_alone(page: Page, site: str) -> None:
    page.goto(f"{site}/gallery/", wait_until="networkidle")
    # The error summary takes the focus on purpose; a page without mistakes begins at the top.
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.querySelector('.govuk-skip-link').focus()")
    assert page.evaluate("document.activeElement.getBoundingClientRect().height") > 20, (
        "the skip link shows itself"
    )
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    invisible = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
          .filter(one => one.checkVisibility() && one.type !== "hidden" && !one.disabled)
          .filter(one => { one.focus({focusVisible: true}); const look = getComputedStyle(one);
            const label = one.nextElementSibling ? getComputedStyle(one.nextElementSibling, "::before") : look;
            return document.activeElement === one && look.boxShadow === "none" && look.outlineStyle === "none" && label.boxShadow === "none"; })
          .map(one => one.outerHTML.slice(0, 100))"""
    )
    assert invisible == []


@pytest.mark.parametrize("name", ["Srpski", "Српски", "Shqip", "English"])
def test_the_language_changes_and_the_page_stays(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/gallery/?kept=1")
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()
    assert page.url == f"{site}/gallery/?kept=1"
    assert page.get_by_role("button", name=name, exact=True).get_attribute("aria-current") == "true"


def test_without_javascript(browser: Browser, site: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{site}/account/login/")
    page.get_by_label("User name").fill("csw-mitrovica-south")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert page.url == f"{site}/"
    assert page.get_by_role("navigation", name="Main menu").get_by_role("link").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert "/account/login/" in page.url
    context.close()


def test_a_list_is_narrowed_in_place(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/directory/", wait_until="networkidle")
    rows = page.locator("#results tbody tr")
    before = rows.count()
    page.evaluate("window.stillHere = true")
    page.get_by_text("Filter", exact=True).click()
    page.locator(".hw-filter [name=name]").fill("auditor")
    page.get_by_role("main").get_by_role("button", name="Show").click()
    page.wait_for_url("**/directory/?*name=auditor*")
    assert 0 < rows.count() < before
    assert page.evaluate("window.stillHere") is True, "the page was loaded again instead of being narrowed"
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('htmx'))") == [], (
        "what was shown must not stay behind on a shared computer"
    )
    page.reload()
    assert 0 < rows.count() < before
    assert faults == []


def test_printed_pages_leave_out_what_only_a_screen_needs(page: Page, site: str) -> None:
    page.goto(f"{site}/gallery/")
    page.emulate_media(media="print")
    for away in (".hw-who", ".hw-languages", ".govuk-service-navigation", ".hw-filter"):
        assert not page.locator(away).first.is_visible()
    assert page.locator("h1").is_visible()


def test_a_security_key_is_added_and_used(browser: Browser, site: str) -> None:
    """With a key of the browser's own, made for this: added, asked for at the next sign-in, and it opens."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    sign_in(page, site, "kps-officer")
    page.goto(f"{site}/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name of the key").fill("Çelësi im")
    page.get_by_role("main").get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert page.locator(".hw-codes li").count() == 10

    page.goto(f"{site}/account/2fa/webauthn/")
    assert "Çelësi im" in page.get_by_role("main").inner_text()
    assert violations(page) == []

    page.get_by_role("button", name="Sign out").click()
    sign_in(page, site, "kps-officer")
    assert page.get_by_role("heading", name="Second factor").is_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(f"{site}/")
    context.close()


def test_a_key_that_does_not_answer_is_said_on_the_page(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, site, "atrc-counsellor")
    page.goto(f"{site}/account/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('none')); }")
    page.get_by_role("main").get_by_role("button", name="Add").click()
    page.get_by_text("The security key did not answer").wait_for()
    context.close()


def sign_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/account/login/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
