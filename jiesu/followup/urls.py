"""Addresses of 三率研判."""

from django.urls import path

from jiesu.followup import views

app_name = "followup"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("matters/", views.matters, name="matters"),
    path("matters/<int:pk>/settle/", views.settle, name="settle"),
]
