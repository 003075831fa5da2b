"""The quarantine: postings that were refused and kept, and what an operator makes of them.

The rule: what a phone sent is never changed and never thrown away; a decision is a row of its own, with who and why.
"""
