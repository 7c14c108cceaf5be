"""The one administrator becomes 系统管理员; the other two are made when the product starts."""

from django.db import migrations


def rename(apps, schema_editor):
    apps.get_model("org", "Member").objects.filter(role="administrator").update(role="system")


class Migration(migrations.Migration):
    dependencies = [("org", "0002_member_addresses")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop, elidable=True)]
