"""Forms that are published: every version with its state and use, what it asks, and how two versions differ.

The rule: a version is read, closed, reopened or withdrawn, never changed.
"""
