"""The most urgent cases of an institution, found without asking about all of them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "led.sql"


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guard")]

    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
