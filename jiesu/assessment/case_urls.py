"""Addresses of the assessment below ``/cases/``."""

from django.urls import path

from jiesu.assessment import case_views

app_name = "assessing"
urlpatterns = [
    path("<str:number>/truths/", case_views.truths, name="truths"),
    path("<str:number>/standing/", case_views.standing, name="standing"),
]
