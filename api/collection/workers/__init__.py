"""Workers: the people in the field as their supervisor sees them, their phones' keys, and when a phone was last heard.

The rule: a key is shown once, where it is issued, and kept only as a hash; it ends the moment it is revoked.
"""
