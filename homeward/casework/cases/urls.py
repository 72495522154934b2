"""Addresses of the pages about cases."""

from django.urls import path

from homeward.casework.cases import views

app_name = "cases"

urlpatterns = [
    path("", views.index, name="index"),
    path("overview/", views.overview, name="overview"),
    path("register/", views.register_person, name="register"),
    path("exclusions/", views.exclusions, name="exclusions"),
    path("exclusions/<uuid:pk>/lift/", views.lift_exclusion, name="lift_exclusion"),
    path("family/<str:ref>/", views.family, name="family"),
    path("<str:ref>/", views.case, name="case"),
    path("<str:ref>/prepare/", views.prepare, name="prepare"),
    path("<str:ref>/receive/", views.receive, name="receive"),
    path("<str:ref>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:ref>/begin-intake/", views.begin_intake, name="begin_intake"),
    path("<str:ref>/begin-assessment/", views.begin_assessment, name="begin_assessment"),
    path("<str:ref>/mark-planned/", views.mark_planned, name="mark_planned"),
    path("<str:ref>/activate/", views.activate, name="activate"),
    path("<str:ref>/suspend/", views.suspend, name="suspend"),
    path("<str:ref>/resume/", views.resume, name="resume"),
    path("<str:ref>/transfer/", views.transfer, name="transfer"),
    path("<str:ref>/take-over/", views.take_over, name="take_over"),
    path("<str:ref>/propose-closure/", views.propose_closure, name="propose_closure"),
    path("<str:ref>/confirm-closure/", views.confirm_closure, name="confirm_closure"),
    path("<str:ref>/reject-closure/", views.reject_closure, name="reject_closure"),
    path("<str:ref>/reopen/", views.reopen, name="reopen"),
    path("<str:ref>/archive/", views.archive, name="archive"),
    path("<str:ref>/keep-longer/", views.keep_longer, name="keep_longer"),
    path("<str:ref>/propose-erasure/", views.propose_erasure, name="propose_erasure"),
    path("<str:ref>/erase/", views.erase, name="erase"),
    path("<str:ref>/name-contact/", views.name_contact, name="name_contact"),
    path("<str:ref>/assign/", views.assign, name="assign"),
    path("<str:ref>/team/<uuid:pk>/remove/", views.remove_from_team, name="remove_from_team"),
    path("<str:ref>/write-note/", views.write_note, name="write_note"),
    path("<str:ref>/notes/<uuid:pk>/correct/", views.correct_note, name="correct_note"),
    path("<str:ref>/add-document/", views.add_document, name="add_document"),
    path("<str:ref>/documents/<uuid:pk>/download/", views.download_document, name="download_document"),
    path("<str:ref>/checks/<slug:code>/", views.tick, name="tick"),
    path("<str:ref>/exclude/", views.exclude, name="exclude"),
    path("<str:ref>/involve/", views.openings, name="openings"),
    path("<str:ref>/involve/<slug:code>/", views.involve, name="involve"),
    path("<str:ref>/involvements/<uuid:pk>/end/", views.end_involvement, name="end_involvement"),
]
