"""Addresses of coordination below ``/cases/``."""

from django.urls import path

from jiesu.coordination import views

app_name = "coordinating"
urlpatterns = [
    path("<str:number>/able/", views.able, name="able"),
    path("<str:number>/coordinate/", views.coordinate, name="coordinate"),
    path("<str:number>/state/", views.state, name="state"),
    path("<str:number>/settle/", views.settle, name="settle"),
    path("<str:number>/report-in/", views.report_in, name="report_in"),
]
