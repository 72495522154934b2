"""References that can be read out on the telephone: nobody can guess one, and a slip of the pen is noticed.

A reference looks like `HW-7K3M-9TX0-C1`: a prefix of two to four letters, nine random characters, and one
last character that is computed from all the others.

The characters are 0–9 and thirteen consonants: no vowels, so no words; nothing that looks like something
else on the list. What people write instead (O for 0, I or L for 1, S for 5 …) is read as what was meant.
Nine characters out of 23 are 40.7 bits of chance.

23 is a prime number, and the character at the n-th place from the right weighs n. Changing one character
changes the sum by (place x difference), swapping two changes it by (difference of places x difference):
neither can be a multiple of 23. So every single wrong character and every swap is noticed, the prefix
included. Weights of this kind are those of the ISBN-10, with 23 in the place of 11.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
import uuid

ALPHABET = "0123456789CFHJKMNPRTWXY"
RANDOM_LENGTH = 9
BODY_LENGTH = RANDOM_LENGTH + 1

# What is written, and what was meant. Each counts the same in the sum as the character it stands for, so
# that a prefix letter and a character of the body can be swapped by mistake and the swap is still noticed.
LOOK_ALIKES = {"O": "0", "D": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}

# A prefix may use 23 letters: the alphabet without the three that fall together with another one.
_PREFIX_STANDS_FOR = {
    **{letter: LOOK_ALIKES[letter] for letter in "DLZSGB"},
    "A": "3",
    "E": "4",
    "U": "7",
    "V": "9",
    **{letter: letter for letter in ALPHABET if letter.isalpha()},
}
_MEANT = str.maketrans(LOOK_ALIKES)
_PREFIX = re.compile(f"[{''.join(sorted(_PREFIX_STANDS_FOR))}]{{2,4}}")
_CANONICAL = re.compile(rf"({_PREFIX.pattern})-([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})-([{ALPHABET}]{{2}})")


def new_id() -> uuid.UUID:
    """A new identity for a row: made here, because the database may not show us a row it has just stored."""
    return uuid.uuid4()


def new_ref(prefix: str = "HW") -> str:
    """A new reference that no one can guess from another one."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"a prefix is two to four capital letters without I, O and Q, not {prefix!r}")
    chance = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return _grouped(prefix, chance + _check_character(prefix, chance))


def normalise_ref(text: str, prefix: str = "HW") -> str:
    """The reference somebody meant: lower case, spaces, missing hyphens and look-alikes are mended.

    Ten characters without a prefix get the given one. What cannot be a reference comes back in capitals
    and otherwise as it was, and `check_ref` will say no to it.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    letters = "".join(character for character in plain if character.isalnum())
    if len(letters) < BODY_LENGTH:
        return plain.strip()
    start, body = letters[:-BODY_LENGTH] or prefix, letters[-BODY_LENGTH:]
    return _grouped(start, body.translate(_MEANT))


def check_ref(text: str) -> bool:
    """Is this, character by character, a reference that the system could have given out?"""
    match = _CANONICAL.fullmatch(text)
    if match is None:
        return False
    prefix, body = match[1], match[2] + match[3] + match[4]
    return _check_character(prefix, body[:-1]) == body[-1]


def _grouped(prefix: str, body: str) -> str:
    return f"{prefix}-{body[:4]}-{body[4:8]}-{body[8:]}"


def _check_character(prefix: str, chance: str) -> str:
    read = "".join(_PREFIX_STANDS_FOR[letter] for letter in prefix) + chance
    weighted = sum(place * ALPHABET.index(char) for place, char in enumerate(reversed(read), start=2))
    return ALPHABET[-weighted % len(ALPHABET)]
