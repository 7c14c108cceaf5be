from django.urls import path

from jiesu.intake import views

app_name = "intake"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/refused.xlsx", views.refused, name="refused"),
    path("<int:pk>/original/", views.original, name="original"),
]
