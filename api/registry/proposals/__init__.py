"""Proposals: what visits would have changed of households: place, phone, persons, address, members.

The rule: a visit never changes the roll; a person who may, decides, says why, and it is written down.
"""
