"""Reading about people: whom one may know, how they are found, who belongs to whom, who has come home."""

from homeward.casework.people.queries.families import (
    KinOf,
    find_guardianship,
    find_household,
    guardianships_of,
    household_of,
    households,
    kin_of,
)
from homeward.casework.people.queries.figures import LedgerLine, figures, wholes
from homeward.casework.people.queries.finding import Found, Match, Wanted, alike, matches, search
from homeward.casework.people.queries.persons import case_of, find_person, known_person, visible
from homeward.casework.people.queries.returns import (
    Counted,
    Overview,
    expected_return,
    find_return,
    overview,
    returns,
    returns_of,
    waves,
)

__all__ = [
    "Counted",
    "Found",
    "KinOf",
    "LedgerLine",
    "Match",
    "Overview",
    "Wanted",
    "alike",
    "case_of",
    "expected_return",
    "figures",
    "find_guardianship",
    "find_household",
    "find_person",
    "find_return",
    "guardianships_of",
    "household_of",
    "households",
    "kin_of",
    "known_person",
    "matches",
    "overview",
    "returns",
    "returns_of",
    "search",
    "visible",
    "waves",
    "wholes",
]
