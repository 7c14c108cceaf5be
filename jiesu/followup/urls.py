"""Addresses of 三率研判."""

from django.urls import path

from jiesu.followup import recording_views, views

app_name = "followup"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("recordings/", recording_views.inbox, name="recordings"),
    path("recordings/<int:pk>/", recording_views.one, name="recording"),
    path("recordings/<int:pk>/audio/", recording_views.audio, name="audio"),
    path("matters/", views.matters, name="matters"),
    path("matters/<int:pk>/settle/", views.settle, name="settle"),
]
