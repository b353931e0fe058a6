"""The command line, the worker and the schedule."""
