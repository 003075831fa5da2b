"""Assignments: which worker visits which household, given and taken back in acts that can be looked up and undone.

The rule: a household has one open assignment of a kind in a campaign; what is done is not moved; and nobody checks a
household that he surveyed himself.
"""
