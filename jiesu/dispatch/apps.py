from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "jiesu.dispatch"
    verbose_name = "派转"
    default_auto_field = "django.db.models.BigAutoField"
