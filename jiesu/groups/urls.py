"""Addresses of the groups themselves."""

from django.urls import path

from jiesu.groups import views

app_name = "groups"
urlpatterns = [
    path("", views.listing, name="groups"),
    path("<int:pk>/", views.group, name="group"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/dissolve/", views.dissolve, name="dissolve"),
    path("<int:pk>/split/", views.split, name="split"),
    path("<int:pk>/plan/", views.plan, name="plan"),
    path("<int:pk>/progress/", views.progress, name="progress"),
]
