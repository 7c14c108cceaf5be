"""Addresses of 办理, below ``/cases/``."""

from django.urls import path

from jiesu.handling import views

app_name = "handling"
urlpatterns = [
    path("<str:number>/accept/", views.accept, name="accept"),
    path("<str:number>/contact/", views.contact, name="contact"),
    path("<str:number>/visit/", views.visit, name="visit"),
    path("<str:number>/progress/", views.progress, name="progress"),
    path("<str:number>/assist-report/", views.assist_report, name="assist_report"),
    path("<str:number>/extend/", views.extend, name="extend"),
    path("<str:number>/extension/", views.decide_extension, name="decide_extension"),
    path("<str:number>/submit/", views.submit, name="submit"),
    path("<str:number>/review/", views.review, name="review"),
    path("<str:number>/close/", views.close, name="close"),
    path("<str:number>/reopen/", views.reopen, name="reopen"),
    path("<str:number>/pause/", views.pause, name="pause"),
    path("<str:number>/resume/", views.resume, name="resume"),
    path("<str:number>/note/", views.note, name="note"),
]
