"""Kosovo's municipalities, and that every way an office writes one leads to exactly one of them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from openpyxl import load_workbook

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HEADINGS = ("municipality", "komuna")

# Counted by hand from the list of the Kosovo Agency of Statistics.
IN_DISTRICT = {
    "prishtine": 8,
    "mitrovice": 7,
    "gjilan": 6,
    "ferizaj": 5,
    "prizren": 5,
    "gjakove": 4,
    "peje": 3,
}

# How people write who never saw this pack: local, foreign, old and new names, with and without their signs.
WRITTEN = {
    "drenas": ["Drenas", "Gllogoc", "Gllogovc", "Glogovac", "GLOGOVAC", "Глоговац"],
    "skenderaj": ["Skenderaj", "Skënderaj", "Srbica", "Србица", "Skenderaj/Srbica"],
    "mitrovica-south": [
        "Mitrovicë e Jugut",
        "Mitrovica e Jugut",
        "Mitrovice e Jugut",
        "Južna Mitrovica",
        "Juzna Mitrovica",
        "Јужна Митровица",
        "Mitrovica South",
        "South Mitrovica",
    ],
    "mitrovica-north": [
        "Mitrovicë e Veriut",
        "Mitrovica e Veriut",
        "Severna Mitrovica",
        "Северна Митровица",
        "Mitrovica North",
        "North Mitrovica",
    ],
    "obiliq": ["Obiliq", "Kastriot", "Obilić", "Obilic", "Обилић"],
    "podujeve": ["Podujevë", "Podujeva", "Podujeve", "Besianë", "Podujevo"],
    "peje": ["Pejë", "Peja", "Peje", "Peć", "Pec", "Пећ", "Pejë/Peć"],
    "hani-i-elezit": ["Hani i Elezit", "Elez Han", "Елез Хан", "Đeneral Janković", "Djeneral Jankovic"],
    "prishtine": ["Prishtinë", "Prishtina", "Prishtine", "Priština", "Pristina", "Приштина"],
    "gjakove": ["Gjakovë", "Gjakova", "Gjakove", "Đakovica", "Djakovica", "Ђаковица"],
    "fushe-kosove": ["Fushë Kosovë", "Fushe Kosove", "Fushë Kosova", "Kosovo Polje"],
    "kamenice": ["Kamenicë", "Kamenica", "Kosovska Kamenica", "Dardanë"],
    "suhareke": ["Suharekë", "Suhareka", "Suva Reka", "Therandë"],
    "istog": ["Istog", "Istok", "Burim"],
    "dragash": ["Dragash", "Dragaš", "Sharr"],
    "viti": ["Viti", "Vitia", "Vitina", "Витина"],
    "rahovec": ["Rahovec", "Orahovac"],
    "vushtrri": ["Vushtrri", "Vushtrria", "Vučitrn", "Vucitrn"],
    "leposaviq": ["Leposaviq", "Leposavić", "Leposavic"],
    "novoberde": ["Novobërdë", "Novoberde", "Novo Brdo", "Artanë"],
    "mamushe": ["Mamushë", "Mamuşa", "Mamuša"],
}


@pytest.fixture(scope="session")
def places(kosovo):
    """Every written form, in small letters, with the municipalities it may mean."""
    spellings = kosovo.section("municipality-spellings")
    forms = defaultdict(set)
    for one in kosovo.municipalities:
        for form in [*one.name.values(), *spellings[one.code]]:
            forms[form.casefold()].add(one.code)
    return forms


def written_in_examples():
    """(file, municipality as written there), for every row of every list that has such a column."""
    for path in sorted(EXAMPLES.iterdir()):
        if path.suffix == ".csv":
            text = path.read_text("utf-8-sig")
            delimiter = max(",;\t", key=text.splitlines()[0].count)
            rows = [tuple(row) for row in csv.reader(text.splitlines(), delimiter=delimiter)]
        elif path.suffix == ".xlsx":
            sheet = load_workbook(path).active
            rows = [tuple(str(cell or "") for cell in row) for row in sheet.iter_rows(values_only=True)]
        else:
            continue
        found = next(
            (
                (number, place)
                for number, row in enumerate(rows[:4])
                for place, heading in enumerate(row)
                if heading.casefold().startswith(HEADINGS)
            ),
            None,
        )
        if found:
            number, place = found
            yield from (
                (path.name, row[place]) for row in rows[number + 1 :] if len(row) > place and row[place]
            )


def test_there_are_38_municipalities_in_7_districts(kosovo):
    assert len(kosovo.municipalities) == 38
    assert Counter(one.district for one in kosovo.municipalities) == IN_DISTRICT
    assert {one.code for one in kosovo.districts} == set(IN_DISTRICT)


def test_albanian_and_serbian_are_official_everywhere_and_further_languages_where_a_municipality_decided(
    kosovo,
):
    more = {}
    for one in kosovo.municipalities:
        assert one.official_languages[:2] == ("sq", "sr")
        if one.official_languages[2:]:
            more[one.code] = set(one.official_languages[2:])
    assert more == {
        "prizren": {"tr", "bs"},
        "mamushe": {"tr"},
        "dragash": {"bs"},
        "prishtine": {"tr"},
        "gjilan": {"tr"},
        "mitrovica-south": {"tr"},
        "mitrovica-north": {"tr"},
        "istog": {"bs"},
    }


def test_no_spelling_means_two_municipalities(places):
    assert {form: codes for form, codes in places.items() if len(codes) > 1} == {}


def test_every_municipality_has_its_spellings_and_nobody_else_has(kosovo):
    spellings = kosovo.section("municipality-spellings")
    assert set(spellings) == {one.code for one in kosovo.municipalities}
    for code, forms in spellings.items():
        assert len(forms) == len(set(forms)), code


def test_a_spelling_repeats_no_name(kosovo):
    spellings = kosovo.section("municipality-spellings")
    for one in kosovo.municipalities:
        assert not set(spellings[one.code]) & set(one.name.values()), one.code


@pytest.mark.parametrize(
    ("code", "written"), [(code, form) for code, forms in WRITTEN.items() for form in forms]
)
def test_what_people_write_is_understood(places, code, written):
    assert places.get(written.casefold()) == {code}


@pytest.mark.parametrize("written", ["Mitrovica", "Mitrovicë", "Митровица", "Kosovska Mitrovica"])
def test_mitrovica_alone_is_not_guessed(places, written):
    assert written.casefold() not in places


def test_every_municipality_in_the_examples_is_exactly_one(places):
    written = list(written_in_examples())
    files = {file for file, _form in written}
    assert files == {
        "community-survey-2021.csv",
        "csw-assistance.csv",
        "dprrp-expected-returns.csv",
        "dprrp-individual-returns.csv",
        "education-enrolment.csv",
        "iom-reception-2019-04-20.xlsx",
        "iom-reception-2021-07-17.xlsx",
        "kps-caseload.xlsx",
    }
    assert len(written) > 1500
    assert {(file, form) for file, form in written if len(places.get(form.casefold(), ())) != 1} == set()


@pytest.mark.parametrize(
    "kind", ["municipality", "social-work-centre", "education-directorate", "safety-council"]
)
def test_every_municipality_has_one_office_of_each_local_kind(kosovo, kind):
    homes = [one.municipality for one in kosovo.institutions if one.kind == kind]
    assert sorted(homes) == sorted(one.code for one in kosovo.municipalities)
