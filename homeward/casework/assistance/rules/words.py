"""What the log calls what happens in the ledger (audit.rules.words), and what erasing a person takes of it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.foundation.kernel.errors import Text

WORDS: Mapping[str, Text] = {
    "assistance.requested": _("Support was requested"),
    "assistance.adjusted": _("The days of support were changed"),
    "assistance.approved": _("Support was approved"),
    "assistance.countersigned": _("A second person signed for support"),
    "assistance.released": _("Support was released"),
    "assistance.relieved": _("Support was given at once"),
    "assistance.confirmed": _("Support given at once was approved"),
    "assistance.taken_back": _("Support was returned"),
    "assistance.stopped": _("Support was stopped"),
    "assistance.reversed": _("Support was reversed"),
    "assistance.justified": _("It was said why two kinds of support overlap"),
    "assistance.settled": _("An overlap of support was decided on"),
    "assistance.history_kept": _("Support of the past was taken in"),
    "assistance.overlap_found": _("An overlap of support was found"),
    "assistance.overlap_gone": _("An overlap of support is no longer there"),
    "assistance.overlap_told": _("A payer was told of an overlap"),
    "assistance.checked": _("Somebody asked whether support runs already"),
    "assistance.home_asked": _("Somebody was told whether there is a household to support"),
    "assistance.listed": _("A list of support was read"),
    "assistance.viewed": _("An entry of support was opened"),
    "assistance.overlaps_listed": _("The list of overlaps was read"),
    "assistance.totals_read": _("Totals of support were read"),
    "assistance.exported": _("Support was exported for the accounts"),
    "grant.applied": _("A small grant was applied for"),
    "grant.scored": _("The plan for a small grant was scored"),
    "grant.awarded": _("A small grant was awarded"),
    "grant.declined": _("A small grant was declined"),
    "grant.milestone_planned": _("A milestone or a visit was planned"),
    "grant.milestone_recorded": _("What was found on a visit was recorded"),
    "grant.finished": _("The outcome of a small grant was recorded"),
    "grant.viewed": _("A small grant was opened"),
    "assistance.kinds_loaded": _("Kinds of support of the country were loaded"),
    "assistance.swept": _("All support was searched for overlaps"),
}

# What is destroyed with a case, in the words of the page on which two people confirm it (cases.rules.retention).
ERASED: Mapping[str, Text] = {
    "assistance_entry": pgettext_lazy("what is erased", "Support"),
    "assistance_step": pgettext_lazy("what is erased", "Steps and days of support"),
    "assistance_cover": pgettext_lazy("what is erased", "Steps and days of support"),
    "assistance_grant": pgettext_lazy("what is erased", "Small grants, with scores and visits"),
    "assistance_score": pgettext_lazy("what is erased", "Small grants, with scores and visits"),
    "assistance_station": pgettext_lazy("what is erased", "Small grants, with scores and visits"),
    "assistance_note": pgettext_lazy("what is erased", "Notes on support"),
    "forget_overlaps": pgettext_lazy("what is erased", "Overlaps of support"),
    "book_assistance": pgettext_lazy("what is erased", "Support that stays as a sum in the payers' accounts"),
}
