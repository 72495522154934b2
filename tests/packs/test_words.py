"""The words of the packs: Serbian says the same in both scripts, and nothing marks a family at school."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest

from homeward.foundation.kernel.packs import Words

# Written down once more, so that a slip in the reader's own table shows.
CYRILLIC = "а б в г д ђ е ж з и ј к л љ м н њ о п р с т ћ у ф х ц ч џ ш".split()
LATIN = "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split()

# Stems of the words that a school or a clinic never meets, by language.
MARKING = {
    "en": "return recept terror extrem rehab reinteg radical repatri fighter war conflict offend",
    "sq": "kthy kthim kthye terror ekstrem rehab riinteg radikal repatri luft",
    "sr": "поврат терор екстрем рехаб реинтег радикал репатр борац ратишт прихватилишт прихватн",
}
# At school and at the doctor's also nothing of a parent's sentence.
OF_JUSTICE = {
    "en": "court judg probation custody prison sentence police release offence penal criminal",
    "sq": "gjyq gjykat sprovues dënim burg polici lirim penal",
    "sr": "суд пресуд пробац казн затвор полиц отпуст крив",
}
SHELTERED = ("school", "education-directorate", "health-provider")


def latin(cyrillic: str) -> str:
    """Letter by letter; of a pair for one capital only the first is a capital, except among capitals."""
    table = dict(zip(CYRILLIC, LATIN, strict=True))
    words = []
    for word in re.split(r"(\W+)", cyrillic):
        pairs = [table.get(sign.lower(), sign) if sign.lower() in table else sign for sign in word]
        shout = len(word) > 1 and word.isupper()
        words.append(
            "".join(
                (pair.upper() if shout else pair.capitalize())
                if sign.isupper() and sign.lower() in table
                else pair
                for sign, pair in zip(word, pairs, strict=True)
            )
        )
    return "".join(words)


def texts(value: object, path: str = "") -> Iterator[tuple[str, Words]]:
    """Every text of a pack with its place in it."""
    if isinstance(value, Words):
        yield path, value
    elif is_dataclass(value):
        for field in fields(value):
            name = getattr(value, "code", getattr(value, "name", ""))
            yield from texts(
                getattr(value, field.name), f"{path}/{name if isinstance(name, str) else ''}.{field.name}"
            )
    elif isinstance(value, Mapping) and not path.endswith("others"):
        for key, one in value.items():
            yield from texts(one, f"{path}/{key}")
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts(one, path)


def stems(found: Mapping[str, str], text: str, language: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    return [word for word in words if word.startswith(tuple(found[language].split()))]


def test_the_transliteration_of_this_test_is_itself_right():
    assert latin("Ђурђевдан, Љубав и Његош; ЉУБАВ; Џеп") == "Đurđevdan, Ljubav i Njegoš; LJUBAV; Džep"


def test_there_are_texts_to_compare(kosovo):
    assert len(list(texts(kosovo))) > 700


def test_serbian_latin_is_serbian_cyrillic_letter_by_letter(kosovo):
    wrong = []
    for path, words in texts(kosovo):
        written = words.get("sr-latn", words.in_language("sr-latn"))
        if written != latin(words["sr"]):
            wrong.append((path, words["sr"], written))
    assert wrong == []


def test_every_serbian_text_that_has_letters_of_its_own_is_stored_in_both_scripts(kosovo):
    """Whoever stores the text, and not only the reader of packs, must find the reader's alphabet."""
    missing = [
        path for path, words in texts(kosovo) if words["sr"] != latin(words["sr"]) and "sr-latn" not in words
    ]
    assert missing == []


def test_no_word_mixes_scripts(kosovo):
    """A Cyrillic „а“ in a Latin word looks right and is never found again."""
    mixed = []
    for path, words in texts(kosovo):
        for language, text in words.items():
            for word in re.findall(r"\w+", text):
                scripts = {unicodedata.name(sign).split()[0] for sign in word if sign.isalpha()}
                if len(scripts) > 1 or (language in ("sq", "en", "sr-latn") and "CYRILLIC" in scripts):
                    mixed.append((path, language, word))
    assert mixed == []


def test_albanian_uses_its_own_letters(kosovo):
    """No Serbian or foreign letters in Albanian, and ç and ë where a hasty hand leaves them out."""
    hasty = re.compile(r"\b(per|dhe ne|eshte|femije|femijes|pune|nje|sherbim\w*|qender|jane|nuk e shef)\b")
    wrong = [
        (path, words["sq"])
        for path, words in texts(kosovo)
        if re.search(r"[šžčćđШ]", words["sq"]) or hasty.search(words["sq"].casefold())
    ]
    assert wrong == []


def test_nothing_is_said_twice_by_a_copying_hand(kosovo):
    """A text that stands in Albanian or Serbian exactly as in English was forgotten, unless it is a name."""
    names = {
        "CBM",
        "Rin'ON",
        "Partners",
        "Partners Kosova",
        "Community Building Mitrovica",
        "person",
        "mentor",
        "auditor",
    }
    same = {
        words["en"]
        for path, words in texts(kosovo)
        if words["sr"] == words["en"] or (words["sq"] == words["en"] and "municipalit" not in path)
    }
    shorts = {one.short["en"] for one in kosovo.institutions}
    places = {one.name["en"] for one in kosovo.municipalities} | {one.name["en"] for one in kosovo.districts}
    assert same - names - shorts - places == set()


@pytest.mark.parametrize("language", ["en", "sq", "sr"])
def test_no_protocol_and_no_category_marks_a_family(kosovo, language):
    said = [
        (one.code, stems(MARKING, one_text[language], language))
        for one in kosovo.protocols
        for one_text in (one.title, one.purpose, one.legal_basis)
    ] + [
        (one.name, stems(MARKING, one_text[language], language))
        for one in kosovo.categories
        for one_text in (one.label, one.explanation)
    ]
    assert [item for item in said if item[1]] == []


@pytest.mark.parametrize("language", ["en", "sq", "sr"])
def test_a_school_or_clinic_reads_nothing_of_a_parents_sentence_in_its_protocols(kosovo, language):
    mine = [one for one in kosovo.protocols if one.receiver in SHELTERED]
    assert {one.receiver for one in mine} == set(SHELTERED)
    said = [
        (one.code, stems(OF_JUSTICE, one_text[language], language))
        for one in mine
        for one_text in (one.title, one.purpose, one.legal_basis)
    ]
    assert [item for item in said if item[1]] == []


def test_both_packs_know_the_same_terms_and_categories(kosovo, example):
    assert list(kosovo.terms) == list(example.terms)
    assert [one.name for one in kosovo.categories] == [one.name for one in example.categories]
