"""People and cases for tests, made by the same actions an office uses, so that impossible ones cannot be made.

Everything here runs as the member who is given and inside `acting(member)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from homeward.casework.cases import actions
from homeward.casework.cases.models import Case
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.cases.rules.closing import ClosingReason
from homeward.casework.people.actions import NewName, NewPerson, NewReturn, register_many
from homeward.casework.people.models import ReturnWave
from homeward.foundation.access import queries as access
from homeward.foundation.institutions.models import Institution, Municipality
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.dates import PartialDate

GIVEN = ("Ardita", "Besa", "Valbona", "Genta", "Lirije", "Driton", "Sami", "Arben", "Teuta", "Ylber")
_numbers = count(1)


def person(number: int | None = None, **given: Any) -> NewPerson:
    """Somebody to be registered: an adult woman of certain age, unless said otherwise."""
    n = next(_numbers) if number is None else number
    return NewPerson(
        **{
            "names": [NewName(family="Demo", given=GIVEN[n % len(GIVEN)], father="Jusuf")],
            "sex": "F",
            "born": PartialDate(1990, 4, 2),
            **given,
        }
    )


def youth() -> PartialDate:
    """Born sixteen years ago: old enough for probation, young enough for a school."""
    return PartialDate(today().year - 16)


def open_cases(
    people: Sequence[NewPerson], *, by: Any, state: str = State.RECEPTION, **more: Any
) -> list[Case]:
    """Registers these people and opens a case for each, led by the member's institution."""
    registered = register_many(people, by=by)
    return actions.open_many([actions.NewCase(one.person, state, **more) for one in registered], by=by)


def a_case(*, by: Any, state: str = State.RECEPTION, setting: str = Setting.COMMUNITY, **given: Any) -> Case:
    """One case that came to this state by the moves that lead there."""
    start = State.EXPECTED if state in (State.EXPECTED, State.PREPARING, State.WITHDRAWN) else State.RECEPTION
    [case] = open_cases([person(**given)], by=by, state=start)
    for move in _WAYS[State(state)]:
        if move == "activate":
            actions.activate(case, setting=setting, by=by)
        elif move in ("suspend", "withdraw"):
            getattr(actions, move)(case, reason="a test", by=by)
        elif move == "propose_closure":
            actions.propose_closure(case, reason=ClosingReason.GOALS_REACHED, by=by)
        else:
            getattr(actions, move)(case, by=by)
    return case


_TO_ASSESSMENT = ("begin_intake", "begin_assessment")
_WAYS: dict[State, tuple[str, ...]] = {
    State.EXPECTED: (),
    State.PREPARING: ("prepare",),
    State.WITHDRAWN: ("withdraw",),
    State.RECEPTION: (),
    State.INTAKE: ("begin_intake",),
    State.ASSESSMENT: _TO_ASSESSMENT,
    State.PLANNED: (*_TO_ASSESSMENT, "mark_planned"),
    State.ACTIVE: (*_TO_ASSESSMENT, "mark_planned", "activate"),
    State.SUSPENDED: (*_TO_ASSESSMENT, "mark_planned", "activate", "suspend"),
    State.CLOSURE_PROPOSED: (*_TO_ASSESSMENT, "mark_planned", "activate", "propose_closure"),
}


def a_family(*, by: Any, children: int = 3, municipality: str = "mitrovica-south") -> list[Case]:
    """A mother and her children, who arrived together; her case comes first."""
    wave, _new = ReturnWave.objects.get_or_create(code="2019-04-20", defaults={"on": date(2019, 4, 20)})
    home = Municipality.objects.filter(code=municipality).first()
    arrived = NewReturn(wave=wave, channel="formal", arrived_on=date(2019, 4, 20), origin="Al-Hol")
    same: dict[str, Any] = {"household": "one", "municipality": home, "return_": arrived}
    mother = person(0, relation="head", **same)
    young = [
        person(number + 5, relation="child", sex="M", born=PartialDate(today().year - 16 + number), **same)
        for number in range(children)
    ]
    return open_cases([mother, *young], by=by)


def let_in(case: Case, code: str, *, by: Any) -> Any:
    """Another institution takes part in the case, under every protocol there is between the two."""
    institution = Institution.objects.get(code=code)
    protocols = access.protocols_for(institution, lead=by.institution, to=by)
    return actions.involve(case, institution=institution, protocols=protocols, reason="a test", by=by)
