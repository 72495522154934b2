"""A whole list, checked: the lists that ship, and every way in which a list can be wrong."""

import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from homeward.doors.intake.rules import checking
from homeward.doors.intake.rules.checking import Checking, check_file
from homeward.doors.intake.rules.faults import Fault, FileRefused, Weight
from homeward.doors.intake.rules.mapping import MappingBroken, SenderMapping
from homeward.doors.intake.rules.tables import open_table
from homeward.doors.intake.rules.words import PlaceNames
from homeward.foundation.kernel.dates import PartialDate

HEADER = ["nr", "mbiemri", "emri", "emri_i_babait", "gjinia", "data_e_lindjes", "data_e_kthimit", "komuna"]
ROW = ["1", "Gashi", "Ali", "Jeton", "M", "1990-01-06", "2017-08-23", "Lipjan"]
SENDER = "dprrp-individual"


def csv(*rows, sign=","):
    """These rows as a CSV file."""
    return io.BytesIO("\n".join(sign.join(row) for row in rows).encode())


def changed(**cells):
    """The usual row with some cells changed."""
    return [cells.get(heading, value) for heading, value in zip(HEADER, ROW, strict=True)]


def faults(checking_):
    """(cell, code) of everything that refuses the list."""
    return [(fault.cell, fault.code) for fault in checking_.run().refused]


def warned(checking_):
    """(cell, code) of everything that is only said."""
    return [(fault.cell, fault.code) for fault in checking_.run().warned]


@pytest.mark.parametrize(
    ("name", "sender_name", "rows"),
    [
        ("iom-reception-2019-04-20.xlsx", "iom-reception", 110),
        ("iom-reception-2021-07-17.xlsx", "iom-reception", 11),
        ("dprrp-individual-returns.csv", "dprrp-individual", 129),
        ("dprrp-expected-returns.csv", "dprrp-expected", 86),
    ],
)
def test_the_lists_that_ship_are_read_without_a_fault(check, example, name, sender_name, rows):
    report = check(example(name), sender_name).run()
    assert (report.rows, report.refused, report.refused_cells, report.refused_rows) == (rows, [], 0, 0)
    assert report.is_clean
    assert {fault.code for fault in report.warned} <= {"born_after"}


def test_a_manifest_row_says_who_came_when_and_with_whom(check, example):
    first = next(check(example("iom-reception-2019-04-20.xlsx"), "iom-reception").rows())
    assert (first.position, first.line, first.sheet) == (1, 4, "Manifest")
    assert first.values == {
        "channel": "organised",
        "status": "arrived",
        "surname_kind": "uncertain",
        "arrived_on": date(2019, 4, 20),
        "number": 1,
        "family_no": "00001",
        "surname": "Dervishi",
        "given": "Ardita",
        "father": "Jusuf",
        "sex": "F",
        "born": PartialDate(1992, 11, 2),
        "relation": "head",
        "birthplace": None,
        "municipality": "viti",
        "documents": ("passport_expired",),
        "medical": ("pregnant",),
        "package": ("food", "hygiene kit", "clothing"),
        "unaccompanied": False,
        "handed_to_police": False,
    }
    assert first.raw["SURNAME"] == "DERVISHI"


def test_a_child_born_after_the_flight_is_pointed_out_and_not_turned_away(check, example):
    said = warned(check(example("iom-reception-2019-04-20.xlsx"), "iom-reception"))
    assert said == [("G46", "born_after"), ("G53", "born_after")]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (changed(data_e_lindjes="2020-13-01"), [("F2", "not_a_day")]),
        (changed(data_e_lindjes="19855"), [("F2", "serial_unclear")]),
        (changed(data_e_lindjes="6.1.90"), [("F2", "two_digit_year")]),
        (changed(data_e_lindjes="2031-01-01"), [("F2", "in_the_future")]),
        (changed(data_e_lindjes="1902"), [("F2", "born_too_long_ago")]),
        (changed(mbiemri='"=HYPERLINK(""x"")"'), [("B2", "formula")]),
        (changed(mbiemri="", emri=""), [("B2", "name_missing")]),
        (changed(gjinia=""), [("E2", "missing")]),
        (changed(gjinia="?"), [("E2", "missing")]),
        (changed(gjinia="X"), [("E2", "not_a_sex")]),
        (changed(komuna="Atlantis"), [("H2", "unknown_place")]),
        (changed(emri="Ali7"), [("C2", "not_a_name")]),
        (changed(nr="one"), [("A2", "not_a_number")]),
        (changed(data_e_kthimit="2017"), [("G2", "day_needed")]),
        ([*ROW, "stray"], [("I2", "beyond_headings")]),
    ],
)
def test_every_faulty_cell_is_named_with_its_reason(check, row, found):
    started = check(csv(HEADER, row, changed(nr="2")), SENDER)
    assert faults(started) == found
    assert (started.report.rows, started.report.refused_rows) == (2, 1)
    assert not started.report.is_clean


def test_all_faults_are_told_at_once_each_with_place_value_and_row(check):
    started = check(csv(HEADER, ROW, changed(nr="2", gjinia="X", komuna="Atlantis")), SENDER)
    first, second = started.run().refused
    assert (first.cell, first.value, first.heading, first.row) == ("E3", "X", "gjinia", 2)
    assert (second.cell, second.value, second.heading, second.row) == ("H3", "Atlantis", "komuna", 2)
    assert str(first.why) == "This is neither female nor male."


def test_cells_missing_at_the_end_of_a_line_are_missing(check):
    assert faults(check(csv(HEADER, ROW[:4]), SENDER)) == [("E2", "missing"), ("G2", "missing")]


def test_a_formula_cell_is_refused_even_when_it_shows_a_value(check, workbook):
    def dress(_book, sheet):
        sheet["C2"] = "=UPPER(B2)"

    assert faults(check(workbook([HEADER, ROW], dress), SENDER)) == [("C2", "formula")]


def test_a_formula_in_a_column_nobody_uses_is_refused_too(check):
    started = check(csv([*HEADER, "remark"], [*ROW, "=1+1"]), SENDER)
    assert faults(started) == [("I2", "formula")]


def test_a_remark_nobody_uses_may_be_as_long_as_it_likes_and_is_not_kept(check):
    started = check(csv([*HEADER, "remark"], [*ROW, "long " * 200]), SENDER)
    (row,) = started.rows()
    assert started.report.is_clean
    assert "remark" not in row.raw


def test_an_error_of_the_spreadsheet_is_refused(check, workbook):
    def dress(_book, sheet):
        sheet["C2"] = "#REF!"

    assert faults(check(workbook([HEADER, ROW], dress), SENDER)) == [("C2", "error_value")]


def test_invisible_characters_are_said_and_the_name_is_clean(check):
    started = check(csv(HEADER, changed(emri="A\u200bli\u202e")), SENDER)
    (row,) = started.rows()
    assert row.values["given"] == "Ali"
    assert [(fault.cell, fault.code) for fault in started.report.warned] == [("C2", "hidden_characters")]
    assert started.report.is_clean


def test_headings_are_found_below_any_letterhead_and_in_any_order_and_language(check, workbook):
    head = ["Ime", "Prezime", "Pol", "Datum rođenja", "Datum povratka", "Opština", "R. br."]
    row = ["Ана", "Живковић", "ж", "8. 1. 1992.", "20.4.2019", "Приштина", 1]
    letterhead = [["Republika"], [], ["Lista za", None, "2019"], []]
    started = check(workbook([*letterhead, head, row]), SENDER)
    (found,) = started.rows()
    assert (found.line, found.position) == (6, 1)
    assert (found.values["given"], found.values["municipality"], found.values["sex"]) == (
        "Ана",
        "prishtine",
        "F",
    )
    assert [fault.code for fault in started.report.warned] == ["heading_unused"]
    assert started.report.is_clean


def test_a_heading_in_two_languages_counts(check):
    head = ["nr", "mbiemri/prezime", "emri / ime", "gjinia|pol", "datelindja", "data e kthimit"]
    (row,) = check(csv(head, ["1", "Gashi", "Ali", "M", "1990", "2017-08-23"]), SENDER).rows()
    assert (row.values["surname"], row.values["given"]) == ("Gashi", "Ali")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1250"])
def test_any_separator_and_any_letters_give_the_same_rows(check, sign, encoding):
    text = "\n".join(sign.join(row) for row in (HEADER, changed(emri="Gjëlç", mbiemri="Čehaja")))
    started = check(io.BytesIO(text.encode(encoding)), SENDER)
    (row,) = started.rows()
    assert (row.values["given"], row.values["surname"]) == ("Gjëlç", "Čehaja")
    assert started.report.is_clean


def test_empty_lines_and_repeated_headings_are_no_rows(check, workbook):
    rows = [HEADER, ROW, [], HEADER, changed(nr="2"), [None] * 8, ["  "]]
    found = [(row.position, row.line) for row in check(workbook(rows), SENDER).rows()]
    assert found == [(1, 2), (2, 5)]


def test_missing_and_doubled_headings_are_named(check):
    head = ["nr", "mbiemri", "mbiemri", "emri", "gjinia", "data_e_lindjes"]
    started = check(csv(head, ["1", "Gashi", "Gashi", "Ali", "M", "1990"]), SENDER)
    assert faults(started)[:2] == [("C1", "heading_twice"), ("A1", "heading_missing")]
    assert "Date of arrival" in str(started.report.refused[1].why)


def test_another_list_is_not_taken_for_this_one(check, example):
    with pytest.raises(FileRefused) as caught:
        check(example("training-register.csv"), SENDER)
    assert caught.value.code == "no_header"
    assert ("A1", "heading_missing") in faults(check(example("kcs-custody.csv"), "dprrp-expected"))


def test_a_list_without_rows_is_refused(check):
    assert faults(check(csv(HEADER), SENDER)) == [("A2", "no_rows")]


def test_the_day_of_arrival_must_stand_above_the_manifest(check, workbook):
    head = ["No.", "Family no.", "SURNAME", "First name", "Sex", "Date of birth"]
    row = [1, "00001", "DERVISHI", "Ardita", "F", "1992"]
    assert faults(check(workbook([head, row]), "iom-reception")) == [("A1", "title_missing")]
    for above in (
        [["Arrival", None, date(2019, 4, 20)]],
        [["Dolazak: 20.4.2019"]],
        [["Arrival"], ["Arrival: 20.4.2019"]],
        [["x"], ["Mbërritja:", "2019-04-20"]],
    ):
        started = check(workbook([*above, head, row]), "iom-reception")
        (found,) = started.rows()
        assert found.values["arrived_on"] == date(2019, 4, 20)
        assert started.report.is_clean
    assert faults(check(workbook([["Arrival: soon"], head, row]), "iom-reception")) == [("A1", "not_a_date")]
    assert faults(check(workbook([["Arrival:", "-"], head, row]), "iom-reception")) == [("B1", "missing")]


def test_a_title_that_is_computed_is_refused(check, workbook):
    head = ["No.", "Family no.", "SURNAME", "First name", "Sex", "Date of birth"]
    file = workbook([["Arrival", date(2019, 4, 20)], head, [1, "00001", "D", "A", "F", "1992"]])
    computed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(computed, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"<v>43575</v>", b"<f>TODAY()</f><v>43575</v>"))
    assert faults(check(computed, "iom-reception")) == [("B1", "formula")]


def test_a_name_in_one_column_fills_its_parts(around, sender):
    mapping = SenderMapping.from_data(
        {
            "sender": "x",
            "label": {"en": "X"},
            "shape": "people",
            "titles": [{"field": "arrived_on", "labels": ["Arrival"]}],
            "columns": [
                {"field": "full_name", "headings": ["who"], "pattern": "{surname} ({father}) {given}"},
                {"field": "born", "headings": ["born"]},
            ],
        }
    )
    started = Checking(open_table(io.BytesIO(b"who;born;\nOsmani (Jusuf) Ardita;1992;\n")), mapping, around)
    (row,) = started.rows()
    assert started.report.is_clean
    assert {name: row.values[name] for name in ("surname", "given", "father")} == {
        "surname": "Osmani",
        "given": "Ardita",
        "father": "Jusuf",
    }


def test_a_name_that_two_places_share_finds_neither():
    places = PlaceNames([("north", ["Mitrovica", "Sever"]), ("south", ["Mitrovica", "Jug"])])
    assert (places("Mitrovica"), places("sever"), places("JUG")) == (None, "north", "south")


def test_a_doctors_words_are_in_no_report(check, workbook):
    head = ["No.", "Family no.", "SURNAME", "First name", "Sex", "Date of birth", "Medical flags"]
    row = [1, "00001", "Gashi", "Besa", "F", "1992", "trauma " * 100]
    started = check(workbook([["Arrival: 2019-04-20"], head, row]), "iom-reception")
    (fault,) = started.run().refused
    assert (fault.cell, fault.code, fault.value) == ("G3", "too_long", "")


def test_a_family_has_one_head(check, workbook):
    head = ["No.", "Family no.", "SURNAME", "First name", "Sex", "Date of birth", "Relation"]
    rows = [
        [1, "00001", "Gashi", "Besa", "F", "1992", "head"],
        [2, "00001", "Gashi", "Ana", "F", "1990", "single"],
    ]
    started = check(workbook([["Arrival: 2019-04-20"], head, *rows]), "iom-reception")
    assert faults(started) == [("G4", "two_heads")]
    assert "see row 3" in str(started.report.refused[0].why)


def test_a_hidden_row_and_a_number_given_twice_are_pointed_out(check, workbook):
    def dress(_book, sheet):
        sheet.row_dimensions[3].hidden = True

    started = check(workbook([HEADER, ROW, ROW], dress), SENDER)
    assert sorted(warned(started)) == [("A3", "hidden_row"), ("A3", "number_twice")]


def test_man_woman_and_child_must_fit_sex_and_age(check):
    head = [*HEADER, "kategoria"]
    rows = [
        [*ROW, "woman"],
        [*changed(nr="2", gjinia="F"), "man"],
        [*changed(nr="3"), "child"],
        [*changed(nr="4"), "man"],
    ]
    assert warned(check(csv(head, *rows), SENDER)) == [
        ("I2", "category_and_sex"),
        ("I3", "category_and_sex"),
        ("F4", "child_of_age"),
    ]


def test_the_table_may_stand_on_any_visible_sheet(check, workbook):
    def dress(book, sheet):
        second = book.create_sheet("Lista")
        second.append(HEADER)
        second.append(ROW)
        sheet["A1"] = "See the next sheet"

    (row,) = check(workbook([], dress), SENDER).rows()
    assert row.sheet == "Lista"


def test_a_mapping_may_name_the_sheet(around, sender, workbook):
    mapping = sender(SENDER)
    named = SenderMapping(**{**vars(mapping), "sheet": "Lista"})
    with pytest.raises(FileRefused) as caught:
        Checking(open_table(workbook([HEADER, ROW])), named, around)
    assert caught.value.code == "no_sheet"


def test_a_sheet_too_large_to_read_is_named_when_no_other_has_the_list(check, workbook):
    def dress(_book, sheet):
        sheet.cell(200_000, 1, "x")

    with pytest.raises(FileRefused) as caught:
        check(workbook([HEADER, ROW], dress), SENDER)
    assert caught.value.code == "too_many_rows"


def test_a_file_that_is_no_such_list_has_a_report_as_well(around, sender):
    report = check_file(open_table(io.BytesIO(b"x,y\n1,2\n")), sender(SENDER), around)
    assert [(fault.code, fault.weight) for fault in report.refused] == [("no_header", Weight.REFUSED)]
    good = check_file(open_table(csv(HEADER, ROW)), sender(SENDER), around)
    assert good.is_clean


def test_faults_beyond_what_anybody_reads_are_counted_and_not_kept(check, monkeypatch):
    monkeypatch.setattr(checking, "MOST_FAULTS", 3)
    report = check(csv(HEADER, *[changed(nr=str(n), gjinia="X") for n in range(10)]), SENDER).run()
    assert (report.refused_cells, len(report.refused), report.not_shown) == (10, 3, 7)


def test_a_fault_survives_storage():
    fault = Fault("below", {"limit": 3}).at(sheet="S", cell="A1", value="2", heading="h", row=1)
    again = Fault.from_data(fault.as_data())
    assert (str(again.why), again.cell, again.weight) == (str(fault.why), "A1", Weight.REFUSED)


def test_a_stored_fault_speaks_the_language_of_its_reader():
    with translation.override("sq"):
        born = Fault("born_after", {"other": PartialDate(2019, 4, 20)}).as_data()
        kind = Fault("not_a_table", {"kind": _("a picture")}).as_data()
    assert "20 April 2019" in str(Fault.from_data(born).why)
    assert "a picture" in str(Fault.from_data(kind).why)
    with translation.override("sq"):
        assert "20 prill 2019" in str(Fault.from_data(born).why)


def big(rows):
    """A list of this many people."""
    body = (f"{n},Gashi,Ali,Jeton,M,1990-01-06,2017-08-23,Lipjan\n" for n in range(1, rows + 1))
    return io.BytesIO((",".join(HEADER) + "\n" + "".join(body)).encode())


def peak(run):
    """The most memory Python held during a run, in bytes."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_thousand_rows_need_no_more_memory_than_a_thousand(check):
    small, large = big(1_000), big(10_000)
    check(big(10), SENDER).run()  # what is loaded once is no part of the comparison
    few, many = (peak(lambda file=file: check(file, SENDER).run()) for file in (small, large))
    # The numbers seen so far are remembered, some hundred bytes for each row; the rows themselves are not.
    assert many - few < 9_000 * 200
    assert many < 6_000_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": "ghosts"}, "no kind of list"),
        ({"columns": [{"field": "aura"}]}, "no field 'aura'"),
        ({"columns": [{"field": "surname", "colour": 1}]}, "unknown"),
        ({"columns": [{"field": "surname", "as": "magic"}]}, "no way of reading"),
        ({"columns": [{"field": "surname", "headings": [False]}]}, "quotation marks"),
        ({"columns": [{"field": "surname"}, {"field": "surname"}]}, "filled twice"),
        (
            {"columns": [{"field": "surname", "headings": ["a"]}, {"field": "given", "headings": ["A."]}]},
            "would head both",
        ),
        ({"columns": [{"field": "relation"}]}, "needs choices"),
        ({"columns": [{"field": "born", "order": "ymd"}]}, "dmy or mdy"),
        ({"columns": [{"field": "full_name", "pattern": "{who}"}]}, "names no fields"),
        ({"constants": {"colour": "red"}}, "has no"),
        ({"scope": "arrived_on"}, "nothing fills"),
        ({"columns": None}, "TypeError"),
        ({"columns": [{"field": "surname", "least": "x"}]}, "InvalidOperation"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_its_place(change, message):
    data = {
        "sender": "x",
        "label": {"en": "X"},
        "shape": "people",
        "columns": [{"field": "surname", "headings": ["s"]}],
    }
    with pytest.raises(MappingBroken, match=message):
        SenderMapping.from_data(data | change)


def test_a_column_can_be_asked_for(sender):
    column = sender(SENDER).column("surname")
    assert column is not None
    assert column.is_headed("MBIEMRI")
    assert sender(SENDER).column("medical") is None
