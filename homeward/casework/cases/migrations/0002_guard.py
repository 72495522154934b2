"""Row-level security of the cases, and the ties that hold the parts of one record together."""

from django.db import migrations

from homeward.foundation.access.operations import Protect, ProtectWith
from homeward.foundation.access.rules import Category, Depth

STANDING = (
    "lead_id",
    "state",
    "state_entered_on",
    "due_on",
    "escalates_to",
    "setting",
    "previous_state",
    "named_contact_id",
    "closure_proposed_by_id",
    "closure_proposed_at",
    "closing_reason",
    "closed_by_id",
    "closed_at",
    "version",
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("access", "0002_rule")]

    operations = [
        # That there is a case, and its reference: everybody who has any door into it. What it is about: no column here.
        ProtectWith(
            "case_file",
            seen="exists (select 1 from app.case_access a where a.case_id = case_file.id)",
            added="sec.shares(id)",
            changed="exists (select 1 from app.case_access_cat a"
            " where a.case_id = case_file.id and a.category = 3 and a.can_write)",  # 3 is Category.CASE
            updates=("checks",),
            key="id",
            about="case",
            stays=True,
        ),
        Protect("case_care", category=Category.CASE, depth=Depth.SUMMARY, updates=STANDING, stays=True),
        Protect("case_move", category=Category.CASE, owner="institution_id", updates=(), stays=True),
        Protect(
            "case_team_member",
            category=Category.CASE,
            owner="institution_id",
            depth=Depth.SUMMARY,
            updates=("ends_on",),
        ),
        Protect("case_note", category="category", owner="institution_id", depth=Depth.SUMMARY, updates=()),
        Protect("case_note_text", category="category", owner="institution_id", updates=()),
        Protect(
            "case_document", category="category", owner="institution_id", depth=Depth.SUMMARY, updates=()
        ),
        Protect("case_document_content", category="category", owner="institution_id", updates=()),
        Protect(
            "case_check",
            category="category",
            owner="institution_id",
            depth=Depth.SUMMARY,
            updates=("result", "why", "ticked_by_id", "ticked_at"),
        ),
        # A case is, in every part, what the guard believes it to be; who leads it is asked when the transaction ends,
        # because the anchor and the case change one after the other when the lead is handed over.
        migrations.RunSQL(
            "alter table app.case_anchor add constraint case_anchor_whole unique (case_id, ref, person_id);"
            " alter table app.case_anchor add constraint case_anchor_led unique (case_id, lead_id);"
            " alter table app.case_file add constraint case_file_is_its_anchor"
            " foreign key (id, ref, person_id) references app.case_anchor (case_id, ref, person_id);"
            " alter table app.case_care add constraint case_care_is_led_as_its_anchor"
            " foreign key (case_id, lead_id) references app.case_anchor (case_id, lead_id) deferrable initially deferred",
            "alter table app.case_care drop constraint case_care_is_led_as_its_anchor;"
            " alter table app.case_file drop constraint case_file_is_its_anchor;"
            " alter table app.case_anchor drop constraint case_anchor_led;"
            " alter table app.case_anchor drop constraint case_anchor_whole",
        ),
        # Words and bytes stand under exactly the category and the institution of their header, or they would be
        # guarded by another rule than the one people see.
        migrations.RunSQL(
            "alter table app.case_note_text add constraint case_note_text_under_its_header"
            " foreign key (note_id, case_id, category, institution_id)"
            " references app.case_note (id, case_id, category, institution_id) on update cascade;"
            " alter table app.case_document_content add constraint case_document_content_under_its_header"
            " foreign key (document_id, case_id, category, institution_id)"
            " references app.case_document (id, case_id, category, institution_id) on update cascade",
            "alter table app.case_note_text drop constraint case_note_text_under_its_header;"
            " alter table app.case_document_content drop constraint case_document_content_under_its_header",
        ),
    ]
