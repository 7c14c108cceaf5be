"""Addresses of the proof of service, below ``service``."""

from django.urls import path

from jiesu.service import guard_views, trail_views

app_name = "service"
urlpatterns = [
    path("guard/", guard_views.guard, name="guard"),
    path("guard/propose/", guard_views.propose, name="propose"),
    path("guard/hold/", guard_views.hold, name="hold"),
    path("guard/lift/", guard_views.lift, name="lift"),
    path("guard/certificate/", guard_views.certificate, name="certificate"),
    path("approval/", guard_views.approval, name="approval"),
    path("trail/", trail_views.listing, name="trail"),
    path("trail/xlsx/", trail_views.export, name="trail_export"),
    path("trail/check/", trail_views.checking, name="checking"),
    path("trail/check/now/", trail_views.check, name="check"),
    path("trail/check/<int:pk>/", trail_views.checked, name="checked"),
    path("trail/<int:pk>/", trail_views.one, name="trail_one"),
]
