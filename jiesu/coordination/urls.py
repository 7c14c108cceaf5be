"""Addresses of the coordination queue."""

from django.urls import path

from jiesu.coordination import views

app_name = "coordination"
urlpatterns = [path("", views.queue, name="queue")]
