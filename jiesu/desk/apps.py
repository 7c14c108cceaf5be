from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "jiesu.desk"
    verbose_name = "工作台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jiesu.desk import checks  # noqa: F401, PLC0415 - registers the check once apps are ready
