from django.urls import path

from jiesu.assessment import loss_views, result_views, views

app_name = "assessment"
urlpatterns = [
    path("", views.cycle, name="cycle"),
    path("xlsx/", views.cycle_file, name="cycle_file"),
    path("lines/", views.lines, name="lines"),
    path("lines/xlsx/", views.lines_file, name="lines_file"),
    path("results/", result_views.home, name="results"),
    path("results/<int:pk>/", result_views.upload, name="upload"),
    path("results/<int:pk>/confirm/", result_views.confirm, name="upload_confirm"),
    path("results/<int:pk>/discard/", result_views.discard, name="upload_discard"),
    path("results/<int:pk>/original/", result_views.original, name="upload_original"),
    path("freeze/", views.freeze, name="freeze"),
    path("losses/", loss_views.home, name="losses"),
    path("losses/xlsx/", loss_views.file, name="losses_file"),
    path("losses/note/", loss_views.note, name="loss"),
    path("what-if/", loss_views.what_if, name="what_if"),
]
