"""What members do with people, families and returns: all of it or nothing, and never without a trace."""

from homeward.casework.people.actions.correcting import (
    KEEP,
    add_name,
    correct_person,
    refold_names,
)
from homeward.casework.people.actions.families import end_guardianship, link_guardian, move_household
from homeward.casework.people.actions.figures import load_figures, publish_figure
from homeward.casework.people.actions.linking import link_register
from homeward.casework.people.actions.registering import (
    NewName,
    NewPerson,
    NewReturn,
    Registered,
    register,
    register_many,
)
from homeward.casework.people.actions.returning import (
    cancel_return,
    expect_again,
    expect_return,
    expire_expected,
    open_wave,
    record_arrival,
)
from homeward.casework.people.actions.twins import (
    confirm_merge,
    desk_judge,
    find_twins,
    judge,
    reopen,
    take_apart,
    tell_apart,
    withdraw,
)

__all__ = [
    "KEEP",
    "NewName",
    "NewPerson",
    "NewReturn",
    "Registered",
    "add_name",
    "cancel_return",
    "confirm_merge",
    "correct_person",
    "desk_judge",
    "end_guardianship",
    "expect_again",
    "expect_return",
    "expire_expected",
    "find_twins",
    "judge",
    "link_guardian",
    "link_register",
    "load_figures",
    "move_household",
    "open_wave",
    "publish_figure",
    "record_arrival",
    "refold_names",
    "register",
    "register_many",
    "reopen",
    "take_apart",
    "tell_apart",
    "withdraw",
]
