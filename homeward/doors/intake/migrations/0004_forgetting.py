"""Lists are destroyed after some days, and forget whoever is erased."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_no_version"), ("cases", "0004_retention")]
    operations = [migrations.RunSQL((SQL / "forgetting.sql").read_text(), migrations.RunSQL.noop)]
