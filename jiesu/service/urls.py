"""Addresses of the proof of service, below ``service``."""

from django.urls import path

from jiesu.service import trail_views

app_name = "service"
urlpatterns = [
    path("trail/", trail_views.listing, name="trail"),
    path("trail/xlsx/", trail_views.export, name="trail_export"),
    path("trail/check/", trail_views.checking, name="checking"),
    path("trail/check/now/", trail_views.check, name="check"),
    path("trail/check/<int:pk>/", trail_views.checked, name="checked"),
    path("trail/<int:pk>/", trail_views.one, name="trail_one"),
]
