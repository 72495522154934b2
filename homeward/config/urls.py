"""The addresses of the whole site."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path


def nowhere(request: HttpRequest) -> HttpResponse:
    """A page of the sign-in library that we have no use for."""
    raise Http404


urlpatterns = [
    path("account/email/", nowhere, name="nowhere"),  # addresses come with the account
    path("account/", include("allauth.urls")),
    path("", include("homeward.foundation.web.urls")),
    path("people/", include("homeward.casework.people.urls")),
    path("cases/", include("homeward.casework.cases.urls")),
    path("assistance/", include("homeward.casework.assistance.urls")),
    path("intake/", include("homeward.doors.intake.urls")),
]

handler400 = "homeward.foundation.web.views.bad_request"
handler403 = "homeward.foundation.web.views.forbidden"
handler404 = "homeward.foundation.web.views.not_found"
handler500 = "homeward.foundation.web.views.server_error"
