"""Figures and checks for other programs, read-only."""
