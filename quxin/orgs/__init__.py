"""Organisations as a dated tree, people, memberships, posts, accounts and grants; builds the Actor that access judges.

Not for anything that people *do*: that is records. Organisations must not know who refers to them.
"""
