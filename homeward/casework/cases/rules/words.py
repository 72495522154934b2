"""What the log calls an event, in words a reader of a timeline understands.

The log holds verbs (`case.received`), never sentences. Every room adds the words for its own verbs when it
starts; a verb without words is shown as it is, so that nothing that happened is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import Text

_words: dict[str, Text] = {
    "access.opened": _("The leading institution began"),
    "access.involved": _("An institution was involved"),
    "access.ended": _("An institution no longer takes part"),
    "access.lead_handed_over": _("The lead was handed over"),
    "access.excluded": _("Somebody was kept away from this case"),
    "access.exclusion_lifted": _("Somebody is no longer kept away from this case"),
    "break_glass.opened": _("Somebody looked in an emergency"),
    "break_glass.reviewed": _("An emergency look was reviewed"),
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
}


def add(words: Mapping[str, Text]) -> None:
    """Add the words for the verbs of a room."""
    _words.update(words)


def of(verb: str) -> Text:
    """What this verb means to people."""
    return _words.get(verb, verb.replace(".", ": ").replace("_", " "))
