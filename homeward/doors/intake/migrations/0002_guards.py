"""Lists belong to the institution that uploaded them, and one function undoes an import."""

from pathlib import Path

from django.db import migrations

from homeward.foundation.access.operations import ProtectOwned

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        ("cases", "0002_guard"),
        ("people", "0002_guards"),
        ("access", "0002_rule"),
    ]
    operations = [
        ProtectOwned("intake_mapping", updates=("data", "version", "changed_at", "changed_by_id")),
        ProtectOwned(
            "intake_batch",
            updates=(
                "list_key",
                "state",
                "rows",
                "refused_cells",
                "warned_cells",
                "faults",
                "waiting_rows",
                "done",
                "imported_by_id",
                "imported_at",
                "undone_at",
                "failure",
                "version",
            ),
        ),
        ProtectOwned("intake_content", updates=()),
        ProtectOwned(
            "intake_row",
            updates=(
                "verdict",
                "previous_id",
                "changed_fields",
                "candidates",
                "same_as",
                "person_id",
                "household_id",
                "made_person",
                "undoing",
                "decided_by_id",
                "decided_at",
                "imported_at",
            ),
            erased_by="forget_rows",
            persons=("person_id",),
        ),
        migrations.RunSQL((SQL / "undo.sql").read_text(), migrations.RunSQL.noop),
    ]
