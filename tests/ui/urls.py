"""Addresses of the look alone: the gallery and the language switch, without the faces."""

from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.shortcuts import render
from django.urls import include, path

from quxin.ui.gallery import gallery

urlpatterns = [
    path("gallery/", gallery),
    path("gallery/<slug:name>/", gallery),
    path("errors/<slug:name>/", lambda request, name: render(request, f"ui/errors/{name}.html")),
    path("i18n/", include("django.conf.urls.i18n")),
    *staticfiles_urlpatterns(),
]
