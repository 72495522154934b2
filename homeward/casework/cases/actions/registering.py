"""Registering somebody at a desk: only after everybody like them has been looked at."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from homeward.casework.cases import permissions
from homeward.casework.cases.actions.opening import open_case
from homeward.casework.cases.models import Case
from homeward.casework.cases.rules.care import State
from homeward.casework.people.actions import NewName, NewPerson, register_many, tell_apart
from homeward.casework.people.queries import alike
from homeward.casework.people.rules.persons import Sex
from homeward.foundation.access.permissions import require
from homeward.foundation.audit.actions import action
from homeward.foundation.institutions.models import Member, Municipality
from homeward.foundation.kernel.dates import PartialDate
from homeward.foundation.kernel.errors import RuleBroken


@action
def register(
    *,
    given: str,
    family: str,
    father: str = "",
    sex: str = Sex.UNKNOWN,
    born: PartialDate | None = None,
    municipality: Municipality | None = None,
    state: str = State.RECEPTION,
    others: Collection[str] = (),
    by: Member,
) -> Case:
    """Somebody who is not on record yet is registered, and gets a case that the member's institution leads.

    `others` are the references of people who are alike and of whom the member has said that they are somebody else. Raises
    `RuleBroken` (field `others`) while there is anybody alike of whom that was not said: whoever registers has searched.
    """
    require(by, permissions.register, by.institution)
    found = alike(f"{given} {family}", born=born, sex=sex, to=by)
    if any(one.person.ref not in others for one in found):
        raise RuleBroken(
            _(
                "There are people like that on record. Say of each that it is somebody else, or open their page."
            ),
            field="others",
            code="register.alike",
        )

    [registered] = register_many(
        [
            NewPerson(
                names=[NewName(family=family.strip(), given=given.strip(), father=father.strip())],
                sex=sex,
                born=born,
                municipality=municipality,
            )
        ],
        by=by,
    )
    case = open_case(registered.person, state=state, by=by)

    if found:
        # Remembered, so that nobody is asked about the two again.
        tell_apart(registered.person, [one.person for one in found], by=by)
    return case
