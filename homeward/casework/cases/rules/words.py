"""What the log calls the events of a case, in the words of its timeline (audit.rules.words)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import Text

WORDS: Mapping[str, Text] = {
    "case.opened": _("Case opened"),
    "case.prepared": _("Arrival is being prepared"),
    "case.received": _("Received"),
    "case.withdrawn": _("No longer expected"),
    "case.intake_begun": _("Intake began"),
    "case.assessment_begun": _("Assessment began"),
    "case.planned": _("Planned"),
    "case.activated": _("The plan is being carried out"),
    "case.suspended": _("Suspended"),
    "case.resumed": _("Resumed"),
    "case.transferred": _("Handed to another institution"),
    "case.taken_over": _("Taken over"),
    "case.closure_proposed": _("Closure proposed"),
    "case.closure_rejected": _("Closure rejected"),
    "case.closed": _("Closed"),
    "case.reopened": _("Reopened"),
    "case.archived": _("Archived"),
    "case.contact_named": _("Contact named"),
    "team.assigned": _("Somebody joined the team"),
    "team.removed": _("Somebody left the team"),
    "note.written": _("Note written"),
    "note.corrected": _("Note corrected"),
    "document.added": _("Document added"),
    "document.downloaded": _("Document copied"),
    "check.ticked": _("Check answered"),
    "case.viewed": _("Case opened to read"),
    "cases.listed": _("List of cases read"),
    "family.viewed": _("Family read"),
    "note.viewed": _("Note opened to correct it"),
}
