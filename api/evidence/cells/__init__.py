"""Counts of evidence by cell of the ground, kept so that a map of a region need not count a million rows.

They are counted again township by township, once `api.evidence.changes` says that something has changed there; a
reader compares the versions and counts the rows of a township himself while its cells are old.
"""
