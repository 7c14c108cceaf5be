"""What somebody typed and has not sent is sealed: the drafts there are sealed here, once."""

import json
from typing import Any

from django.db import migrations, models

from jiesu.core import vault

PLACE = "desk_draft.values"


def seal_drafts(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, came::text, to_char(saved_at, 'YYYY-MM') FROM desk_draft")
        for pk, text, month in cursor.fetchall():
            plain = json.dumps(json.loads(text), ensure_ascii=False).encode()
            sealed = vault.seal(plain, place=PLACE, month=month)
            cursor.execute("UPDATE desk_draft SET values = %s WHERE id = %s", [sealed, pk])


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [
        migrations.RenameField("draft", "values", "came"),
        migrations.AddField("draft", "values", models.BinaryField(null=True, verbose_name="内容（密封）")),
        migrations.RunPython(seal_drafts, migrations.RunPython.noop),
        migrations.RemoveField("draft", "came"),
    ]
