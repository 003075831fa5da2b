"""Collection: published forms, the phones' dialect (OpenRosa), assignments, submissions and their files.

The rule: what was acknowledged is on disk and committed, whole, once; what was refused is kept aside for a person.
"""
