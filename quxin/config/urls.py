"""Addresses: the four faces, each under its own root."""

from django.urls import URLPattern, URLResolver, include, path

from quxin.ui.gallery import gallery

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/", include("quxin.desk.urls")),
    path("desk/gallery/", gallery, name="gallery"),
    path("desk/gallery/<slug:name>/", gallery, name="gallery_page"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("quxin.api.urls")),
    path("", include("quxin.portal.urls")),
]
handler403 = "quxin.config.errors.forbidden"
handler404 = "quxin.config.errors.not_found"
handler500 = "quxin.config.errors.server_error"
