"""What holds for people, families and returns, whatever the screen: names, kinship, states, dates. Pure."""

from homeward.casework.people.rules.names import (
    FOLD_VERSION,
    fold,
    folds_to_file,
    match_keys,
    prefix_folds,
    search_keys,
    skeletons,
    skeletons_by_word,
    slip_keys,
)

__all__ = [
    "FOLD_VERSION",
    "fold",
    "folds_to_file",
    "match_keys",
    "prefix_folds",
    "search_keys",
    "skeletons",
    "skeletons_by_word",
    "slip_keys",
]
