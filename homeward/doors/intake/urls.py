"""Addresses of the intake."""

from django.urls import path

from homeward.doors.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.index, name="index"),
    path("send/", views.send, name="send"),
    path("coverage/", views.coverage, name="coverage"),
    path("senders/<slug:code>/", views.mapping, name="mapping"),
    path("senders/<slug:code>/change-mapping/", views.change_mapping, name="change_mapping"),
    path("senders/<slug:code>/restore-mapping/", views.restore_mapping, name="restore_mapping"),
    path("<uuid:pk>/", views.batch, name="batch"),
    path("<uuid:pk>/progress/", views.progress, name="progress"),
    path("<uuid:pk>/annotated.xlsx", views.annotated, name="annotated"),
    path("<uuid:pk>/import/", views.start_import, name="start_import"),
    path("<uuid:pk>/discard/", views.discard, name="discard"),
    path("<uuid:pk>/undo/", views.undo, name="undo"),
    path("<uuid:batch>/rows/", views.rows, name="rows"),
    path("<uuid:batch>/rows/<int:position>/decide/", views.decide, name="decide"),
]
