"""Addresses of 自动派转, below ``/automatic/``."""

from django.urls import path

from jiesu.dispatch import automatic_views

app_name = "automatic"
urlpatterns = [
    path("", automatic_views.look_back, name="look_back"),
    path("policy/", automatic_views.policy, name="policy"),
]
