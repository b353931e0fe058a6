"""Campaigns, measures, forms and report outlines as data: types, load, check, install, versions, difference.

Must not be used to reckon numbers, to print reports or to look at records: those stand above it.
"""
