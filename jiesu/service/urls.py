"""Addresses of the proof of service, below ``service``."""

from django.urls import URLPattern

app_name = "service"
urlpatterns: list[URLPattern] = []
