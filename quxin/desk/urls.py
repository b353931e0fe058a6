"""Addresses of the desk, gathered from the views' own lists."""

import importlib
import pkgutil

from django.urls import URLPattern

from quxin.desk import views

app_name = "desk"
urlpatterns: list[URLPattern] = []
for _module in sorted(info.name for info in pkgutil.iter_modules(views.__path__)):
    urlpatterns += importlib.import_module(f"quxin.desk.views.{_module}").urlpatterns
