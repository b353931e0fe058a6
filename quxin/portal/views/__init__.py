"""The public views, a module for each place; each ends with its own `urlpatterns`."""
