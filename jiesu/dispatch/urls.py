"""Addresses of 派转, below ``/cases/``."""

from django.urls import path

from jiesu.dispatch import views

app_name = "dispatch"
urlpatterns = [
    path("<str:number>/dispatch/", views.dispatch, name="dispatch"),
    path("<str:number>/take-back/", views.take_back, name="take_back"),
    path("<str:number>/transfer/", views.transfer, name="transfer"),
    path("<str:number>/decline/", views.decline, name="decline"),
    path("<str:number>/assist/", views.assist, name="assist"),
    path("<str:number>/place/", views.place, name="place"),
]
