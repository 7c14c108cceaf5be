"""Addresses of supervision, below ``/supervision/``."""

from django.urls import path

from jiesu.supervision import case_views, daily_views, views

app_name = "supervision"
urlpatterns = [
    path("", views.home, name="board"),
    path("xlsx/", views.file, name="board_file"),
    path("reminders/", views.reminders, name="reminders"),
    path("reminders/all/", views.everybodys, name="everybodys"),
    path("notices/<int:pk>/answer/", case_views.answer, name="answer"),
    path("daily/", daily_views.listing, name="daily"),
    path("daily/make/", daily_views.make, name="daily_make"),
    path("daily/<int:pk>/", daily_views.one, name="daily_one"),
    path("daily/<int:pk>/xlsx/", daily_views.file, name="daily_file"),
]
