"""Every rule of folding in one list: what it does, where the spelling comes from, and two names that meet by it alone.

The list is for linguists, who read it as docs/domain/names.md, and for the tests, which take each rule away and see the
two names part. The rules themselves stand in letters.py, particles.py, lexicon.py, native.py and names.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from homeward.casework.people.rules.letters import ALTERNATES, SOUNDS
from homeward.casework.people.rules.names import fold, match_keys, search_keys, skeletons, slip_keys


class Meets(StrEnum):
    """How two names meet by a rule."""

    FOLD = "fold"
    READING = "reading"
    KEY = "key"
    SLIP = "slip"
    APART = "apart"


MEANINGS = {
    Meets.FOLD: "they are one and the same from here on",
    Meets.READING: "one of the ways in which the one can be read is the other",
    Meets.KEY: "they are filed under a common key",
    Meets.SLIP: "they are asked for when nothing better is found",
    Meets.APART: "the rule keeps them from meeting",
}


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what it does, its source, two names, and how they meet."""

    code: str
    what: str
    source: str
    example: tuple[str, str]
    meets: Meets = Meets.FOLD

    def holds(self) -> bool:
        """Do the two names of the example meet (or stay apart) as they should?"""
        return _MEETING[self.meets](*self.example)


def _fold(one: str, other: str) -> bool:
    return fold(one) == fold(other)


def _reading(one: str, other: str) -> bool:
    return bool(set(skeletons(one)) & set(skeletons(other)))


def _filed(name: str) -> set[int]:
    return set(search_keys([name], None, secret=b"example"))


def _key(one: str, other: str) -> bool:
    asked, _years = match_keys([other], None, secret=b"example")
    return bool(_filed(one) & set(asked))


def _slip(one: str, other: str) -> bool:
    return bool(_filed(one) & set(slip_keys([other], secret=b"example")))


_MEETING: dict[Meets, Callable[[str, str], bool]] = {
    Meets.FOLD: _fold,
    Meets.READING: _reading,
    Meets.KEY: _key,
    Meets.SLIP: _slip,
    Meets.APART: lambda one, other: not _reading(one, other),
}

_RULES = (
    Rule("signs", "Apostrophes go.", "Alb. is’hak parts letters that would be read together; Arab. hamza and ayn in English papers.", ("Fet’him", "Fethim")),
    Rule("cyrillic", "Cyrillic becomes Serbian Latin, letter by letter.", "Pravopis srpskoga jezika; Macedonian, Bulgarian and Russian letters after ISO 9.", ("Драгиња", "Draginja")),
    Rule("arabic", "Arabic becomes Latin, consonant by consonant.", "Albanian and Bosnian habit of reading Arabic: ج is xh, ع is heard as its vowel.", ("شامل", "Shamil"), Meets.READING),
    Rule("arabic-article", "The Arabic article, written as part of its word, goes.", "Arab. ال; papers in Latin letters leave it out as often as not.", ("الزيتون", "Zeitun"), Meets.READING),
    Rule("arabic-aj", "At the end of a word اي is the Albanian -aj.", "Arab. has no other way to write it.", ("بكتاي", "Bektaj"), Meets.READING),
    Rule("silent-ayn", "An ayn before a written vowel is not heard.", "Arab. عيد is read Id.", ("عيدان", "Idan")),
    Rule("doubles", "Letters written twice count once.", "Alb. rr, which no other language here tells from r; Arabic doubling, kept by English papers and dropped by Alb., Serb., Turk.", ("Nassufi", "Nasufi")),
    Rule("final-glide", "-aj and -ej keep their j.", "Alb. family names: Hoxhaj is another family than Hoxha.", ("Hoxhaj", "Hoxha"), Meets.APART),
    Rule("strokeless", "A d before a vowel may have lost its stroke.", "Serb. đ in ASCII is dj or, carelessly, d (Dorde).", ("Đurica", "Durica"), Meets.READING),
    Rule("birth-name", "The word between two family names goes, both names stay.", "Fr. née, Ger. geb., Serb. rođena, Alb. e vajzërisë, e lindur, Turk. kızlık soyadı.", ("Arta Osmani née Dervishi", "Arta Osmani Dervishi")),
    Rule("child-of", "Son of and daughter of go.", "Arab. ibn, bin, bint.", ("Amar bin Hatab", "Amar Hatab")),
    Rule("child-of-between", "Ben goes between two names only.", "Arab. in French papers; at the beginning it is somebody's given name.", ("Amar ben Hatab", "Amar Hatab")),
    Rule("articles", "Articles go.", "Arab. al; Fr. and colloquial el.", ("Omer el Shishani", "Omer Shishani")),
    Rule("swallowed-article", "So does an article whose l the next letter has swallowed.", "Arab. sun letters: ash-Shishani.", ("Omer ash-Shishani", "Omer Shishani")),
    Rule("initials", "Single letters go.", "Nobody is found by an initial.", ("Arta B. Luta", "Arta Luta")),
    Rule("father-of", "Abu and the child are one word of its own kind.", "Arab. kunya; Turk. and Bosn. ebu, Fr. abou.", ("Abu Suhejl", "Ebu Suhejl")),
    Rule("mother-of", "Umm and the child are one word of its own kind.", "Arab. kunya; Fr. oum, Alb. um.", ("Umm Suhejl", "Ummu Suhejl")),
    Rule("caliph", "Abu Bakr is one man's name.", "The first caliph; his name is given as a whole.", ("Abu Bakr Luta", "Ebubekir Luta")),
    Rule("servants", "Servant of and a name of God become one word.", "Arab. Abd al-…; Turk. and Alb. write it in one word.", ("Abd al-Rezak", "Abdurezak")),
    Rule("servants-joined", "So they do where they are joined already, whatever the article.", "Alb. abdyl, avdi, avdul; Fr. abdel; Engl. abdur.", ("Abdirezak", "Abdulrezak")),
    Rule("names-of-god", "A name of God is the same with other vowels.", "Short vowels are not written in Arab.; Alb. Samed, Engl. Samad.", ("Abdulsamad", "Abdulsamed")),
    Rule("faith", "… of the faith becomes one word.", "Arab. al-din; Fr. eddine, Alb. and Serb. -edin.", ("Izz al-Din", "Izedin")),
    Rule("faith-joined", "So it does where it is joined already.", "Turk. -ettin aside, the vowel before -din is u or e.", ("Izudin", "Izedin")),
    Rule("islam", "… of Islam becomes one word.", "Arab. al-islam (Sayf al-Islam).", ("Sejf al-Islam", "Sejfulislam")),
    Rule("allah", "… of Allah becomes one word.", "Arab. Nasr Allah.", ("Zejn Allah", "Zejnulla")),
    Rule("allah-joined", "So it does where it is joined already.", "Alb. -ulla, Turk. -ullah, Engl. -allah.", ("Zejnallah", "Zejnulla")),
    Rule("final-h", "An h after the ending of women goes.", "Arab. ة is -ah in English papers (Jamilah).", ("Zarminah", "Zarmina")),
    Rule("cases", "A case ending goes from a name that is known.", "Alb. genitive -it, -ut, -ës and accusative: Arta e Agimit.", ("Agimit", "Agim"), Meets.READING),
    Rule("lexicon", "Forms of one name in several languages are one name.", "Škaljić, Turcizmi u srpskohrvatskom jeziku; Türk Dil Kurumu, Kişi Adları Sözlüğü; ALA-LC and DIN 31635.", ("Hatixhe", "Khadija")),
    Rule("family-endings", "So are the families called after it.", "Alb. -i, -aj, Serb. -ović.", ("Rexhepaj", "Recepaj")),
    Rule("vowels", "For finding, vowels do not count but at the beginning.", "Alb. declines names (Besë, Besa; Agron, Agroni); Arab. does not write them; romanisations disagree.", ("Krenar", "Krinar"), Meets.READING),
    Rule("confused", "For finding, voiced and voiceless are the same.", "Offices and ears confuse d and t, b and p, g and k, z and s, v and f at the end of words.", ("Bekdesh", "Bektesh"), Meets.READING),
    Rule("joined", "Two words of one field are also one.", "Haxhi Beqiri and Haxhibeqiri, Mehmet Ali and Mehmetali.", ("Haxhi Beqiri, Arta", "Arta Haxhibeqiri"), Meets.KEY),
    Rule("order", "The order of words does not matter.", "Registers write the family first, people last.", ("Luta, Vjosa", "Vjosa Luta"), Meets.KEY),
    Rule("slips", "One consonant more, less, other or displaced.", "Slips of the fingers.", ("Vjosa Kastrati", "Vjosa Kasrtati"), Meets.SLIP),
)  # fmt: skip


def rules() -> Iterator[Rule]:
    """All rules, in the order in which a name passes through them."""
    yield from _RULES[: _place("doubles")]
    for sound in SOUNDS:
        written = ", ".join(sound.spellings)
        yield Rule(
            f"sound-{sound.spellings[0]}",
            f"{written} are written {sound.letter}.",
            sound.source,
            sound.example,
        )
    for rule in ALTERNATES:
        meant = " or ".join(rule.meant)
        yield Rule(
            f"read-as-{rule.meant[0]}", f"May also be read {meant}.", rule.source, rule.example, Meets.READING
        )
    yield from _RULES[_place("doubles") :]


def _place(code: str) -> int:
    return next(place for place, rule in enumerate(_RULES) if rule.code == code)
