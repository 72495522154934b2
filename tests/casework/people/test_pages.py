"""The pages about people, as each member meets them."""

import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from homeward.casework.people import actions, queries
from homeward.casework.people.actions import NewName, NewPerson
from homeward.foundation.audit.models import Event
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.refs import new_ref
from homeward.foundation.web import panels
from tests.casework.people.conftest import home_of

# What a school, a clinic or a counsellor never meets on a page (the red line of wording).
LABEL = re.compile(
    r"return(ee|ed|s)?\b|recepti|terror|extremis|rehabilit|reintegr|radical|Al-Hol|Al-Roj|Raqqa",
    re.IGNORECASE,
)
NEVER = ("school-psychologist", "health-psychologist", "atrc-counsellor")


@pytest.fixture
def english(signed_in):
    def browser(member):
        client = signed_in(member)
        client.cookies["django_language"] = "en"
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return browser


def words(response):
    return re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)


def person_url(person, name="person"):
    return reverse(f"people:{name}", args=[person.ref])


# --- search ---------------------------------------------------------------------------------------------------


def test_the_search_page_says_what_to_do(english, ana):
    page = english(ana).get(reverse("people:search"))

    assert page.status_code == 200
    assert "Whom are you looking for?" in words(page)


def test_searching_shows_whom_and_why(english, ana, family):
    page = english(ana).post(reverse("people:search"), {"text": "Ђорђе", "birth_year": "2016", "sex": "M"})

    assert "Gjorgje Osmani" in words(page)
    assert "Same name, perhaps spelled otherwise. The year of birth differs by one." in " ".join(
        words(page).split()
    )
    assert person_url(family["gjorgje"]) in page.content.decode()


def test_a_reference_of_a_household_leads_to_its_page(english, acting, ana, dora, family):
    with acting(ana):
        home = home_of(family["ardita"], to=ana)
    typed = {"text": home.ref.lower().replace("-", " ")}
    assert english(ana).post(reverse("people:search"), typed).headers["Location"] == home.get_absolute_url()
    quick = english(ana).post(reverse("people:search"), typed, HTTP_HX_REQUEST="true")
    assert (quick.status_code, quick.headers["HX-Redirect"]) == (200, home.get_absolute_url())
    # To whom it is hidden it is what nobody ever gave out.
    hidden = english(dora).post(reverse("people:search"), typed)
    other = english(dora).post(reverse("people:search"), {"text": new_ref("HH")})
    assert hidden.status_code == other.status_code == 200
    assert "Nobody was found" in words(hidden) or "nobody" in words(hidden).lower()
    assert len(words(hidden).split()) == len(words(other).split())


def test_what_is_searched_never_stands_in_an_address(english, ana, family):
    """A name in the address would end up in logs, histories and referrers."""
    client = english(ana)
    page = client.get(reverse("people:search"), {"text": "Gjorgje"})

    assert "Gjorgje Osmani" not in words(page)
    assert 'method="post"' in page.content.decode()


def test_nobody_found_says_what_to_try(english, dora, family):
    page = english(dora).post(reverse("people:search"), {"text": "Gjorgje"})

    assert "Nobody found" in words(page)
    assert "Osmani" not in words(page)


def test_a_faulty_question_is_answered_at_its_field(english, ana):
    page = english(ana).post(reverse("people:search"), {"text": "", "birth_year": "1"})

    assert page.status_code == 422
    assert "error-summary" in page.content.decode()


def test_many_are_cut_off_with_a_hint(english, acting, ana, open_files):
    from tests.casework.people.conftest import child

    with acting(ana):
        rows = [child(f"Besa{'abcdefghijklmnopqrstuvwxyz'[n]}", 2010, household=None) for n in range(25)]
        open_files(actions.register_many(rows, by=ana), by=ana)
    page = english(ana).post(reverse("people:search"), {"text": "Bes"})

    assert page.content.decode().count("<tr>") == 21
    assert "There are more." in words(page)


def test_whoever_is_not_signed_in_is_asked_to(client, db_of_test):
    assert client.get(reverse("people:search")).status_code == 302


# --- the person -----------------------------------------------------------------------------------------------


def test_the_page_of_a_person(english, acting, ana, edu, family):
    page = english(ana).get(person_url(family["ardita"]))
    text = " ".join(words(page).split())

    for expected in (
        "Ardita (Jusuf) Osmani",
        "Ardita DERVISHI",
        "Name at birth",
        "Gjorgje Osmani , Child",
        "Arrived",
        "Prizren",
    ):
        assert expected in text, expected
    with acting(edu):
        assert Event.objects.filter(
            verb="person.viewed", subject_id=family["ardita"].pk, member_id=ana.pk
        ).exists()


def test_hidden_and_missing_are_the_same(english, ana, dora, family):
    hidden = english(dora).get(person_url(family["ardita"]))
    missing = english(dora).get(reverse("people:person", args=["HW-0000-0000-00"]))

    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


@pytest.mark.parametrize("name", NEVER)
def test_who_must_not_meet_the_label_does_not(english, acting, ana, members, family, let_in, name):
    member, children = members[name], [family["gjorgje"], family["besa"]]
    with acting(ana):
        actions.add_name(
            family["besa"], by=ana, given="Besa", family="Osmani-Krasniqi", source="Reception list 2019"
        )
        actions.add_name(family["besa"], by=ana, given="Umm Besa", kind="kunya")
        actions.correct_person(family["besa"], by=ana, version=1, birth_place="Raqqa")
        let_in(member, *children, by=ana)
    client = english(member)
    pages = [client.get(reverse("people:search")), client.get(reverse("people:households"))]
    pages += [client.post(reverse("people:search"), {"text": "Osmani"})]
    pages += [client.post(reverse("people:search"), {"text": "Umm Besa"})]
    pages += [client.get(person_url(person)) for person in children]

    assert [page.status_code for page in pages] == [200] * len(pages)
    for page in pages:
        assert not LABEL.search(words(page)), LABEL.search(words(page))
        shown = words(page).replace('value="Umm Besa"', "")
        assert "Umm Besa" not in shown
        assert "Kunya" not in shown
    for closed in ("returns", "waves", "figures"):
        assert client.get(reverse(f"people:{closed}")).status_code == 403
    assert "Osmani" in words(pages[2])
    assert "Osmani-Krasniqi" in words(client.get(person_url(family["besa"])))
    assert "Umm Besa" in words(english(ana).get(person_url(family["besa"])))


def test_a_child_is_said_to_be_one(english, ana, family):
    assert re.search(r"govuk-tag[^>]*>Child<", english(ana).get(person_url(family["besa"])).content.decode())
    assert not re.search(
        r"govuk-tag[^>]*>Child<", english(ana).get(person_url(family["ardita"])).content.decode()
    )


def test_reading_members_get_no_buttons_and_no_forms(english, acting, ana, bruno, family, let_in):
    with acting(ana):
        let_in(bruno, family["ardita"], by=ana)
    client = english(bruno)

    assert "Correct" not in words(client.get(person_url(family["ardita"])))
    for page in ("correct_person", "add_name", "move_household", "link_guardian", "expect_return"):
        assert client.get(person_url(family["ardita"], page)).status_code == 403
        assert client.get(person_url(family["gjorgje"], page)).status_code == 404


# --- on the page of a case ------------------------------------------------------------------------------------


def panels_of(person, member):
    shown = {}
    for name in ("person", "family", "return"):
        panel = next(panel for panel in panels.registered() if panel.name == name)
        context = panel.load(SimpleNamespace(person_id=person.pk), to=member)
        if context is not None:
            shown[name] = " ".join(
                re.sub(r"<[^>]+>", " ", render_to_string(panel.template, dict(context))).split()
            )
    return shown


def test_the_panels_of_a_case(acting, ana, carla, dora, members, family, let_in):
    school = members["school-psychologist"]
    with acting(ana), translation.override("en"):
        let_in(carla, family["ymer"], family["besa"], by=ana)
        let_in(school, family["besa"], by=ana)
        shown = panels_of(family["besa"], ana)
        assert "Besa Osmani" in shown["person"]
        assert "Child of the head" in shown["family"]
        assert "Ardita" not in shown["family"], "with whom they live is shown with the cases"
        assert "Arrived" in shown["return"]
        alone = panels_of(family["ymer"], ana)
        assert "No family is known" in alone["family"]
        assert "Al-Roj" in alone["return"]
    with acting(carla):
        assert set(panels_of(family["besa"], carla)) == {"person", "family"}
    with acting(school):
        assert set(panels_of(family["besa"], school)) == {"person"}
        assert not LABEL.search(panels_of(family["besa"], school)["person"])
    with acting(dora):
        assert panels_of(family["besa"], dora) == {}


def test_the_panel_of_somebody_who_was_never_expected(acting, ana, open_files):
    with acting(ana), translation.override("en"):
        row = NewPerson(names=[NewName(given="Luan", family="Hoxha")])
        [luan] = open_files(actions.register_many([row], by=ana), by=ana)

        assert "Nothing is known about the way home" in panels_of(luan, ana)["return"]


# --- doing ----------------------------------------------------------------------------------------------------


def test_correcting_by_the_form(english, acting, ana, family):
    client = english(ana)
    address = person_url(family["besa"], "correct_person")
    form = client.get(address).context["form"]
    assert form.initial["given"] == "Besa"
    sent = {
        "version": 1,
        "given": "Teuta",
        "family": "Osmani",
        "sex": "F",
        "born_year": "2017",
        "documents": ["none"],
    }

    assert client.post(address, sent).status_code == 302
    with acting(ana):
        besa = queries.find_person(family["besa"].ref, to=ana)
        assert (besa.full_name, besa.documents_status, besa.version) == ("Teuta Osmani", "none", 2)
    assert client.get(address).context["form"].initial["documents"] == ["none"]

    stale = client.post(address, {**sent, "given": "Besiana"})
    assert stale.status_code == 409
    assert "Teuta" in words(stale)
    assert "Besiana" in stale.content.decode()

    wrong = client.post(address, {**sent, "version": 2, "documents": ["none", "passport"]})
    assert wrong.status_code == 422


def test_a_refusal_stands_at_its_field(english, ana, family):
    sent = {"version": 1, "given": "Besa", "family": "Osmani", "sex": "F", "born_year": str(today().year + 1)}
    page = english(ana).post(person_url(family["besa"], "correct_person"), sent)

    assert page.status_code == 422
    assert page.context["form"].errors["born"] == ["This date of birth is in the future."]


def test_adding_a_name_by_the_form(english, acting, ana, family):
    page = english(ana).post(
        person_url(family["gjorgje"], "add_name"),
        {"given": "Ђорђе", "family": "Османи", "kind": "alias"},
        follow=True,
    )

    assert "Ђорђе Османи" in words(page)


def test_moving_by_the_form(english, acting, ana, family):
    with acting(ana):
        home = home_of(family["ardita"], ana)
    client, day = english(ana), today()
    sent = {
        "household": home.ref.lower(),
        "relation": "sibling",
        "on_day": day.day,
        "on_month": day.month,
        "on_year": day.year,
    }
    page = client.post(person_url(family["ymer"], "move_household"), sent, follow=True)

    assert "Aunt or uncle" not in words(page)
    assert "Brother or sister" in words(page)
    wrong = client.post(
        person_url(family["besa"], "move_household"), {**sent, "household": "HH-0000-0000-00"}
    )
    assert wrong.context["form"].errors["household"] == ["There is no household with this reference."]
    new = client.post(
        person_url(family["besa"], "move_household"),
        {**sent, "household": "", "relation": "unknown"},
        follow=True,
    )
    assert "Head of the household" in words(new)


def test_naming_a_guardian_by_the_form(english, acting, ana, family):
    client = english(ana)
    address = person_url(family["besa"], "link_guardian")

    page = client.post(address, {"kind": "caregiver", "guardian": family["ymer"].ref}, follow=True)
    assert "Ymer Osmani , Carer" in " ".join(words(page).split())
    page = client.post(
        address, {"kind": "guardian", "institution_name": "Centre for Social Work"}, follow=True
    )
    assert "Guardian: Centre for Social Work" in words(page)
    wrong = client.post(address, {"kind": "guardian", "guardian": "HW-0000-0000-00"})
    assert wrong.context["form"].errors["guardian"] == ["There is no person with this reference."]
    neither = client.post(address, {"kind": "guardian"})
    assert neither.context["form"].errors["guardian"] == ["Name either a person or an institution."]
    with acting(ana):
        links = queries.guardianships_of(family["besa"], to=ana)
    end = {"ends_on_day": today().day, "ends_on_month": today().month, "ends_on_year": today().year}
    for link in links:
        assert client.post(reverse("people:end_guardianship", args=[link.pk]), end).status_code == 302


def test_coming_home_by_the_forms(english, acting, ana, family):
    client, day = english(ana), today()
    parts = {"day": day.day, "month": day.month, "year": day.year}
    wave = {
        "code": "2026-test",
        "channel": "formal",
        **{f"on_{part}": value for part, value in parts.items()},
    }
    assert client.post(reverse("people:open_wave"), wave).status_code == 302
    with acting(ana):
        [expected] = queries.returns_of(family["ymer"], to=ana)
        opened = queries.waves(to=ana).get(code="2026-test")
    arrival = {"wave": opened.pk, **{f"arrived_on_{part}": value for part, value in parts.items()}}

    page = client.post(reverse("people:record_arrival", args=[expected.pk]), arrival, follow=True)
    assert "Arrived" in words(page)
    page = client.post(reverse("people:cancel_return", args=[expected.pk]), follow=True)
    assert "Entered by mistake" in words(page)
    page = client.post(
        person_url(family["ymer"], "expect_return"), {"channel": "formal", "origin": "Al-Roj"}, follow=True
    )
    assert "Al-Roj" in words(page)
    again = client.post(reverse("people:expect_again", args=[expected.pk]))
    assert again.status_code == 422


# --- lists ----------------------------------------------------------------------------------------------------


def test_the_waves_are_counted(english, ana, family, django_assert_max_num_queries):
    page = english(ana).get(reverse("people:waves"))
    text = " ".join(words(page).split())

    assert "Come home 3" in text
    assert "Expected 1" in text
    assert "Without a wave" in text


def test_the_list_of_returns_can_be_narrowed(english, acting, ana, family):
    with acting(ana):
        wave = actions.open_wave(by=ana, code="2026-test", on=today())
        actions.record_arrival(queries.returns_of(family["ymer"], to=ana)[0], by=ana, wave=wave)
    client = english(ana)

    assert "Besa Osmani" in words(client.get(reverse("people:returns")))
    page = client.get(reverse("people:returns"), {"wave": str(wave.pk), "state": "arrived"})
    assert "Ymer Osmani" in words(page)
    assert "Besa Osmani" not in words(page)


def test_households(english, acting, ana, carla, family, let_in):
    with acting(ana):
        let_in(carla, family["besa"], by=ana)
        home = home_of(family["ardita"], ana)
    page = english(ana).get(reverse("people:households"))
    assert "Ardita Osmani" in words(page)
    page = english(ana).get(home.get_absolute_url())
    assert "Head of the household" in words(page)
    page = english(carla).get(home.get_absolute_url())
    assert "Besa Osmani" in words(page)
    assert "Ardita" not in words(page)
    assert "Arrived" not in words(page)


def test_empty_lists_say_what_to_do(english, bruno):
    client = english(bruno)

    assert "Nobody is on this list yet" in words(client.get(reverse("people:waves")))
    assert "Nobody is on this list yet" in words(client.get(reverse("people:returns")))
    assert "No household yet" in words(client.get(reverse("people:households")))


def test_the_ledger_shows_what_does_not_add_up(english, acting, ana, members):
    client = english(ana)
    publish = reverse("people:publish_figure")
    before = words(client.get(reverse("people:figures"))).count("Conflict")
    whole = {
        "key": "went",
        "value": "403",
        "unit": "people",
        "source": "Project description",
        "as_of_year": "2022",
    }
    assert client.post(publish, whole).status_code == 302
    with acting(ana):
        pk = queries.wholes(to=ana).get(key="went").pk
    for key, value in (("men", 255), ("women", 52), ("children", 118)):
        assert (
            client.post(publish, {**whole, "key": f"went-{key}", "value": value, "part_of": pk}).status_code
            == 302
        )

    for reader in (client, english(members["donor"])):
        text = " ".join(words(reader.get(reverse("people:figures"))).split())
        assert "The parts do not add up: 403 ≠ 255 + 52 + 118 = 425." in text
        assert text.count("Conflict") == before + 4
    assert english(members["donor"]).get(publish).status_code == 403


def test_lists_take_a_fixed_number_of_queries(
    english, acting, ana, family, open_files, django_assert_max_num_queries
):
    from tests.casework.people.conftest import child

    with acting(ana):
        rows = [child(f"Luan{'a' * (n % 3)}", 2010, household=f"family {n}") for n in range(30)]
        open_files(actions.register_many(rows, by=ana), by=ana)
    client = english(ana)
    for page in ("households", "returns", "waves"):
        with django_assert_max_num_queries(34):
            client.get(reverse(f"people:{page}"))
