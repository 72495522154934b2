"""The main pages of each member: nothing axe complains about, nothing sticks out, all of it works from the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Browsing, Site, violations

pytestmark = pytest.mark.browser

MEMBERS = {
    "dprrp-coordinator": ["/", "/cases/", "/cases/overview/", "/cases/exclusions/", "/people/", "/people/households/",
                          "/people/returns/", "/people/figures/", "/people/twins/", "/intake/coverage/", "/cases/register/", "/intake/", "/intake/send/", "/sharing/",
                          "/sharing/responsibilities/", "/sharing/dprrp-kps/", "/sharing/dprrp-kps/propose/", "/assistance/", "/assistance/overlaps/",
                          "/sharing/emergencies/", "/directory/", "/directory/focal-points/", "/directory/colleagues/",
                          "/directory/colleagues/appoint-newcomer/", "/account/2fa/", "/account/password/change/"],
    "kps-officer": ["/", "/cases/", "/sharing/"],
    "csw-mitrovica-south": ["/", "/cases/", "/assistance/", "/assistance/check/"],
    "school-psychologist": ["/", "/cases/", "/sharing/"],
    "auditor": ["/", "/oversight/", "/sharing/emergencies/"],
    "donor": ["/", "/sharing/"],
    "administrator": ["/", "/directory/colleagues/"],
}  # fmt: skip
WIDTHS = (1280, 390)  # a desk and a telephone
OF_A_CASE = (
    "involve/",
    "involve/kps/",
    "exclude/",
    "write-note/",
    "add-document/",
    "assign/",
    "name-contact/",
)


@pytest.mark.parametrize("login", MEMBERS)
def test_a_page_can_be_used_by_everybody(families_site: Site, browsing: Browsing, login: str) -> None:
    with browsing(families_site, login, language="sq") as page:
        paths = list(MEMBERS[login])
        page.goto(f"{families_site.address}/cases/")
        case = page.locator('main a[href^="/cases/HW-"]').first
        if case.count():
            here = str(case.get_attribute("href"))
            paths += [here, *(here + more for more in OF_A_CASE if login == "dprrp-coordinator")]
        found = {}
        for path in paths:
            page.goto(families_site.address + path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                wide = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if (faults := violations(page)) or wide > 0:
                    found[path, width] = (faults, wide)
    assert found == {}


def test_a_case_is_found_and_opened_with_the_keyboard_alone(families_site: Site, browsing: Browsing) -> None:
    with browsing(families_site, "kps-officer") as page:
        page.goto(f"{families_site.address}/cases/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className").startswith("govuk-skip-link")
        page.keyboard.press("Enter")
        for _ in range(40):
            page.keyboard.press("Tab")
            if str(page.evaluate("document.activeElement.getAttribute('href') || ''")).startswith(
                "/cases/HW-"
            ):
                break
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/cases/HW-"))
        assert page.get_by_role("heading", level=1).count() == 1


def test_pages_work_without_scripts(families_site: Site, chromium: object) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en")  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{families_site.address}/account/login/")
    page.locator("input[name=login]").fill("dprrp-coordinator")
    page.locator("input[name=password]").fill("came-home-together")
    page.get_by_role("main").locator("button[type=submit]").first.click()
    page.wait_for_url(f"{families_site.address}/")
    page.goto(f"{families_site.address}/people/?text=Gjorgje")
    assert page.get_by_role("heading", level=1).count() == 1
    page.goto(f"{families_site.address}/cases/?state=active")
    assert page.locator('main a[href^="/cases/HW-"]').count() > 5
    context.close()
