"""Sessions and the rule who may see which case, in the database itself (sql/sessions.sql, sql/access.sql, sql/signing.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("institutions", "0002_policies"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "sessions.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "access.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "signing.sql").read_text(), migrations.RunSQL.noop),
    ]
