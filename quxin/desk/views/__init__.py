"""The views of the desk, a module for each place; each ends with its own `urlpatterns`."""
