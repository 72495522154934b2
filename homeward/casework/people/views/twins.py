"""The pages about records that may be one person: what waits, two side by side, the linkage desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from homeward.casework.people import actions, forms, permissions, queries
from homeward.casework.people.models import PersonTwin
from homeward.casework.people.rules.twins import REFUSED, check_can_confirm
from homeward.foundation.access.permissions import may as may_do
from homeward.foundation.institutions.models import Member
from homeward.foundation.kernel.errors import NotPermitted, Text, objection
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage
from homeward.foundation.web.pages.keyset import Page
from homeward.foundation.web.worklist import Item

# As many as one reads at a glance on the home page.
SHOWN = 5


def _named(request: HttpRequest, page: Page) -> Mapping[str, Any]:
    """Lets each row of the page say whose records they are."""
    known = queries.names_of(page.rows, to=_member(request))
    for row in page.rows:
        row.shown = [known[key] for key in (row.one_id, row.other_id) if key in known]
    return {}


twins = ListPage(
    find=queries.twins,
    order=("-probability", "-id"),
    title=_("Records that may be one person"),
    template="people/twins.html",
    filters=forms.TwinFilter,
    permission=permissions.review_twins,
    recorded="twins.listed",
    extra_of_page=_named,
)


def _beside(request: HttpRequest, pair: PersonTwin) -> Mapping[str, Any]:
    member = _member(request)
    if not may(member, permissions.review_twins):
        raise NotPermitted
    return {
        "pair": pair,
        "sides": queries.sides(pair, to=member),
        "traits": queries.traits_of(pair, to=member),
        "may_confirm": pair.is_proposed and may_do(member, permissions.confirm_merge, pair),
        "may_part": pair.is_merged and may_do(member, permissions.take_apart, pair),
        "is_mine": pair.proposed_by_id == member.pk,
    }


twin = DetailPage(
    find=queries.find_twin,
    template="people/twin.html",
    title=_("One person or two?"),
    recorded="twin.viewed",
    extra=_beside,
)


def _unless(holds: Callable[[PersonTwin], bool], code: str) -> Callable[[HttpRequest, PersonTwin], Text]:
    """For a step that is possible only with a pair of which this is so: why it is not possible with another."""
    return lambda _request, pair: "" if holds(pair) else REFUSED[code]


judge = ActionPage(
    find=queries.find_twin,
    permission=permissions.review_twins,
    action=actions.judge,
    impossible=_unless(lambda pair: pair.is_open or pair.is_proposed, "twin.decided"),
    form=forms.JudgeForm,
    template="people/judge.html",
    title=_("One person or two?"),
    submit=_("Say so"),
    extra=_beside,
    recorded="twin.viewed",
    done=_("Thank you. What you said is on record; about these two nobody is asked the same again."),
)

withdraw = ActionPage(
    find=queries.find_twin,
    permission=permissions.review_twins,
    action=actions.withdraw,
    impossible=_unless(lambda pair: pair.is_proposed, "twin.not_proposed"),
    title=_("Withdraw the proposal"),
    submit=_("Withdraw the proposal"),
    done=_("The proposal has been withdrawn."),
)

reopen = ActionPage(
    find=queries.find_twin,
    permission=permissions.review_twins,
    action=actions.reopen,
    impossible=_unless(lambda pair: pair.can_be_reopened, "twin.unavailable"),
    form=forms.ReasonForm,
    title=_("Look at them again"),
    submit=_("Look at them again"),
    done=_(
        "The two wait again. Somebody else than the one who said so before has to say that they are two people."
    ),
)

confirm_merge = ActionPage(
    find=queries.find_twin,
    permission=permissions.confirm_merge,
    action=actions.confirm_merge,
    impossible=lambda request, pair: (
        objection(check_can_confirm, pair.proposed_by_id, _member(request).pk)
        if pair.is_proposed
        else REFUSED["twin.not_proposed"]
    ),
    template="people/judge.html",
    title=_("Merge the two records"),
    submit=_("Merge"),
    extra=_beside,
    recorded="twin.viewed",
    done=_("The two records are one. If it turns out to be wrong, they can be taken apart again."),
)

take_apart = ActionPage(
    find=queries.find_twin,
    permission=permissions.take_apart,
    action=actions.take_apart,
    impossible=_unless(lambda pair: pair.is_merged, "twin.unavailable"),
    form=forms.ReasonForm,
    template="people/take_apart.html",
    title=_("Take the records apart again"),
    submit=_("Take apart"),
    extra=_beside,
    done=_("There are two records again, each with what was its own."),
)


# --- the linkage desk --------------------------------------------------------------------------------------------


def _desk(*, to: Member) -> list[queries.Waiting]:
    if not may(to, permissions.work_at_desk):
        raise NotPermitted
    return queries.desk(to=to)


desk = DetailPage(find=_desk, template="people/desk.html", title=_("Linkage desk"))


def _judge_at_desk(pair: queries.DeskPair, *, by: Member, **said: Any) -> None:
    actions.desk_judge(pair.as_twin(), by=by, **said)


desk_judge = ActionPage(
    find=queries.desk_pair,
    action=_judge_at_desk,
    form=forms.DeskForm,
    template="people/desk_judge.html",
    title=_("One person or two?"),
    submit=_("Decide"),
    then="people:desk",
    done=_("Decided."),
)


# --- the home page -----------------------------------------------------------------------------------------------


def to_review(*, to: Member) -> Iterable[Item] | None:
    """Pairs that wait for a first word."""
    return _items(queries.to_review(to=to, limit=SHOWN + 1), to=to)


def to_confirm(*, to: Member) -> Iterable[Item] | None:
    """Merges that wait for a second person."""
    return _items(queries.to_confirm(to=to, limit=SHOWN + 1), to=to)


def _items(pairs: list[PersonTwin], *, to: Member) -> list[Item] | None:
    if not may(to, permissions.review_twins):
        return None
    known = queries.names_of(pairs, to=to)
    items = [
        Item(
            " · ".join(known[key] for key in (pair.one_id, pair.other_id) if key in known),
            pair.get_absolute_url(),
            detail=pair.band,
        )
        for pair in pairs[:SHOWN]
    ]
    if len(pairs) > SHOWN:
        items.append(Item(_("All of them"), reverse("people:twins"), leads_on=True))
    return items


def contacts(*, to: Member) -> Iterable[Item] | None:
    """Cases about which another institution should be spoken to: which one, and nothing else."""
    found = queries.contacts_asked(to=to)
    return [
        Item(
            _("{institution} asks for contact about your case {ref}").format(
                institution=institution.label, ref=ref
            ),
            reverse("cases:case", args=[ref]),
        )
        for ref, institution in found
    ] or None


def at_desk(*, to: Member) -> Iterable[Item] | None:
    """What waits for the linkage desk; None for everybody else."""
    if not may(to, permissions.work_at_desk):
        return None
    waiting = [one for one in queries.desk(to=to, limit=SHOWN) if one.asked_at is None]
    return [Item(one.band, reverse("people:desk_judge", args=[one.pk])) for one in waiting]


def _member(request: HttpRequest) -> Member:
    member: Member = request.member  # type: ignore[attr-defined]
    return member
