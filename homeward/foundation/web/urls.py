"""Addresses of the pages that belong to no single room."""

from django.urls import path

from homeward.foundation.web import gallery, views
from homeward.foundation.web.rooms import directory, oversight, sharing, staff

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.set_language, name="set-language"),
    path("gallery/", gallery.show, name="gallery"),
    *sharing.urlpatterns,
    *oversight.urlpatterns,
    *directory.urlpatterns,
    *staff.urlpatterns,
]
