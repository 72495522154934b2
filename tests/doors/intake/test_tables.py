"""Whatever somebody uploads: opened for what it is, or turned away with a reason, and never believed."""

import io
import re
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from homeward.doors.intake.rules.faults import FileRefused
from homeward.doors.intake.rules.lines import Limits, cell_name
from homeward.doors.intake.rules.tables import open_table

EXAMPLE = (Path(__file__).resolve().parents[3] / "examples" / "iom-reception-2021-07-17.xlsx").read_bytes()
TEXT = "nr;emri;gjinia\r\n1;Gjëlçe;F\r\n2;Šaćir Đžž;M\r\n"


def lines(file, **options):
    """All lines of the only way of reading a file."""
    (sheet,) = open_table(file, **options).sheets
    return [list(line.values) for line in sheet.lines()]


def refused(content, **options):
    """The code of the reason why a file is turned away."""
    file = content if isinstance(content, io.BytesIO) else io.BytesIO(content)
    with pytest.raises(FileRefused) as caught:
        _read_all(file, options)
    assert str(caught.value.fault.why)
    return caught.value.code


def _read_all(file, options):
    for sheet in open_table(file, **options).sheets:
        list(sheet.lines())


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1250", "cp1250"),
    ],
)
def test_letters_are_read_however_they_are_written(encoding, found):
    file = io.BytesIO(TEXT.encode(encoding))
    table = open_table(file)
    assert table.encoding == found
    assert [[*line.values] for line in table.sheets[0].lines()][1:] == [
        ["1", "Gjëlçe", "F"],
        ["2", "Šaćir Đžž", "M"],
    ]
    assert bool(table.warnings) == (encoding in ("utf-16-le", "utf-16-be", "cp1250"))


def test_utf16_with_its_mark_in_either_order():
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert lines(io.BytesIO(mark + TEXT.encode(encoding)))[1] == ["1", "Gjëlçe", "F"]


def test_cyrillic_of_old_windows_is_recognised():
    table = open_table(io.BytesIO("бр;име;пол\n1;Ђорђе Живковић;м\n".encode("cp1251")))
    assert (table.encoding, [fault.code for fault in table.warnings]) == ("cp1251", ["letters_guessed"])
    assert [*table.sheets[0].lines()][1].values == ["1", "Ђорђе Живковић", "м"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_separator_is_tried(sign):
    table = open_table(
        io.BytesIO(sign.join(["nr", "emri", "a"]).encode() + b"\n" + sign.join("123").encode())
    )
    assert [sheet.delimiter for sheet in table.sheets] == [sign]
    assert [[*line.values] for line in table.sheets[0].lines()] == [["nr", "emri", "a"], ["1", "2", "3"]]


def test_the_separator_that_a_spreadsheet_notes_is_believed_and_is_no_line():
    table = open_table(io.BytesIO(b"sep=;\r\na;b,c\r\n1;2\r\n"))
    (sheet,) = table.sheets
    assert [(line.number, [*line.values]) for line in sheet.lines()] == [(1, ["a", "b,c"]), (2, ["1", "2"])]


def test_empty_lines_and_lines_within_quotes_count_as_the_spreadsheet_counts():
    (sheet,) = open_table(io.BytesIO(b'a;b\n\n"x\ny";2\n3;4\n')).sheets
    assert [(line.number, line.is_empty()) for line in sheet.lines()] == [
        (1, False),
        (2, True),
        (3, False),
        (4, False),
    ]


def test_one_file_is_read_as_often_as_one_likes():
    table = open_table(io.BytesIO(TEXT.encode()))
    (sheet,) = table.sheets
    assert [*sheet.lines()] == [*sheet.lines()]
    begun = sheet.lines()
    next(begun)
    begun.close()
    assert len([*sheet.lines()]) == 3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"<!DOCTYPE html><html><table></table>", "not_a_table"),
        (b"\xef\xbb\xbf  <html>", "not_a_table"),
        (b"MZ\x90\x00", "not_a_table"),
        (b"\x00\x01\x02\x03" * 500, "unknown_letters"),
        (b"\x00\x00\x02\x03" * 500, "not_a_table"),
        (b"a,b\n1,\x81\n", "unknown_letters"),
        (b"PK\x03\x04 and then nonsense", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Workbook", "old_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "not_a_table"),
        (b"\xff\xfea\x00,", "unknown_letters"),
    ],
)
def test_what_is_no_table_is_turned_away(content, why):
    assert refused(content) == why


def test_size_is_limited_before_anything_is_read():
    assert refused(b"a,b\n" * 300_000, limits=Limits(megabytes=1)) == "too_large"


def test_a_wide_csv_is_turned_away_and_empty_width_is_not():
    assert refused(",".join("x" * 51).encode()) == "too_many_columns"
    assert lines(io.BytesIO(b"a,b" + b"," * 60))[0][:2] == ["a", "b"]


def test_a_long_csv_is_turned_away_when_the_line_is_reached():
    assert refused(b"a,b\n" * 200, limits=Limits(rows=100)) == "too_many_rows"


def test_a_quotation_mark_without_an_end_is_named():
    assert refused(b'a,b\n1,"' + b"x" * 200_000) == "line_too_long"


def packed(parts, **options):
    """A ZIP file of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"word/document.xml": "x"}, "not_a_table"),
        ({"xl/workbook.bin": "x"}, "not_a_table"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "not_a_table"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "not_a_table"),
        ({"a.txt": "x"}, "not_a_table"),
        ({"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"}, "macros"),
        ({"xl/workbook.xml": "x"}, "damaged"),
        ({"xl/workbook.xml": "<a/>", "xl/_rels/workbook.xml.rels": "<a"}, "damaged"),
        ({"xl/workbook.xml": "<!DOCTYPE a []><a/>", "xl/_rels/workbook.xml.rels": "<a/>"}, "damaged"),
        ({"xl/workbook.xml": "<a/>"} | {f"x{i}": "" for i in range(600)}, "swollen"),
    ],
)
def test_a_packed_file_that_is_no_workbook_is_turned_away(parts, why):
    assert refused(packed(parts)) == why


def with_part(file, name, change):
    """The same ZIP file with one part changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    changed.seek(0)
    return changed


SHEET = "xl/worksheets/sheet1.xml"


def test_a_bomb_is_measured_before_it_is_opened(workbook):
    bomb = with_part(workbook([["a"]]), SHEET, lambda xml: xml + b" " * 30_000_000)
    assert len(bomb.getvalue()) < 1_000_000
    assert refused(bomb, limits=Limits(unpacked_megabytes=10)) == "swollen"


def test_a_bomb_that_lies_about_its_size_is_measured_too(workbook):
    bomb = with_part(workbook([["a"]]), SHEET, lambda xml: xml + b" " * 30_000_000).getvalue()
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo(SHEET).file_size
    lying = io.BytesIO(bomb.replace(struct.pack("<L", size), struct.pack("<L", 1000)))
    assert refused(lying, limits=Limits(unpacked_megabytes=10)) in ("damaged", "swollen")


def test_external_entities_are_never_followed(workbook):
    def declare(xml):
        return b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + xml

    assert refused(with_part(workbook([["a"]]), SHEET, declare)) == "damaged"


def test_a_cell_far_away_does_not_fill_the_memory(workbook):
    far = workbook([["a", "b"]], lambda _book, sheet: sheet.cell(1_000_000, 2, "x"))
    assert refused(far) == "too_many_rows"
    wide = workbook([["a", "b"]], lambda _book, sheet: sheet.cell(1, 9_000, "x"))
    assert refused(wide) == "too_many_columns"


def test_a_place_that_no_spreadsheet_has_is_damage(workbook):
    assert (
        refused(with_part(workbook([["a"]]), SHEET, lambda xml: xml.replace(b'r="A1"', b'r="A0-1"')))
        == "damaged"
    )


def test_colours_without_a_value_are_nothing(workbook):
    def dress(_book, sheet):
        sheet["CV50000"].font = Font(bold=True)

    assert lines(workbook([["a", "b"], [1, 2]], dress)) == [["a", "b"], [1, 2]]


def test_formulas_and_errors_are_found_and_their_place_is_right(workbook):
    def dress(_book, sheet):
        sheet["C4"] = "=1+1"
        sheet["D4"] = "#REF!"
        sheet.row_dimensions[5].hidden = True
        sheet["A5"] = "x"

    (sheet,) = open_table(workbook([[], [], ["a", "b", "c", "d"]], dress)).sheets
    assert sheet.formulas == {(4, 2)}
    assert sheet.errors == {(4, 3)}
    assert sheet.hidden_lines == {5}


def test_lines_and_columns_count_from_the_corner_of_the_sheet(workbook):
    def dress(_book, sheet):
        sheet["C5"] = "x"
        sheet["D5"] = 5

    (sheet,) = open_table(workbook([], dress)).sheets
    line = [*sheet.lines()][-1]
    assert (line.number, [*line.values]) == (5, [None, None, "x", 5.0])


def test_a_value_over_several_lines_counts_for_each(workbook):
    rows = [["family", "name"], ["00001", "Ana"], [None, "Besa"], [None, "Cana"], ["00002", "Drita"]]
    merged = workbook(rows, lambda _book, sheet: sheet.merge_cells("A2:A4"))
    assert [line[0] for line in lines(merged)] == ["family", "00001", "00001", "00001", "00002"]


def test_hidden_sheets_are_not_read_and_said(workbook):
    def dress(book, _sheet):
        secret = book.create_sheet("secret")
        secret["A1"] = "x"
        secret.sheet_state = "hidden"

    table = open_table(workbook([["a"]], dress))
    assert [sheet.name for sheet in table.sheets] == ["Sheet"]
    assert [(fault.code, fault.sheet) for fault in table.warnings] == [("hidden_sheet", "secret")]


def test_an_empty_sheet_has_no_lines(workbook):
    assert lines(workbook([])) == []


def test_the_name_of_a_sheet_may_need_quoting(workbook):
    book = openpyxl.Workbook()
    book.active.title = 'A & "B" ë'
    book.active["A1"] = "x"
    file = io.BytesIO()
    book.save(file)
    (sheet,) = open_table(file).sheets
    assert (sheet.name, [[*line.values] for line in sheet.lines()]) == ('A & "B" ë', [["x"]])


@pytest.mark.parametrize(
    ("line", "column", "name"), [(1, 0, "A1"), (7, 2, "C7"), (9, 25, "Z9"), (1, 26, "AA1"), (2, 701, "ZZ2")]
)
def test_cells_have_the_names_of_the_spreadsheet(line, column, name):
    assert cell_name(line, column) == name


def test_cells_that_do_not_say_their_place_follow_one_another(workbook):
    def anonymous(xml):
        return re.sub(rb' r="[A-Z]*[0-9]+"', b"", xml).replace(b"<v>7</v>", b"<f>1</f><v>7</v>")

    (sheet,) = open_table(with_part(workbook([["a", "b"], [5, 7]]), SHEET, anonymous)).sheets
    assert sheet.formulas == {(2, 1)}
    assert [[*line.values] for line in sheet.lines()] == [["a", "b"], [5.0, 7.0]]


def test_merges_without_an_end_or_beside_the_table_mean_nothing(workbook):
    def dress(_book, sheet):
        sheet.merge_cells("F1:F2")
        sheet.merge_cells("C1:D1")
        sheet.merge_cells("A2:A9")

    # Said in the file alone: whoever made a workbook of it would write 900,000 cells first.
    said = {b'ref="C1:D1"': b'ref="C1"', b'ref="A2:A9"': b'ref="A2:A900000"'}

    def far(xml):
        for short, long in said.items():
            assert short in xml
            xml = xml.replace(short, long)
        return xml

    file = with_part(workbook([["a", "b"], [1, 2]], dress), SHEET, far)
    assert lines(file) == [["a", "b"], [1.0, 2.0]]


def test_too_many_merges_or_formulas_are_no_list(workbook):
    def dress(_book, sheet):
        for column in "ABC":
            sheet.merge_cells(f"{column}1:{column}40")
        sheet["A60"] = "x"

    assert refused(workbook([], dress), limits=Limits(rows=100)) == "swollen"
    computed = workbook([[f"={n}"] for n in range(30)])
    assert refused(computed, limits=Limits(rows=20)) == "swollen"


def test_a_packed_part_with_a_password_is_turned_away(workbook):
    content = bytearray(workbook([["a"]]).getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(mark, start + 4)
    assert refused(bytes(content)) == "password"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_happens_to_a_workbook_it_is_read_or_turned_away(data):
    content = bytearray(EXAMPLE)
    for _time in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    try:
        _read_all(io.BytesIO(bytes(content)), {})
    except FileRefused as refusal:
        assert str(refusal.fault.why)  # noqa: PT017 — either outcome will do


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_turned_away(content):
    try:
        _read_all(io.BytesIO(content), {})
    except FileRefused as refusal:
        assert str(refusal.fault.why)  # noqa: PT017 — either outcome will do
