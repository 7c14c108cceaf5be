from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "jiesu.triage"
    verbose_name = "初核"
    default_auto_field = "django.db.models.BigAutoField"
