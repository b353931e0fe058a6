"""Campaigns, measures, forms and report outlines as data: types, load, check, install, versions, difference."""
