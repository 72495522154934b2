"""A school and a clinic help a child without meeting, anywhere, the word for where it came from."""

import re
from collections import deque
from html import unescape

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Browsing, Site

pytestmark = pytest.mark.browser

# Albanian, Serbian in both scripts, English. "Return" as in giving something back does not occur on these pages either.
WORDS = re.compile(
    r"returnee|\breturn|recept|terror|extrem|radicali|rehabilit|reintegr|repatri|foreign fighter|syria|iraq|"
    r"kthye|rikthi|terroris|ekstremi|radikali|rehabilit|riintegr|riatdhes|siri|irak|pritj|"
    r"povratn|vraćen|teror|ekstrem|radikal|reintegr|repatri|sirij|prihvat|"
    r"повратн|враћен|терор|екстрем|радикал|рехабилит|реинтегр|репатри|сириј|ирак|прихват",
    re.IGNORECASE,
)
# Tokens and places in a list are drawn by chance, and by chance four letters in them make a word.
DRAWN = re.compile(r"[A-Za-z0-9_\-:=%.]{24,}")
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
NOT_FOLLOWED = ("/account/", "/static/", "#", "/language/")


def crawl(page: Page, site: Site, limit: int) -> dict[str, str]:
    """Every page that can be reached by links from the home page, with all its words."""
    waiting, seen = deque(["/"]), dict[str, str]()
    while waiting and len(seen) < limit:
        path = waiting.popleft()
        if path in seen:
            continue
        # As the site sends it: what is not drawn on the screen is read as well.
        answer = page.request.get(site.address + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        sent = answer.text()
        seen[path] = DRAWN.sub("", unescape(sent))
        for link in LINK.findall(sent):
            target = unescape(link).split("#")[0]
            if target.startswith("/") and not target.startswith(NOT_FOLLOWED) and target not in seen:
                waiting.append(target)
    return seen


@pytest.mark.parametrize("login", ["school-psychologist", "health-psychologist"])
@pytest.mark.parametrize("language", ["sq", "sr", "sr-Latn", "en"])
def test_no_page_has_one(families_site: Site, browsing: Browsing, login: str, language: str) -> None:
    with browsing(families_site, login, language=language) as page:
        # The two languages of the country to the last page; the Latin script and English as far as they could differ.
        pages = crawl(page, families_site, limit=60 if language in ("sq", "sr") else 25)
    assert len(pages) > 6
    met = {path: found.group() for path, text in pages.items() if (found := WORDS.search(text))}
    assert met == {}
