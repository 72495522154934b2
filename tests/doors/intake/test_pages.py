"""The pages of the intake, as a coordinator uses them and as everybody else does not."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from homeward.casework.people.queries import visible
from homeward.doors.intake import actions, queries
from homeward.doors.intake.models import IntakeBatch, IntakeRow
from homeward.foundation.access.actions import exclude
from tests.factories.cases import a_case

HEADINGS = ["nr", "mbiemri", "emri", "emri_i_babait", "gjinia", "data_e_lindjes", "data_e_kthimit", "komuna"]
ALI = ("Gashi", "Ali", "Jeton", "M", "1990-01-06", "2017-08-23", "Lipjan")
FAULTY = ("Elshani", "=1+1", "", "X", "2020-13-01", "2018-03-21", "Atlantis")


def people_csv(*people_):
    """A list of people who came one by one."""
    lines = [HEADINGS, *([str(n), *one] for n, one in enumerate(people_, start=1))]
    return io.BytesIO("\n".join(",".join(line) for line in lines).encode())


@pytest.fixture
def browser(signed_in, ana):
    """Ana's browser, in English."""
    client = signed_in(ana)
    client.cookies["homeward_language"] = "en"
    return client


def text(response, status=200):
    """What a page says."""
    assert response.status_code == status, response.content.decode()[:3000]
    return " ".join(response.content.decode().split())


def test_a_list_is_sent_checked_in_the_background_and_shown(browser, acting, ana):
    assert "Take in a list" in text(browser.get(reverse("intake:send")))
    file = SimpleUploadedFile("../../lista ime.csv", people_csv(ALI).getvalue(), "application/pdf")
    sent = browser.post(reverse("intake:send"), {"sender": "dprrp-individual", "file": file})
    with acting(ana):
        batch = IntakeBatch.objects.get()
        assert (batch.file_name, batch.state) == ("lista ime.csv", "uploaded")
    assert sent.url == reverse("intake:batch", args=[batch.pk])

    page = text(browser.get(sent.url))
    assert 'hx-trigger="every 2s"' in page
    assert "waits to be checked" in page
    assert "waits to be checked" in text(browser.get(reverse("intake:progress", args=[batch.pk])))

    with acting(ana):
        actions.read_list.now(by=ana, batch=str(batch.pk))
    done = browser.get(reverse("intake:progress", args=[batch.pk]))
    assert done["HX-Refresh"] == "true"
    page = text(browser.get(sent.url))
    assert "What the import will do" in page
    assert "Import 1 row" in page


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"sender": "dprrp-individual"}, "error"),
        ({"sender": "nobody", "file": SimpleUploadedFile("a.csv", b"x")}, "error"),
        ({"sender": "dprrp-individual", "file": SimpleUploadedFile("a.csv", b"")}, "The file is empty."),
    ],
)
def test_what_cannot_be_sent_is_said_on_the_page(browser, data, says):
    assert says in text(browser.post(reverse("intake:send"), data), 422)


def test_a_faulty_list_shows_every_cell_and_gives_the_workbook(browser, take_in):
    batch = take_in(people_csv(ALI, FAULTY))
    page = text(browser.get(batch.get_absolute_url()))
    assert "4 cells cannot be taken over" in page
    for cell, why in (
        ("C3", "formula"),
        ("E3", "neither female nor male"),
        ("F3", "calendar"),
        ("H3", "not known"),
    ):
        assert f'<th scope="row">{cell}<br>' in page
        assert why in page
    assert "<code>=1+1</code>" in page
    response = browser.get(reverse("intake:annotated", args=[batch.pk]))
    name = f"{batch.file_name.rpartition('.')[0]} with errors.xlsx"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.worksheets[0]["E3"].comment.text == "This is neither female nor male."


def test_a_file_nobody_can_open_still_gives_its_faults(browser, take_in):
    batch = take_in(io.BytesIO(b"%PDF-1.7"))
    page = text(browser.get(batch.get_absolute_url()))
    assert "This file cannot be read as a list" in page
    assert "a PDF document" in page
    assert "cells cannot be taken over" not in page
    response = browser.get(reverse("intake:annotated", args=[batch.pk]))
    assert openpyxl.load_workbook(io.BytesIO(response.content)).sheetnames == ["Errors"]


def test_a_script_in_a_cell_is_only_text(browser, take_in):
    batch = take_in(people_csv(("<script>alert(1)</script>", *ALI[1:])))
    page = text(browser.get(batch.get_absolute_url()))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_import_is_confirmed_done_and_undone(browser, acting, ana, take_in):
    batch = take_in(people_csv(ALI))
    url = batch.get_absolute_url()
    assert "1 person is new and gets a case" in text(
        browser.get(reverse("intake:start_import", args=[batch.pk]))
    )
    assert browser.post(reverse("intake:start_import", args=[batch.pk])).url == url
    assert "being imported" in text(browser.get(url))
    with acting(ana):
        actions.import_list.now(by=ana, batch=str(batch.pk))
    assert "1 person is new." in text(browser.get(url))
    assert "Ali Gashi" in text(browser.get(reverse("intake:rows", args=[batch.pk])))

    assert "1 person this import brought in is removed" in text(
        browser.get(reverse("intake:undo", args=[batch.pk]))
    )
    assert browser.post(reverse("intake:undo", args=[batch.pk])).url == url
    assert "has been undone" in text(browser.get(url))
    with acting(ana):
        assert not visible(to=ana).exists()
    again = browser.post(reverse("intake:undo", args=[batch.pk]))
    assert "not possible while the state is" in text(again, 422)


def test_a_decision_stands_beside_what_is_known(browser, acting, ana, take_in):
    take_in(people_csv(ALI), through=True)
    twice = ("Gashi", "Ali", "", "M", "1990", "2017-08-23", "Pejë")
    batch = take_in(people_csv(ALI, twice, ("Gashi", "Alia", "", "M", "1990", "2017-08-23", "Pejë")))
    page = text(browser.get(batch.get_absolute_url()))
    assert "2 rows could be somebody you know already" in page

    url = reverse("intake:decide", args=[batch.pk, 2])
    assert url in page
    page = text(browser.get(url))
    assert "Row 1 of this list" in page
    assert "Ali Gashi" not in page  # who stands in row 1 is asked about once
    assert "can be the same" in page  # 1990 and 6 January 1990
    assert "differs" in page  # Pejë and Lipjan
    assert text(browser.post(url, {}), 422)
    assert text(browser.post(url, {"choice": "same:row:9"}), 422)
    answered = browser.post(url, {"choice": "same:row:1"})
    assert answered.url == reverse("intake:decide", args=[batch.pk, 3])
    answered = browser.post(answered.url, {"choice": "left_out"})
    assert answered.url == batch.get_absolute_url()
    with acting(ana):
        assert list(
            IntakeRow.objects.filter(batch=batch).order_by("position").values_list("verdict", flat=True)
        ) == [
            "unchanged",
            "same",
            "left_out",
        ]
    rows = text(browser.get(reverse("intake:rows", args=[batch.pk]) + "?verdict=left_out"))
    assert "Alia Gashi" in rows
    assert "Ali Gashi" not in rows


def test_a_row_says_everything_in_words(browser, take_in, example):
    batch = take_in(example("iom-reception-2021-07-17.xlsx"), "iom-reception")
    page = text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
    for words in (
        "23 November 1981",
        "17 July 2021",
        "Head of the household",
        "Passport, expired",
        "No",
        "Obiliq",
    ):
        assert f">{words}</dd>" in page
    assert "asthma" not in page


def test_somebody_known_stands_beside_the_row_fact_by_fact(browser, acting, ana, take_in):
    take_in(people_csv(ALI), through=True)
    head = "nr,familja,mbiemri,emri,gjinia,viti_i_lindjes,komuna,vendndodhja"
    batch = take_in(io.BytesIO(f"{head}\n1,H1,Gashi,Alia,M,1990,Prizren,Al-Hol\n".encode()), "dprrp-expected")
    page = text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
    with acting(ana):
        person = visible(to=ana).with_names().get()
    assert f'href="{person.get_absolute_url()}"' in page
    assert "The same as Ali Gashi" in page
    assert "Name and birth can be the same." in page
    for cells in (
        "<td>Alia</td><td>Ali</td><td>can be the same</td>",
        "<td>Gashi</td><td>Gashi</td><td>the same</td>",
        "<td>1990</td><td>6 January 1990</td><td>can be the same</td>",
        "<td>—</td><td>Jeton</td><td>not known</td>",
    ):
        assert cells in page
    assert "Al-Hol" in page  # among everything the row says
    # Whoever is out of sight by now is offered no more.
    with acting(ana):
        IntakeRow.objects.filter(batch=batch).update(
            candidates=[{"person": "11111111-1111-4111-8111-111111111111", "why": "alike"}]
        )
    page = text(browser.get(reverse("intake:decide", args=[batch.pk, 1])))
    assert "The same as" not in page


def test_a_list_sent_by_mistake_is_put_away(browser, take_in):
    batch = take_in(people_csv(ALI))
    assert "put away" in text(browser.get(reverse("intake:discard", args=[batch.pk])))
    assert browser.post(reverse("intake:discard", args=[batch.pk])).url == reverse("intake:index")
    index = text(browser.get(reverse("intake:index")))
    assert "Discarded" in index
    assert "list.csv" in text(browser.get(reverse("intake:index") + "?state=discarded"))
    assert "list.csv" not in text(browser.get(reverse("intake:index") + "?state=imported"))
    assert "list.csv" in text(browser.get(reverse("intake:index") + "?sender=dprrp-individual"))
    assert "list.csv" not in text(browser.get(reverse("intake:index") + "?sender=iom-reception"))


@pytest.mark.parametrize("name", ["index", "rows"])
def test_a_long_list_asks_the_database_no_more_often(browser, take_in, django_assert_num_queries, name):
    def address(batch):
        return reverse("intake:rows", args=[batch.pk]) if name == "rows" else reverse("intake:index")

    batch = take_in(people_csv(ALI))
    with CaptureQueriesContext(connection) as few:
        assert browser.get(address(batch)).status_code == 200
    for n in range(3):
        batch = take_in(
            people_csv(*((*ALI[:1], f"Ali{'abcdefgh'[n]}{'xyzuv'[k]}", *ALI[2:]) for k in range(5)))
        )
    with django_assert_num_queries(len(few)):
        assert browser.get(address(batch)).status_code == 200


def test_the_empty_list_of_lists_says_what_to_do(browser):
    assert "No list has been taken in yet" in text(browser.get(reverse("intake:index")))


def test_a_stopped_import_says_why_and_can_go_on(browser, acting, ana, take_in):
    batch = take_in(people_csv(ALI))
    with acting(ana):
        actions.begin_import(batch, by=ana)
        actions.stop_import(batch, by=ana, failure="The light went out.")
    page = text(browser.get(batch.get_absolute_url()))
    assert "The light went out." in page
    assert "Import 1 row" in page


def test_the_mapping_of_a_sender_is_shown_changed_and_restored(browser, acting, ana):
    url = reverse("intake:mapping", args=["iom-reception"])
    assert "SURNAME" in text(browser.get(url))
    change = reverse("intake:change_mapping", args=["iom-reception"])
    page = text(browser.get(change))
    assert "headings_surname" in page
    assert "order_born" in page
    sent = {
        "version": "0",
        "headings_surname": "FAMILY; LAST",
        "order_born": "mdy",
        "pivot_born": "25",
        "sheet": "Manifest",
    }
    assert browser.post(change, sent).url == url
    assert "LAST" in text(browser.get(url))
    with acting(ana):
        data = queries.sender("iom-reception", to=ana).data
        columns = {column["field"]: column for column in data["columns"]}
        assert (data["sheet"], columns["surname"]["headings"]) == ("Manifest", ["FAMILY", "LAST"])
        assert (columns["born"]["order"], columns["born"]["two_digit_years"]) == ("mdy", 25)
        assert columns["relation"]["choices"]["head"]

    assert text(browser.post(change, sent), 409)
    clash = text(
        browser.post(change, {"version": "1", "headings_surname": "Name", "headings_given": "Name"}), 422
    )
    assert "would head both" in clash
    assert browser.post(reverse("intake:restore_mapping", args=["iom-reception"])).url == url
    assert "FAMILY" not in text(browser.get(url))


def test_the_home_page_says_what_waits(browser, take_in):
    take_in(people_csv(ALI, ("Gashi", "Ali", "", "M", "1990", "2017-08-23", "Pejë")))
    assert "1 row waits for a decision" in text(browser.get(reverse("home")))


@pytest.mark.parametrize("who", ["carla", "dora", "bruno", "edu"])
def test_nobody_else_meets_these_pages(request, signed_in, take_in, who):
    batch = take_in(people_csv(ALI), through=True)
    client = signed_in(request.getfixturevalue(who))
    unknown = "11111111-1111-4111-8111-111111111111"
    for name in ("batch", "progress", "annotated", "start_import", "discard", "undo"):
        hidden = client.get(reverse(f"intake:{name}", args=[batch.pk]))
        missing = client.get(reverse(f"intake:{name}", args=[unknown]))
        assert hidden.status_code == missing.status_code
        assert hidden.status_code in (403, 404)
        assert b"Gashi" not in hidden.content
    if who == "bruno":  # takes in lists for his own institution, and sees none of another
        assert b"list.csv" not in client.get(reverse("intake:index")).content
        return
    for name in ("index", "send"):
        assert client.get(reverse(f"intake:{name}")).status_code == 403
    assert client.get(reverse("intake:mapping", args=["iom-reception"])).status_code == 403
    assert reverse("intake:index").encode() not in client.get(reverse("home")).content


def test_an_unknown_list_and_row_are_the_same_404(browser, take_in):
    batch = take_in(people_csv(ALI))
    for url in (
        reverse("intake:batch", args=["11111111-1111-4111-8111-111111111111"]),
        reverse("intake:rows", args=["11111111-1111-4111-8111-111111111111"]),
        reverse("intake:decide", args=[batch.pk, 99]),
        reverse("intake:mapping", args=["nobody"]),
    ):
        assert browser.get(url).status_code == 404


def test_whoever_is_kept_away_from_somebody_reads_no_lists(browser, acting, ana):
    """A list sent again may name the very person: neither its rows nor the file are theirs to read any more."""
    with acting(ana):
        batch = actions.upload(file=people_csv(ALI), sender="dprrp-individual", by=ana)
        actions.check(batch, by=ana)
    pages = [reverse(f"intake:{name}", args=[batch.pk]) for name in ("batch", "rows", "annotated")]
    assert [browser.get(page).status_code for page in pages] == [200] * 3
    with acting(ana):
        case = a_case(by=ana)
        exclude(case.pk, ana, reason="A neighbour", by=ana)
    assert [browser.get(page).status_code for page in pages] == [404] * 3
    assert "colleagues take in the lists" in text(browser.get(reverse("intake:index")), 403)
    assert "colleagues take in the lists" in text(browser.get(reverse("intake:send")), 403)
    assert "colleagues take in the lists" in text(
        browser.get(reverse("intake:mapping", args=["dprrp-individual"])), 403
    )
    file = SimpleUploadedFile("list.csv", people_csv(ALI).getvalue())
    assert (
        browser.post(reverse("intake:send"), {"sender": "dprrp-individual", "file": file}).status_code == 403
    )
    with acting(ana):
        assert not IntakeBatch.objects.exists()
        assert not IntakeRow.objects.exists()


def test_a_list_sent_again_without_a_change_says_so(browser, acting, ana, take_in):
    """Nobody is to think that a hundred people come in a second time, nor undo what was never done."""
    first = take_in(people_csv(ALI))
    with acting(ana):
        actions.begin_import(first, by=ana)
        while actions.import_next(first, by=ana):
            pass
    assert "Undo the whole import" in text(browser.get(first.get_absolute_url()))
    again = take_in(people_csv(ALI))
    page = text(browser.get(again.get_absolute_url()))
    assert "Nothing in this list is new" in page
    assert "Confirm the list" in page
    assert "Import 1 row" not in page
    assert "nobody changes" in text(browser.get(reverse("intake:start_import", args=[again.pk])))
    with acting(ana):
        actions.begin_import(again, by=ana)
        while actions.import_next(again, by=ana):
            pass
    assert "Undo the whole import" not in text(browser.get(again.get_absolute_url()))
