"""Somebody is registered a second time in another spelling: the pair is found, laid side by side, and judged by two."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import stage
from tests.journeys.conftest import Browsing, Site, violations

pytestmark = pytest.mark.browser


def test_two_records_become_one(own_site: Site, browsing: Browsing) -> None:
    site = own_site

    # Given a woman whom an officer registers once more, as an embassy spelled her, and says that it is somebody else
    given, family, born, ref = _a_woman(site)
    with browsing(site, "dprrp-officer", language="sr") as page:
        page.goto(f"{site.address}/cases/register/")
        for name, typed in (
            ("given", given.replace("V", "W")),
            ("family", family),
            *zip(("born_year", "born_month", "born_day"), born.split("-"), strict=True),
        ):
            page.locator(f"main input[name={name}]").fill(typed)
        page.locator("main input[name=sex][value=F]").check()
        _send(page)
        for box in page.locator("main input[name=others]").all():
            box.check()
        if "register" in page.url:
            assert violations(page) == []
            _send(page)
        expect(page).to_have_url(re.compile("/cases/HW-"))
        new = page.url.rstrip("/").rpartition("/")[2]

    # When everybody is compared with everybody
    site.manage("find_twins")

    # Then the coordinator is shown both side by side, and proposes that they are one
    with browsing(site, "dprrp-coordinator", language="sr") as page:
        page.goto(f"{site.address}/people/twins/")
        pair = str(page.locator("main tbody a", has_text=given.replace("V", "W")).first.get_attribute("href"))
        for path in (pair, f"{pair}judge/"):
            page.goto(site.address + path)
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert violations(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_role("main")).to_contain_text(new)
        page.locator("main label", has_text=ref).click()
        page.locator("main textarea[name=reason]").fill("Иста лична карта.")
        _send(page)

    # And when somebody else has looked and agreed, one record is left, under both spellings
    with browsing(site, "dprrp-supervisor", language="sr") as page:
        page.goto(f"{site.address}{pair}confirm-merge/")
        assert violations(page) == []
        _send(page)
        page.goto(f"{site.address}/people/")
        page.locator("main input[name=text]").fill(f"{family} {given}")
        results = page.locator("#results")
        expect(results.locator(f"a[href='/people/{ref}/']")).to_be_visible()
        assert new not in results.inner_text()
        results.locator(f"a[href='/people/{ref}/']").click()
        expect(page.get_by_role("main")).to_contain_text(given.replace("V", "W"))


def _a_woman(site: Site) -> tuple[str, str, str, str]:
    """Given name, family name, day of birth and reference of a woman in whose name the embassy writes another letter."""
    with stage.superuser(site.database) as connection:
        [found] = connection.execute(
            "select n.given, n.family, p.born, p.ref from app.person p join app.person_name n on n.person_id = p.id and n.is_primary "
            "where p.sex = 'F' and p.born ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and n.script = 'latn' and n.given like 'V%' "
            "order by p.ref limit 1"
        ).fetchall()
    given, family, born, ref = found
    return given, family, born, ref


def _send(page: Page) -> None:
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
