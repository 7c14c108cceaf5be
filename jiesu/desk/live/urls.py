"""Addresses of the live desk, below ``desk``."""

from django.urls import path

from jiesu.desk.live import views

urlpatterns = [
    path("", views.stream, name="live"),
    path("now/", views.now, name="live_now"),
    path("here/", views.here, name="live_here"),
]
