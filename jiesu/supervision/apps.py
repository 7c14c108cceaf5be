from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "jiesu.supervision"
    verbose_name = "督办催办"
    default_auto_field = "django.db.models.BigAutoField"
