"""People: accounts, the roles they hold in an area, the ways they sign in, and the log of what they did.

The rule: nobody may do anything that a role does not name, outside the area it was given for; and what was done is
written down where it cannot be changed unseen.
"""
