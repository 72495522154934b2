"""Notes, documents and checks: each in its category, each seen by those who may see it and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from homeward.casework.cases import actions, queries
from homeward.casework.cases.models import CaseNote, ChecklistItem, Document, DocumentContent, NoteText
from homeward.casework.cases.models.documents import PIECE, DocumentKeys
from homeward.casework.cases.rules.notes import Label
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.queries import history
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Missing, NotPermitted, RuleBroken
from tests.casework.cases.test_documents_rules import PDF, PNG
from tests.factories.cases import a_case, let_in, youth

SCHOOL, CSW, HEALTH = "school-demo-mitrovica-south", "csw-mitrovica-south", "mental-health-mitrovica-south"


@pytest.fixture
def school(members):
    return members["school-psychologist"]


@pytest.fixture
def clinic(members):
    return members["health-psychologist"]


@pytest.fixture
def case(acting, ana):
    """A case in which a school, a clinic and the Centre for Social Work take part."""
    with acting(ana):
        opened = a_case(by=ana, born=youth())
        for code in (SCHOOL, CSW, HEALTH):
            let_in(opened, code, by=ana)
        return opened


def note(case, category, by, text="seen with her daughter", **more):
    return actions.write_note(
        case,
        **{"category": category, "label": Label.FACT, "happened_on": today(), "text": text, "by": by, **more},
    )


def test_a_note_is_read_where_its_category_is_open(case, acting, ana, school, clinic, carla):
    with acting(school):
        written = note(case, Category.EDUCATION, school)
        assert written.words.body == "seen with her daughter"
        assert history(written) == ["note.written"]
    with acting(ana):  # the division has a summary of education: that there is a note, not what it says
        assert CaseNote.objects.filter(pk=written.pk).exists()
        assert not NoteText.objects.filter(note=written).exists()
        with pytest.raises(Missing):
            queries.note(case.ref, written.pk, to=ana)
    with acting(clinic):
        assert not CaseNote.objects.filter(pk=written.pk).exists()
        private = note(case, Category.COUNSELLING, clinic, "cannot sleep")
        assert queries.note(case.ref, private.pk, to=clinic) == private
    for member in (ana, school, carla):
        with acting(member):
            assert not CaseNote.objects.filter(pk=private.pk).exists()


def test_nobody_writes_where_their_institution_may_not(case, acting, school, edu, ana):
    with acting(school):
        for category in (Category.CASE, Category.HEALTH, Category.RISK):
            with pytest.raises(NotPermitted):
                note(case, category, school)
    with acting(edu), pytest.raises(Missing):
        note(case, Category.CASE, edu)
    with acting(ana), pytest.raises(NotPermitted):
        note(case, Category.HEALTH, ana)


def test_a_note_lacking_something_is_refused(case, acting, school):
    with acting(school):
        for wrong in ({"text": " "}, {"label": "x"}, {"happened_on": today() + timedelta(days=1)}):
            with pytest.raises(RuleBroken):
                note(case, Category.EDUCATION, school, **wrong)


def test_a_wrong_note_is_replaced_and_stays(case, acting, ana, school, members):
    with acting(school):
        wrong = note(case, Category.EDUCATION, school, "third grade")
        right = actions.correct_note(
            wrong, label=Label.FACT, happened_on=today(), text="second grade", by=school
        )
        assert (right.supersedes, right.category, right.words.body) == (wrong, wrong.category, "second grade")
        assert CaseNote.objects.get(pk=wrong.pk).superseded_by == right
        with pytest.raises(RuleBroken):
            actions.correct_note(wrong, label=Label.FACT, happened_on=today(), text="fourth grade", by=school)
        with pytest.raises(RuleBroken):
            actions.correct_note(right, label=Label.FACT, happened_on=today(), text="", by=school)
        assert history(right) == ["note.corrected"]
    with acting(ana), pytest.raises(NotPermitted):
        actions.correct_note(right, label=Label.FACT, happened_on=today(), text="mine", by=ana)


def test_a_caseworker_corrects_own_notes_and_a_coordinator_those_of_the_house(acting, ana, members):
    officer = members["dprrp-officer"]
    with acting(ana):
        case = a_case(by=ana)
        by_ana = note(case, Category.CASE, ana)
    with acting(officer):
        with pytest.raises(NotPermitted):
            actions.correct_note(by_ana, label=Label.FACT, happened_on=today(), text="other", by=officer)
        by_officer = note(case, Category.CASE, officer)
    with acting(ana):
        actions.correct_note(by_officer, label=Label.OPINION, happened_on=today(), text="other", by=ana)


def test_the_database_lets_nobody_change_or_move_a_note(case, acting, school):
    with acting(school):
        written = note(case, Category.EDUCATION, school)
        for change in ({"label": Label.OPINION}, {"category": Category.CASE}):
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                CaseNote.objects.filter(pk=written.pk).update(**change)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            NoteText.objects.filter(note=written).update(body="never said")


def test_words_stand_under_the_category_of_their_header(case, acting, carla):
    with acting(carla):
        header = note(case, Category.NEEDS, carla)
        bare = CaseNote(
            case=case, institution=carla.institution, author=carla, category=Category.NEEDS,
            label=Label.FACT, happened_on=today(), written_at=header.written_at,
        )  # fmt: skip
        bare.save(force_insert=True)
        words = NoteText(
            note=bare, case=case, category=Category.PLAN, institution=carla.institution, body="x"
        )
        with pytest.raises(IntegrityError, match="case_note_text_under_its_header"), transaction.atomic():
            words.save(force_insert=True)


def add(case, by, category=Category.EDUCATION, **more):
    return actions.add_document(
        case,
        **{
            "category": category,
            "title": "Report",
            "file_name": "report.pdf",
            "content": PDF,
            "by": by,
            **more,
        },
    )


def test_a_document_comes_back_as_it_went_in_and_every_copy_is_recorded(case, acting, school):
    large = PDF[:9] + bytes(range(256)) * (PIECE // 128) + PDF[9:]
    with acting(school):
        for content, pieces in ((PDF, 1), (large, 3)):
            document = add(case, school, content=content)
            assert (document.pieces, document.size) == (pieces, len(content))
            assert actions.download_document(document, by=school) == content
            assert history(document) == ["document.added", "document.downloaded"]


def test_the_store_holds_nothing_that_can_be_read(case, acting, school):
    with acting(school):
        document = add(case, school)
        stored = b"".join(bytes(piece.sealed) for piece in DocumentContent.objects.filter(document=document))
        assert b"%PDF" not in stored
        assert b"Catalog" not in stored


def test_a_document_is_opened_where_its_category_is_open(case, acting, ana, school, clinic):
    with acting(school):
        document = add(case, school)
    with acting(ana):  # a summary: the header, not the bytes
        assert queries.document(case.ref, document.pk, to=ana).title == "Report"
        assert not DocumentContent.objects.filter(document=document).exists()
        with pytest.raises(NotPermitted):
            actions.download_document(document, by=ana)
    with acting(clinic):
        with pytest.raises(Missing):
            actions.download_document(document, by=clinic)
        own = add(case, clinic, Category.HEALTH)  # its own file, which nobody else reads
        assert actions.download_document(own, by=clinic) == PDF


def test_what_is_no_document_is_not_kept(case, acting, school):
    with acting(school):
        for wrong, field in (
            ({"content": PNG}, "file"),
            ({"content": b""}, "file"),
            ({"file_name": "report.exe"}, "file"),
            ({"title": " "}, "title"),
        ):
            with pytest.raises(RuleBroken) as refused:
                add(case, school, **wrong)
            assert refused.value.field == field
        with pytest.raises(NotPermitted):
            add(case, school, Category.CASE)
        assert not Document.objects.filter(case=case).exists()


def test_a_document_damaged_in_the_store_is_not_handed_out(case, acting, school, monkeypatch):
    with acting(school):
        document = add(case, school)
        [piece] = DocumentContent.objects.filter(document=document)
        whole = bytes(piece.sealed)
        for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:20]):
            piece.sealed = damaged
            assert document.unseal([piece]) is None
        piece.sealed = whole
        assert document.unseal([piece]) == PDF
        assert document.unseal([]) is None
        assert document.unseal([piece, piece]) is None

        monkeypatch.setattr(Document, "unseal", lambda self, stored: None)
        with pytest.raises(RuleBroken) as refused:
            actions.download_document(document, by=school)
        assert refused.value.code == "documents.damaged"
        assert history(document) == ["document.added"]


def test_a_piece_cannot_be_put_under_another_document(case, acting, school):
    with acting(school):
        one, other = add(case, school), add(case, school)
        [piece] = DocumentContent.objects.filter(document=one)
        assert other.unseal([piece]) is None


def test_keys_are_changed_without_losing_what_they_sealed():
    old = DocumentKeys(["an old long random text"])
    both = DocumentKeys(["a new long random text", "an old long random text"])
    sealed = old.seal(b"kept", b"where")
    assert both.unseal(old.current, sealed, b"where") == b"kept"
    assert both.current != old.current
    assert old.unseal(both.current, both.seal(b"new", b"where"), b"where") is None
    for wrong in ([], ["short"]):
        with pytest.raises(Exception, match="DOCUMENT_KEY"):
            DocumentKeys(wrong)


def test_each_does_the_checks_of_their_own_category(case, acting, ana, clinic, school):
    with acting(ana):
        grown = a_case(by=ana)
        for code in (CSW, HEALTH):
            let_in(grown, code, by=ana)
    with acting(clinic):
        [medical, psychosocial] = queries.open_checks(queries.one(grown.ref, to=clinic), to=clinic)
        assert (medical.check.code, psychosocial.check.code) == ("medical_triage", "psychosocial_triage")
        assert (medical.can_tick, medical.item) == (True, None)
        item = actions.tick(grown, code="medical_triage", by=clinic)
        assert history(item) == ["check.ticked"]
        with pytest.raises(NotPermitted):
            actions.tick(grown, code="identity", by=clinic)
    with acting(ana):
        codes = [answer.check.code for answer in queries.open_checks(queries.one(grown.ref, to=ana), to=ana)]
        assert codes == ["identity", "documents", "package", "family_unity", "accommodation"]
        with pytest.raises(NotPermitted):
            actions.tick(grown, code="medical_triage", by=ana)
        with pytest.raises(RuleBroken):
            actions.tick(grown, code="identity", result="not_needed", by=ana)
        with pytest.raises(RuleBroken):
            actions.tick(grown, code="guardian", by=ana)  # an adult needs none
        actions.tick(grown, code="identity", by=ana)
        actions.tick(grown, code="identity", result="not_needed", why="known since 2019", by=ana)
        assert ChecklistItem.objects.get(case=grown, code="identity").why == "known since 2019"
    with acting(school):
        assert queries.open_checks(queries.one(case.ref, to=school), to=school) == []


def test_a_check_is_done_once_even_by_those_who_do_not_see_each_other(case, acting, ana, carla):
    with acting(ana):
        actions.tick(case, code="accommodation", by=ana)
    with acting(carla):
        with pytest.raises(RuleBroken) as refused:
            actions.tick(case, code="accommodation", by=carla)
        assert refused.value.code == "checks.already"
        shown = {
            answer.check.code: answer
            for answer in queries.open_checks(queries.one(case.ref, to=carla), to=carla)
        }
        assert (shown["accommodation"].can_tick, shown["accommodation"].item.institution) == (
            False,
            ana.institution,
        )
