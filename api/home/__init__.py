"""The first page of each role; owns no tables.

The rule: one screen answers one question: whom do I visit today, where are we below the floor, which county is late.
"""
