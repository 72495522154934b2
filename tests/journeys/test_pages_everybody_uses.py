"""The main pages of each member: nothing axe complains about, nothing sticks out, all of it works from the keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

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
        if case := _first(page, families_site, "/cases/", "/cases/HW-"):
            paths += [case, *(case + more for more in OF_A_CASE if login == "dprrp-coordinator")]
        found: dict[tuple[str, int], object] = {}
        for path in paths:
            page.goto(families_site.address + path)
            found |= _faults(page, path)
    assert found == {}


# Where a list leads on, and what the address of its rows begins with.
BEHIND_THE_LISTS = {
    "/people/households/": "/cases/family/HH-",
    "/assistance/": "/assistance/AS-",
    "/assistance/overlaps/?undecided=on": "/assistance/overlaps/",
    "/people/figures/": "/people/figures/",
    "/sharing/dprrp-kps/": "/sharing/dprrp-kps/",
}


def test_what_lies_behind_the_lists_can_be_used_by_everybody(families_site: Site, browsing: Browsing) -> None:
    site = families_site
    with browsing(site, "dprrp-coordinator", language="sr") as page:
        paths = ["/assistance/accounts/", "/assistance/spread/", "/intake/coverage/"]
        for at, begin in BEHIND_THE_LISTS.items():
            behind = _first(page, site, at, begin)
            assert behind, f"nothing is led to by {at}"
            paths.append(behind)
        case = _first(page, site, "/cases/?state=active", "/cases/HW-")
        paths += [case + more for more in ("propose-closure/", "activate/", "suspend/")]
        paths += [f"/assistance{case}{more}/" for more in ("request", "apply")]
        batch = next(
            one
            for one in _all(page, site, "/intake/", "/intake/")
            if re.search("[0-9a-f]{8}-", one) and _all(page, site, one, f"{one}rows/")
        )
        paths += [batch, _first(page, site, batch, f"{batch}rows/")]
        found: dict[tuple[str, int], object] = {}
        for path in paths:
            assert (response := page.goto(site.address + path))
            assert response.status == 200, path
            found |= _faults(page, path)
        page.goto(f"{site.address}/people/")
        page.locator("main input[name=text]").fill("Лута")
        expect(page.locator("#results a[href^='/people/HW-']").first).to_be_visible()
        found |= _faults(page, "the search")
    assert found == {}


def _all(page: Page, site: Site, at: str, begin: str) -> list[str]:
    """Where the links of this page lead whose address begins so."""
    page.goto(site.address + at)
    found = page.locator(f'main a[href^="{begin}"]').evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    return [str(one) for one in found if one != at.partition("?")[0]]


def _first(page: Page, site: Site, at: str, begin: str) -> str:
    return next(iter(_all(page, site, at, begin)), "")


def _faults(page: Page, path: str) -> dict[tuple[str, int], object]:
    """What is wrong with the open page at a desk and on a telephone: what axe says, and how far it sticks out."""
    found: dict[tuple[str, int], object] = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if (faults := violations(page)) or wide > 0:
            found[path, width] = (faults, wide)
    return found


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
