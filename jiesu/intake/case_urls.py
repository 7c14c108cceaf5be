"""Addresses of 签收 and 退回, below ``/cases/``."""

from django.urls import path

from jiesu.intake import case_views

app_name = "signing"
urlpatterns = [
    path("<str:number>/sign/", case_views.sign, name="sign"),
    path("<str:number>/send-back/", case_views.send_back, name="send_back"),
    path("<str:number>/answer/", case_views.answer, name="answer"),
]
