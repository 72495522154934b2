"""The small words between names: which ones go, and which ones grow together with their neighbour.

Every office treats them differently: `Umm Hamza`, `Abd al-Rahman` and `Nur ed-Din` arrive in one, two or three
words, with or without the article. Here they become one word each, always in the same shape; `née`, `bin` and
initials disappear, because nobody is found by them. All tables are read by their sounds (see letters.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from homeward.casework.people.rules.letters import sounds, spellings, words
from homeward.casework.people.rules.lexicon import is_known, known_as
from homeward.casework.people.rules.native import is_name

# What stands before a name given up at marriage, and what stands before an assumed one. The names on both sides
# are kept; only the word between them goes.
BIRTH_NAME = (
    "née nee né geb geborene geborener "  # French, English, German
    "rođ rođena rođen rodj rodjena rodjen rod rodena devojačko djevojačko devojacko djevojacko udata "  # Serbian
    "vajzërisë vajzerise vajzëria vajzeria lindur mbiemri martuar "  # Albanian: e vajzërisë, e lindur, e martuar
    "kızlık soyadı kizlik soyadi"  # Turkish
)
ALIAS = "alias aka zvani zvana zvaný genannt quajtur njohur surnommé surnommée"

# Arabic for son and daughter of; ben between two names only, because it is also somebody's given name.
CHILD_OF = "bin ibn bint binti bn abn bnt"
CHILD_OF_BETWEEN = "ben"

# The Arabic article, and the shapes it takes before the letters that swallow its l (ash-Shami, ar-Rahman).
ARTICLES = "al el"
_SWALLOWED = re.compile("[aeu]([dnrstz])")

# Father of, mother of: with the name of the child a name of its own. Whoever is called Abu Hamza is not Hamza.
FATHER_OF = "abu ebu abou abo abi"
MOTHER_OF = "umm ummu um oum oumm omm om am"

# Servant of … and one of the names of God: without one of these, Abdul is a name of its own (Abdul Krasniqi).
NAMES_OF_GOD = (
    "Rahman Rahim Rahmon Melik Malik Kudus Selam Salam Mumin Muhejmin Aziz Xhebar Jabbar Halik Khaliq Bari Gafar "
    "Ghaffar Kahar Qahhar Vehab Wahhab Rezak Razzaq Rezzak Fetah Fattah Alim Kabid Basit Rafi Semi Sami Basir Hakem "
    "Adl Latif Habir Halim Azim Gafur Shekur Shakur Ali Kebir Hafiz Xhelil Jalil Kerim Karim Rekib Vasi Hakim Vedud "
    "Mexhid Majid Hak Haqq Vekil Kavi Metin Veli Hamid Muhsi Mubdi Hajj Hayy Kajum Vahid Wahid Ahad Samed Samad Kadir "
    "Qader Muktedir Evel Zahir Batin Mutaali Berr Tevab Tawwab Muntekim Rauf Raouf Gani Ghani Mani Nur Hadi Bedi Baki "
    "Reshid Rashid Sabur Munim Naser Nasir Settar Resul"
)

_ISLAM = "islam"
_SHORTEST = 2  # A single letter is an initial, and nobody is found by it.
_DIN = frozenset("din den dine dene".split())
_DIN_WITH_ARTICLE = frozenset(article + din for article in ("e", "a", "u", "al", "el", "ul") for din in _DIN)
_ALLAH = frozenset({"alah", "ulah", "lah", "alh"})
_ABD_ALONE = frozenset({"abd", "avd"})
_ABD_WITH_ARTICLE = re.compile("(?:abd|avd)[aeiu][a-z]?")
_ABD_JOINED = re.compile("(?:abd|avd)(?:[aeiu]l|[aeiu]|)(?=.{3})")
_DIN_JOINED = re.compile("(..+?)[aeu]l?dine?")
_ALLAH_JOINED = re.compile("(...+?)[aeu]lah")  # not ilah, the ending of women: Jamilah, Khalilah
_DOUBLES = re.compile(r"(.)\1+")
_FINAL_VOWELS = re.compile("(?<=..)[aeiou]+$")
_VOWELS = re.compile("(?<=.)[aeiouh]")
# Engl. and Fr. papers close the Arabic ending of women with an h (Sumayyah); Shah and Nuh are too short to lose theirs.
_FINAL_H = re.compile("(?<=...)[ae]h\\Z")
# Whose son, whose daughter: Arta e Skenderit, Valon i Bajramit; and the accusative of letters. Gender decides the vowel.
_CASE_ENDINGS = ("it", "ut", "es", "in", "un", "en")


@dataclass(frozen=True)
class Token:
    """One word of a name by its sounds, the other ways it may have been meant, and how it was written.

    `also` are further sounds under which it is found while somebody types: the one before the lexicon had its say, or
    the words from which it was put together. `written` is empty when it was put together.
    """

    sound: str
    readings: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    written: str = ""


def tokens(written: Sequence[str], *, unfinished: bool = False) -> list[Token]:
    """The words of a name without the small ones, joined where they belong together.

    With `unfinished` the last word is still being typed: `al` may go on to be `Alban` and is kept.
    """
    end = len(written) - 1
    found = [
        _token(word)
        for place, word in enumerate(written)
        if word not in _MARKERS or (unfinished and place == end)
    ]
    for step in (_join_servants, _join_faith, _join_god, _without_small_words(unfinished), _join_kunyas):
        found = step(found)
    return [_known(token) for token in found] if found else [_known(_token(word)) for word in written]


def stem(sound: str) -> str:
    """A word without its last vowels: Albanian declines names (Agron, Agroni; Besë, Besa)."""
    return _FINAL_VOWELS.sub("", sound)


# --- Single words ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def _token(word: str) -> Token:
    plain = sounds(word)
    return Token(plain, tuple(dict.fromkeys(map(sounds, spellings(word)))), (plain,), word)


@lru_cache(maxsize=65536)
def _known(token: Token) -> Token:
    """The word as the lexicon knows it. What it does not know may have been meant otherwise, as the readings say."""
    kind, separator, name = token.sound.partition("_")
    if separator:
        sound = f"{kind}_{_in_one_shape(name)}"
        return replace(token, sound=sound, readings=(sound,))
    sound = _in_one_shape(token.sound)
    if sound != token.sound or is_known(sound):
        return replace(token, sound=sound, readings=(sound,))
    meant = [_in_one_shape(reading) for reading in (sound, *token.readings)]
    return replace(token, readings=tuple(dict.fromkeys([*meant, *_without_case(sound)])))


def _without_case(sound: str) -> Iterator[str]:
    """The name whose case this is, where both are known: `bairamit` is of Bajram, `ardit` is nobody's case."""
    if is_name(sound):
        return
    for ending in _CASE_ENDINGS:
        bare = sound.removesuffix(ending)
        if bare != sound and len(bare) > 2:
            for vowel in ("a", "e", "") if ending in ("es", "en") else ("", ending[0]):
                if is_name(whole := _in_one_shape(bare + vowel)):
                    yield whole
                    return


@lru_cache(maxsize=65536)
def _in_one_shape(sound: str) -> str:
    """A word that already contains its article, in the one shape that all its spellings share.

    `abdurahman`, `abdulrahman`, `avdirahman`; `nuredin`, `nurudin`, `nuraldin`; `hairulah`, `hairula`.
    """
    known = known_as(sound)
    if known != sound:
        return known
    if (start := _ABD_JOINED.match(sound)) and (name := _name_of_god(sound, start.end())):
        return _servant_of(name)
    if faith := _DIN_JOINED.fullmatch(sound):
        return known_as(faith[1] + "edin")
    if god := _ALLAH_JOINED.fullmatch(sound):
        return known_as(god[1] + "ula")
    return known_as(_FINAL_H.sub(lambda ending: ending[0][0], sound))


def without_ending(sound: str) -> str:
    """What a word would be if it stood in a case, of names nobody has listed: `vetianit` may be of a Vetian."""
    if is_name(sound) or "_" in sound:
        return sound
    ending = next((ending for ending in _CASE_ENDINGS if sound.endswith(ending)), "")
    bare = sound.removesuffix(ending)
    return bare if len(bare) > 3 else sound


def _name_of_god(sound: str, longest: int) -> str:
    """The name of God at the end of `abdullatif`, wherever its article ends; nothing if there is none."""
    for start in (longest, longest - 1, len("abd")):
        if start >= len("abd") and stem(known_as(sound[start:])) in _GODS:
            return sound[start:]
    return ""


def _servant_of(name: str) -> str:
    """`abdulsamed` for every spelling of that name of God."""
    return _DOUBLES.sub(r"\1", "abdul" + _GOD_BY_CONSONANTS.get(_consonants(name), known_as(name)))


def _consonants(sound: str) -> str:
    return _VOWELS.sub("", sound)


# --- Neighbours -----------------------------------------------------------------------------------------------

_Step = Callable[[list[Token]], list[Token]]


def _joined(sound: str, *parts: Token) -> Token:
    """A word put together from several: nothing was written that way."""
    return Token(sound, also=tuple(part.sound for part in parts))


def _is_article(sound: str, following: Token | None) -> bool:
    if sound in _ARTICLES:
        return True
    swallowed = _SWALLOWED.fullmatch(sound)
    return bool(swallowed and following and following.sound.startswith(swallowed[1]))


def _after_article(found: list[Token], place: int) -> int:
    """The place of the word after an article that may stand at `place`."""
    following = found[place + 1] if place + 1 < len(found) else None
    if following and _is_article(found[place].sound, following):
        return place + 1
    return place


def _join_servants(found: list[Token]) -> list[Token]:
    """Abd, Abd al-, Abdel, Abdur … and the name that follows become one word."""
    result: list[Token] = []
    place = 0
    while place < len(found):
        sound, place = found[place].sound, place + 1
        if place < len(found):
            following = _after_article(found, place)
            name = found[following].sound
            if sound in _ABD_ALONE or (_ABD_WITH_ARTICLE.fullmatch(sound) and stem(known_as(name)) in _GODS):
                whole = known_as("abdulah") if name in _ALLAH else _servant_of(name)
                result.append(_joined(whole, found[place - 1], found[following]))
                place = following + 1
                continue
        result.append(found[place - 1])
    return result


def _join_faith(found: list[Token]) -> list[Token]:
    """Nur al-Din, Nur Eddin, Nour ed-Dine become `nuredin`, and Seif al-Islam `seifulislam`."""
    result: list[Token] = []
    place = 0
    while place < len(found):
        sound = found[place].sound
        following = _after_article(found, place + 1) if place + 1 < len(found) else len(found)
        if following < len(found) and (
            (following > place + 1 and found[following].sound in _DIN)
            or found[following].sound in _DIN_WITH_ARTICLE
        ):
            result.append(_joined(stem(sound) + "edin", found[place], found[following]))
            place = following + 1
        elif following == place + 2 and following < len(found) and found[following].sound == _ISLAM:
            result.append(_joined(stem(sound) + "ul" + _ISLAM, found[place], found[following]))
            place = following + 1
        else:
            result.append(found[place])
            place += 1
    return result


def _join_god(found: list[Token]) -> list[Token]:
    """Nasr Allah and Nasr Ullah become `nasrula`."""
    result: list[Token] = []
    for token in found:
        if token.sound in _ALLAH and result:
            result[-1] = _joined(stem(result[-1].sound) + "ula", result[-1])
        else:
            result.append(token)
    return result


def _without_small_words(unfinished: bool) -> _Step:
    """Articles, son of, and initials; never the word that is still being typed."""

    def step(found: list[Token]) -> list[Token]:
        end = len(found) - 1
        kept: list[Token] = []
        for place, token in enumerate(found):
            small = (
                token.sound in _CHILD_OF
                or len(token.sound) < _SHORTEST
                or _is_article(token.sound, found[place + 1] if place < end else None)
                or (token.sound in _CHILD_OF_BETWEEN and bool(kept) and place < end)
            )
            if not small or (unfinished and place == end):
                kept.append(token)
        return kept

    return step


def _join_kunyas(found: list[Token]) -> list[Token]:
    """Abu or Umm and the name of the child become one word with a mark in it; Abu Bakr is the caliph's name."""
    result: list[Token] = []
    place = 0
    while place < len(found):
        token = found[place]
        kind = "abu" if token.sound in _FATHER_OF else "um" if token.sound in _MOTHER_OF else ""
        if kind and place + 1 < len(found) and "_" not in found[place + 1].sound:
            child = found[place + 1].sound
            caliph = kind == "abu" and known_as(child) == _BEKR
            whole = known_as("abubekr") if caliph else f"{kind}_{child}"
            result.append(_joined(whole, *([token, found[place + 1]] if caliph else [])))
            place += 2
        else:
            result.append(token)
            place += 1
    return result


def _sounds_of(*lists: str) -> frozenset[str]:
    return frozenset(sounds(word) for text in lists for word in words(text))


_MARKERS = frozenset(word for text in (BIRTH_NAME, ALIAS) for word in words(text)) - {"ne"}
_CHILD_OF = _sounds_of(CHILD_OF)
_CHILD_OF_BETWEEN = _sounds_of(CHILD_OF_BETWEEN)
_ARTICLES = _sounds_of(ARTICLES)
_FATHER_OF = _sounds_of(FATHER_OF)
_MOTHER_OF = _sounds_of(MOTHER_OF)
_GODS = frozenset(stem(known_as(name)) for name in _sounds_of(NAMES_OF_GOD)) | {"rhmn", "rhim", "krim"}
# Of several spellings of one name of God the one that stands first in the list.
_GOD_BY_CONSONANTS = {
    _consonants(sounds(name)): known_as(sounds(name)) for name in reversed(NAMES_OF_GOD.lower().split())
}
_BEKR = known_as("bekr")
# Servants of God by every one of his names: names of their own, which no letter more or less turns into each other.
SERVANTS = frozenset(_servant_of(name) for name in _sounds_of(NAMES_OF_GOD))
