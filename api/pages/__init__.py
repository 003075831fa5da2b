"""What all pages share: the frame around them, macros, the print style, and how refusals look to a person.

The rule: one screen answers one question of one role, in Chinese first, on a phone as on a desk.
"""
