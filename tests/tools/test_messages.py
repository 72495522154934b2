"""The translators' files: Serbian in Latin script follows from the Cyrillic, and a bad translation is named."""

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import messages


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Љубав и Његош", "Ljubav i Njegoš"),
        ("ЉУБАВ, ЊЕГОШ, ЏЕП", "LJUBAV, NJEGOŠ, DŽEP"),
        ("Џеп Ђорђа Чича Ћирића", "Džep Đorđa Čiča Ćirića"),
        ("Случај %(ref)s од {day}: <b>нов</b>", "Slučaj %(ref)s od {day}: <b>nov</b>"),
        ("Homeward", "Homeward"),
    ],
)
def test_latin_script_follows_from_the_cyrillic(cyrillic: str, latin: str) -> None:
    assert messages.latin(cyrillic) == latin


@given(st.text(alphabet="абвгдђежзијклљмнњопрстћуфхцчџшАБЉЊЏШ %(a)s"))
def test_no_cyrillic_letter_is_left_over(text: str) -> None:
    assert not any("\u0400" <= letter <= "\u04ff" for letter in messages.latin(text))


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (polib.POEntry(msgid="Case", msgstr=""), "not translated"),
        (polib.POEntry(msgid="Case", msgstr="Rasti", flags=["fuzzy"]), "fuzzy"),
        (polib.POEntry(msgid="Case %(ref)s", msgstr="Rasti %(re)s"), "placeholders"),
        (polib.POEntry(msgid="<b>Case</b>", msgstr="Rasti"), "placeholders or tags"),
        (polib.POEntry(msgid="Case ", msgstr="Rasti"), "white space"),
        (
            polib.POEntry(
                msgid="%(n)s case", msgid_plural="%(n)s cases", msgstr_plural={0: "%(n)s rast", 1: "raste"}
            ),
            "placeholders",
        ),
    ],
)
def test_a_bad_translation_is_named(entry: polib.POEntry, fault: str) -> None:
    assert any(fault in found for found in messages._faults(entry))


@pytest.mark.parametrize(
    "entry",
    [
        polib.POEntry(msgid="Case %(ref)s", msgstr="Rasti %(ref)s"),
        polib.POEntry(
            msgid="One case", msgid_plural="%(n)s cases", msgstr_plural={0: "Një rast", 1: "%(n)s raste"}
        ),
    ],
)
def test_a_good_translation_passes(entry: polib.POEntry) -> None:
    assert list(messages._faults(entry)) == []
