"""Spot checks: a frozen frame, a published plan, a public seed, and the list of households the county visits again.

The rule: never less than the floor, and never drawn twice without everybody seeing both.
"""
