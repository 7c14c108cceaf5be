"""Addresses of 三率研判 below ``/cases/``."""

from django.urls import path

from jiesu.followup import views

app_name = "calling"
urlpatterns = [
    path("<str:number>/call-back/", views.sheet, name="sheet"),
    path("<str:number>/matter/", views.matter, name="matter"),
]
