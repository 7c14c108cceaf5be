"""Addresses of grouping below ``/cases/``."""

from django.urls import path

from jiesu.groups import views

app_name = "grouping"
urlpatterns = [
    path("<str:number>/alike/", views.alike, name="alike"),
    path("<str:number>/together/", views.together, name="together"),
    path("<str:number>/leave-group/", views.leave, name="leave"),
    path("<str:number>/tell/", views.tell, name="tell"),
    path("<str:number>/not-back/", views.deny, name="deny"),
]
