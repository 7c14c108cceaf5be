"""Addresses of the desk: the queue and the case, filters that were kept, accounts and members."""

from django.urls import include, path

from jiesu.desk import (
    accounts,
    batch,
    drafts,
    handover,
    holidays,
    keeping,
    members,
    palette,
    taking,
    views,
    why,
)

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.cases, name="cases"),
    path("cases/<str:number>/", views.case, name="case"),
    path("cases/<str:number>/<int:arrival>/", views.case, name="arrival"),
    path("cases/<str:number>/clocks/<int:clock>/", why.why, name="why"),
    path("cases/<str:number>/reveal/", views.reveal, name="reveal"),
    path("cases/<str:number>/take/", taking.take, name="take"),
    path("cases/<str:number>/release/", taking.release, name="release"),
    path("batch/", batch.batch, name="batch"),
    path("palette/", palette.palette, name="palette"),
    path("duty/handover/", handover.page, name="handover"),
    path("filter/", keeping.choose, name="filter"),
    path("filter/keep/", keeping.keep, name="keep"),
    path("f/<str:key>/", keeping.saved, name="saved"),
    path("f/<str:key>/forget/", keeping.forget, name="forget"),
    path("live/", include("jiesu.desk.live.urls")),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/drop/", drafts.discard, name="draft_drop"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/", accounts.password, name="password"),
    path("holidays/", holidays.home, name="holidays"),
    path("holidays/preview/", holidays.preview, name="holidays_preview"),
    path("holidays/adopt/", holidays.adopt, name="holidays_adopt"),
    path("holidays/<int:year>/", holidays.year, name="holidays_year"),
    path("members/", members.listing, name="members"),
    path("members/add/", members.add, name="member_add"),
    path("members/<int:pk>/", members.edit, name="member"),
    path("members/<int:pk>/active/", members.switch, name="member_active"),
    path("members/<int:pk>/password/", members.reset, name="member_password"),
]
