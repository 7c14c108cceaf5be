from django.urls import path

from jiesu.triage import model_views as views

app_name = "models"
urlpatterns = [
    path("", views.home, name="home"),
    path("train/", views.train, name="train"),
    path("back/", views.back, name="back"),
    path("lessons/", views.lesson_list, name="lessons"),
    path("confusion/", views.confusion, name="confusion"),
    path("<int:pk>/", views.version, name="version"),
    path("<int:pk>/propose/", views.propose, name="propose"),
    path("<int:pk>/decide/", views.decide, name="decide"),
]
