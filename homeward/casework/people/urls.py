"""Addresses of the pages about people."""

from django.urls import path

from homeward.casework.people import views
from homeward.casework.people.views import twins

app_name = "people"

urlpatterns = [
    path("", views.search, name="search"),
    path("households/", views.households, name="households"),
    path("returns/", views.returns, name="returns"),
    path("returns/<uuid:pk>/record-arrival/", views.record_arrival, name="record_arrival"),
    path("returns/<uuid:pk>/expect-again/", views.expect_again, name="expect_again"),
    path("returns/<uuid:pk>/cancel/", views.cancel_return, name="cancel_return"),
    path("waves/", views.waves, name="waves"),
    path("waves/open/", views.open_wave, name="open_wave"),
    path("twins/", twins.twins, name="twins"),
    path("twins/<uuid:pk>/", twins.twin, name="twin"),
    path("twins/<uuid:pk>/judge/", twins.judge, name="judge"),
    path("twins/<uuid:pk>/confirm-merge/", twins.confirm_merge, name="confirm_merge"),
    path("twins/<uuid:pk>/withdraw/", twins.withdraw, name="withdraw"),
    path("twins/<uuid:pk>/reopen/", twins.reopen, name="reopen"),
    path("twins/<uuid:pk>/take-apart/", twins.take_apart, name="take_apart"),
    path("desk/", twins.desk, name="desk"),
    path("desk/<uuid:pk>/", twins.desk_judge, name="desk_judge"),
    path("figures/", views.figures, name="figures"),
    path("figures/publish/", views.publish_figure, name="publish_figure"),
    path("guardianships/<uuid:pk>/end/", views.end_guardianship, name="end_guardianship"),
    path("<str:ref>/", views.person, name="person"),
    path("<str:ref>/correct/", views.correct_person, name="correct_person"),
    path("<str:ref>/add-name/", views.add_name, name="add_name"),
    path("<str:ref>/move-household/", views.move_household, name="move_household"),
    path("<str:ref>/link-guardian/", views.link_guardian, name="link_guardian"),
    path("<str:ref>/expect-return/", views.expect_return, name="expect_return"),
]
