"""Addresses of what is read of a case."""

from django.urls import path

from jiesu.triage import reading_views

app_name = "reading"
urlpatterns = [
    path("<str:number>/points/", reading_views.points, name="points"),
    path("<str:number>/marks/<int:pk>/", reading_views.mark, name="mark"),
]
