"""Coming home: expected, arrived, expected no longer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from homeward.casework.people import permissions
from homeward.casework.people.models import Person, Return, ReturnWave
from homeward.casework.people.queries import case_of
from homeward.casework.people.rules.returns import (
    RETURN,
    Channel,
    channel_of,
    check_can_arrive,
    expires_on,
)
from homeward.foundation.access.permissions import Permission, require
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator, action, record
from homeward.foundation.institutions.models import Member
from homeward.foundation.jobs.actions import clockwork
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import RuleBroken


@action
def open_wave(
    *, by: Member, code: str, on: date, channel: str = Channel.FORMAL, organiser: str = ""
) -> ReturnWave:
    """The group of people that came home on one day. The same code again gives the wave there is."""
    require(by, permissions.open_wave, by.institution)
    wave = ReturnWave.objects.filter(code=code).first()
    if wave is None:
        wave = ReturnWave(code=code, on=on, channel=channel_of(channel), organiser=organiser.strip())
        wave.save(force_insert=True)
    record("wave.opened", wave, by=by, category=Category.RETURN, code=code, on=on)
    return wave


@action
def expect_return(
    person: Person,
    *,
    by: Member,
    wave: ReturnWave | None = None,
    channel: str = Channel.UNKNOWN,
    origin: str = "",
    expected_on: date | None = None,
) -> Return:
    """Puts a person on the list of those who are expected, for two years unless somebody says so again."""
    require(by, permissions.expect_return, person)
    if Return.objects.select_for_update(no_key=True).filter(person=person).expected():
        raise RuleBroken(_("This person is expected already."), code="return.already_expected")

    expected = Return(
        person=person,
        wave=wave,
        channel=channel_of(channel),
        origin=origin.strip(),
        expected_on=expected_on,
        expires_on=expires_on(today(), expected_on),
        entered_by=by,
    )
    expected.save(force_insert=True)

    record("return.expected", expected, by=by, case=case_of(person, to=by), category=Category.RETURN)
    return expected


@action
def record_arrival(
    return_: Return,
    *,
    by: Member,
    arrived_on: date | None = None,
    wave: ReturnWave | None = None,
    channel: str = "",
) -> Return:
    """The person has arrived. From now on nothing expires by itself."""
    return_ = _locked(return_, permissions.change_return, by)
    day = arrived_on or (wave.on if wave else today())
    check_can_arrive(return_.state, day, today())

    return_.state = RETURN.target("arrive")
    return_.arrived_on, return_.expires_on = day, None
    return_.wave = wave or return_.wave
    return_.channel = channel_of(channel) if channel else return_.channel
    return _saved(return_, "return.arrived", by, on=day)


@action
def expect_again(return_: Return, *, by: Member, expected_on: date | None = None) -> Return:
    """Somebody who was no longer expected is expected after all."""
    return_ = _locked(return_, permissions.change_return, by)
    RETURN.check("expect_again", return_.state)

    return_.state = RETURN.target("expect_again")
    return_.expected_on = expected_on
    return_.expires_on = expires_on(today(), expected_on)
    return _saved(return_, "return.expected", by)


@action
def cancel_return(return_: Return, *, by: Member) -> Return:
    """The return was entered by mistake. The row stays, so that the mistake can be seen; it counts no longer."""
    return_ = _locked(return_, permissions.change_return, by)
    RETURN.check("cancel", return_.state)

    return_.state = RETURN.target("cancel")
    return_.expires_on = None
    return _saved(return_, "return.cancelled", by)


@clockwork
def expire_expected(cursor: Any, *, by: Operator) -> int:
    """Takes everybody off the list of the expected whose time on it is over, in every institution. Returns how many."""
    cursor.execute("select sec.expire_expected()")
    expired: int = cursor.fetchone()[0]
    return expired


def _locked(return_: Return, permission: Permission, by: Member) -> Return:
    require(by, permission, return_)
    return Return.objects.select_for_update(of=("self",), no_key=True).get(permission(by), pk=return_.pk)


def _saved(return_: Return, verb: str, by: Member, **detail: object) -> Return:
    return_.version += 1
    return_.save(
        update_fields=["state", "wave", "channel", "expected_on", "arrived_on", "expires_on", "version"]
    )
    person = Person(pk=return_.person_id)
    record(verb, return_, by=by, case=case_of(person, to=by), category=Category.RETURN, **detail)
    return return_
