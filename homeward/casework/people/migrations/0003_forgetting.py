"""A guardian can be forgotten while the child keeps that there was one; returns that never came expire by the clock."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_guards")]
    operations = [migrations.RunSQL((SQL / "forgetting.sql").read_text(), migrations.RunSQL.noop)]
