"""Reading Excel as offices send it, writing Excel forms and lists.

Knows columns, cells and rows; never what a row means: who calls gives the columns and does something with
the values. Files that come in are hostile until ``guard.open_workbook`` has let them through; nothing else
may open one.
"""
