"""Campaigns: a government plan as data: its stages, deadlines, standards, floors and the forms in use.

The rule: dates, amounts and percentages belong to a campaign and are never in the code.
"""
