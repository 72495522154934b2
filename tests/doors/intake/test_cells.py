"""Every way in which the offices were seen to write a date, a sex, a yes, an amount or a name."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.doors.intake.rules.cells import read_cell
from homeward.doors.intake.rules.faults import CellRefused, Weight
from homeward.doors.intake.rules.setting import Setting
from homeward.doors.intake.rules.texts import as_text, clean, is_formula, name_pattern
from homeward.doors.intake.rules.words import Vocabulary, fold
from homeward.foundation.kernel.dates import PartialDate

DMY, MDY = Setting(order="dmy"), Setting(order="mdy")
PIVOT = Setting(two_digit_years=30)


@pytest.fixture
def read(around):
    """The value of a cell read in one way, and the codes of what is said about it."""

    def reading(value, kind, setting=Setting()):  # noqa: B008 — a frozen value
        found, said = read_cell(value, kind, setting, around)
        return (found, [warned.code for warned in said]) if said else found

    return reading


def refused(read, *arguments):
    """The code of the reason why a cell is refused."""
    with pytest.raises(CellRefused) as caught:
        read(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("written", "setting", "iso"),
    [
        ("2019-04-20", Setting(), "2019-04-20"),
        ("2019/04/20", Setting(), "2019-04-20"),
        ("2019.04.20.", Setting(), "2019-04-20"),
        ("2019-04-20 00:00:00", Setting(), "2019-04-20"),
        ("02.11.1992", Setting(), "1992-11-02"),
        ("8.1.1992", Setting(), "1992-01-08"),
        ("8. 1. 1992.", Setting(), "1992-01-08"),
        ("02-Nov-92", PIVOT, "1992-11-02"),
        ("02-nov-17", PIVOT, "2017-11-02"),
        ("2 nëntor 1992", Setting(), "1992-11-02"),
        ("2 Nentor 1992", Setting(), "1992-11-02"),
        ("2. novembar 1992.", Setting(), "1992-11-02"),
        ("2. новембра 1992.", Setting(), "1992-11-02"),
        ("12.XI.1992", Setting(), "1992-11-12"),
        ("12. xi 1992", Setting(), "1992-11-12"),
        ("1 shk 2001", Setting(), "2001-02-01"),
        ("1 sht 2001", Setting(), "2001-09-01"),
        ("1st of May, 2001", Setting(), "2001-05-01"),
        ("November 2nd, 1992", Setting(), "1992-11-02"),
        ("29.02.2000", Setting(), "2000-02-29"),
        ("25/11/1992", Setting(), "1992-11-25"),
        ("11/25/1992", Setting(), "1992-11-25"),
        ("05/05/1992", Setting(), "1992-05-05"),
        ("02/11/1992", DMY, "1992-11-02"),
        ("02/11/1992", MDY, "1992-02-11"),
        ("02-11-1992", DMY, "1992-11-02"),
        ("11/1992", Setting(), "1992-11"),
        ("1992-11", Setting(), "1992-11"),
        ("Nov-92", PIVOT, "1992-11"),
        ("nëntor 1992", Setting(), "1992-11"),
        ("новембар 1992", Setting(), "1992-11"),
        ("1996", Setting(), "1996"),
        ("1996.", Setting(), "1996"),
        ("viti 1996", Setting(), "1996"),
        ("1996. godine", Setting(), "1996"),
        ("00.00.1996", Setting(), "1996"),
        ("00.11.1996", Setting(), "1996-11"),
        ("rreth 1996", Setting(), "1996~"),
        ("rreth vitit 1996", Setting(), "1996~"),
        ("oko 1996.", Setting(), "1996~"),
        ("око 1996. године", Setting(), "1996~"),
        ("ca. 1996", Setting(), "1996~"),
        ("ca.1996", Setting(), "1996~"),
        ("c. 1996", Setting(), "1996~"),
        ("~1996", Setting(), "1996~"),
        ("1996?", Setting(), "1996~"),
        ("1996 (approx.)", Setting(), "1996~"),
        ("about November 1996", Setting(), "1996-11~"),
        (1996, Setting(), "1996"),
        (1996.0, Setting(), "1996"),
        (date(1992, 11, 2), Setting(), "1992-11-02"),
        (datetime(1992, 11, 2, tzinfo=UTC), Setting(), "1992-11-02"),
    ],
)
def test_a_date_is_read_in_every_style(read, written, setting, iso):
    assert read(written, "partial_date", setting).iso == iso


@pytest.mark.parametrize(
    ("written", "setting", "why"),
    [
        ("02/11/1992", Setting(), "ambiguous_date"),
        ("02-11-1992", Setting(), "ambiguous_date"),
        ("02-Nov-92", Setting(), "two_digit_year"),
        ("2.11.92", Setting(), "two_digit_year"),
        ("30.02.2000", Setting(), "not_a_day"),
        ("29.02.1999", Setting(), "not_a_day"),
        ("2020-13-01", Setting(), "not_a_day"),
        ("32.01.2000", Setting(), "not_a_day"),
        ("05.00.1992", Setting(), "not_a_day"),
        ("13/13/1992", Setting(), "not_a_day"),
        ("2027-01-01", Setting(), "in_the_future"),
        ("2026-11-23", Setting(), "in_the_future"),
        ("1853", Setting(), "not_a_year"),
        ("0092", Setting(), "not_a_date"),
        ("19855", Setting(), "serial_unclear"),
        (19855, Setting(), "serial_unclear"),
        ("99999", Setting(), "serial_unclear"),
        ("123456", Setting(), "not_a_date"),
        ("1995-1996", Setting(), "not_a_date"),
        ("spring 1996", Setting(), "not_a_date"),
        ("ma 1996", Setting(), "not_a_date"),
        ("rreth", Setting(), "not_a_date"),
        ("yesterday", Setting(), "not_a_date"),
        (True, Setting(), "not_a_date"),
        (time(3, 4), Setting(), "not_a_date"),
        ("=TODAY()", Setting(), "formula"),
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused(read, written, setting, why):
    assert refused(read, written, "partial_date", setting) == why


def test_a_day_number_of_the_spreadsheet_is_read_and_said(read):
    assert read(33910, "partial_date") == (PartialDate(1992, 11, 2), ["serial_read"])
    assert read("33910", "partial_date") == (PartialDate(1992, 11, 2), ["serial_read"])


def test_a_date_in_the_future_is_allowed_where_the_mapping_says_so(read):
    assert read("1.6.2027", "partial_date", Setting(future=True)).iso == "2027-06-01"


def test_a_full_date_needs_its_day(read):
    assert read("20.4.2019", "date") == date(2019, 4, 20)
    assert refused(read, "2019", "date") == "day_needed"
    assert refused(read, "rreth 20.4.2019", "date") == "day_needed"


def test_a_column_of_years_takes_years_only(read):
    assert read("1985", "year").iso == "1985"
    assert read("oko 1985", "year").iso == "1985~"
    assert refused(read, "19855", "year") == "not_a_year"
    assert refused(read, "1985-02-03", "year") == "not_a_year"
    assert refused(read, date(1985, 2, 3), "year") == "not_a_year"
    assert refused(read, "2030", "year") == "in_the_future"


@given(st.dates(date(1930, 1, 1), date(2026, 11, 22)))
def test_no_style_changes_the_day(around, day):
    months_sq = "janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor".split()
    months_sr = (
        "јануара фебруара марта априла маја јуна јула августа септембра октобра новембра децембра".split()
    )
    roman = "I II III IV V VI VII VIII IX X XI XII".split()
    styles = [
        day.isoformat(),
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day:02}.{day.month:02}.{day.year}.",
        f"{day.day} {months_sq[day.month - 1]} {day.year}",
        f"{day.day}. {months_sr[day.month - 1].replace('август', 'август')} {day.year}. године",
        f"{day.day}.{roman[day.month - 1]}.{day.year}",
        f"{day.day} {months_sq[day.month - 1][:3]} {day.year}",
        day.strftime("%d-%b-%Y"),
        day.strftime("%B %d, %Y"),
    ]
    for written in styles:
        assert read_cell(written, "partial_date", Setting(), around) == (PartialDate.of(day), []), written
    assert read_cell(day.strftime("%d/%m/%Y"), "date", DMY, around)[0] == day
    assert read_cell(day.strftime("%m/%d/%Y"), "date", MDY, around)[0] == day
    serial = (day - date(1899, 12, 30)).days
    if not 19_000 <= serial < 21_000 and serial >= 10_959:
        assert read_cell(float(serial), "partial_date", Setting(), around)[0] == PartialDate.of(day)


@given(st.integers(0, 99), st.integers(0, 99))
def test_the_mapping_says_to_which_century_two_digits_belong(around, year, pivot):
    setting = Setting(two_digit_years=pivot, future=True)
    found, _said = read_cell(f"2-Nov-{year:02}", "partial_date", setting, around)
    assert found.year == (2000 if year <= pivot else 1900) + year


@pytest.mark.parametrize("text", [")", "( )", "(?)"])
def test_signs_around_nothing_are_no_date(around, text):
    with pytest.raises(CellRefused):
        read_cell(text, "partial_date", PIVOT, around)


@given(
    st.text(max_size=40),
    st.sampled_from(["partial_date", "date", "year", "decimal", "integer", "name", "list"]),
)
def test_whatever_is_written_is_read_or_refused_with_a_reason(around, text, kind):
    try:
        _value, said = read_cell(text, kind, PIVOT, around)
    except CellRefused as refusal:
        said, weight = [refusal.fault], Weight.REFUSED
    else:
        weight = Weight.WARNED
    assert all(str(fault.why) and fault.weight is weight for fault in said)


@pytest.mark.parametrize(
    ("written", "sex"),
    [
        *[(word, "F") for word in ("F", "Female", "femër", "FEMER", "ženski", "женски", "Ž", "ж", "žena")],
        *[(word, "M") for word in ("M", "male", "Mashkull", "muški", "мушки", "erkek")],
    ],
)
def test_sex_in_every_language(read, written, sex):
    assert read(written, "sex") == sex


def test_what_is_no_sex_is_refused(read):
    assert refused(read, "F/M", "sex") == "not_a_sex"


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("po", True),
        ("Po", True),
        ("da", True),
        ("ДА", True),
        ("yes", True),
        ("✓", True),
        (True, True),
        (1, True),
        ("jo", False),
        ("ne", False),
        ("не", False),
        ("No", False),
        (False, False),
        (0, False),
    ],
)
def test_yes_and_no_in_every_language(read, written, answer):
    assert read(written, "yes_no") is answer


@pytest.mark.parametrize("kind", ["sex", "yes_no", "choice"])
def test_a_question_mark_is_an_answer_of_its_own(read, kind):
    assert refused(read, "F ?", kind, Setting(choices={"F": ()})) == "doubtful"


def test_perhaps_is_refused(read):
    assert refused(read, "ndoshta", "yes_no") == "not_yes_or_no"


@pytest.mark.parametrize(
    "written", ["", "   ", None, "-", "–", "n/a", "N.A.", "e panjohur", "непознато", "?"]
)
@pytest.mark.parametrize("kind", ["text", "name", "partial_date", "sex", "yes_no", "decimal", "place"])
def test_nothing_is_nothing_in_every_language(read, written, kind):
    assert read(written, kind) is None


@pytest.mark.parametrize(
    ("written", "setting", "amount"),
    [
        ("100,00", Setting(), "100.00"),
        ("100.00", Setting(), "100.00"),
        ("1.234,56", Setting(), "1234.56"),
        ("1,234.56", Setting(), "1234.56"),
        ("1 234,56", Setting(), "1234.56"),
        ("1'234.56", Setting(), "1234.56"),
        ("1.234.567", Setting(), "1234567"),
        ("€ 100", Setting(), "100"),
        ("100 EUR", Setting(), "100"),
        ("100,5 €", Setting(), "100.5"),
        ("-50", Setting(), "-50"),
        ("1,234", Setting(decimal=","), "1.234"),
        ("1,234", Setting(decimal="."), "1234"),
        ("0,125", Setting(), "0.125"),
        (100, Setting(), "100"),
        (100.5, Setting(), "100.5"),
    ],
)
def test_amounts_with_comma_and_point(read, written, setting, amount):
    assert read(written, "decimal", setting) == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "setting", "why"),
    [
        ("1,234", Setting(), "ambiguous_number"),
        ("abc", Setting(), "not_a_number"),
        ("1.23,456.7", Setting(), "not_a_number"),
        ("12.34.56", Setting(), "not_a_number"),
        ("1,2,3.4,5", Setting(), "not_a_number"),
        ("1.234.567", Setting(decimal="."), "not_a_number"),
        ("", Setting(), None),
        ("-50", Setting(least=Decimal(0)), "below"),
        ("51", Setting(most=Decimal(50)), "above"),
        (True, Setting(), "not_a_number"),
        (date(2020, 1, 1), Setting(), "not_a_number"),
    ],
)
def test_what_is_no_amount_is_refused(read, written, setting, why):
    if why is None:
        assert read(written, "decimal", setting) is None
    elif written == "1.234.567":
        assert read(written, "decimal", setting) == 1234567
    else:
        assert refused(read, written, "decimal", setting) == why


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_an_amount_is_the_same_in_both_customs(around, amount):
    english = f"{amount:,.2f}"
    albanian = english.translate(str.maketrans(",.", ".,"))
    assert read_cell(english, "decimal", Setting(), around)[0] == amount
    assert read_cell(albanian, "decimal", Setting(), around)[0] == amount


def test_whole_numbers(read):
    assert read("12", "integer") == 12
    assert read("12.", "integer") == 12
    assert read(12.0, "integer") == 12
    assert refused(read, "12,5", "integer") == "not_whole"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("DERVISHI", "Dervishi"),
        ("ÇERKEZI", "Çerkezi"),
        ("AL-BAGHDADI", "Al-Baghdadi"),
        ("D'ANGELO", "D'Angelo"),
        ("АНА МАРИЈА", "Ана Марија"),
        ("Hoxha", "Hoxha"),
        ("McDonald", "McDonald"),
        ("أحمد", "أحمد"),
        ("  Ana   Maria ", "Ana Maria"),
        ("A.", "A."),
    ],
)
def test_a_name_as_people_write_it(read, written, name):
    assert read(written, "name") == name


@pytest.mark.parametrize(
    "written", ["Test 2", "Ana@x", "<b>Ana</b>", "Ana;Besa", "...", "Ana\tB\x01ora"[:3] + "|x"]
)
def test_what_is_no_name_is_refused(read, written):
    assert refused(read, written, "name") == "not_a_name"


def test_a_name_is_no_essay(read):
    assert refused(read, "a" * 101, "name") == "too_long"
    assert refused(read, "a" * 501, "text") == "too_long"


def test_two_scripts_in_one_word_are_pointed_out(read):
    assert read("Аna", "name") == ("Аna", ["mixed_scripts"])


def test_invisible_characters_are_taken_out_and_said(read):
    assert read("Os\u200bma\u202eni\ufeff", "name") == ("Osmani", ["hidden_characters"])
    assert clean("a\u200b\u202eb\x07") == ("ab", ["U+0007", "U+200B", "U+202E"])
    assert clean("a\u00a0 b") == ("a b", [])


@given(st.text())
def test_cleaned_text_is_clean(text):
    once, _out = clean(text)
    assert clean(once) == (once, [])


@pytest.mark.parametrize(
    "written",
    [
        "=1+1",
        '=HYPERLINK("x")',
        "+A1",
        "-A1*2",
        "+cmd|' /C calc'!A0",
        "@SUM(A1:A9)",
        "@A1",
        "-2+3+cmd|x!A",
        "+SUM(1)",
    ],
)
@pytest.mark.parametrize("kind", ["text", "name", "decimal", "partial_date", "list", "choice"])
def test_a_formula_is_refused_whatever_the_column(read, written, kind):
    setting = Setting(choices={"a": ("b",)})
    assert refused(read, written, kind, setting) == "formula"


@pytest.mark.parametrize(
    "written", ["+383 44 123 456", "-50", "-50,00 €", "- two blankets", "=", "@", "-", "a=b"]
)
def test_a_sign_in_front_makes_no_formula(written):
    assert not is_formula(written)


def test_choices_by_any_of_their_words(read):
    setting = Setting(choices={"head": ("head of household", "kryefamiljar"), "child": ()})
    assert read("Head of Household", "choice", setting) == "head"
    assert read("KRYEFAMILJAR", "choice", setting) == "head"
    assert read("child", "choice", setting) == "child"
    assert read("-", "choice", setting) is None
    assert refused(read, "cousin", "choice", setting) == "unknown_word"
    assert read("cousin", "choice", Setting(choices={"a": ()}, open_choices=True)) == "cousin"


def test_lists_without_their_nothings(read):
    assert read("food, hygiene kit; baby kit", "list") == ("food", "hygiene kit", "baby kit")
    assert read("none", "list") == ()
    assert read("asnjë", "list") == ()
    assert read("food, food", "list") == ("food",)
    papers = Setting(choices={"passport": ("passport", "pasaportë")}, open_choices=True)
    assert read("Pasaportë, seaman's book", "list", papers) == ("passport", "seaman's book")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Pejë", "peje"),
        ("PEJE", "peje"),
        ("Пећ", "peje"),
        ("Peć", "peje"),
        ("Pejë/Peć", "peje"),
        ("Gjakova", "gjakove"),
        ("Đakovica", "gjakove"),
        ("Djakovica", "gjakove"),
    ],
)
def test_a_municipality_by_any_of_its_names(read, written, code):
    assert read(written, "place") == code


@pytest.mark.parametrize("written", ["Mitrovica", "Atlantis", "Pejë/Prizren"])
def test_an_unknown_or_unclear_municipality_is_refused(read, written):
    assert refused(read, written, "place") == "unknown_place"


def test_codes_follow_their_pattern(read):
    setting = Setting(pattern=r"H\d{5}", example="H00001")
    assert read("H00012", "code", setting) == "H00012"
    assert refused(read, "12", "code", setting) == "code_pattern"
    assert read(12.0, "code") == "12"


@pytest.mark.parametrize(
    ("pattern", "written", "parts"),
    [
        ("{surname} ({father}) {given}", "Osmani (Jusuf) Ardita", ("Osmani", "Jusuf", "Ardita")),
        ("{surname} ({father}) {given}", "Osmani Ardita", ("Osmani", None, "Ardita")),
        ("{surname} ({father}) {given}", "Al Osmani (Jusuf) Ana Maria", ("Al Osmani", "Jusuf", "Ana Maria")),
        ("{surname}, {given}", "Osmani, Ardita", ("Osmani", None, "Ardita")),
        ("{surname}, {given}", "Al Osmani ,Ana Maria", ("Al Osmani", None, "Ana Maria")),
        ("{given} {surname}", "Agron Osmani", ("Osmani", None, "Agron")),
        ("{given} {surname}", "Agron Al Osmani", ("Al Osmani", None, "Agron")),
    ],
)
def test_a_name_in_one_column_is_taken_apart(read, pattern, written, parts):
    found = read(written, "full_name", Setting(pattern=pattern))
    assert (found.get("surname"), found.get("father"), found.get("given")) == parts


def test_a_name_that_follows_no_pattern_is_refused(read):
    assert refused(read, "Osmani", "full_name", Setting(pattern="{surname}, {given}")) == "name_pattern"
    assert refused(read, "Osmani, Ard1ta", "full_name", Setting(pattern="{surname}, {given}")) == "not_a_name"
    assert name_pattern("{surname}").fullmatch("Osmani")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (12.0, "12"),
        (12.5, "12.5"),
        (date(2020, 1, 2), "2020-01-02"),
        (datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02"),
        (datetime(2020, 1, 2, 3, 4, tzinfo=UTC), "2020-01-02 03:04:00+00:00"),
        (time(3, 4), "03:04:00"),
    ],
)
def test_what_stands_in_a_cell_as_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Mbiemri / Prezime", "mbiemri prezime"),
        ("Ђаковица", "djakovica"),
        ("Đakovica", "djakovica"),
        ("ËÇ", "ec"),
        ("data_e_lindjes", "data e lindjes"),
        ("No.", "no"),
        ("KASIM", "kasim"),
        ("kasım", "kasim"),
    ],
)
def test_words_are_compared_without_marks_and_script(written, folded):
    assert fold(written) == folded


def test_a_word_with_two_meanings_is_a_fault_of_the_pack():
    words = {
        "months": {1: ["mars"], 2: ["mars"]},
        "sex": {},
        "yes": [],
        "no": [],
        "approximate": [],
        "year": [],
    }
    with pytest.raises(ValueError, match="would mean both"):
        Vocabulary.from_data({**words, "blank": [], "none": []})
