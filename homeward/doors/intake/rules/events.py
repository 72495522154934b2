"""What the log calls what happens to a list (audit.rules.words)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import Text

WORDS: Mapping[str, Text] = {
    "intake.uploaded": _("List uploaded"),
    "intake.checked": _("List checked"),
    "intake.matched": _("List compared with known people"),
    "intake.decided": _("Row decided"),
    "intake.import_begun": _("Import begun"),
    "intake.imported": _("List imported"),
    "intake.stopped": _("Import stopped"),
    "intake.undone": _("Import undone"),
    "intake.discarded": _("List discarded"),
    "intake.destroyed": _("File and cells of a list destroyed"),
    "intake.mapping_changed": _("Reading of a sender changed"),
    "intake.downloaded": _("Report of a list copied"),
    "intake.viewed": _("List read"),
    "intake.tried": _("List tried out by the operator"),
    "intake.waiting_read": _("Rows that wait for a decision read by the operator"),
    "intake.links_read": _("Links of rows to people read by the operator"),
    "people.taken_away": _("People of an undone import taken away"),
}
