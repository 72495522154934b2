"""Addresses of the ledger."""

from django.urls import path

from homeward.casework.assistance import views

app_name = "assistance"

urlpatterns = [
    path("", views.index, name="index"),
    path("check/", views.check, name="check"),
    path("overlaps/", views.overlaps, name="overlaps"),
    path("overlaps/<uuid:pk>/settle/", views.settle, name="settle"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/export.<str:form>", views.export, name="export"),
    path("spread/", views.spread, name="spread"),
    path("grants/stations/<uuid:pk>/record/", views.record_milestone, name="record_milestone"),
    path("grants/<str:ref>/", views.grant, name="grant"),
    path("grants/<str:ref>/score/", views.score, name="score"),
    path("grants/<str:ref>/award/", views.award, name="award"),
    path("grants/<str:ref>/decline/", views.decline, name="decline"),
    path("grants/<str:ref>/plan-milestone/", views.plan_milestone, name="plan_milestone"),
    path("grants/<str:ref>/finish/", views.finish, name="finish"),
    path("cases/<str:ref>/apply/", views.apply, name="apply"),
    path("cases/<str:ref>/request/", views.request, name="request"),
    path("<str:ref>/", views.entry, name="entry"),
    path("<str:ref>/approve/", views.approve, name="approve"),
    path("<str:ref>/countersign/", views.countersign, name="countersign"),
    path("<str:ref>/release/", views.release, name="release"),
    path("<str:ref>/relieve/", views.relieve, name="relieve"),
    path("<str:ref>/confirm/", views.confirm, name="confirm"),
    path("<str:ref>/take-back/", views.take_back, name="take_back"),
    path("<str:ref>/stop/", views.stop, name="stop"),
    path("<str:ref>/reverse/", views.reverse, name="reverse"),
    path("<str:ref>/justify/", views.justify, name="justify"),
    path("<str:ref>/adjust/", views.adjust, name="adjust"),
]
