from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "jiesu.coordination"
    verbose_name = "协调"
    default_auto_field = "django.db.models.BigAutoField"
