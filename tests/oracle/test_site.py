"""The demonstration's 336 people, person by person and member by member: what the oracle says is what the queries and the
pages give. In every case a note lies in every category, written by somebody none of the readers works with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests import stage
from tests.attacks.stage import Stage, django_on
from tests.oracle.oracle import FULL, Case, Door, Facts, Oracle, Sight
from tests.oracle.pack import CATEGORIES, load

SUMMARY = 2
LOGINS = sorted(load().seats)
NOTED = CATEGORIES[1:]  # who somebody is, is no note: the name at the top of the page says it, or does not


class Demonstration(Stage):
    """A copy of the demonstration in which tests may write."""

    def build(self) -> None:
        stage.copied(stage.with_families(), self.database)


@dataclass
class Country:
    """The copy, what the oracle says of it, every case by its reference, and the notes that lie in it."""

    stage: Stage
    oracle: Oracle
    references: dict[Any, str]
    notes: dict[tuple[Any, str], UUID]
    sights: dict[str, dict[Any, Sight]]


@pytest.fixture(scope="module")
def country(django_db_setup: None, django_db_blocker: Any) -> Iterator[Country]:
    demonstration = Demonstration("demo")
    demonstration.build()
    try:
        facts, references = _facts(demonstration)
        oracle = Oracle(load(), facts, datetime.now(UTC), datetime.now(UTC).date())
        members = dict(
            demonstration.ask(
                "select c.username, m.id from app.member m join app.app_account c on c.id = m.account_id"
            )
        )
        for login in LOGINS:
            demonstration.give_token(login, members[login])
        notes = _plant(demonstration, facts, members["data-protection-officer"])
        sights = {login: oracle.sights(login) for login in LOGINS}
        with django_db_blocker.unblock(), django_on(demonstration.database):
            yield Country(demonstration, oracle, references, notes, sights)
    finally:
        demonstration.drop()


def _facts(demonstration: Stage) -> tuple[Facts, dict[Any, str]]:
    """Who was let in where, as the superuser reads it; what that opens is for the oracle to say."""
    facts, references = Facts(seats=dict(load().seats)), {}
    for key, ref, person, lead, adult_on in demonstration.ask(
        "select k.case_id, k.ref, k.person_id, i.code, k.adult_on from app.case_anchor k join app.institution i on i.id = k.lead_id"
    ):
        facts.cases[key] = Case(key, person, lead, adult_on)
        references[key] = ref
    facts.doors = [
        Door(*row)
        for row in demonstration.ask(
            "select g.case_id, i.code, p.code, greatest(v.starts_at, g.valid_from), least(v.ends_at, g.valid_until, coalesce(g.revoked_at, 'infinity')) "
            "from app.access_grant g join app.involvement v on v.id = g.involvement_id "
            "join app.institution i on i.id = g.institution_id join app.sharing_protocol p on p.id = g.protocol_id"
        )
    ]
    return facts, references


def _plant(demonstration: Stage, facts: Facts, author: Any) -> dict[tuple[Any, str], UUID]:
    institution = demonstration.one("select institution_id from app.member where id = %s", [author])
    notes = {(key, name): uuid4() for key in facts.cases for name in NOTED}
    with demonstration.superuser.cursor() as cursor:
        with cursor.copy(
            "copy app.case_note (id, category, label, happened_on, written_at, author_id, case_id, institution_id) from stdin"
        ) as rows:
            for (case, name), key in notes.items():
                rows.write_row(
                    (
                        key,
                        CATEGORIES.index(name),
                        "fact",
                        "2026-01-01",
                        datetime.now(UTC),
                        author,
                        case,
                        institution,
                    )
                )
        with cursor.copy(
            "copy app.case_note_text (id, category, body, case_id, institution_id, note_id) from stdin"
        ) as rows:
            for (case, name), key in notes.items():
                rows.write_row((uuid4(), CATEGORIES.index(name), f"planted-{key}", case, institution, key))
    return notes


def test_twelve_members_and_336_people(country: Country) -> None:
    assert len(country.oracle.facts.cases) == 336
    assert sum(bool(sight) for sight in country.sights.values()) >= 9
    assert len(LOGINS) >= 12


@pytest.mark.parametrize("login", LOGINS)
def test_the_queries_give_what_the_oracle_says(country: Country, login: str) -> None:
    from homeward.casework.cases import queries
    from homeward.foundation.access import context
    from homeward.foundation.access.queries import sight
    from homeward.foundation.kernel.errors import Missing

    expected = country.sights[login]
    wrong: list[tuple[Any, ...]] = []
    with context.acting(country.stage.tokens[login]) as member:
        assert {row.case_id for row in queries.in_sight(to=member)} == set(expected)
        for case in country.oracle.facts.cases:
            try:
                seen = sight(case, to=member)
            except Missing:
                actual: Sight = {}
            else:
                actual = {
                    CATEGORIES[category]: (int(depth), seen.writes(category))
                    for category, depth in seen.depths.items()
                }
            if actual != expected.get(case, {}):
                wrong.append((country.references[case], expected.get(case, {}), actual))
    assert wrong == []


@pytest.mark.parametrize("login", LOGINS)
def test_the_site_shows_what_the_oracle_says(country: Country, login: str) -> None:
    client = _browser(country, login)
    expected = country.sights[login]

    assert _listed(client) == {country.references[case] for case in expected}
    missing = client.get("/cases/HW-0000-0000-00/")
    wrong: list[tuple[Any, ...]] = []
    for case, ref in _pages(country, login):
        page = client.get(f"/cases/{ref}/")
        if case not in expected:
            if (page.status_code, page.content) != (404, missing.content):
                wrong.append((ref, "a hidden case is not answered as one that does not exist"))
            continue
        text = page.content.decode()
        named = re.search(r"<h1[^>]*>\s*(.*?)\s*<", text)
        if named is None or (named[1] != ref) != (expected[case].get("identity", (0, False))[0] == FULL):
            wrong.append((ref, "identity", named and named[1]))
        for name in NOTED:
            key, depth = country.notes[case, name], expected[case].get(name, (0, False))[0]
            shown = (f'id="note-{key}"' in text, f"planted-{key}" in text)
            if shown != (depth >= SUMMARY, depth == FULL):
                wrong.append((ref, name, depth, shown))
    assert wrong == []


def _pages(country: Country, login: str) -> list[tuple[Any, str]]:
    """Every case the member sees, and every fourth of those that are hidden from them, others for each member. For a colleague
    who may see exactly what another of the same institution sees, every seventh of all."""
    every = sorted(country.references.items(), key=lambda one: one[1])
    seats = country.oracle.facts.seats
    before = LOGINS[: LOGINS.index(login)]
    if any(
        seats[one].office == seats[login].office and country.sights[one] == country.sights[login]
        for one in before
    ):
        return every[LOGINS.index(login) % 7 :: 7]
    seen = country.sights[login]
    hidden = [one for one in every if one[0] not in seen]
    return [one for one in every if one[0] in seen] + hidden[LOGINS.index(login) % 4 :: 4]


def _browser(country: Country, login: str) -> Client:
    from homeward.config.middleware import TOKEN
    from homeward.foundation.institutions.models import Account

    client = Client(headers={"accept-language": "en"})
    client.force_login(Account.objects.get(username=login))
    session = client.session
    session[TOKEN] = country.stage.tokens[login]
    session.save()
    return client


def _listed(client: Client) -> set[str]:
    """Every reference on every page of the list."""
    found: set[str] = set()
    path: str | None = "/cases/"
    while path:
        text = client.get(path).content.decode()
        found |= set(re.findall(r'href="/cases/(HW-[^/"]+)/"', text))
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = urljoin("/cases/", unescape(following[1])) if following else None
    return found
