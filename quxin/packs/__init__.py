"""Packs: campaigns, measures, forms and report outlines as data.

A pack is one YAML file or a folder of them. This package reads it (:mod:`load`), says what is wrong with it
(:mod:`check`), compares two versions (:mod:`diff`) and keeps the installed ones (:mod:`operations`,
:mod:`queries`). It must not be used to reckon numbers, to render reports or to look at records: those stand
above it.
"""
