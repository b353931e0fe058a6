"""Meetings, study, lectures, theme days, contests and tours, with attendance. One record serves every task that asks for it."""
