from django.urls import path

from jiesu.duty import asking_views, handover_views, planning_views, views

app_name = "duty"
urlpatterns = [
    path("", views.rota, name="rota"),
    path("xlsx/", views.xlsx, name="xlsx"),
    path("mine/", views.mine, name="mine"),
    path("strip/", views.strip, name="strip"),
    path("come/", views.come, name="come"),
    path("leave/", views.leave, name="leave"),
    path("shifts/<int:pattern>/<str:on>/", views.shift, name="shift"),
    path("posts/<int:pk>/off/", planning_views.off, name="off"),
    path("posts/<int:pk>/replace/", planning_views.replace, name="replace"),
    path("posts/<int:pk>/swap/", asking_views.ask, name="ask"),
    path("plan/", planning_views.plan, name="plan"),
    path("plan/undo/", planning_views.undo, name="undo"),
    path("patterns/", planning_views.patterns, name="patterns"),
    path("patterns/add/", planning_views.add_pattern, name="add_pattern"),
    path("patterns/<int:pk>/", planning_views.change_pattern, name="pattern"),
    path("patterns/<int:pk>/active/", planning_views.switch_pattern, name="switch_pattern"),
    path("swaps/", asking_views.swaps, name="swaps"),
    path("swaps/<int:pk>/<slug:verb>/", asking_views.settle, name="settle"),
    path("absences/", asking_views.absences, name="absences"),
    path("absences/<int:pk>/end/", asking_views.end_absence, name="end_absence"),
    path("handovers/<int:pk>/", handover_views.sheet, name="sheet"),
    path("handovers/<int:pk>/<slug:verb>/", handover_views.confirm, name="confirm"),
    path("notes/add/", handover_views.add_note, name="add_note"),
    path("notes/<int:pk>/done/", handover_views.finish_note, name="finish_note"),
]
