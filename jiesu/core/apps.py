from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "jiesu.core"
    verbose_name = "底座"
    default_auto_field = "django.db.models.BigAutoField"
