from django.urls import path

from jiesu.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.index, name="index"),
    path("exports/<int:pk>/", views.making, name="making"),
    path("exports/<int:pk>/file/", views.file, name="file"),
    path("<slug:kind>/", views.sheet, name="sheet"),
    path("<slug:kind>/xlsx/", views.export, name="export"),
]
