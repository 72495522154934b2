"""Row-level security of institutions, members and municipalities (sql/policies.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("institutions", "0001_initial"), ("audit", "0001_initial")]
    operations = [migrations.RunSQL((SQL / "policies.sql").read_text(), migrations.RunSQL.noop)]
