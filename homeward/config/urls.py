"""The addresses of the whole site."""

from django.urls import include, path

ROOMS = {"": "homeward.foundation.web.urls", "people/": "homeward.casework.people.urls", "cases/": "homeward.casework.cases.urls", "intake/": "homeward.doors.intake.urls"}
urlpatterns = [path("account/", include("allauth.urls"))]
for _prefix, _module in ROOMS.items():
    try:  # being built
        urlpatterns.append(path(_prefix, include(_module)))
    except ImportError:
        pass

handler400 = "homeward.foundation.web.views.bad_request"
handler403 = "homeward.foundation.web.views.forbidden"
handler404 = "homeward.foundation.web.views.not_found"
handler500 = "homeward.foundation.web.views.server_error"
