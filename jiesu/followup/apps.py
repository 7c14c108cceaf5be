from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "jiesu.followup"
    verbose_name = "三率研判"
    default_auto_field = "django.db.models.BigAutoField"
