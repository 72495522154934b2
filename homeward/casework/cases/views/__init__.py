"""The pages of the cases: the list, one case, a family, and everything that can be done with a case."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from homeward.casework.cases import actions, forms, permissions, queries
from homeward.casework.cases.models import Care, Case
from homeward.casework.cases.queries import Ending, Figures, Opening
from homeward.casework.cases.rules import closing_blockers, tracks
from homeward.casework.cases.rules.care import State, moves_by_hand, why_not
from homeward.casework.cases.rules.checks import BY_CODE
from homeward.casework.cases.rules.retention import has_ended
from homeward.casework.cases.views.rooms import register
from homeward.foundation.access import queries as access
from homeward.foundation.access.actions import lift_exclusion as lift
from homeward.foundation.access.models import Involvement
from homeward.foundation.access.permissions import lift_exclusion as lift_permission
from homeward.foundation.access.rules import Category
from homeward.foundation.institutions.models import Institution, Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken, Text
from homeward.foundation.web.navigation import may
from homeward.foundation.web.pages import ActionPage, DetailPage, ListPage, signed_in
from homeward.foundation.web.pages.doorway import member_of

__all__ = ["register"]

# Which power each move takes; a move that is not here is no button.
MOVES = {
    "prepare": "work",
    "receive": "work",
    "withdraw": "work",
    "begin_intake": "work",
    "begin_assessment": "work",
    "mark_planned": "work",
    "activate": "work",
    "suspend": "work",
    "resume": "work",
    "transfer": "change_lead",
    "take_over": "change_lead",
    "propose_closure": "work",
    "confirm_closure": "close",
    "reject_closure": "work",
    "reopen": "close",
    "archive": "archive",
    "keep_longer": "end_retention",
    "propose_erasure": "work",
    "erase": "end_retention",
}
# What leads on stands first and bold; what stops or ends a case is there, and quieter.
LEADS_ON = frozenset(
    {
        "prepare",
        "receive",
        "begin_intake",
        "begin_assessment",
        "mark_planned",
        "activate",
        "resume",
        "take_over",
        "confirm_closure",
    }
)


def _title(case: Case) -> str:
    """The name, for whoever may know it; else the reference."""
    return case.known_person.full_name if case.known_person else case.ref


def _known(request: HttpRequest) -> Mapping[str, Any]:
    known = queries.known_categories(to=member_of(request))
    return {
        "today": today(),
        "sees_standing": Category.CASE in known,
        "sees_people": Category.IDENTITY in known,
    }


index = ListPage(
    find=queries.in_sight,
    order=("-opened_at", "-case_id"),
    title=_("Cases"),
    template="cases/list.html",
    filters=forms.CaseFilters,
    permission=permissions.browse,
    recorded="cases.listed",
    extra=_known,
)


def _is_offered(name: str, care: Care, member: Member) -> bool:
    """Is there anything to be done with this button, for this member, today?"""
    if name == "confirm_closure":
        return care.closure_proposed_by_id != member.pk
    if name == "propose_erasure":
        return has_ended(care.keep_until, today()) and care.erasure_proposed_by_id is None
    if name == "erase":
        return care.erasure_proposed_by_id not in (None, member.pk)
    return True


def _around(request: HttpRequest, case: Case) -> Mapping[str, Any]:
    """What the head of a case page shows: where it stands, who is asked when it is late, and what can be done."""
    member = member_of(request)
    care = case.standing
    powers = queries.powers_of(case, to=member)
    possible = [
        (name, label, name in LEADS_ON)
        for name, label in (moves_by_hand(care.state) if care else [])
        if care and MOVES[name] in powers and _is_offered(name, care, member)
    ]
    return {
        "case": case,
        "care": care,
        "today": today(),
        "powers": powers,
        "moves": sorted(possible, key=lambda move: not move[2]),
        "waits_for_second": care is not None
        and care.state == State.CLOSURE_PROPOSED
        and care.closure_proposed_by_id == member.pk,
        "retention_ended": care is not None and has_ended(care.keep_until, today()),
        "erasure_waits_for_second": care is not None and care.erasure_proposed_by_id == member.pk,
        "owners": queries.escalation_owners(case, to=member),
        "tracks": tracks.lines(
            case,
            to=member,
            categories={c for c in Category if queries.sight_of(case, to=member).summarises(c)},
        ),
        "sight": queries.sight_of(case, to=member),
    }


case = DetailPage(
    find=queries.one, template="cases/case.html", title=_title, recorded="case.viewed", extra=_around
)

family = DetailPage(
    find=queries.family,
    template="cases/family.html",
    title=_("Family"),
    recorded="family.viewed",
    recorded_of=lambda found: found.household,
    extra=lambda request, found: {"today": today(), "household": found.household},
)


def _figures(*, to: Member) -> Figures:
    if not may(to, permissions.lead):
        raise NotPermitted
    return queries.figures(to=to)


overview = DetailPage(find=_figures, template="cases/overview.html", title=_("Overview"))


def _own_office(*, to: Member) -> Institution:
    return to.institution


def _register(_office: Institution, *, by: Member, **given: Any) -> Case:
    return actions.register(by=by, **given)


register_person = ActionPage(
    find=_own_office,
    permission=permissions.register,
    action=_register,
    form=forms.RegisterForm,
    title=_("Register somebody"),
    submit=_("Register"),
    template="cases/register.html",
    done=_("Registered. The case is open."),
)


# --- moving ------------------------------------------------------------------------------------------------


def _version(case: Case) -> dict[str, Any]:
    return {"version": case.standing.version if case.standing else None}


def _head(request: HttpRequest, case: Case) -> Mapping[str, Any]:
    return {"case": case, "care": case.standing}


def _blockers(request: HttpRequest, case: Case) -> Mapping[str, Any]:
    """What other rooms still have open, before anybody tries."""
    return {**_head(request, case), "blockers": closing_blockers.of(case, by=member_of(request))}


def _move(action: Any, permission: Any, form: Any = forms.VersionForm, **more: Any) -> ActionPage:
    """One button of a case: the form asks what it takes, and carries what stood there when the page was opened.

    In a state from which the move does not lead, the page says so and asks nothing.
    """

    def impossible(_request: HttpRequest, case: Case) -> Text:
        return why_not(action.__name__, case.standing.state) if case.standing else ""

    return ActionPage(
        find=queries.one,
        permission=permission,
        action=action,
        form=form,
        initial=_version,
        recorded="case.viewed",
        **{
            "template": "cases/move.html",
            "extra": _head,
            "impossible": impossible,
            "then": lambda care: care.case.get_absolute_url(),
            **more,
        },
    )


prepare = _move(
    actions.prepare,
    permissions.work,
    title=_("Prepare the arrival"),
    submit=_("Prepare"),
    done=_("The arrival is being prepared."),
)
receive = _move(
    actions.receive,
    permissions.work,
    forms.ReceiveForm,
    title=_("The person is here"),
    submit=_("Receive"),
    done=_("Received. The first checks are open."),
)
withdraw = _move(
    actions.withdraw,
    permissions.work,
    forms.ReasonForm,
    title=_("The person is not coming"),
    submit=_("Withdraw"),
    done=_("Withdrawn."),
)
begin_intake = _move(
    actions.begin_intake,
    permissions.work,
    title=_("Begin the intake"),
    submit=_("Begin intake"),
    done=_("The intake has begun."),
)
begin_assessment = _move(
    actions.begin_assessment,
    permissions.work,
    title=_("Begin the assessment"),
    submit=_("Begin assessment"),
    done=_("The assessment has begun."),
)
mark_planned = _move(
    actions.mark_planned,
    permissions.work,
    title=_("There is a plan"),
    submit=_("Mark planned"),
    done=_("Marked as planned."),
)
activate = _move(
    actions.activate,
    permissions.work,
    forms.ActivateForm,
    title=_("Carry out the plan"),
    submit=_("Activate"),
    done=_("The plan is being carried out."),
)
suspend = _move(
    actions.suspend,
    permissions.work,
    forms.ReasonForm,
    title=_("Let the case rest"),
    submit=_("Suspend"),
    done=_("The case rests."),
)
resume = _move(
    actions.resume,
    permissions.work,
    title=_("Go on with the case"),
    submit=_("Resume"),
    done=_("The case goes on."),
)
transfer = _move(
    actions.transfer,
    permissions.change_lead,
    forms.TransferForm,
    title=_("Hand the lead to another institution"),
    submit=_("Transfer"),
    then="cases:index",
    done=_("The lead was handed over. Your institution sees only what it takes part in from now on."),
)
take_over = _move(
    actions.take_over,
    permissions.change_lead,
    title=_("Take the case over"),
    submit=_("Take over"),
    done=_("Your institution leads this case now."),
)
propose_closure = _move(
    actions.propose_closure,
    permissions.work,
    forms.ProposeClosureForm,
    title=_("Propose to close the case"),
    submit=_("Propose closure"),
    extra=_blockers,
    done=_("Proposed. A second person has to confirm it."),
)
confirm_closure = _move(
    actions.confirm_closure,
    permissions.close,
    title=_("Confirm that the case is closed"),
    submit=_("Confirm closure"),
    extra=_blockers,
    done=_("The case is closed."),
)
reject_closure = _move(
    actions.reject_closure,
    permissions.work,
    forms.ReasonForm,
    title=_("Keep the case open"),
    submit=_("Reject closure"),
    done=_("The case stays open."),
)
reopen = _move(
    actions.reopen,
    permissions.close,
    forms.ReasonForm,
    title=_("Open the case again"),
    submit=_("Reopen"),
    done=_("The case is open again."),
)
archive = _move(
    actions.archive,
    permissions.archive,
    title=_("Put the case away"),
    submit=_("Archive"),
    done=_("The case is archived."),
)

keep_longer = _move(
    actions.keep_longer,
    permissions.end_retention,
    forms.KeepLongerForm,
    title=_("Keep the case longer"),
    submit=_("Keep longer"),
    done=_("The case is kept longer."),
)


def _destroying(request: HttpRequest, case: Case) -> Mapping[str, Any]:
    """Exactly what would be destroyed, and what keeps it, before anybody decides."""
    member = member_of(request)
    return {
        **_head(request, case),
        "kinds": queries.to_be_erased(case, to=member),
        "remark": queries.remark_on_erasure(case, to=member),
        "kept": [*closing_blockers.of(case, by=member), *queries.kept_by(case, to=member)],
    }


propose_erasure = _move(
    actions.propose_erasure,
    permissions.work,
    forms.ProposeErasureForm,
    title=_("Propose to erase the case"),
    submit=_("Propose erasure"),
    template="cases/erase.html",
    extra=_destroying,
    done=_("Proposed. A second person has to confirm it."),
)
erase = _move(
    actions.erase,
    permissions.end_retention,
    title=_("Erase the case and the person"),
    submit=_("Erase for good"),
    template="cases/erase.html",
    extra=_destroying,
    then="cases:index",
    done=_("The case and everything about the person have been erased."),
)


# --- people on the case ------------------------------------------------------------------------------------

name_contact = _move(
    actions.name_contact,
    permissions.work,
    forms.ContactForm,
    title=_("Name the contact"),
    submit=_("Appoint"),
    done=_("The contact is named."),
)

assign = ActionPage(
    find=queries.one,
    permission=permissions.assign,
    form=forms.AssignForm,
    action=actions.assign,
    title=_("Name somebody on the case"),
    submit=_("Assign"),
    then=lambda place: place.case.get_absolute_url(),
    done=_("The colleague works on this case now."),
)
remove_from_team = ActionPage(
    find=queries.team_place,
    permission=permissions.remove_from_team,
    action=actions.remove_from_team,
    title=_("Take somebody off the case"),
    submit=_("Take off"),
    done=_("The colleague does not work on this case any more."),
)

exclude = ActionPage(
    find=queries.one,
    permission=permissions.exclude,
    form=forms.ExcludeForm,
    action=actions.exclude,
    title=_("Keep somebody away from this case"),
    submit=_("Keep away"),
    template="cases/exclude.html",
    extra=lambda request, case: {"case": case},
    then="cases:exclusions",
    done=_("Saved. It counts from the next page on."),
)
exclusions = ListPage(
    find=queries.exclusions,
    order=("-excluded_at", "-id"),
    title=_("Who is kept away from a case"),
    template="cases/exclusions.html",
)
lift_exclusion = ActionPage(
    find=access.exclusion,
    permission=lift_permission,
    action=lift,
    title=lambda exclusion: _("%(name)s may see the case again") % {"name": exclusion.member.name},
    submit=_("Let in again"),
    template="cases/lift_exclusion.html",
    then="cases:exclusions",
    done=_("Saved. It counts from the next page on."),
)

# --- notes, documents, checks ------------------------------------------------------------------------------

write_note = ActionPage(
    find=queries.one,
    permission=permissions.write_note,
    form=forms.NoteForm,
    action=actions.write_note,
    title=_("Write a note"),
    submit=_("Save the note"),
    then=lambda note: note.case.get_absolute_url(),
    done=_("The note is saved."),
)
correct_note = ActionPage(
    find=queries.note,
    permission=permissions.correct_note,
    form=forms.CorrectNoteForm,
    action=actions.correct_note,
    title=_("Correct a note"),
    submit=_("Save the correction"),
    template="cases/correct_note.html",
    recorded="note.viewed",
    then=lambda note: note.case.get_absolute_url(),
    done=_("The correction is saved. The earlier note stays and shows that it was replaced."),
)
add_document = ActionPage(
    find=queries.one,
    permission=permissions.add_document,
    form=forms.DocumentForm,
    action=actions.add_document,
    title=_("Add a document"),
    submit=_("Add"),
    then=lambda document: document.case.get_absolute_url(),
    done=_("The document is kept, encrypted."),
)


@require_safe
@signed_in
def download_document(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """A copy of a document, as a file and never as a page: what stands in it is not ours."""
    member = member_of(request)
    document = queries.document(ref, pk, to=member)
    try:
        content = actions.download_document(document, by=member)
    except RuleBroken as refusal:
        messages.error(request, str(refusal.message))
        return redirect(document.case)
    return HttpResponse(
        content,
        content_type=document.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, document.file_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
        },
    )


@signed_in
def tick(request: HttpRequest, ref: str, code: str) -> HttpResponse:
    """One check of a case, done or not needed."""
    if code not in BY_CODE:
        raise Missing
    check = BY_CODE[code]
    page = ActionPage(
        find=queries.one,
        permission=permissions.write(check.category),
        form=forms.TickForm,
        action=lambda case, *, by, **given: actions.tick(case, code=code, by=by, **given),
        title=check.title,
        template="cases/tick.html",
        recorded="case.viewed",
        then=lambda item: item.case.get_absolute_url(),
        extra=lambda request, case: {"case": case, "check": check},
        done=_("Saved."),
    )
    return page(request, ref=ref)


# --- other institutions ------------------------------------------------------------------------------------


def _openings(ref: str, *, to: Member, **narrowed: Any) -> list[Opening]:
    case = queries.one(ref, to=to)
    if "involve" not in queries.powers_of(case, to=to):
        raise NotPermitted
    return queries.openings(ref, to=to, **narrowed)


@require_safe
@signed_in
def openings(request: HttpRequest, ref: str) -> HttpResponse:
    """Which institutions a protocol lets into this case."""
    filters = forms.OpeningFilters(request.GET or None, member=member_of(request))
    narrowed = filters.cleaned_data if filters.is_valid() else {}
    page = DetailPage(
        find=partial(_openings, **narrowed),
        template="cases/openings.html",
        title=_("Involve an institution"),
        extra=lambda request, found: {
            "case": queries.one(ref, to=member_of(request)),
            "filters": filters,
            "near": [opening for opening in found if opening.is_near],
            "elsewhere": [opening for opening in found if not opening.is_near],
        },
    )
    return page(request, ref=ref)


def _involve(opening: Opening, *, by: Member, **given: Any) -> Involvement:
    return actions.involve(opening.case, institution=opening.institution, by=by, **given)


def _opening(ref: str, code: str, *, to: Member) -> Opening:
    found = queries.opening(ref, code, to=to)
    if "involve" not in queries.powers_of(found.case, to=to):
        raise NotPermitted
    return found


involve = ActionPage(
    find=_opening,
    form=forms.InvolveForm,
    action=_involve,
    title=lambda opening: opening.institution.label,
    submit=_("Involve"),
    template="cases/involve.html",
    recorded="case.viewed",
    recorded_of=lambda opening: opening.case,
    extra=lambda request, opening: {"case": opening.case},
    done=_("The institution takes part in this case now."),
)


def _ending(ref: str, pk: UUID, *, to: Member) -> Ending:
    found = queries.ending(ref, pk, to=to)
    if "involve" not in queries.powers_of(found.case, to=to):
        raise NotPermitted
    return found


def _end(found: Ending, *, by: Member, **given: Any) -> Involvement:
    return actions.end_involvement(found.involvement, by=by, **given)


end_involvement = ActionPage(
    find=_ending,
    form=forms.EndInvolvementForm,
    action=_end,
    title=lambda found: found.involvement.institution.label,
    submit=_("End"),
    template="cases/end_involvement.html",
    done=_("The institution does not take part any more. What it wrote stays."),
)
