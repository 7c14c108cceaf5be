"""Addresses of evidence, below ``/cases/``."""

from django.urls import path

from jiesu.evidence import views

app_name = "evidence"
urlpatterns = [
    path("<str:number>/evidence/", views.add, name="add"),
    path("<str:number>/evidence/<int:pk>/", views.file, name="file"),
]
