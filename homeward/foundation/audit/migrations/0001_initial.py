"""The signed context and the append-only log (sql/context.sql), and the models that read it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((SQL / "context.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("member_id", models.UUIDField(null=True)),
                ("institution_id", models.UUIDField(null=True)),
                ("via", models.TextField()),
                ("verb", models.TextField()),
                ("is_read", models.BooleanField()),
                ("case_id", models.UUIDField(null=True)),
                ("category", models.SmallIntegerField(null=True)),
                ("subject_type", models.TextField()),
                ("subject_id", models.UUIDField(null=True)),
                ("detail", models.JSONField()),
            ],
            options={"db_table": "event", "managed": False},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("events", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={"db_table": "seal", "managed": False},
        ),
    ]
