"""One's own ledger, one entry, and every step of its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.forms.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from homeward.casework.assistance import actions, forms, permissions, queries
from homeward.casework.assistance.models import Entry
from homeward.casework.assistance.rules.entries import (
    GIFT,
    WORDS_OF_MOVES,
    Bar,
    Reason,
    State,
    Why,
    check_can_adjust,
    needs_second,
)
from homeward.casework.cases import queries as cases
from homeward.casework.cases.models import Case
from homeward.foundation.access.permissions import may as may_do
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import Text, objection
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage


def _beside_the_list(request: HttpRequest) -> Mapping[str, Any]:
    member: Member = request.member  # type: ignore[attr-defined]
    return {
        "may_account": may(member, permissions.account),
        "may_oversee": may(member, permissions.oversee),
        "may_ask": may(member, permissions.ask),
    }


index = ListPage(
    find=queries.ledger,
    order=("-requested_at", "-pk"),
    title=pgettext_lazy("support", "Support"),
    template="assistance/ledger.html",
    filters=forms.LedgerFilters,
    permission=permissions.see_ledger,
    recorded="assistance.listed",
    extra=_beside_the_list,
)

# What can be done with an entry, in the order of the buttons, and who may.
STEPS = {
    "approve": permissions.approve,
    "countersign": permissions.countersign,
    "release": permissions.release,
    "relieve": permissions.relieve,
    "confirm": permissions.confirm,
    "take_back": permissions.take_back,
    "stop": permissions.stop,
    "reverse": permissions.reverse,
}
LEADING_ON = ("approve", "countersign", "release", "confirm")
# Who holds no such role is told who does.
WITHOUT_THE_ROLE = {"countersign": Bar.SECOND, "confirm": Bar.AFTERWARDS}
OF_ANSWERING = ("countersign", "confirm", "reverse")


def _possible(
    member: Member, entry: Entry, *, is_open: bool
) -> tuple[list[tuple[str, Any, bool]], list[Text]]:
    """The moves this member can make now, as buttons; and of those that only somebody else can make, who that is."""
    names = entry.moves - ({"relieve"} if entry.kind.emergency_up_to is None else set())
    hands = queries.hands_on(entry, to=member, is_open=is_open)
    bars = hands.barred(member.account_id)
    buttons: list[tuple[str, Any, bool]] = []
    others: dict[Bar, list[str]] = {}
    for name, permission in STEPS.items():
        if name not in names:
            continue
        if may(member, permission) and name not in bars:
            buttons.append((name, WORDS_OF_MOVES[name], name in LEADING_ON))
        elif bar := (bars if may(member, permission) else WITHOUT_THE_ROLE).get(name):
            others.setdefault(bar, []).append(name)
    return buttons, [line for bar, moves in others.items() for line in _who_can(member, bar, moves, hands)]


def _who_can(member: Member, bar: Bar, moves: list[str], hands: queries.Hands) -> list[Text]:
    """Who can make one of these moves instead; and that nobody is left at the institution, where that is so."""
    for name in moves:
        roles = permissions.ANSWERING if name in OF_ANSWERING else permissions.WORKING
        if any(name not in hands.barred(one) for one in queries.colleagues_who(*roles, to=member)):
            return [bar.label]
    return [bar.label, NOBODY_ELSE]


NOBODY_ELSE = _("Your institution has nobody else who may do this: its second person is missing.")


def _warns(meetings: Iterable[queries.Meeting]) -> bool:
    """Does it overlap with something that nobody has settled as right?"""
    return any(not one.is_right for one in meetings)


def _about(request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    """What stands on the page of an entry: where it overlaps and whom to ask, its steps, what one may do with it and who can do
    the rest."""
    member: Member = request.member  # type: ignore[attr-defined]
    meetings = queries.meetings_of(entry, to=member) if entry.is_live else []
    warns = _warns(meetings)
    is_own = entry.payer_id == member.institution_id
    works = is_own and may_do(member, permissions.work, entry)
    steps, others = _possible(member, entry, is_open=warns) if works else ([], [])
    waits = entry.state in ("requested", "signed", "approved")
    return {
        "meetings": meetings,
        "warns": warns,
        "ask": next((one.ask for one in meetings if one.ask), None),
        "own_doubles": queries.own_doubles(entry, to=member) if is_own and meetings else [],
        "is_asked": permissions.is_asked(member),
        "may_oversee": may(member, permissions.oversee),
        "steps_to_take": steps,
        "somebody_else": others,
        "may_justify": works and warns,
        "may_adjust": works and waits,
        "may_stop": works and waits,
        "steps": [(WORDS_OF_STEPS.get(one.move, one.move), one, REASONS.get(one.reason, "")) for one in queries.steps_of(entry, to=member)],
        "notes": queries.notes_of(entry, to=member),
        "is_own": is_own,
    }  # fmt: skip


WORDS_OF_STEPS = {
    "approve": pgettext_lazy("what was done with support", "Approved"),
    "countersign": pgettext_lazy("what was done with support", "Signed by a second person"),
    "release": pgettext_lazy("what was done with support", "Released"),
    "relieve": pgettext_lazy("what was done with support", "Given at once"),
    "confirm": pgettext_lazy("what was done with support", "Approved afterwards"),
    "take_back": pgettext_lazy("what was done with support", "Returned"),
    "stop": pgettext_lazy("what was done with support", "Stopped"),
    "reverse": pgettext_lazy("what was done with support", "Reversed"),
    "justify": pgettext_lazy("what was done with support", "Said why both are needed"),
    "kept": pgettext_lazy("what was done with support", "Taken in from a list"),
}
REASONS = dict([*Reason.choices, *Why.choices])

entry = DetailPage(
    find=queries.entry,
    template="assistance/entry.html",
    title=lambda found: f"{found.kind}, {found.ref}",
    recorded="assistance.viewed",
    extra=_about,
)


def _known_sources(request: HttpRequest, case: Case) -> Mapping[str, Any]:
    """So that one budget does not get two names."""
    return {"sources": queries.sources(to=request.member)}  # type: ignore[attr-defined]


request = ActionPage(
    find=cases.one,
    permission=permissions.request,
    form=forms.RequestForm,
    action=actions.request,
    template="assistance/request.html",
    title=_("Request support"),
    submit=_("Request"),
    then=lambda made: made.get_absolute_url(),
    done=_("The request stands in the ledger."),
    extra=_known_sources,
)


class StepPage(ActionPage):
    """One step of an entry. Where `done` says nothing, the state it has come to says what follows."""

    def _do(self, request: HttpRequest, member: Any, found: Any, form: BaseForm) -> HttpResponse:
        answer = super()._do(request, member, found, form)
        if self.done is None and isinstance(answer, HttpResponseRedirect):
            messages.success(request, AFTER_SIGNING[queries.entry(found.ref, to=member).state])
        return answer


AFTER_SIGNING: Mapping[str, Text] = {
    State.APPROVED: _("The support is approved."),
    State.SIGNED: _("Signed. The support now waits for a second signature, of somebody else."),
}


def _why_not(name: str, member: Member, entry: Entry) -> Text:
    """Why this member cannot make this move with the entry as it stands: its state, or what they have done with it before."""
    if why := objection(GIFT.check, name, entry.state):
        return why
    bars = queries.hands_on(entry, to=member, is_open=True).barred(member.account_id)
    # Whether it still overlaps is asked of the database, which logs the question, only where something hangs on it.
    if bars.get(name) is Bar.JUSTIFIED and not _warns(queries.meetings_of(entry, to=member)):
        bars = queries.hands_on(entry, to=member, is_open=False).barred(member.account_id)
    return bars[name].label if name in bars else ""


def _step(name: str, *, form: Any = forms.NoteForm, done: Any = None, hint: Any = "") -> ActionPage:
    """A page of one step; `hint` is a sentence, or what makes one of the entry."""
    return StepPage(
        find=queries.entry,
        permission=STEPS[name],
        form=form,
        action=getattr(actions, name),
        template="assistance/step.html",
        title=WORDS_OF_MOVES[name],
        submit=WORDS_OF_MOVES[name],
        done=done,
        impossible=lambda request, found: _why_not(name, request.member, found),  # type: ignore[attr-defined]
        extra=lambda request, found: {
            "hint": hint(request, found) if callable(hint) else hint,
            "entry": found,
            "entry_url": found.get_absolute_url(),
        },
    )


def _who_signs(request: HttpRequest, found: Entry) -> Any:
    beside = queries.counted_with(found, to=request.member)  # type: ignore[attr-defined]
    if needs_second([found.amount, *(one.amount for one in beside)], found.kind.second_above):
        return _(
            "Somebody else signs after you: with what your institution gives of this kind within thirty days it is more than "
            "one person signs for, or it has no amount."
        )
    return ""


approve = _step("approve", hint=_who_signs)
countersign = _step(
    "countersign",
    done=_("The support is approved."),
    hint=_("You sign as the second person: not the one who approved."),
)
release = _step(
    "release",
    done=_("The support is released."),
    hint=_("What others have begun to give since the request is looked for once more."),
)
relieve = _step(
    "relieve",
    done=_("Recorded. Somebody else approves it afterwards."),
    hint=_("For an emergency: hand it over now. A coordinator or supervisor approves it afterwards."),
)
confirm = _step(
    "confirm",
    done=_("The support is approved."),
    hint=_("What others give is looked for now, as at a release."),
)
take_back = _step(
    "take_back",
    form=forms.WhyForm,
    done=_("Recorded: it counts no longer."),
    hint=_("For what came back as a whole. Somebody else than whoever paid it records that."),
)
stop = _step(
    "stop",
    form=forms.WhyForm,
    done=_("The support is stopped."),
    hint=_("Nothing is paid, and its days are free."),
)
reverse = _step(
    "reverse",
    form=forms.WhyForm,
    done=_("The entry is reversed."),
    hint=_(
        "The entry stays for everybody to read, counts for nothing, and its reference can be used again. Somebody else than "
        "whoever paid it does this."
    ),
)

justify = ActionPage(
    find=queries.entry,
    permission=permissions.justify,
    form=forms.JustifyForm,
    action=actions.justify,
    template="assistance/step.html",
    title=_("Say why both are needed"),
    done=_("Saved. Somebody else of your institution decides whether that is enough."),
    extra=lambda request, found: {
        "hint": _("Look at both first. Somebody else than you then lets it go on.")
        if permissions.is_asked(request.member)  # type: ignore[attr-defined]
        else _("Ask first. Somebody else than you then lets it go on."),
        "entry": found,
        "entry_url": found.get_absolute_url(),
    },
)

adjust = ActionPage(
    find=queries.entry,
    permission=permissions.adjust,
    form=forms.AdjustForm,
    action=actions.adjust,
    initial=forms.days_of,
    impossible=lambda _request, found: objection(check_can_adjust, found.state),
    template="assistance/step.html",
    title=_("Change the days"),
    then=lambda made: made.get_absolute_url(),
    done=_("The days are changed: a new entry takes the place of the former one."),
    extra=lambda request, found: {
        "hint": _(
            "The amount is for all the days together, and is not divided by itself: say how much it is for the new days. The "
            "former entry is stopped and stays readable; the new one is asked for anew."
        ),
        "entry": found,
        "entry_url": found.get_absolute_url(),
    },
)
