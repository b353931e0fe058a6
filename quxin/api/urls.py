"""Addresses of the api."""

from quxin.api.routes import api

app_name = "api"
# The patterns alone: the namespace is this module's, and ninja would nest its own in it.
urlpatterns = api.urls[0]
