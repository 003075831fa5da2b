"""Comparison: the county's visit beside the township's, question by question, and what a supervisor makes of it.

Nothing is decided by the machine: it says where two visits differ by declared tolerances, a person says who is right.
"""
