from django.apps import AppConfig

from jiesu.desk import checks  # noqa: F401 - registers the check of addresses


class DeskConfig(AppConfig):
    name = "jiesu.desk"
    verbose_name = "工作台"
    default_auto_field = "django.db.models.BigAutoField"
