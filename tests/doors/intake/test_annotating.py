"""The list that goes back to its sender: every fault in its cell, and nothing in it that computes."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.doors.intake.rules.annotating import annotate
from homeward.doors.intake.rules.faults import Fault
from homeward.doors.intake.rules.tables import open_table

HEADER = ["nr", "mbiemri", "emri", "gjinia", "data_e_lindjes", "data_e_kthimit"]
SENDER = "dprrp-individual"


def given_back(started):
    """The annotated workbook of a checked list."""
    report = started.run()
    out = io.BytesIO()
    annotate(started.table, started.layout, [*report.refused, *report.warned], out)
    out.seek(0)
    return out


def test_faults_are_marked_in_their_cells_and_listed(check, workbook):
    rows = [
        ["Letterhead"],
        HEADER,
        [1, "Gashi", "Ali", "X", date(1990, 1, 6), "2017-08-23"],
        [2, "Beri\u200bsha", "Be", "F"],
    ]
    book = openpyxl.load_workbook(given_back(check(workbook(rows), SENDER)))
    sheet, errors = book.worksheets
    assert (sheet.title, errors.title) == ("Sheet", "Errors")
    assert sheet["A1"].value == "Letterhead"
    assert sheet["D3"].comment.text == "This is neither female nor male."
    assert sheet["D3"].fill.fgColor.rgb == "FFF4C7C3"
    assert sheet["B4"].comment.text.startswith("Invisible characters")
    assert sheet["B4"].fill.fgColor.rgb == "FFFFF2CC"
    assert sheet["B4"].value == "Berisha"
    assert sheet["F4"].comment.text == "This must not be empty."
    assert sheet["E3"].value.date() == date(1990, 1, 6)
    listed = [[cell.value for cell in row] for row in errors.iter_rows(min_row=2)]
    assert listed[0] == ["Sheet", "D3", 1, "gjinia", "X", "This is neither female nor male.", "refused"]
    assert {row[1] for row in listed} == {"D3", "B4", "F4"}


def test_a_mended_list_can_be_sent_again(check, workbook):
    rows = [HEADER, [1, "Gashi", "Ali", "X", "1990-01-06", "2017-08-23"]]
    book = openpyxl.load_workbook(given_back(check(workbook(rows), SENDER)))
    book.worksheets[0]["D2"] = "M"
    mended = io.BytesIO()
    book.save(mended)
    mended.seek(0)
    started = check(mended, SENDER)
    (row,) = started.rows()
    assert started.report.is_clean
    assert (row.values["surname"], row.values["sex"], row.values["born"].iso) == ("Gashi", "M", "1990-01-06")


def test_a_csv_comes_back_as_a_workbook_with_its_texts_as_they_were(check):
    text = "nr,familja,mbiemri,emri,viti_i_lindjes,komuna\n007,00001,Gashi,Ali,1990,Atlantis\n"
    book = openpyxl.load_workbook(given_back(check(io.BytesIO(text.encode()), "dprrp-expected")))
    assert [cell.value for cell in book.worksheets[0][2]] == [
        "007",
        "00001",
        "Gashi",
        "Ali",
        "1990",
        "Atlantis",
    ]
    assert book.worksheets[0]["F2"].comment.text == "This municipality is not known."


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n,\"'"), min_size=1, max_size=30).map(
        lambda t: "=" + t
    )
)
def test_nothing_in_it_is_a_formula(check, written):
    content = f"nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit\n1,{written},Ali,M,1990,2017-08-23\n"
    for sheet in openpyxl.load_workbook(given_back(check(io.BytesIO(content.encode()), SENDER))):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert all(cell.quotePrefix for cell in row if cell.data_type == "s")


def test_a_file_that_cannot_be_read_gets_the_list_of_faults_alone():
    out = io.BytesIO()
    annotate(None, None, [Fault("damaged")], out)
    (errors,) = openpyxl.load_workbook(out).worksheets
    assert errors["F2"].value.startswith("The file is damaged")


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"a,b\n" * 3 + b'1,"' + b"x" * 200_000])
def test_a_file_without_headings_is_given_back_as_far_as_it_goes(content):
    table = open_table(io.BytesIO(content))
    out = io.BytesIO()
    annotate(table, None, [Fault("no_header", {"expected": "nr"}, cell="A1")], out)
    sheet, errors = openpyxl.load_workbook(out).worksheets
    assert sheet["A1"].comment.text == errors["F2"].value


def test_a_line_that_ends_too_early_is_marked_where_the_cell_is_missing(check):
    text = "nr,mbiemri,emri,gjinia,data_e_lindjes,data_e_kthimit\n1,Gjëlç,Ali\n"
    book = openpyxl.load_workbook(given_back(check(io.BytesIO(text.encode("cp1250")), SENDER)))
    assert book.worksheets[0]["D2"].comment.text == "This must not be empty."
    assert "CP1250" in book.worksheets[1]["F4"].value


def test_a_time_of_day_stays_readable(check, workbook):
    row = [1, "Gashi", "Ali", "X", "1990", "2017-08-23", time(8, 30), datetime(2020, 1, 2, 8, 30)]  # noqa: DTZ001
    book = openpyxl.load_workbook(given_back(check(workbook([[*HEADER, "at", "on"], row]), SENDER)))
    assert [cell.value for cell in book.worksheets[0][2]][6:] == ["08:30:00", datetime(2020, 1, 2, 8, 30)]  # noqa: DTZ001
