from django.urls import path

from jiesu.assessment import views

app_name = "assessment"
urlpatterns = [
    path("", views.cycle, name="cycle"),
    path("xlsx/", views.cycle_file, name="cycle_file"),
    path("lines/", views.lines, name="lines"),
    path("lines/xlsx/", views.lines_file, name="lines_file"),
    path("results/", views.results, name="results"),
    path("freeze/", views.freeze, name="freeze"),
]
