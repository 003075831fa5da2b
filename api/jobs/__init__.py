"""Background work: imports, exports, thumbnails, re-checks, sealing of the log.

The rule: rows say what is undone and the queue only hastens it; a sweep finds what was left.
"""
