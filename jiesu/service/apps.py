from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "jiesu.service"
    verbose_name = "履约"
    default_auto_field = "django.db.models.BigAutoField"
