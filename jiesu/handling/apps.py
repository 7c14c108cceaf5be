from django.apps import AppConfig


class HandlingConfig(AppConfig):
    name = "jiesu.handling"
    verbose_name = "办理"
    default_auto_field = "django.db.models.BigAutoField"
