"""Rows as they came are sealed: those there are sealed here, once."""

import json
from typing import Any

from django.db import migrations, models

from jiesu.core import vault

PLACE = "intake_arrival.values"
STEP = 2000


def seal_rows(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(
                "SELECT a.id, a.came::text, to_char(b.made_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
                " FROM intake_arrival a JOIN intake_batch b ON b.id = a.batch_id"
                " WHERE a.id > %s ORDER BY a.id LIMIT %s",
                [last, STEP],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            sealed = [vault.seal(json.dumps(json.loads(text), ensure_ascii=False).encode(), place=PLACE, month=month) for _, text, month in rows]
            cursor.execute(
                "UPDATE intake_arrival SET values = given.sealed"
                " FROM unnest(%s::bigint[], %s::bytea[]) AS given (id, sealed)"
                " WHERE intake_arrival.id = given.id",
                [[row[0] for row in rows], sealed],
            )


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]
    operations = [
        migrations.RenameField("arrival", "values", "came"),
        migrations.AddField("arrival", "values", models.BinaryField(null=True, verbose_name="原样（密封）")),
        migrations.RunPython(seal_rows, migrations.RunPython.noop),
        migrations.RemoveField("arrival", "came"),
    ]
