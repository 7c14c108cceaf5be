"""Addresses of the proof of service, below ``service``."""

from django.urls import path

from jiesu.service import approval_views, guard_views, room, trail_views

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
    path("room/", room.room, name="room"),
    path("room/copies/take/", room.take, name="take"),
    path("room/copies/<int:pk>/", room.progress, name="copying"),
    path("room/copies/<int:pk>/file/", room.copy_file, name="copy_file"),
    path("room/<slug:part>/", room.look, name="look"),
    path("copies/", room.copies, name="copies"),
    path("unmasked/", approval_views.asked, name="asked"),
    path("unmasked/<slug:kind>/ask/", approval_views.ask, name="ask"),
    path("unmasked/<int:pk>/file/", approval_views.unmasked, name="unmasked"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("approvals/<int:pk>/", approval_views.decide, name="decide"),
]
