from django.urls import path

from jiesu.ledger import duty_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.index, name="index"),
    path("exports/<int:pk>/", views.making, name="making"),
    path("exports/<int:pk>/file/", views.file, name="file"),
    path("duty/", duty_views.log, name="duty_log"),
    path("duty/xlsx/", duty_views.export, name="duty_export"),
    path("<slug:kind>/", views.sheet, name="sheet"),
    path("<slug:kind>/xlsx/", views.export, name="export"),
]
