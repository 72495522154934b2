"""A colleague is appointed, chooses a password behind a link, works, and leaves; two parties change what they share."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium  # noqa: F401 — a fixture
from tests.journeys.conftest import Browsing, Site, violations

pytestmark = pytest.mark.browser
OWN = "my own long sentence 7"


def send(page: Page) -> None:
    """The button of the form on the page."""
    page.get_by_role("main").locator("form button[type=submit]").last.click()


def sign_in(browser: Browser, site: Site, login: str, password: str) -> Page:
    page = browser.new_context(locale="en").new_page()
    page.goto(f"{site.address}/account/login/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    send(page)
    return page


def test_from_the_appointment_to_the_last_day(
    own_site: Site,
    browsing: Browsing,
    chromium: Browser,  # noqa: F811
) -> None:
    site = own_site

    # Given a coordinator who appoints somebody new and is given a link to hand over
    with browsing(site, "csw-mitrovica-south") as page:
        page.goto(f"{site.address}/directory/colleagues/")
        page.get_by_role("link", name="Appoint somebody new").click()
        page.locator("input[name=name]").fill("Nora Newcomer")
        page.locator("input[name=username]").fill("n.newcomer")
        page.get_by_label("Caseworker").check()
        send(page)
        send(page)
        link = page.locator("#link").input_value()
        assert "/account/password/reset/key/" in link
        assert violations(page) == []

    # When the newcomer opens it and chooses a password
    fresh = chromium.new_context(locale="en").new_page()
    fresh.goto(link)
    expect(fresh.get_by_role("main")).to_contain_text("n.newcomer")
    assert link.rsplit("-", 1)[-1] not in fresh.url
    for name in ("password1", "password2"):
        fresh.locator(f"input[name={name}]").fill(OWN)
    send(fresh)
    fresh.wait_for_url(re.compile("done"))

    # Then the link works no more, and the newcomer sees what the centre sees
    again = chromium.new_context(locale="en").new_page()
    again.goto(link)
    expect(again.get_by_role("main")).to_contain_text("This link no longer works")
    own = sign_in(chromium, site, "n.newcomer", OWN)
    own.goto(f"{site.address}/cases/")
    assert own.locator('main a[href^="/cases/HW-"]').count() > 0

    # And when the membership ends, the session ends with it
    with browsing(site, "csw-mitrovica-south") as page:
        page.goto(f"{site.address}/directory/colleagues/")
        page.get_by_role("link", name="Nora Newcomer").click()
        page.get_by_role("button", name="End the membership").click()
        send(page)
        expect(page.get_by_role("main")).to_contain_text("Has left")
    own.goto(f"{site.address}/cases/")
    expect(own).to_have_url(re.compile("/account/login/"))
    late = sign_in(chromium, site, "n.newcomer", OWN)
    expect(late.get_by_role("main")).to_contain_text("no institution has named you")
    for each in (fresh, again, own, late):
        each.context.close()


def test_two_parties_change_what_they_share(own_site: Site, browsing: Browsing) -> None:
    site = own_site
    with browsing(site, "dprrp-coordinator") as page:
        page.goto(f"{site.address}/sharing/dprrp-csw/propose/")
        page.locator("textarea[name=proposal]").fill("A summary of the plan is enough")
        page.locator("select[name=clause_9]").select_option("2")
        send(page)
        draft = page.url
        expect(page.get_by_role("main")).to_contain_text("Narrower")
    for login in ("csw-mitrovica-south", "dprrp-coordinator"):
        with browsing(site, login) as page:
            page.goto(site.address)
            page.get_by_role("link", name="Children and family").first.click()
            assert page.url == draft
            assert violations(page) == []
            page.get_by_role("button", name="Sign for your institution").click()
            assert violations(page) == []
            send(page)
    with browsing(site, "csw-mitrovica-south") as page:
        page.goto(f"{site.address}/sharing/dprrp-csw/")
        expect(page.get_by_role("main")).to_contain_text("In force")
        row = page.get_by_role("row", name="Plan")
        expect(row).to_contain_text("Summary")
        page.goto(f"{site.address}/cases/")
        assert page.locator('main a[href^="/cases/HW-"]').count() > 0


PAGES = {
    "dprrp-coordinator": [
        "/directory/",
        "/directory/colleagues/",
        "/directory/colleagues/appoint/",
        "/directory/colleagues/appoint-newcomer/",
        "/directory/focal-points/",
        "/cases/exclusions/",
        "/sharing/dprrp-csw/propose/",
    ],
    "kcs-ve-unit": ["/directory/colleagues/", "/directory/colleagues/appoint-newcomer/"],
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("login", PAGES)
def test_the_pages_can_be_used_by_everybody(
    own_site: Site, browsing: Browsing, login: str, width: int
) -> None:
    with browsing(own_site, login, width=width, language="sq") as page:
        paths = list(PAGES[login])
        page.goto(f"{own_site.address}/directory/colleagues/")
        links = page.locator('main a[href^="/directory/colleagues/"]').all()
        paths += [str(link.get_attribute("href")) for link in links]
        colleague = next(path for path in paths if re.search(r"/[0-9a-f-]{36}/$", path))
        paths += [f"{colleague}{what}/" for what in ("roles", "dismiss") if login == "dprrp-coordinator"]
        if login == "dprrp-coordinator":
            page.goto(f"{own_site.address}/cases/")
            case = page.locator('main a[href^="/cases/HW-"]').first.get_attribute("href")
            paths.append(f"{case}exclude/")
        found = {}
        for path in dict.fromkeys(paths):
            answer = page.goto(own_site.address + path)
            assert answer is not None, path
            assert answer.status == 200, path
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if (faults := violations(page)) or wide > 0:
                found[path] = (faults, wide)
    assert found == {}
