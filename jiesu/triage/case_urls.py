"""Addresses of 初核, below ``/cases/``."""

from django.urls import path

from jiesu.triage import case_views

app_name = "triage"
urlpatterns = [path("<str:number>/near/", case_views.near, name="near")]
