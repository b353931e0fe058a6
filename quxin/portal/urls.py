"""Addresses of the portal, gathered from the views' own lists."""

import importlib
import pkgutil

from django.urls import URLPattern

from quxin.portal import views

app_name = "portal"
urlpatterns: list[URLPattern] = []
for _module in sorted(info.name for info in pkgutil.iter_modules(views.__path__)):
    urlpatterns += importlib.import_module(f"quxin.portal.views.{_module}").urlpatterns
