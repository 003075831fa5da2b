"""Boundaries: the ground that divisions cover, taken in from a file of the surveying office under their official codes.

The rule: all of a file or none of it. What is no ground, has no division, or lies far from the households recorded
there, is named; nothing is shifted, guessed or half imported.
"""
