from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "jiesu.groups"
    verbose_name = "并案"
    default_auto_field = "django.db.models.BigAutoField"
