"""Everything that can be done with a list, and the same as work for the background."""

from homeward.doors.intake.actions.background import import_list, read_list, send, start_import
from homeward.doors.intake.actions.checking import check, match
from homeward.doors.intake.actions.deciding import decide
from homeward.doors.intake.actions.destroying import destroy_lists
from homeward.doors.intake.actions.importing import begin_import, import_next, stop_import
from homeward.doors.intake.actions.undoing import undo
from homeward.doors.intake.actions.uploading import change_mapping, discard, restore_mapping, upload

__all__ = [
    "begin_import",
    "change_mapping",
    "check",
    "decide",
    "destroy_lists",
    "discard",
    "import_list",
    "import_next",
    "match",
    "read_list",
    "restore_mapping",
    "send",
    "start_import",
    "stop_import",
    "undo",
    "upload",
]
