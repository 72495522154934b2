"""How long an archived case is kept, and how it is erased."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_led"), ("people", "0004_twins")]
    operations = [
        migrations.RunSQL((SQL / "retention.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "erasure.sql").read_text(), migrations.RunSQL.noop),
    ]
