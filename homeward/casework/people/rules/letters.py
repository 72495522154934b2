"""The same sound, however an office writes it: step one of making two spellings of a name meet.

A name passes through these tables in the order in which they stand. What comes out is written in the
letters a-z alone and is not for reading aloud: `c` stands for every ch-like sound, `x` for every dj-like
one, as in the Albanian spelling from which the letters are borrowed. Nothing here guesses at languages:
every rule holds for all names, so both spellings of a pair take the same way.

Each rule names where the spelling comes from, so that a linguist can dispute it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# --- The signs that are not letters of a name -----------------------------------------------------------------

# Apostrophes separate letters that would be read together (Alb. Is'hak, Et'hem) or stand for the Arabic hamza
# and ayn (Ja'far, Mas‘ud). Offices leave them out as often as they write them.
APOSTROPHES = "'’‘ʼʻʾʿ`´′ˈ＇՚ꞌ\""

# One word of a name. A kunya that is already joined ("abu_hamze", see words.py) stays whole.
_WORD = re.compile(r"(?:abu|um)_[^\W\d_]+|[^\W\d_]+")

# --- Scripts --------------------------------------------------------------------------------------------------

# Serbian Cyrillic letter by letter into Serbian Latin (Pravopis srpskoga jezika), then the letters that only
# Macedonian (ѓ ќ ѕ) or Russian, Bulgarian and Ukrainian have, in the values of ISO 9's popular forms.
CYRILLIC = {
    **dict(zip("абвгдежзијклмнопрстуфхцчш", "abvgdežzijklmnoprstufhcčš", strict=True)),
    "ђ": "đ",
    "љ": "lj",
    "њ": "nj",
    "ћ": "ć",
    "џ": "dž",
    "ѓ": "gj",
    "ќ": "kj",
    "ѕ": "dz",
    "й": "j",
    "щ": "šč",
    "ъ": "a",
    "ы": "y",
    "ь": "",
    "э": "e",
    "ю": "ju",
    "я": "ja",
    "ё": "jo",
    "є": "je",
    "і": "i",
    "ї": "ji",
    "ґ": "g",
}

# Arabic (and the four Persian letters Ottoman names use), consonant by consonant, after Albanian and Bosnian
# habit: ج is xh, ق is q (read k as well, see ALTERNATES), ع is heard only as the vowel it carries. Short vowels are not written in Arabic, so
# well-known names are met whole in the lexicon; the rest meet in the skeleton, which has no vowels either.
ARABIC = {
    "ا": "a",
    "ٱ": "a",
    "ى": "a",
    "ة": "e",
    "ع": "a",
    "ء": "",
    "ب": "b",
    "پ": "p",
    "ت": "t",
    "ث": "th",
    "ج": "xh",
    "چ": "ç",
    "ح": "h",
    "خ": "h",
    "د": "d",
    "ذ": "dh",
    "ر": "r",
    "ز": "z",
    "ژ": "zh",
    "س": "s",
    "ش": "š",
    "ص": "s",
    "ض": "d",
    "ط": "t",
    "ظ": "z",
    "غ": "g",
    "ف": "f",
    "ق": "q",
    "ک": "k",
    "ك": "k",
    "گ": "g",
    "ل": "l",
    "م": "m",
    "ن": "n",
    "ه": "h",
    "ھ": "h",
    "و": "u",
    "ي": "i",
    "ی": "i",
}
_LETTERS = {**CYRILLIC, **ARABIC}
_ARABIC_LETTER = re.compile(r"[\u0621-\u064a\u0671-\u06d3]")
_ARABIC_ARTICLE = "ال"
_NO_ARTICLE = frozenset(
    {"الياس", "الهام", "الماس"}
)  # Ilaz, Elhame and Elmaz begin with these letters themselves.
_ARABIC_AJ = "اي"  # The Albanian ending -aj; no Arabic name ends so.
_SILENT_AYN = re.compile("^ع(?=[ويى])")  # عيسى is Isa: the vowel that ayn carries is written beside it.

# Latin letters that carry a sound of their own and are therefore not merely stripped of their accent.
_LATIN_OWN = frozenset("çčćşšșžżźđðğłþëöüæœø")

# --- Sounds ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sound:
    """Spellings that different offices use for one sound, and the letter that stands for all of them."""

    spellings: tuple[str, ...]
    letter: str
    source: str
    example: tuple[str, str]  # two spellings of one name that meet by this rule and by no other


@dataclass(frozen=True)
class Alternate:
    """A letter that an office with other habits may have meant otherwise, and what it may have meant."""

    pattern: re.Pattern[str]
    meant: tuple[str, ...]
    source: str
    example: tuple[str, str]


SOUNDS = (
    Sound(
        ("tsch", "tsh", "tch", "tš", "tş", "ch", "ç", "č", "ć", "q", "kj", "c", "ts"),
        "c",
        "Alb. ç, q, c; Serb. č, ć, c; Turk. ç; Mac. kj; Engl. ch, ts; Fr. tch; Ger. tsch; Arab. تش. Kosovo speech "
        "merges ç/q and č/ć, and e-mail drops the hooks, so all of them are one sound here.",
        ("Çitaku", "Čitaku"),
    ),
    Sound(
        ("dsch", "dzh", "dž", "xh", "gj", "đ", "dj", "dz", "x"),
        "x",
        "Alb. xh, gj, x; Serb. dž, đ and its ASCII dj, dz; Mac. gj; Fr. dj; Ger. dsch; Bulg. and Engl. dzh. "
        "Gheg speech merges gj and xh.",
        ("Xhafa", "Džafa"),
    ),
    Sound(
        ("sch", "sh", "š", "ş", "ș"),
        "s",
        "Alb. and Engl. sh; Serb. š; Turk. ş; Ger. sch. ASCII drops the hook.",
        ("Shala", "Šala"),
    ),
    Sound(
        ("zh", "ž", "ż", "ź"), "z", "Alb. and Engl. zh; Serb. ž. ASCII drops the hook.", ("Zhuniqi", "Žuniqi")
    ),
    Sound(
        ("th", "þ"),
        "t",
        "Alb. th (Thaçi) is written t by every office that is not Albanian; Arab. ث.",
        ("Dathi", "Dati"),
    ),
    Sound(
        ("dh", "ð"),
        "d",
        "Alb. dh (Dhurata) is written d by the others; Arab. ذ, ض in English papers.",
        ("Dhurata", "Durata"),
    ),
    Sound(
        ("kh",),
        "h",
        "Arab. خ: Engl. and Fr. kh (Khalil), Alb., Serb. and Turk. h (Halil).",
        ("Bakhtir", "Bahtir"),
    ),
    Sound(("ph",), "f", "Fr. and Engl. ph (Mustapha).", ("Christoph", "Christof")),
    Sound(
        ("gh", "ğ"), "g", "Arab. غ: Engl. gh (Ghani); Turk. ğ, which ASCII writes g.", ("Ghazwan", "Gazwan")
    ),
    Sound(
        ("lj", "ll", "ł"),
        "l",
        "Alb. ll; Serb. lj writes the plain l of Turkish and Albanian names (Ljatif).",
        ("Ljugaliu", "Lugaliu"),
    ),
    Sound(("w",), "v", "Engl. and Ger. w (Walid) for the v of Alb., Serb., Turk.", ("Waldrin", "Valdrin")),
    Sound(("ou",), "u", "Fr. ou (Moussa, Youssef), common on papers from the camps.", ("Bouchra", "Buchra")),
    Sound(("ë",), "e", "Alb. ë is lost in e-mail (Skënder, Skender).", ("Gëzim", "Gezim")),
    Sound(
        ("ü", "y", "j"),
        "i",
        "Alb. y (Sylejman), Turk. ü (Süleyman) and y (Yaşar), Serb. j (Jašar) and i.",
        ("Ylber", "Ilber"),
    ),
    Sound(("ö", "ø"), "o", "Turk. and Ger. ö (Ömer).", ("Göran", "Goran")),
    Sound(("æ",), "ae", "Papers from the north of Europe.", ("Pæl", "Pael")),
    Sound(("œ",), "oe", "Fr. œ, on papers without it oe.", ("Lœna", "Loena")),
)

# A letter that an English or French or German paper, or one without hooks, may have meant otherwise. The word
# keeps its plain reading and gets these besides. Each is a pattern so that it says exactly where it applies.
ALTERNATES = (
    Alternate(
        re.compile(r"(?!(?<=i)j[aeë]\Z)(?<![lndgkt])j(?!\Z)"),
        ("xh", "zh"),
        "Engl. j (Jafar, Rejepi) for xh, Fr. and Turk. j (Bujala) for zh; not in the pairs lj, nj, gj and not in the endings -ije, -ija, -aj, -ej.",
        ("Rejepi", "Rexhepi"),
    ),
    Alternate(
        re.compile(r"(?<![cst])ch"),
        ("sh", "h"),
        "Fr. ch (Chala) for sh; Ger. ch (Bachtiri) for h.",
        ("Chatri", "Shatri"),
    ),
    Alternate(
        re.compile(r"q"), ("k",), "Engl. and Arabists' q (Qosum) for k, and Arab. ق.", ("Qosumi", "Kosumi")
    ),
    Alternate(
        re.compile(r"\Aw(?=[^aeiouyäëöü])"),
        ("u",),
        "Arab. و at the beginning of a word before a consonant is also o and u (وردون, Urdun).",
        ("وردون", "Urdun"),
    ),
    Alternate(
        re.compile(r"g(?=ü)"),
        ("gj",),
        "Turk. g before ü is spoken at the palate, where Alb. writes gj and Serb. đ (Gülten, Gjylten).",
        ("Gülten", "Gjylten"),
    ),
)

# Serbian đ without its stroke (Dorde): only before a vowel, and only in words that have no Albanian or other
# letter which such a paper would not contain.
_STROKELESS = re.compile(r"d(?=[aeiou])")
_NOT_STROKELESS = re.compile(r"[^a-pr-wyzčćšž]|dh|xh|sh|th|gj|đ|dj|dž|zh|ll|rr")

_CLUSTERS = {spelling: sound.letter for sound in SOUNDS for spelling in sound.spellings}
_LONGEST_FIRST = re.compile("|".join(sorted(map(re.escape, _CLUSTERS), key=len, reverse=True)))
_FINAL_GLIDE = re.compile(r"(?<=..[ae])[jy]\Z")
_DOUBLES = re.compile(r"(.)\1+")
_MOST_READINGS = 6


def words(text: str) -> list[str]:
    """The words of a name in small Latin letters that still carry their hooks: `ЂОРЂЕ` gives `đorđe`.

    Widths, ligatures and composed letters are made one; marks that cannot be seen, and apostrophes, go.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(
        character
        for character in plain
        if unicodedata.category(character) != "Cf" and character not in APOSTROPHES and character != "ـ"
    )
    # Marks above and below (Arabic vowels, foreign accents) must not cut a word in two.
    bare = "".join(_bare(character) for character in unicodedata.normalize("NFC", kept))
    return [word for written in _WORD.findall(bare) for word in latin(written).split()]


def _bare(character: str) -> str:
    """A letter without an accent that carries no sound of its own here."""
    if character == "ı":
        return "i"  # Turk. ı is I in capitals, where it cannot be told from i.
    if character.isascii() or character in CYRILLIC or character in ARABIC or character in _LATIN_OWN:
        return character
    decomposed = unicodedata.normalize("NFD", character)
    return "".join(part for part in decomposed if not unicodedata.category(part).startswith("M"))


@lru_cache(maxsize=65536)
def latin(word: str) -> str:
    """One word, out of Cyrillic or Arabic script, in Latin letters; other words stay as they are.

    The Arabic article, which is written as a part of its word, becomes a word of its own: `al din`.
    """
    if _ARABIC_LETTER.search(word):
        if (
            word.startswith(_ARABIC_ARTICLE)
            and len(word) >= len(_ARABIC_ARTICLE) + 3
            and word not in _NO_ARTICLE
        ):
            return "al " + latin(word.removeprefix(_ARABIC_ARTICLE))
        word = _SILENT_AYN.sub("", word)
        if word.startswith("و"):
            word = (
                "w" + word[1:]
            )  # At the beginning of a word it is a consonant (وليد is Velid) or o and u (see ALTERNATES).
        if word.endswith(_ARABIC_AJ):
            word = word.removesuffix(_ARABIC_AJ) + "aj"
    return "".join(_LETTERS.get(character, character) for character in word)


@lru_cache(maxsize=65536)
def sounds(word: str) -> str:
    """One word written by its sounds: `xhafa`, `džafa` and `gjafa` all give `xafa`.

    An ending -aj or -ej keeps its j: Hoxhaj is another family than Hoxha. Letters written twice count once.
    """
    before = ""
    while (
        word != before
    ):  # Two sounds side by side can look like a third spelling; go on until nothing changes.
        before = word
        glide = "j" if _FINAL_GLIDE.search(word) else ""
        stem = word[:-1] if glide else word
        word = _DOUBLES.sub(r"\1", _LONGEST_FIRST.sub(lambda found: _CLUSTERS[found[0]], stem)) + glide
    return word


@lru_cache(maxsize=65536)
def spellings(word: str) -> tuple[str, ...]:
    """The word itself, and what an office with other habits may have meant by it, at most six in all.

    One letter is read otherwise at a time, then all of them at once: `rejepi` may have meant `rexhepi`.
    """
    found = [(at.start(), at.end(), rule.meant) for rule in ALTERNATES for at in rule.pattern.finditer(word)]
    read = [word]
    if not _NOT_STROKELESS.search(word):
        read.append(_STROKELESS.sub("đ", word))
    read += [word[:start] + other + word[end:] for start, end, others in found for other in others]
    every = word
    for start, end, others in sorted(found, reverse=True):
        every = every[:start] + others[0] + every[end:]
    return tuple(dict.fromkeys([*read[: _MOST_READINGS - 1], every]))


def openings(word: str) -> tuple[str, ...]:
    """What an unfinished word can go on to be, by its sounds: after `d` may come the h, j or ž of another sound."""
    found = [sounds(word)]
    if _FINAL_GLIDE.search(word):
        found.append(sounds(word + "a")[:-1])  # Here the j is not the end: haj… goes on to hajredin.
    found += [
        _DOUBLES.sub(r"\1", sounds(word[:-typed] + "\0")[:-1] + letter)
        for spelling, letter in _CLUSTERS.items()
        for typed in range(1, len(spelling))
        if word.endswith(spelling[:typed])
    ]
    return tuple(dict.fromkeys(opening for opening in found if opening))
