"""The demonstration: a nation of agencies, three campaigns, and records from which the report of 2010 follows.

Everything is made through the same operations that people use, in one transaction: killed in the middle, nothing of it
stays. Not for an installation that is meant to be used: `quxin setup` without --demo leaves all this out.
"""

from quxin.jobs.demo.make import ensure_demo

__all__ = ["ensure_demo"]
