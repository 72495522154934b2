"""What the log calls the events of people, families and returns (audit.rules.words)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeward.foundation.kernel.errors import Text

WORDS: Mapping[str, Text] = {
    "person.told_apart": _("Said to be somebody else than a person newly registered"),
    "twin.proposed": _("Proposed: two records are one person"),
    "twin.withdrawn": _("Proposal to merge two records withdrawn"),
    "twin.reopened": _("Two people: to be looked at again"),
    "twin.different": _("Two records found to be two people"),
    "twin.merged": _("Two records of one person merged"),
    "twin.parted": _("Merged records taken apart again"),
    "twin.looked": _("The linkage desk looked at two records"),
    "twin.contact_asked": _("The linkage desk put two institutions in contact"),
    "twin.viewed": _("Two records compared"),
    "twins.listed": _("List of records that may be one person read"),
    "twins.found": _("The register was searched for records of one person"),
    "person.registered": _("Person registered"),
    "person.corrected": _("Data of a person corrected"),
    "person.name_added": _("Another name added"),
    "person.moved": _("Moved to another household"),
    "person.viewed": _("Person read"),
    "person.searched": _("Searched by name"),
    "person.matched": _("A list compared with known people"),
    "household.formed": _("Household entered"),
    "households.listed": _("List of households read"),
    "guardian.linked": _("Guardian or caregiver named"),
    "guardian.ended": _("Guardianship ended"),
    "return.expected": _("Expected"),
    "return.arrived": _("Arrival recorded"),
    "return.cancelled": _("Entry struck out"),
    "return.expired": _("No longer expected: the time is over"),
    "returns.listed": _("List of returns read"),
    "wave.opened": _("Wave entered"),
    "figure.published": _("Published figure entered"),
    "figure.corrected": _("Published figure corrected"),
    "figures.loaded": _("Published figures of the country were loaded"),
    "names.refolded": _("Names filed anew for the search"),
    "register.linked": _("The register was searched for people registered twice"),
}
