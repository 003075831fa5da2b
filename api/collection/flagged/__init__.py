"""Flagged submissions: accepted, and yet something about them could not be understood; they are processed again.

The rule: what is derived can always be made again from the raw bytes; a flag goes away by mending its cause.
"""
