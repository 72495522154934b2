"""A country pack is taken when everything in it holds together, and otherwise refused with every reason."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.kernel.packs import FOLDER, NEVER_BREAK_GLASS, PackRefused, Unit, load

FILES = {
    "pack": """
name: smallland
version: "1"
country: {en: Smallland, sr: Мала земља}
languages: [en, sr]
""",
    "municipalities": """
districts:
  - {code: north, name: {en: North, sr: Север}}
municipalities:
  - code: hill
    name: {en: Hill, sr: Брдо, sr-latn: Brdo}
    district: north
    official_languages: [sr, tr]
    population: 1200
  - code: valley
    name: {en: Valley, sr: Долина}
    district: north
    official_languages: [sr]
""",
    "institution-kinds": """
- code: school
  name: {en: School, sr: Школа}
  party: municipal
  units:
    - code: psychologist
      name: {en: Psychologist, sr: Психолог}
      categories: [identity, education]
      listed: true
- code: ministry
  name: {en: Ministry, sr: Министарство}
  party: state
""",
    "institutions": """
- code: hill-school
  kind: school
  name: {en: School of Hill, sr: Школа у Брду}
  short: HS
  municipality: hill
- code: interior
  kind: ministry
  name: {en: Interior, sr: Унутрашњи послови}
  short: {en: MoI, sr: МУП}
  units:
    - {code: registry, name: {en: Registry, sr: Писарница}}
""",
    "categories": """
- name: identity
  label: {en: Who, sr: Ко}
  explanation: {en: Names, sr: Имена}
  break_glass: true
- name: education
  label: {en: School, sr: Школа}
  explanation: {en: Classes, sr: Разреди}
  break_glass: false
- name: child_protection
  label: {en: Children, sr: Деца}
  explanation: {en: Guardians, sr: Старатељи}
  break_glass: false
""",
    "protocols": """
- code: enrolment
  title: {en: Enrolment, sr: Упис}
  provider: interior
  receiver: school
  legal_basis: {en: The law on schools, sr: Закон о школама}
  purpose: {en: A place in a class, sr: Место у разреду}
  valid_from: 2024-01-01
  valid_until: 2026-12-31
  signatures:
    - {institution: interior, name_of_office: Secretary, on: 2023-12-20}
  clauses:
    - {category: identity, depth: summary}
    - {category: education, depth: none, writes: true}
""",
    "terms": """
class: {en: class, sr: разред}
""",
}


@pytest.fixture
def smallland(tmp_path):
    """Writes the pack of a small country, with changes, and reads it."""

    def read(**changes):
        home = tmp_path / "smallland"
        home.mkdir(exist_ok=True)
        given = {section.replace("__", "/").replace("_", "-"): text for section, text in changes.items()}
        for name, text in {**FILES, **given}.items():
            if text is None:
                continue
            (home / name).parent.mkdir(exist_ok=True)
            content = text if isinstance(text, bytes) else text.lstrip("\n").encode()
            (home / f"{name}.yaml").write_bytes(content)
        load.cache_clear()
        return load("smallland", tmp_path)

    yield read
    load.cache_clear()


def refused(read, **changes):
    """The reasons for which a changed pack is refused."""
    with pytest.raises(PackRefused) as refusal:
        read(**changes)
    return [str(fault) for fault in refusal.value.faults]


def changed(section, old, new):
    """The text of a section with one thing changed."""
    assert FILES[section].count(old) >= 1, f"{old!r} is not in {section}"
    return FILES[section].replace(old, new, 1)


# --- what is taken ------------------------------------------------------------------------------------------


def test_a_pack_says_what_it_is(smallland):
    pack = smallland()

    assert (pack.name, pack.version, pack.languages) == ("smallland", "1", ("en", "sr"))
    assert pack.country.in_language("sr-latn") == "Mala zemlja"


def test_municipalities_know_their_district_and_languages(smallland):
    hill, valley = smallland().municipalities

    assert (hill.code, hill.district, hill.official_languages, hill.population) == (
        "hill",
        "north",
        ("sr", "tr"),
        1200,
    )
    assert hill.name["sr-latn"] == "Brdo"
    assert valley.population is None


def test_an_institution_has_its_own_units_or_those_of_its_kind(smallland):
    school, ministry = smallland().institutions

    assert [unit.code for unit in school.units] == ["psychologist"]
    assert school.units[0].categories == {"identity", "education"}
    assert school.units[0].listed
    assert ministry.units == (Unit("registry", ministry.units[0].name, None, False),)
    assert (school.municipality, ministry.municipality) == ("hill", None)
    assert dict(school.short) == {"en": "HS", "sr": "HS"}


def test_a_protocol_says_who_shares_what_until_when(smallland):
    [protocol] = smallland().protocols

    assert (protocol.provider, protocol.receiver) == ("interior", "school")
    assert (protocol.valid_from, protocol.valid_until) == (date(2024, 1, 1), date(2026, 12, 31))
    assert [(clause.category, clause.depth, clause.writes) for clause in protocol.clauses] == [
        ("identity", "summary", False),
        ("education", "none", True),
    ]
    [signature] = protocol.signatures
    assert (signature.institution, str(signature.name_of_office["sr"]), signature.on) == (
        "interior",
        "Secretary",
        date(2023, 12, 20),
    )


def test_sections_are_asked_for_by_the_name_of_their_file(smallland):
    pack = smallland(demo="members:\n  - {code: anna, on: true, no: 0.5, id: 007}\n")

    assert pack.section("municipalities") == pack.municipalities
    assert pack.section("districts")[0].code == "north"
    assert pack.section("institution-kinds") == pack.kinds
    assert pack.section("institutions") == pack.institutions
    assert pack.section("categories") == pack.categories
    assert pack.section("protocols") == pack.protocols
    assert pack.section("terms")["class"]["sr"] == "разред"
    assert pack.section("demo") == {"members": [{"code": "anna", "on": True, "no": 0.5, "id": "007"}]}


def test_a_section_may_stand_in_a_folder(smallland):
    pack = smallland(intake__office="sheet: List\n")

    assert pack.section("intake/office") == {"sheet": "List"}


def test_a_section_given_out_can_be_changed_without_harm(smallland):
    pack = smallland(demo="members: [anna]\n")
    pack.section("demo")["members"].append("bert")

    assert pack.section("demo") == {"members": ["anna"]}


def test_a_section_that_is_not_there_is_refused(smallland):
    pack = smallland()
    with pytest.raises(PackRefused, match=r"packs/smallland/instruments\.yaml"):
        pack.section("instruments")


def test_another_part_of_the_program_reads_its_section_with_the_same_checks(smallland):
    pack = smallland(school="grades:\n  - {age: six}\n")
    [grade] = pack.entry("school").fields(("grades",))["grades"].items()

    with pytest.raises(
        Exception, match=re.escape("school.yaml, line 2, grades[0].age: expected a whole number")
    ):
        grade.fields(("age",))["age"].number()


def test_what_is_read_once_is_not_read_again(smallland, tmp_path):
    pack = smallland()

    assert load("smallland", tmp_path) is pack


def test_values_cannot_be_changed(smallland):
    pack = smallland()
    with pytest.raises(AttributeError):
        pack.municipalities[0].code = "other"
    with pytest.raises(TypeError):
        pack.terms["class"] = pack.country


# --- what is refused, and where -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "old", "new", "reason"),
    [
        # the pack itself
        ("pack", "name: smallland", "name: bigland", "pack.yaml, line 1, name: expected “smallland”, the name of"),
        ("pack", '"1"', "1", "pack.yaml, line 2, version: expected a text in quotes, found “1”"),
        ("pack", '"1"', "true", "pack.yaml, line 2, version: expected a text in quotes, found true"),
        ("pack", "sr: Мала земља", "de: Klein", "pack.yaml, line 3, country: expected a text in each of the languages en"),
        ("pack", "[en, sr]", "[]", "pack.yaml, line 4, languages: expected at least one language"),
        ("pack", "[en, sr]", "[en, EN]", "languages[1]: expected a language such as sq"),
        ("pack", "[en, sr]", "[en, en]", "languages[1]: expected every language once"),
        ("pack", 'version: "1"', "", "expected the key “version”, found only name, country, languages"),
        # texts
        ("terms", ", sr: разред", "", "terms.yaml, line 1, class: expected a text in each of the languages en, sr, found none in sr"),
        ("terms", "sr: разред", "sr: разред, fr: classe", "class.fr: expected only the languages en, sr, found “fr”"),
        ("terms", "sr: разред", 'sr: " "', "class.sr: expected a text, found “ ”"),
        ("terms", "sr: разред", "sr: ", "class.sr: expected a text, found nothing"),
        ("terms", "{en: class, sr: разред}", "class", "class: expected a text in each of the languages en, sr, found “class”"),
        ("terms", "class: {en: class, sr: разред}", "- class", "terms.yaml, line 1, the whole file: expected keys with values"),
        # municipalities
        ("municipalities", "district: north", "district: nort", "municipalities[0].district: expected one of the districts: north, found “nort” (did you mean “north”?)"),
        ("municipalities", "code: valley", "code: hill", "municipalities[1].code: expected a code that occurs once, found “hill”"),
        ("municipalities", "code: hill", "code: Hill", "municipalities[0].code: expected a code of small letters, digits and hyphens"),
        ("municipalities", "code: hill", "code: {a: b}", "municipalities[0].code: expected a code of small letters, digits and hyphens, beginning with a letter, found keys with values"),
        ("municipalities", "code: hill", "code: 7", "municipalities[0].code: expected a code of small letters"),
        ("municipalities", "population: 1200", "population: many", "population: expected a whole number of at least 0, found “many”"),
        ("municipalities", "population: 1200", "population: -1", "population: expected a whole number of at least 0"),
        ("municipalities", "population: 1200", "population: true", "population: expected a whole number of at least 0"),
        ("municipalities", "population:", "poplation:", "found “poplation” (did you mean “population”?)"),
        ("municipalities", "[sr, tr]", "sr", "official_languages: expected a list (each item begins with “- ”), found “sr”"),
        ("municipalities", "districts:", "regions:", "expected only the keys districts, municipalities, found “regions”"),
        # kinds and institutions
        ("institution-kinds", "party: state", "party: stat", "[1].party: expected one of state, security"),
        ("institution-kinds", "[identity, education]", "[identity, educaton]", "[0].units[0].categories[1]: expected one of the categories: identity, education, child_protection, found “educaton” (did you mean “education”?)"),
        ("institution-kinds", "listed: true", "listed: yes", "[0].units[0].listed: expected true or false, found “yes”"),
        ("institutions", "kind: school", "kind: shool", "[0].kind: expected one of the kinds: school, ministry, found “shool”"),
        ("institutions", "municipality: hill", "municipality: hall", "[0].municipality: expected one of the municipalities: hill, valley"),
        ("institutions", "code: interior", "code: ministry", "[1].code: expected another code than that of a kind of institution"),
        ("institutions", "short: HS", "short: [HS]", "[0].short: expected a text in each of the languages en, sr, found a list"),
        ("institutions", "- code: interior", "- code: hill-school", "[1].code: expected a code that occurs once"),
        # categories
        ("categories", "name: child_protection", "name: child-protection", "[2].name: expected a code of small letters, digits and underscores"),
        ("categories", "name: education", "name: identity", "[1].name: expected a code that occurs once"),
        ("categories", "break_glass: true", "break_glass: maybe", "[0].break_glass: expected true or false, found “maybe”"),
        # protocols
        ("protocols", "provider: interior", "provider: interiors", "[0].provider: expected one of the kinds or institutions: school, ministry, hill-school, interior, found “interiors” (did you mean “interior”?)"),
        ("protocols", "receiver: school", "receiver:", "[0].receiver: expected one of the kinds or institutions"),
        ("protocols", "2026-12-31", "2024-01-01", "[0].valid_until: expected a day after 2024-01-01, when the protocol begins"),
        ("protocols", "2026-12-31", "", "[0].valid_until: expected a day such as 2024-01-31, found nothing"),
        ("protocols", "2026-12-31", "2026-02-30", "protocols.yaml, line 8, [0].valid_until: expected a day of the calendar, found 2026-02-30"),
        ("protocols", "2026-12-31", "31.12.2026", "[0].valid_until: expected a day such as 2024-01-31, found “31.12.2026”"),
        ("protocols", "depth: summary", "depth: all", "[0].clauses[0].depth: expected one of none, existence, summary, full, found “all”"),
        ("protocols", ", writes: true", "", "[0].clauses[1].depth: expected writes: true beside the depth none"),
        ("protocols", "category: education", "category: identity", "[0].clauses[1].category: expected every category once in a protocol"),
        ("protocols", "category: education", "category: learning", "[0].clauses[1].category: expected one of the categories"),
        ("protocols", "institution: interior", "institution: school", "[0].signatures[0].institution: expected one of the institutions: hill-school, interior"),
        ("protocols", "  purpose: {en: A place in a class, sr: Место у разреду}\n", "", "[0]: expected the key “purpose”"),
        ("protocols", "title:", "name:", "[0]: expected only the keys code, title"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place_and_what_was_expected(smallland, section, old, new, reason):
    faults = refused(smallland, **{section.replace("-", "_"): changed(section, old, new)})

    # A code that is no longer there may be missed by others, further down; nothing else may be refused.
    assert reason in faults[0]
    assert faults[0].startswith(f"packs/smallland/{section}.yaml, line ")
    assert all(" expected one of the " in fault for fault in faults[1:])


def test_a_file_that_cannot_be_read_is_refused(smallland, tmp_path):
    (tmp_path / "smallland" / "terms.yaml").mkdir(parents=True)

    [fault] = refused(smallland, terms=None)
    assert "terms.yaml, line 1, the whole file: expected a file that can be read" in fault


@pytest.mark.parametrize("nothing", ["", " []", " ~"])
def test_a_protocol_without_clauses_is_refused(smallland, nothing):
    text = FILES["protocols"].split("  clauses:")[0] + f"  clauses:{nothing}\n"

    [fault] = refused(smallland, protocols=text)
    assert "[0].clauses: expected at least one clause" in fault


@pytest.mark.parametrize("name", sorted(NEVER_BREAK_GLASS))
def test_no_emergency_opens_health_counselling_children_or_gender_violence(smallland, name):
    more = f"""
- name: {name}x
  label: {{en: x, sr: x}}
  explanation: {{en: x, sr: x}}
  break_glass: true
"""
    smallland(categories=FILES["categories"] + more)

    text = FILES["categories"].replace("name: child_protection", "name: other_care") + more.replace(
        f"{name}x", name
    )
    [fault] = refused(smallland, categories=text)
    assert "[3].break_glass: expected false" in fault
    assert name in fault


@pytest.mark.parametrize("watched", ["security", "intelligence"])
def test_no_unit_watches_and_looks_at_what_was_confided(smallland, watched):
    more = f"""
- name: {watched}
  label: {{en: x, sr: x}}
  explanation: {{en: x, sr: x}}
  break_glass: false
"""
    categories = FILES["categories"] + more
    apart = changed("institution-kinds", "[identity, education]", f"[identity, {watched}]")
    smallland(categories=categories, institution_kinds=apart)

    both = changed("institution-kinds", "[identity, education]", f"[identity, education, {watched}]")
    [fault] = refused(smallland, categories=categories, institution_kinds=both)
    assert "units[0].categories: expected another unit" in fault
    assert "never sees education" in fault


def test_everything_that_is_wrong_is_said_at_once(smallland):
    faults = refused(
        smallland,
        municipalities=changed("municipalities", "population: 1200", "population: many"),
        institutions=changed("institutions", "kind: school", "kind: shool"),
        protocols=changed("protocols", "depth: summary", "depth: all"),
        terms=changed("terms", ", sr: разред", ""),
    )

    assert [fault.split(",")[0] for fault in faults] == [
        "packs/smallland/municipalities.yaml",
        "packs/smallland/institutions.yaml",
        "packs/smallland/protocols.yaml",
        "packs/smallland/terms.yaml",
    ]


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("institution-kinds", "en: School", "de: Schule"),
        ("institution-kinds", "  party: municipal\n", ""),
        ("municipalities", "population:", "poplation:"),
        ("municipalities", "{code: north,", "{code: north, extra: 1,"),
        ("categories", "break_glass: true", "break_glass: maybe"),
        ("institutions", "name: {en: Interior", "nam: {en: Interior"),
    ],
)
def test_who_names_a_faulty_thing_is_not_at_fault_as_well(smallland, section, old, new):
    assert len(refused(smallland, **{section.replace("-", "_"): changed(section, old, new)})) == 1


@pytest.mark.parametrize(
    "section", ["municipalities", "institution_kinds", "institutions", "categories", "protocols", "terms"]
)
def test_every_section_is_needed(smallland, section):
    name = section.replace("_", "-")

    assert refused(smallland, **{section: None}) == [
        f"packs/smallland/{name}.yaml, line 1, the whole file: expected a file of this name, found none"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected some content, found an empty file"),
        ("# nothing\n", "expected some content, found an empty file"),
        ("a: {en: x, sr: x}\na: {en: y, sr: y}\n", "line 2, the whole file: expected every key once, found “a” again (first in line 1)"),
        ("a: {en: x, en: y, sr: x}\n", "line 1, a: expected every key once, found “en” again"),
        ("a: &b {en: x, sr: x}\n", "line 1, the whole file: expected everything written out, found an anchor"),
        ("a: {en: x, sr: x}\nb: *a\n", "found undefined alias|expected everything written out"),
        ("a: !!python/object/apply:os.system [ls]\n", "expected a value without a tag, found tag:yaml.org,2002:python/object/apply:os.system"),
        ("a: !secret x\n", "expected a value without a tag, found !secret"),
        ('a: !!int "1"\n', "expected a value without a tag, found tag:yaml.org,2002:int"),
        ("a: !!set {x}\n", "expected a value without a tag"),
        ("a: [1\n", "line 2, the whole file: expected YAML"),
        ("a: b: c\n", "line 1, the whole file: expected YAML"),
        ("\ta: b\n", "expected YAML"),
        ("[a]: b\n", "expected a word as the key"),
        ("? \n: b\n", "expected a word as the key"),
        ("a: 1\n---\nb: 2\n", "expected YAML"),
        (b"a: \xff\n", "expected a text in UTF-8, found other bytes at 3"),
        ("a: \x01\n", "expected YAML"),
        ("a: " + "[" * 30 + "]" * 30, "expected at most 20 levels"),
        ("a: " + "x" * 2_000_001, "expected a file of at most 2000000 bytes"),
    ],
)  # fmt: skip
def test_only_plain_yaml_is_read(smallland, text, reason):
    [fault] = refused(smallland, terms=text)

    assert fault.startswith("packs/smallland/terms.yaml, line ")
    assert re.search("|".join(map(re.escape, reason.split("|"))), fault)


def test_a_merge_key_is_a_key_like_any_other(smallland):
    [fault] = refused(smallland, institutions=FILES["institutions"] + "- <<: {code: x}\n")

    assert "[2]: expected only the keys code, kind, name, short, municipality, units, found “<<”" in fault


def test_a_byte_order_mark_does_no_harm(smallland):
    assert smallland(terms=b"\xef\xbb\xbf" + FILES["terms"].encode()).terms["class"]["en"] == "class"


def test_words_that_yaml_takes_for_yes_and_no_stay_words(smallland):
    pack = smallland(
        demo="no: {en: No, sr: On}\ny: 0x10\ntime: 12:30\noctal: 010\nempty:\ntilde: ~\nquoted: 'true'\ndate: 2024-1-1\n"
    )

    assert pack.section("demo") == {
        "no": {"en": "No", "sr": "On"},
        "y": "0x10",
        "time": "12:30",
        "octal": "010",
        "empty": None,
        "tilde": None,
        "quoted": "true",
        "date": "2024-1-1",
    }


@pytest.mark.parametrize("name", ["nowhere", "..", ".", "", "smallland/", "../smallland", "inside/.."])
def test_a_pack_that_is_not_in_the_folder_is_refused(smallland, tmp_path, name):
    smallland()
    folder = tmp_path / "smallland"
    (folder / "inside").mkdir()

    with pytest.raises(PackRefused) as refusal:
        load(name, folder)

    assert refusal.value.name == name
    assert "expected a file of this name, found none" in str(refusal.value)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cn"]), max_size=12),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text("abcxyz_", min_size=1, max_size=5), inside, max_size=3)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_data_written_by_others_comes_back_as_it_was(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("packs")
    home = folder / "smallland"
    home.mkdir()
    for section, text in FILES.items():
        (home / f"{section}.yaml").write_text(text, "utf-8")
    (home / "other.yaml").write_text(yaml.safe_dump({"data": data}, allow_unicode=True), "utf-8")

    try:
        assert load("smallland", folder).section("other") == {"data": data}
    finally:
        load.cache_clear()


# --- the packs that are in the house ------------------------------------------------------------------------

PACKS = sorted(path.parent.name for path in Path(FOLDER).glob("*/pack.yaml"))


def test_a_second_country_proves_that_nothing_is_particular_to_the_first():
    assert {"kosovo", "example"} <= set(PACKS)


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_of_the_house_is_taken(name):
    pack = load(name)

    assert pack.name == name
    assert pack.municipalities
    assert pack.institutions
    assert pack.protocols
    assert not {category.name for category in pack.categories if category.break_glass} & NEVER_BREAK_GLASS
