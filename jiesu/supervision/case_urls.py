"""Addresses of supervision below ``/cases/``."""

from django.urls import path

from jiesu.supervision import case_views

app_name = "supervising"
urlpatterns = [
    path("<str:number>/remind/", case_views.remind, name="remind"),
    path("<str:number>/phone/", case_views.phone, name="phone"),
    path("<str:number>/lift-alarm/", case_views.lift, name="lift"),
    path("<str:number>/report-up/", case_views.report_up, name="report_up"),
]
