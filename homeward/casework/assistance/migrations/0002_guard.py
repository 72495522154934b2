"""Who may see and write the ledger (foundation.access), and the functions that keep it and compare it (ADR 0029)."""

from pathlib import Path

from django.db import migrations

from homeward.foundation.access.operations import Protect, ProtectReference, ProtectWith
from homeward.foundation.access.rules import Category, Depth

SQL = Path(__file__).resolve().parent.parent / "sql"

# Who may know of both gifts sees that they overlap: it would tell of the other one.
OF_BOTH = " and ".join(
    f"exists (select 1 from app.case_access_cat a where a.case_id = assistance_overlap.{column} "  # noqa: S608 — columns of our own
    f"and a.category = {int(Category.ASSISTANCE)} and a.depth >= {int(Depth.SUMMARY)})"
    for column in ("first_case_id", "second_case_id")
)
OF_PAYER = (
    f"payer_id = (select sec.institution()) and ((select sec.mask()) & {1 << Category.ASSISTANCE}) <> 0"
)


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0001_initial"),
        ("cases", "0004_retention"),
        ("people", "0003_forgetting"),
    ]
    operations = [
        ProtectReference("assistance_kind"),
        Protect(
            "assistance_entry",
            category=Category.ASSISTANCE,
            owner="payer_id",
            depth=Depth.SUMMARY,
            updates=(),
        ),
        Protect(
            "assistance_step",
            category=Category.ASSISTANCE,
            owner="payer_id",
            depth=Depth.SUMMARY,
            updates=(),
        ),
        # What a payer wrote is for the payer: others would need everything in the category, which no protocol gives.
        Protect("assistance_note", category=Category.ASSISTANCE, owner="payer_id", updates=()),
        Protect(
            "assistance_cover",
            category=Category.ASSISTANCE,
            owner="payer_id",
            depth=Depth.SUMMARY,
            updates=(),
            inserts=False,
        ),
        ProtectWith(
            "assistance_overlap",
            seen=OF_BOTH,
            changed=f"{OF_BOTH} and (select sec.holds('coordinator', 'supervisor'))",
            updates=("outcome", "settled_by_id", "settled_at"),
            erased_by="forget_overlaps",
            stays=True,  # compared anew when an entry goes over to another case
        ),
        ProtectWith("assistance_booked", seen=OF_PAYER, erased_by="book_assistance"),
        # A plan, the points it was given and what was found on visits are the payer's own.
        Protect(
            "assistance_grant",
            category=Category.ASSISTANCE,
            owner="payer_id",
            updates=("state", "entry_id", "ending", "decided_by_id", "decided_at"),
        ),
        Protect("assistance_score", category=Category.ASSISTANCE, owner="payer_id", updates=()),
        Protect(
            "assistance_station",
            category=Category.ASSISTANCE,
            owner="payer_id",
            updates=("done_on", "result", "found", "recorded_by_id"),
        ),
        migrations.RunSQL((SQL / "ledger.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "overlaps.sql").read_text(), migrations.RunSQL.noop),
    ]
